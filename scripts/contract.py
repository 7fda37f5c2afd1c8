#!/usr/bin/env python3
"""Holds the server against its own description with Schemathesis, in a Python environment of pinned packages.

    contract.py install     puts the packages into .cache/contract (silent when they are there)
    contract.py run         starts sandbox and server (target/debug/zhaoyan, or $ZHAOYAN) on free ports with a folder of their own, and
                            asks every described operation as nobody, as a candidate, as an administrator and as a registrar

An answer of 500 and more, one that is not described, a body or a header that is not as described, a method that is taken and not
described, a session that is asked for and not needed: each ends it with 1. $CONTRACT_EXAMPLES sets how many requests are drawn for an
operation, $CONTRACT_SEED from what."""

import base64
import contextlib
import hashlib
import hmac
import json
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time
import urllib.request
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "scripts" / "contract-requirements.txt"
FOLDER = ROOT / ".cache" / "contract"
STAMP = FOLDER / ".installed"
BINARY = Path(os.environ.get("ZHAOYAN", ROOT / "target" / "debug" / "zhaoyan"))
EXAMPLES = os.environ.get("CONTRACT_EXAMPLES", "12")
SEED = os.environ.get("CONTRACT_SEED", "20261127")
EXAM = "sandbox"

# The roster's one candidate: nobody's number, with the check character that it needs.
ROSTER = """报名号,姓名,身份证号码,民族,住址,手机号码,层次
C0000001,样本一,110000199003071012,汉族,某省某市样本路1号,13800000001,专升本
"""

CHECKS = [
    "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance",
    "response_schema_conformance", "unsupported_method", "allow_header_conformance", "ignored_auth",
]  # fmt: skip

# An event stream has no end: `authorisation` and `journey` of the Rust tests hold it. What ends the session has a run of its own.
STREAM = "events"
ENDS = {"candidate": "log_out", "office": "sign_out"}

# A token that is not there has ended: logging out with it is no refusal, so this is not held against that one operation.
LOG_OUT = [check for check in CHECKS if check != "ignored_auth"]


def install():
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    if STAMP.is_file() and STAMP.read_text() == wanted:
        return
    venv.create(FOLDER, with_pip=True, clear=True)
    subprocess.run(
        [
            FOLDER / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps",
            "--only-binary=:all:", "--require-hashes", "--requirement", REQUIREMENTS,
        ],
        check=True,
    )  # fmt: skip
    STAMP.write_text(wanted)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def code(secret):
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at : at + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


def sent(url, data, headers):
    return urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=30)


def ask(url, body=None):
    data = None if body is None else json.dumps(body).encode()
    with sent(url, data, {"Content-Type": "application/json"}) as answer:
        return json.load(answer)


def until(what, found, seconds=120):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(OSError):
            value = found()
            if value:
                return value
        time.sleep(0.2)
    sys.exit(f"contract: {what}: not within {seconds} s")


class Stack:
    """Sandbox, server and worker, configured as for trying out, but for their places and for limits that drawn requests would run into."""

    def __init__(self, folder):
        self.folder = folder
        port, sandbox = free_port(), free_port()
        self.url, self.sandbox = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{sandbox}"
        config = (ROOT / "deploy/try/zhaoyan.toml").read_text().replace("127.0.0.1:8090", f"127.0.0.1:{sandbox}")
        (folder / "zhaoyan.toml").write_text(config)
        self.environment = {
            **os.environ,
            "ZHAOYAN_CONFIG": str(folder / "zhaoyan.toml"),
            "ZHAOYAN_DATABASE_URL": f"sqlite://{folder / 'zhaoyan.db'}",
            "ZHAOYAN_PICTURES_URL": str(folder / "pictures"),
            "ZHAOYAN_KEY_FILE": str(folder / "keys.toml"),
            "ZHAOYAN_SERVER_LISTEN": f"127.0.0.1:{port}",
            "ZHAOYAN_SANDBOX_LISTEN": f"127.0.0.1:{sandbox}",
            "ZHAOYAN_REGISTRATION_SYSTEM": "roster",
            "ZHAOYAN_LOG_LEVEL": "warn",
        }
        self.command("keys", "new", folder / "keys.toml")
        self.command("exam-session", "set", ROOT / "deploy/try/exam-session.toml")
        self.children = []
        for role in ("sandbox", "serve", "worker"):
            with open(folder / f"{role}.log", "wb") as log:
                child = subprocess.Popen([BINARY, role], env=self.environment, cwd=ROOT, stdout=log, stderr=log)
            self.children.append(child)

    def command(self, *words):
        run = subprocess.run([BINARY, *words], env=self.environment, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
        return run.stdout

    def end(self):
        for child in self.children:
            child.terminate()
        for child in self.children:
            child.wait()

    def imported(self, token):
        """The roster, taken in as the office does it; the import's id."""
        edge = "edge-of-a-part"
        head = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="roster.csv"\r\n\r\n'
        headers = {"Authorization": f"Bearer {token}", "Content-Type": f"multipart/form-data; boundary={edge}"}
        imports = f"{self.url}/api/v1/office/exams/{EXAM}/roster/imports"
        with sent(imports, f"{head}{ROSTER}\r\n--{edge}--\r\n".encode(), headers) as answer:
            begun = json.load(answer)["id"]

        def taken_in():
            with sent(f"{imports}/{begun}", None, headers) as answer:
                return json.load(answer)["added"] == 1

        until("the roster is imported", taken_in)
        return begun

    def candidate(self, phone):
        """A session of the candidate who registered with this phone."""
        api = f"{self.url}/api/v1"
        entry = ask(f"{api}/entry")
        ask(f"{api}/login/code", {"phone": phone})
        told = until("an SMS code", lambda: ask(f"{self.sandbox}/sandbox/api/sms?phone={phone}"))[0]["code"]
        agreed = {f"{text}_version": entry[text]["version"] for text in ("agreement", "privacy")}
        return ask(f"{api}/login", {"phone": phone, "code": told, **agreed})["token"]

    def officer(self, role):
        access = json.loads(self.command("staff", "add", f"the-{role}", "--role", role, "--json"))
        known = {"account": access["account"], "password": access["password"], "code": code(access["secret"])}
        return ask(f"{self.url}/api/v1/office/sign-in", known)["token"]


def run(stack, who, token=None, only=None, without=(), named=None, checks=CHECKS):
    """One run of Schemathesis; whether it found nothing. `named` are values that parts of paths have."""
    began = time.monotonic()
    parameters = "".join(f'"path.{key}" = {json.dumps(value)}\n' for key, value in (named or {}).items())
    (stack.folder / "schemathesis.toml").write_text("[parameters]\n" + parameters)
    words = [
        FOLDER / "bin" / "schemathesis", "--config-file", stack.folder / "schemathesis.toml", "run", f"{stack.url}/api/openapi.json",
        "--checks", ",".join(checks), "--phases", "examples,coverage,fuzzing", "--max-examples", EXAMPLES, "--seed", SEED,
        "--generation-database", "none", "--suppress-health-check", "all", "--request-timeout", "30", "--warnings", "off",
        "--workers", "2", "--continue-on-failure", "--no-color",
    ]  # fmt: skip
    words += [word for name in only or () for word in ("--include-operation-id", name)]
    words += [word for name in without for word in ("--exclude-operation-id", name)]
    if token:
        words += ["--header", f"Authorization:Bearer {token}"]
    done = subprocess.run(words, cwd=stack.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    took = time.monotonic() - began
    print(f"contract: {who}: {'as described' if done.returncode == 0 else 'NOT as described'} ({took:.0f} s)", flush=True)
    if done.returncode:
        print(done.stdout)
    return done.returncode == 0


def held():
    folder = Path(tempfile.mkdtemp(prefix="zhaoyan-contract-"))
    stack = Stack(folder)
    try:
        until("the server is ready", lambda: urllib.request.urlopen(f"{stack.url}/readyz", timeout=3).status == 200)
        until("the sandbox is ready", lambda: ask(f"{stack.sandbox}/healthz")["ok"])
        described = ask(f"{stack.url}/api/openapi.json")["paths"]
        of_office = [
            operation["operationId"]
            for path, methods in described.items()
            for operation in methods.values()
            if path.startswith("/api/v1/office/")
        ]
        administrator, registrar = stack.officer("administrator"), stack.officer("registrar")
        imported = stack.imported(registrar)
        _, row = ROSTER.strip().splitlines()
        registration, _, _, _, _, phone, _ = row.split(",")
        token = stack.candidate(phone)
        named = {"exam": EXAM, "registration": registration, "kind": "card_portrait", "id": imported}
        office = [name for name in of_office if name != ENDS["office"]]
        candidates = [ENDS["candidate"], STREAM, *of_office]
        return all(
            [
                run(stack, "nobody", without=[ENDS["candidate"]]),
                run(stack, "nobody who logs out", only=[ENDS["candidate"]], checks=LOG_OUT),
                run(stack, "a candidate", token, without=candidates),
                run(stack, "an administrator", administrator, only=office),
                run(stack, "an administrator, of what there is", administrator, only=office, named=named),
                run(stack, "a registrar", registrar, only=office, named=named),
                run(stack, "a candidate who logs out", token, only=[ENDS["candidate"]], checks=LOG_OUT),
                run(stack, "an administrator who signs out", administrator, only=[ENDS["office"]]),
            ]
        )
    finally:
        stack.end()
        if os.environ.get("ZHAOYAN_KEEP"):
            print(f"contract: logs are in {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)


def main():
    match sys.argv[1:]:
        case ["install"]:
            install()
        case ["run"]:
            sys.exit(0 if held() else 1)
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
