#!/usr/bin/env bash
# Installs what is missing for `make run`, `make test` or `make chaos`: Debian packages only; models and page modules have targets of their own.
set -euo pipefail
purpose=${1:-run}

have() { command -v "$1" >/dev/null 2>&1; }

for tool in cargo node npm python3; do
  have "$tool" || { echo "setup: '$tool' is missing. Zhaoyan needs cargo, Node.js and Python 3 with pip; install it and run again." >&2; exit 1; }
done

missing=()
have cc || missing+=(build-essential)
# What decodes large JPEGs is built from C and assembly.
have cmake || missing+=(cmake)
have nasm || missing+=(nasm)
# The specimens are drawn with this font; the pages of the browser tests need it too.
compgen -G '/usr/share/fonts/opentype/noto/NotoSansCJK-*.ttc' >/dev/null || missing+=(fonts-noto-cjk)
python3 -c 'import venv, ensurepip' 2>/dev/null || missing+=(python3-venv)
[ "$purpose" != test ] || have chromium || missing+=(chromium)
if [ "$purpose" = test ] || [ "$purpose" = chaos ]; then
  { have initdb || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; } || missing+=(postgresql)
fi
# Clocks that jump.
[ "$purpose" != chaos ] || compgen -G '/usr/lib/*/faketime/libfaketime.so.1' >/dev/null || missing+=(libfaketime)
[ ${#missing[@]} -eq 0 ] && exit 0

echo "setup: installing ${missing[*]}"
if [ "$(id -u)" -eq 0 ]; then as_root=(env); elif have sudo; then as_root=(sudo); else
  echo "setup: please run as root: apt-get install ${missing[*]}" >&2; exit 1
fi
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
{ "${as_root[@]}" apt-get update -qq && "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >"$log" 2>&1 \
  || { cat "$log" >&2; echo "setup: the installation failed; mend what is said above and run again." >&2; exit 1; }
rm -f "$log"
