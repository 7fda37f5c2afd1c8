#!/usr/bin/env bash
# Makes the README's small screenshots out of those that the browser journeys keep. Needs ImageMagick.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p docs/screenshots
for shot in e2e/screenshots/*.png; do
  convert "$shot" -resize 390x -strip -colors 128 "PNG8:docs/screenshots/$(basename "$shot")"
done
