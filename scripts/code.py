"""The six digits of now for the console's account of `make run`: `python3 scripts/code.py run/console.json`. For trying out only: a second
factor that lies beside the password is none."""

import base64
import hashlib
import hmac
import json
import struct
import sys
import time

secret = json.load(open(sys.argv[1]))["secret"]
key = base64.b32decode(secret + "=" * (-len(secret) % 8))
digest = hmac.new(key, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
at = digest[-1] & 15
print(f"{(struct.unpack('>I', digest[at : at + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}")
