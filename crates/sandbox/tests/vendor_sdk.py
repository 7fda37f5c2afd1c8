#!/usr/bin/env python3
"""Calls a sandbox with the vendor's official SDK, so that a test knows that both speak the vendor's protocol.

    vendor_sdk.py install            puts the pinned SDK into .cache/vendor-sdk (silent when it is there)
    vendor_sdk.py call < CALLS       one JSON object per line in, one JSON object per line out

A call: {"endpoint": "127.0.0.1:PORT", "secret_id", "secret_key", "action": "SendSms"|"ImageRecognitionV2", "parameters": {...}}.
An answer: {"answer": {...}} or {"error": {"code", "message"}}.
"""

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
REQUIREMENTS = HERE / "vendor_sdk_requirements.txt"
FOLDER = HERE.parents[2] / ".cache" / "vendor-sdk"
STAMP = FOLDER / ".installed"


def install():
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    if STAMP.is_file() and STAMP.read_text() == wanted:
        return
    shutil.rmtree(FOLDER, ignore_errors=True)
    subprocess.run(
        [
            sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--root-user-action=ignore", "--no-deps",
            "--only-binary=:all:", "--require-hashes", "--target", str(FOLDER), "--requirement", str(REQUIREMENTS),
        ],
        check=True,
    )  # fmt: skip
    STAMP.write_text(wanted)


def call(asked):
    from tencentcloud.common import credential
    from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
    from tencentcloud.common.profile.client_profile import ClientProfile
    from tencentcloud.common.profile.http_profile import HttpProfile
    from tencentcloud.faceid.v20180301 import faceid_client, models as faceid
    from tencentcloud.sms.v20210111 import models as sms, sms_client

    actions = {
        "SendSms": (sms_client.SmsClient, sms.SendSmsRequest),
        "ImageRecognitionV2": (faceid_client.FaceidClient, faceid.ImageRecognitionV2Request),
    }
    client_type, request_type = actions[asked["action"]]
    profile = ClientProfile(httpProfile=HttpProfile(protocol="http", endpoint=asked["endpoint"], reqTimeout=60))
    keys = credential.Credential(asked["secret_id"], asked["secret_key"])
    request = request_type()
    request.from_json_string(json.dumps(asked["parameters"]))
    try:
        answer = getattr(client_type(keys, "ap-guangzhou", profile), asked["action"])(request)
    except TencentCloudSDKException as error:
        return {"error": {"code": error.get_code(), "message": error.get_message()}}
    return {"answer": json.loads(answer.to_json_string())}


def main():
    if sys.argv[1:] == ["install"]:
        install()
    elif sys.argv[1:] == ["call"]:
        sys.path.insert(0, str(FOLDER))
        for line in sys.stdin:
            print(json.dumps(call(json.loads(line))), flush=True)
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
