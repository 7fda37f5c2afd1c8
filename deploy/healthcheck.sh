#!/bin/bash
# Whether what listens on port $1 of this machine answers /healthz with 200. No more than bash: the image has no other client.
set -eu
exec 3<>"/dev/tcp/127.0.0.1/$1"
printf 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&3
read -r -t 4 _ status _ <&3
[ "$status" = 200 ]
