"""Faults without end while candidates go on: `.cache/peers/bin/python bench/chaos.py BINARY [--faults N] [--seed N] [--json FILE] [--docs]`.

Two set-ups in turn, each with half of the faults: one machine (`serve --worker`, SQLite, a folder), and a cluster (three `serve`, two
`worker`, PostgreSQL, Garage, a proxy in front). Then quiet, and a reader that shares no code with Zhaoyan holds database and pictures
against what candidates were told and what the simulated partners saw. docs/chaos.md tells what is injected and what must hold.
Exits 1 where something does not hold."""

import argparse
import asyncio
import base64
import contextlib
import ctypes
import datetime
import hashlib
import heapq
import hmac
import http.client
import io
import json
import os
import random
import re
import select
import shutil
import signal
import sqlite3
import struct
import subprocess
import sys
import tempfile
import threading
import time
import tomllib
import urllib.parse
import uuid
import xml.etree.ElementTree
from collections import Counter, defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
FAKETIME = next(iter(sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))), None)
# Of the sandbox's candidates those whose journey needs nobody's help but the office's correction.
LEFT_OUT = {"expired_card", "rare_name"}
ACCESS, SECRET, REGION, BUCKET = "GK" + "0" * 24, "0" * 64, "chaos", "pictures"
QUIET_S = 180
BEFORE, AFTER = "before the sweep", "after the sweep"
# Answers that the page tries again after; the wait that they ask for is shortened to so many seconds.
AGAIN, LONGEST_WAIT_S = {408, 429, 500, 502, 503, 504}, 1.5


def free_port():
    import socket

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def started(words, log, environment=None, user=None):
    """A process that ends with this one, however this one ends. Call it from the main thread only: the kernel binds the two by thread."""
    before = ["setpriv", "--pdeathsig", "KILL"]
    if user and os.getuid() == 0:
        before += [f"--reuid={user}", f"--regid={user}", "--clear-groups"]
    with open(log, "ab") as out:
        return subprocess.Popen([*before, *map(str, words)], stdout=out, stderr=out, stdin=subprocess.DEVNULL, env=environment, cwd="/")


def listens(port):
    import socket

    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
        return True
    return False


# The network between the processes.


class Wire:
    """A stretch of the network that faults befall. Attributes are written by the main thread and looked at for each piece that passes."""

    def __init__(self):
        self.silent = False
        self.delay = 0.0
        self.tear = False
        self.refuse = None
        self.writers = set()


class Network:
    """Proxies, in one event loop of a thread of its own."""

    def __init__(self):
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()

    def listen(self, targets, wires_of):
        """A port that leads to the targets in turn; `wires_of` tells what a connection to one passes."""
        port, turn = free_port(), iter(range(1 << 60))

        async def serve(reader, writer):
            begin = next(turn)
            for n in range(len(targets)):
                target = targets[(begin + n) % len(targets)]
                try:
                    up_reader, up_writer = await asyncio.open_connection("127.0.0.1", target)
                    break
                except OSError:
                    continue
            else:
                writer.transport.abort()
                return
            wires = wires_of(target)
            pair = (writer, up_writer)
            for wire in wires:
                wire.writers.add(pair)
            pumps = [self.pump(reader, up_writer, wires, pair, True), self.pump(up_reader, writer, wires, pair, False)]
            await asyncio.gather(*pumps)
            for wire in wires:
                wire.writers.discard(pair)
            for end in pair:
                end.transport.abort() if end.transport.is_closing() else end.close()

        async def begin():
            await asyncio.start_server(serve, "127.0.0.1", port)

        asyncio.run_coroutine_threadsafe(begin(), self.loop).result()
        return port

    async def pump(self, reader, writer, wires, pair, upward):
        passed = 0
        try:
            while data := await reader.read(1 << 16):
                while any(wire.silent for wire in wires):
                    await asyncio.sleep(0.05)
                if delay := max(wire.delay for wire in wires):
                    await asyncio.sleep(delay)
                passed += len(data)
                refuse = next((wire.refuse for wire in wires if wire.refuse), None)
                if upward and refuse:
                    pair[0].write(f"HTTP/1.1 {refuse} Fault\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
                    await pair[0].drain()
                    pair[0].close()
                    pair[1].transport.abort()
                    return
                if upward and passed > 100_000 and any(wire.tear for wire in wires):
                    raise ConnectionResetError
                writer.write(data)
                await writer.drain()
            if writer.can_write_eof():
                writer.write_eof()
        except (OSError, asyncio.CancelledError):
            for end in pair:
                end.transport.abort()

    def cut(self, wire):
        def abort():
            for pair in list(wire.writers):
                for end in pair:
                    end.transport.abort()

        self.loop.call_soon_threadsafe(abort)


class Ledger:
    """Stands between the nodes and the sandbox and notes what the platform answered and what the registration system took, so that the
    account survives the sandbox."""

    def __init__(self, sandbox_port):
        ledger = self
        self.answers, self.asked, self.lock = defaultdict(list), Counter(), threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                self.close_connection = True
                try:
                    up = http.client.HTTPConnection("127.0.0.1", sandbox_port, timeout=30)
                    up.putrequest("POST", self.path, skip_host=True, skip_accept_encoding=True)
                    for name, value in self.headers.items():
                        up.putheader(name, value)
                    up.endheaders(body)
                    ask = ledger.note_question(self.headers, body)
                    answer = up.getresponse()
                    told = answer.read()
                    up.close()
                except (OSError, http.client.HTTPException):
                    return
                ledger.note_answer(ask, told)
                with contextlib.suppress(OSError):
                    self.send_response_only(answer.status)
                    for name, value in answer.headers.items():
                        if name.lower() not in ("content-length", "connection", "transfer-encoding"):
                            self.send_header(name, value)
                    self.send_header("Content-Length", str(len(told)))
                    self.send_header("Connection", "close")
                    self.end_headers()
                    self.wfile.write(told)

            def log_message(self, *_):
                pass

        class Server(ThreadingHTTPServer):
            request_queue_size = 256

            def handle_error(self, *_):
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def note_question(self, headers, body):
        if headers.get("x-tc-action") != "ImageRecognitionV2":
            return None
        serial = json.loads(body).get("Extra", "")
        with self.lock:
            self.asked[serial] += 1
        return serial

    def note_answer(self, serial, told):
        if serial is None:
            return
        with contextlib.suppress(ValueError, AttributeError):
            response = json.loads(told).get("Response", {})
            if "Sim" in response:
                with self.lock:
                    self.answers[serial].append(response["Result"] == "Success" and response["Sim"] >= 70)


# The candidates.


class Journey(threading.Thread):
    """One candidate, who does what the page does until the collection has ended."""

    def __init__(self, driver, person, seed):
        super().__init__(daemon=True)
        self.driver, self.person, self.rng = driver, person, random.Random(seed)
        self.registration = person["registration_id"]
        self.refusals = self.rng.choices(range(6), [3, 2, 2, 2, 3, 3])[0]
        self.token, self.view, self.ended = None, None, False
        self.acks, self.versions, self.uploads = 0, {}, []
        self.over = threading.Event()

    def run(self):
        while not self.driver.stopped.is_set():
            try:
                self.step()
            except (OSError, http.client.HTTPException, ValueError) as error:
                self.trouble(f"{type(error).__name__}")
            if self.ended:
                break
        self.over.set()

    def trouble(self, what):
        self.driver.troubles.append((time.monotonic(), self.registration, what))
        time.sleep(self.rng.uniform(0.1, 0.5))

    def ask(self, method, path, body=None, content="application/json"):
        connection = http.client.HTTPConnection("127.0.0.1", self.driver.front, timeout=25)
        try:
            headers = {"Content-Type": content} if body is not None else {}
            if self.token:
                headers["Authorization"] = f"Bearer {self.token}"
            connection.request(method, f"/api/v1/{path}", body, headers)
            answer = connection.getresponse()
            told = json.loads(answer.read() or "null")
        finally:
            connection.close()
        if answer.status in AGAIN:
            if answer.status == 500:
                self.driver.wrong("no answer is 500", f"{method} {path}: {told}")
            after = float(answer.headers.get("Retry-After") or 1)
            self.trouble(f"{answer.status} {told.get('code')}")
            time.sleep(min(after, LONGEST_WAIT_S) * self.rng.uniform(0.3, 1))
        return answer.status, told

    def acknowledged(self, view):
        """Every answer is held against all before it: what was told once never becomes untold."""
        self.acks += 1
        now = (view["state"], view["attempts"]["used"])
        version = view["version"]
        if self.versions and version < max(self.versions):
            self.driver.wrong("no acknowledged step is lost", f"{self.registration}: version {version} after {max(self.versions)}")
        if self.versions.setdefault(version, now) != now:
            self.driver.wrong("no acknowledged step is lost", f"{self.registration}: version {version} was {self.versions[version]}, now {now}")
        self.view = view
        self.driver.steps += 1

    def log_in(self):
        status, entry = self.ask("GET", "entry")
        if status != 200:
            return
        phone = self.person["phone"]
        before = self.driver.newest_code(phone)
        status, _ = self.ask("POST", "login/code", json.dumps({"phone": phone}))
        if status != 202:
            return
        until = time.monotonic() + 6
        while (newest := self.driver.newest_code(phone)) == before or newest is None:
            if time.monotonic() > until:
                return self.trouble("no code came")
            time.sleep(0.2)
        login = {"phone": phone, "code": newest[1], "agreement_version": entry["agreement"]["version"], "privacy_version": entry["privacy"]["version"]}
        status, told = self.ask("POST", "login", json.dumps(login))
        if status == 200:
            self.token = told["token"]
            self.acknowledged(told["collection"])
        elif status in (403, 404):
            self.trouble(told["code"])
        elif status not in AGAIN:
            self.driver.wrong("no answer is unexpected", f"login: {status} {told}")

    def post(self, path, body=None):
        self.took(path, *self.ask("POST", f"collection/{path}", json.dumps(body or {})))

    def upload(self, path, kind):
        picture = self.driver.picture(self.person, kind)
        # A comment makes each upload's bytes its own.
        comment = uuid.UUID(int=self.rng.getrandbits(128)).bytes
        picture = picture[:2] + b"\xff\xfe" + struct.pack(">H", 18) + comment + picture[2:]
        edge = uuid.UUID(int=self.rng.getrandbits(128)).hex
        head = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'.encode()
        status, told = self.ask("POST", f"collection/{path}", head + picture + f"\r\n--{edge}--\r\n".encode(), f"multipart/form-data; boundary={edge}")
        if status == 200:
            self.uploads.append(hashlib.sha256(picture).digest())
        self.took(path, status, told)

    def took(self, path, status, told):
        if status == 200:
            self.acknowledged(told)
        elif status == 401:
            self.token = self.view = None
        elif status in (409, 410):
            self.view = None
        elif status not in AGAIN:
            self.driver.wrong("no answer is unexpected", f"{path}: {status} {told}")
            self.view = None

    def step(self):
        if self.token is None:
            return self.log_in()
        if self.view is None:
            return self.took("collection", *self.ask("GET", "collection"))
        view = self.view
        match view["state"]:
            case "card":
                for side in "portrait", "emblem":
                    if not (view["card"][side] or {}).get("accepted"):
                        return self.upload(f"card/{side}", f"card_{side}")
                self.post("card/hand-in")
            case "confirm":
                self.post("card/confirm")
            case "blocked":
                self.driver.correct(self.registration)
                self.post("card/again")
            case "advisory":
                self.post("advisory/seen")
            case "photo" | "refused":
                self.upload("photo", "other_person" if view["attempts"]["used"] < self.refusals else "portrait")
            case "review":
                self.post("photo/submit")
            case "consent":
                status, entry = self.ask("GET", "entry")
                if status == 200:
                    self.post("verification", {"face_consent_version": entry["face_consent"]["version"]})
            case "warned":
                self.post("verification/all-the-same")
            case "verifying":
                time.sleep(self.rng.uniform(0.2, 0.6))
                self.view = None
            case "completed" | "failed":
                self.ended = True


class Driver:
    """All candidates, and what they know."""

    def __init__(self, front, sandbox):
        self.front, self.sandbox = front, sandbox
        self.stopped, self.steps = threading.Event(), 0
        self.troubles, self.evidence, self.journeys, self.people = [], defaultdict(list), [], []
        self.drawing = threading.Lock()

    def wrong(self, invariant, what):
        self.evidence[invariant].append(f"{datetime.datetime.now():%H:%M:%S} {what}")

    def of_sandbox(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.sandbox, timeout=60)
        try:
            connection.request(method, path, body and json.dumps(body), {"Content-Type": "application/json"})
            answer = connection.getresponse()
            told = answer.read()
            if answer.status >= 400:
                raise OSError(f"the sandbox says {answer.status}")
            return told
        finally:
            connection.close()

    def newest_code(self, phone):
        messages = json.loads(self.of_sandbox("GET", f"/sandbox/api/sms?phone={phone}"))
        return (messages[0]["at"], messages[0]["code"]) if messages else None

    def correct(self, registration):
        self.of_sandbox("POST", f"/sandbox/api/registrations/{registration}/correct")

    def picture(self, person, kind):
        """Drawn once, and kept: the sandbox's people are the same for ever. Somebody else's portrait is the next one's."""
        if kind == "other_person":
            at = next(n for n, p in enumerate(self.people) if p["id"] == person["id"])
            person, kind = self.people[(at + 1) % len(self.people)], "portrait"
        file = ROOT / "target" / "chaos" / "pictures" / f"{person['id']}-{kind}.jpg"
        with self.drawing:
            if not file.is_file():
                drawn = self.of_sandbox("GET", f"/sandbox/specimens/{person['id']}/{kind}.jpg")
                file.parent.mkdir(parents=True, exist_ok=True)
                file.with_suffix(".new").write_bytes(drawn)
                file.with_suffix(".new").rename(file)
        return file.read_bytes()

    def wave(self, seed):
        self.people = json.loads(self.of_sandbox("GET", "/sandbox/api/candidates"))
        for n, person in enumerate(self.people):
            if person["planted"] not in LEFT_OUT:
                journey = Journey(self, person, f"{seed} {person['registration_id']}")
                self.journeys.append(journey)
                journey.start()

    def under_way(self):
        return sum(not journey.over.is_set() for journey in self.journeys)


# The set-ups.


class Node:
    """A process of Zhaoyan's, and how it is reached and reaches others."""

    def __init__(self, name, words, environment, log):
        self.name, self.words, self.environment, self.log = name, words, environment, log
        self.wire, self.process, self.wanted, self.busy_until, self.restarts = Wire(), None, True, 0, 0
        self.clock = log.with_suffix(".clock")
        self.clock.write_text("+0\n")
        if FAKETIME:
            self.environment |= {
                "LD_PRELOAD": str(FAKETIME), "FAKETIME_TIMESTAMP_FILE": str(self.clock), "FAKETIME_CACHE_DURATION": "1",
                "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1",
            }  # fmt: skip

    def start(self):
        self.process = started(self.words, self.log, self.environment)

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def signal(self, number):
        if self.process and self.process.poll() is None:
            self.process.send_signal(number)

    def jump(self, seconds):
        self.clock.write_text(f"{seconds:+}\n")


class Setup:
    """What both set-ups have: a folder, keys, a sandbox behind a ledger, nodes, candidates."""

    def __init__(self, binary, folder, seed):
        self.binary, self.folder, self.seed = binary, folder, seed
        self.network, self.nodes, self.waves, self.mounts = Network(), [], 0, []
        self.sandbox_port, self.sandbox = free_port(), None
        self.ledger = Ledger(self.sandbox_port)
        self.quiet_environment = {**os.environ, "ZHAOYAN_CONFIG": str(folder / "zhaoyan.toml")}
        subprocess.run([binary, "keys", "new", folder / "keys.toml", "--id", "chaos"], check=True, stdout=subprocess.DEVNULL)
        url = f"http://127.0.0.1:{self.ledger.port}"
        partner = "connect_timeout_ms = 1000\ntimeout_ms = 6000\n"
        tencent = f'endpoint = "{url}"\nsecret_id = "AKIDsandbox"\nsecret_key = "sandbox-secret-key-of-no-value"\n'
        (folder / "zhaoyan.toml").write_text(
            f'[keys]\nfile = "{folder}/keys.toml"\n[models]\ndir = "{ROOT}/models"\nthreads = 1\n'
            f"[journey]\ncode_again_s = 1\ncodes_per_day = 1000000\ncodes_per_address_hour = 1000000\n"
            f"logins_per_address_hour = 1000000\nuploads_per_hour = 1000000\n[comparison]\nwarn_below = 99.4\n"
            f'[sms]\n{tencent}sdk_app_id = "1400000000"\nsign_name = "照验沙箱"\ntemplate_id = "100001"\n[sms.transport]\n{partner}'
            f"[identity]\n{tencent}[identity.transport]\n{partner}"
            f'[registration]\nsystem = "http"\nendpoint = "{url}/registration/"\nkey_id = "sandbox"\n'
            f'secret = "sandbox-registration-key-of-no-value"\n[registration.transport]\n{partner}'
            "[worker]\nparallel = 2\nlease_ms = 1500\npoll_ms = 150\nbackoff_first_ms = 50\nbackoff_most_ms = 1000\n"
            "misconfigured_ms = 1000\nbreaker_open_ms = 500\nsweep_s = 5\n[server]\ndrain_s = 10\n"
            '[log]\nlevel = "warn"\n'
        )

    def node(self, name, words, port=None, **environment):
        words = [self.binary, *words] + (["--listen", f"127.0.0.1:{port}"] if port else [])
        node = Node(name, words, {**self.quiet_environment, **environment}, self.folder / f"{name}.log")
        self.nodes.append(node)
        return node

    def command(self, *words, patience=60):
        """A command of Zhaoyan's, until it succeeds."""
        until = time.monotonic() + patience
        while True:
            done = subprocess.run([self.binary, *words], env=self.quiet_environment, capture_output=True, text=True, timeout=60)
            if done.returncode == 0 or time.monotonic() > until:
                return done
            time.sleep(0.5)

    def start_sandbox(self):
        words = [self.binary, "sandbox", "--listen", f"127.0.0.1:{self.sandbox_port}", "--exam-session", f"wave{self.waves}"]
        self.sandbox = started([*words, "--data", self.folder / f"sandbox{self.waves}"], self.folder / "sandbox.log", self.quiet_environment)

    def kill_sandbox(self):
        if self.sandbox:
            self.sandbox.kill()
            self.sandbox.wait()

    def next_wave(self, driver):
        """Another exam session, with the same people as candidates who have not begun."""
        self.kill_sandbox()
        self.waves += 1
        self.start_sandbox()
        about = self.folder / "exam.toml"
        about.write_text(f'id = "wave{self.waves}"\nname = "成人高考"\nstandard = "chengkao"\n[office]\nname = "某市成招办"\nphone = "0000"\n')
        done = self.command("exam-session", "set", about)
        assert done.returncode == 0, done.stderr
        # The audit log gets entries, too.
        done = self.command("staff", "add", f"person{self.waves}", "--role", "viewer")
        assert done.returncode == 0, done.stderr
        while not listens(self.sandbox_port):
            time.sleep(0.1)
        driver.wave(f"{self.seed} {self.waves}")

    def tick(self, driver):
        """Starts again what ended, as systemd would."""
        for node in self.nodes:
            if node.wanted and node.process and node.process.poll() is not None and time.monotonic() > node.busy_until:
                node.restarts += 1
                node.busy_until = time.monotonic() + 1
                node.start()

    def switches(self, **positions):
        def set_them(driver):
            with contextlib.suppress(OSError, http.client.HTTPException):
                driver.of_sandbox("PUT", "/sandbox/api/switches", positions)

        return set_them

    def all_well(self, driver):
        for node in self.nodes:
            node.signal(signal.SIGCONT)
            node.jump(0)
            node.wanted = True
        with contextlib.suppress(OSError, http.client.HTTPException):
            driver.of_sandbox("DELETE", "/sandbox/api/switches")

    def end(self):
        for node in self.nodes:
            node.signal(signal.SIGCONT)
            node.kill()
        self.kill_sandbox()

    # Faults: each gives the resource that it takes, how it begins, how it ends, and how long it lasts.

    def pick(self, rng, role=""):
        return rng.choice([node for node in self.nodes if node.name.startswith(role)])

    def killed(self, rng, role):
        node = self.pick(rng, role)

        def begin(_):
            node.wanted = False
            node.kill()

        def end(_):
            node.wanted = True
            node.start()

        return node.name, begin, end, rng.uniform(0.05, 1.2)

    def paused(self, rng):
        node = self.pick(rng)
        return node.name, lambda _: node.signal(signal.SIGSTOP), lambda _: node.signal(signal.SIGCONT), rng.uniform(1, 5)

    def clock_jump(self, rng):
        node, seconds = self.pick(rng), rng.choice([-1, 1]) * rng.randint(2, 60)
        return f"clock {node.name}", lambda _: node.jump(seconds), lambda _: node.jump(0), rng.uniform(1.5, 6)

    def sandbox_killed(self, rng):
        return "sandbox", lambda _: self.kill_sandbox(), lambda _: self.start_sandbox(), rng.uniform(0.1, 2)

    def partner(self, rng, partner, **position):
        off = {partner: {}}
        return f"partner {partner}", self.switches(**{partner: position}), self.switches(**off), rng.uniform(0.5, 4)

    def faults(self):
        """Kind → weight, and what draws one."""
        on = lambda partner, **position: lambda rng: self.partner(rng, partner, **position)
        either = lambda partner: lambda rng: self.partner(rng, partner, outage=rng.choice(["unavailable", "hang_up"]))
        kinds = {
            "serve killed": (8, lambda rng: self.killed(rng, "serve")),
            "process paused": (8, self.paused),
            "sandbox killed": (0.6, self.sandbox_killed),
            "platform out": (5, either("identity")),
            "platform's answer lost": (7, lambda rng: self.partner(rng, "identity", lose_answer=True, times=rng.randint(1, 4))),
            "platform slow": (4, lambda rng: self.partner(rng, "identity", slow_ms=rng.randint(300, 3000))),
            "platform answers garbage": (3, on("identity", garbage=True)),
            "SMS out": (4, either("sms")),
            "registration system out": (5, either("registration")),
            "registration's answer lost": (5, lambda rng: self.partner(rng, "registration", lose_answer=True, times=rng.randint(1, 4))),
        }
        if FAKETIME:
            kinds["clock jumps"] = (6, self.clock_jump)
        return kinds

    def not_injected(self):
        return {} if FAKETIME else {"clock jumps": "libfaketime is not installed"}


IN_CREATE, IN_ISDIR = 0x100, 0x40000000


class OneMachine(Setup):
    name = "one machine: serve --worker, SQLite, a folder"

    def __init__(self, binary, folder, seed):
        super().__init__(binary, folder, seed)
        for volume in "database", "pictures":
            (folder / volume).mkdir()
            if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8g", "chaos", folder / volume], capture_output=True).returncode == 0:
                self.mounts.append(volume)
        self.database, self.pictures = folder / "database" / "zhaoyan.db", folder / "pictures" / "all"
        self.quiet_environment |= {"ZHAOYAN_DATABASE_URL": f"sqlite://{self.database}", "ZHAOYAN_PICTURES_URL": str(self.pictures)}
        self.port = free_port()
        self.node("serve", ["serve", "--worker"], self.port)
        self.front = self.network.listen([self.port], lambda _: [self.nodes[0].wire])

    def begin(self):
        pass

    def end(self):
        super().end()
        for volume in self.mounts:
            subprocess.run(["umount", "-l", self.folder / volume])

    def full(self, rng, volume):
        size = lambda much: subprocess.run(["mount", "-o", f"remount,size={much}", self.folder / volume], check=True)

        def begin(_):
            stat = os.statvfs(self.folder / volume)
            # 0 would mean without a limit.
            size(max(1, stat.f_blocks - stat.f_bfree) * stat.f_frsize)

        return f"disk {volume}", begin, lambda _: size("8g"), rng.uniform(0.5, 4)

    def torn_write(self, rng):
        """Kills the process at the moment when it has begun to write a picture's file."""
        node = self.pick(rng)

        def begin(driver):
            libc = ctypes.CDLL(None, use_errno=True)
            watch = libc.inotify_init1(os.O_NONBLOCK)
            add = lambda folder: libc.inotify_add_watch(watch, str(folder).encode(), IN_CREATE)
            base = self.pictures / "pictures"
            with contextlib.suppress(OSError):
                for folder in [base, *base.iterdir()]:
                    add(folder)
            until = time.monotonic() + 2.5
            node.wanted, hit = False, False
            while time.monotonic() < until and not hit:
                if select.select([watch], [], [], 0.1)[0]:
                    told = os.read(watch, 1 << 16)
                    while told:
                        _, mask, _, length = struct.unpack_from("iIII", told)
                        name = told[16 : 16 + length].rstrip(b"\0").decode()
                        told = told[16 + length :]
                        if not mask & IN_ISDIR:
                            # At once: the file is written within a millisecond.
                            node.signal(signal.SIGKILL)
                            hit = True
                            break
                        add(base / name)
            if hit:
                node.process.wait()
            os.close(watch)

        def end(_):
            node.wanted = True
            if node.process.poll() is not None:
                node.start()

        return node.name, begin, end, rng.uniform(0.05, 0.5)

    def faults(self):
        # Whatever befalls a process befalls the only one: less often than in a cluster, so that journeys get on.
        kinds = super().faults() | {
            "serve killed": (5, lambda rng: self.killed(rng, "serve")),
            "process paused": (4, self.paused),
            "killed while it writes a picture": (4, self.torn_write),
        }
        if len(self.mounts) == 2:
            kinds["disk of the database full"] = (6, lambda rng: self.full(rng, "database"))
            kinds["disk of the pictures full"] = (6, lambda rng: self.full(rng, "pictures"))
        return kinds

    def not_injected(self):
        return super().not_injected() | ({} if len(self.mounts) == 2 else {"disk full": "no file system can be mounted here"})

    # For the reader.

    def rows(self, query):
        with contextlib.closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=30)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(query)]

    def objects(self):
        return {str(f.relative_to(self.pictures)): f.stat().st_mtime for f in self.pictures.rglob("*") if f.is_file()}

    def object(self, key):
        return (self.pictures / key).read_bytes()

    def sound(self):
        told = [row["integrity_check"] for row in self.rows("PRAGMA integrity_check")]
        return [] if told == ["ok"] else told


class Cluster(Setup):
    name = "cluster: three serve, two worker, PostgreSQL, Garage"

    def __init__(self, binary, folder, seed):
        super().__init__(binary, folder, seed)
        bins = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
        self.tool = lambda name: shutil.which(name) or str(bins[-1] / name)
        self.pg_port, self.pg_data, self.pg = free_port(), folder / "postgresql", None
        self.s3_port, self.rpc_port, self.garage = free_port(), free_port(), None
        self.pg_wire, self.s3_wire = Wire(), Wire()
        self.quiet_environment |= {
            "ZHAOYAN_DATABASE_URL": f"postgres://zhaoyan@127.0.0.1:{self.pg_port}/chaos", "ZHAOYAN_PICTURES_URL": f"s3://{BUCKET}/all",
            "ZHAOYAN_PICTURES_ENDPOINT": f"http://127.0.0.1:{self.s3_port}", "ZHAOYAN_PICTURES_REGION": REGION,
            "ZHAOYAN_PICTURES_ACCESS_KEY": ACCESS, "ZHAOYAN_PICTURES_SECRET_KEY": SECRET,
        }  # fmt: skip
        ports = {}
        for name, words in [(f"serve{n}", ["serve"]) for n in (1, 2, 3)] + [(f"worker{n}", ["worker"]) for n in (1, 2)]:
            port = free_port() if words == ["serve"] else None
            node = self.node(name, words, port)
            database = self.network.listen([self.pg_port], lambda _, node=node: [node.wire, self.pg_wire])
            storage = self.network.listen([self.s3_port], lambda _, node=node: [node.wire, self.s3_wire])
            node.environment |= {
                "ZHAOYAN_DATABASE_URL": f"postgres://zhaoyan@127.0.0.1:{database}/chaos",
                "ZHAOYAN_PICTURES_ENDPOINT": f"http://127.0.0.1:{storage}",
            }
            if port:
                ports[port] = node
        self.front = self.network.listen(list(ports), lambda port: [ports[port].wire])

    def begin(self):
        self.pg_data.mkdir()
        if os.getuid() == 0:
            shutil.chown(self.pg_data, "postgres", "postgres")
        made = started([self.tool("initdb"), "-D", self.pg_data, "-U", "zhaoyan", "--auth=trust", "-E", "UTF8"], self.folder / "initdb.log", user="postgres")
        assert made.wait() == 0, (self.folder / "initdb.log").read_text()
        self.start_pg()
        subprocess.run([self.tool("createdb"), "-h", "127.0.0.1", "-p", str(self.pg_port), "-U", "zhaoyan", "chaos"], check=True, cwd="/")
        (self.folder / "garage.toml").write_text(
            f'metadata_dir = "{self.folder}/garage-meta"\ndata_dir = "{self.folder}/garage-data"\ndb_engine = "sqlite"\nreplication_factor = 1\n'
            f'rpc_bind_addr = "127.0.0.1:{self.rpc_port}"\nrpc_secret = "{SECRET}"\n'
            f'[s3_api]\ns3_region = "{REGION}"\napi_bind_addr = "127.0.0.1:{self.s3_port}"\n'
        )
        self.start_garage()

    def start_pg(self):
        options = ["-p", self.pg_port, "-k", self.pg_data, "-c", "listen_addresses=127.0.0.1", "-c", "max_connections=150"]
        self.pg = started([self.tool("postgres"), "-D", self.pg_data, *options], self.folder / "postgresql.log", user="postgres")
        for _ in range(300):
            ready = subprocess.run([self.tool("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.pg_port)], cwd="/")
            if ready.returncode == 0:
                return
            if self.pg.poll() is not None:
                # The processes of the one before may hold its memory still.
                self.pg = started([self.tool("postgres"), "-D", self.pg_data, *options], self.folder / "postgresql.log", user="postgres")
            time.sleep(0.1)
        raise RuntimeError("PostgreSQL does not start")

    def start_garage(self):
        program = ROOT / ".cache" / "garage" / "bin" / "garage"
        environment = {**os.environ, "GARAGE_DEFAULT_ACCESS_KEY": ACCESS, "GARAGE_DEFAULT_SECRET_KEY": SECRET, "GARAGE_DEFAULT_BUCKET": BUCKET, "RUST_LOG": "garage=warn"}
        words = [program if program.is_file() else "garage", "-c", self.folder / "garage.toml", "server", "--single-node", "--default-bucket"]
        self.garage = started(words, self.folder / "garage.log", environment)
        until = time.monotonic() + 60
        while not listens(self.s3_port):
            if time.monotonic() > until or self.garage.poll() is not None:
                raise RuntimeError("Garage does not start")
            time.sleep(0.05)

    def end(self):
        super().end()
        for process, number in (self.garage, signal.SIGKILL), (self.pg, signal.SIGQUIT):
            if process and process.poll() is None:
                process.send_signal(number)
                process.wait()

    def backends(self):
        children = Path(f"/proc/{self.pg.pid}/task/{self.pg.pid}/children")
        return [int(pid) for pid in children.read_text().split()]

    def pg_stopped(self, rng, number):
        def begin(_):
            self.pg.send_signal(number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.pg.wait(20)

        return "postgresql", begin, lambda _: self.start_pg(), rng.uniform(0.05, 1.5)

    def pg_killed(self, rng):
        def begin(_):
            for pid in [self.pg.pid, *self.backends()]:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self.pg.wait()

        return "postgresql", begin, lambda _: self.start_pg(), rng.uniform(0.05, 1.5)

    def backend_killed(self, rng):
        """One of PostgreSQL's own processes dies: it throws all connections out and recovers."""

        def begin(_):
            names = {pid: Path(f"/proc/{pid}/cmdline").read_text(errors="replace") for pid in self.backends()}
            serving = [pid for pid, name in names.items() if "zhaoyan chaos" in name]
            if serving:
                os.kill(rng.choice(serving), signal.SIGKILL)

        return "postgresql", begin, None, 1.0

    def garage_killed(self, rng):
        def begin(_):
            self.garage.kill()
            self.garage.wait()

        return "garage", begin, lambda _: self.start_garage(), rng.uniform(0.1, 4)

    def on_wire(self, rng, wire, name, **set_to):
        def begin(_):
            for key, value in set_to.items():
                setattr(wire, key, value)

        def end(_):
            wire.silent, wire.delay, wire.tear, wire.refuse = False, 0.0, False, None

        return f"wire {name}", begin, end, rng.uniform(0.5, 5)

    def connections_cut(self, rng):
        return "cut", lambda _: self.network.cut(self.pg_wire), None, 0.1

    def node_cut(self, rng):
        node = self.pick(rng)
        return self.on_wire(rng, node.wire, node.name, silent=True)

    def all_well(self, driver):
        super().all_well(driver)
        for wire in [self.pg_wire, self.s3_wire, *(node.wire for node in self.nodes)]:
            wire.silent, wire.delay, wire.tear, wire.refuse = False, 0.0, False, None

    def faults(self):
        return super().faults() | {
            "worker killed": (8, lambda rng: self.killed(rng, "worker")),
            "PostgreSQL restarted (fast)": (2, lambda rng: self.pg_stopped(rng, signal.SIGINT)),
            "PostgreSQL restarted (immediate)": (2, lambda rng: self.pg_stopped(rng, signal.SIGQUIT)),
            "PostgreSQL killed, all of it": (2, self.pg_killed),
            "one of PostgreSQL's processes killed": (2, self.backend_killed),
            "Garage killed": (4, self.garage_killed),
            "storage slow": (4, lambda rng: self.on_wire(rng, self.s3_wire, "s3", delay=rng.uniform(0.05, 0.6))),
            "storage answers 500 or 503": (5, lambda rng: self.on_wire(rng, self.s3_wire, "s3", refuse=rng.choice([500, 503]))),
            "storage cuts uploads in the middle": (6, lambda rng: self.on_wire(rng, self.s3_wire, "s3", tear=True)),
            "storage silent": (2, lambda rng: self.on_wire(rng, self.s3_wire, "s3", silent=True)),
            "connections to the database cut": (6, self.connections_cut),
            "database silent": (2, lambda rng: self.on_wire(rng, self.pg_wire, "pg", silent=True)),
            "node cut off from everything": (7, self.node_cut),
        }

    # For the reader.

    def rows(self, query):
        words = [self.tool("psql"), "-X", "-At", "-h", "127.0.0.1", "-p", str(self.pg_port), "-U", "zhaoyan", "-d", "chaos"]
        query = f"select coalesce(json_agg(t), '[]') from ({query}) t"
        done = subprocess.run([*words, "-c", query], capture_output=True, text=True, cwd="/", timeout=60)
        if done.returncode:
            raise OSError(done.stderr)
        return json.loads(done.stdout)

    def s3(self, path, query=""):
        """A GET signed with AWS Signature Version 4."""
        host, now = f"127.0.0.1:{self.s3_port}", datetime.datetime.now(datetime.timezone.utc)
        stamp, empty = f"{now:%Y%m%dT%H%M%SZ}", hashlib.sha256(b"").hexdigest()
        headers = {"host": host, "x-amz-content-sha256": empty, "x-amz-date": stamp}
        names = ";".join(headers)
        canonical = "\n".join(["GET", path, query, *(f"{k}:{v}" for k, v in headers.items()), "", names, empty])
        scope = f"{stamp[:8]}/{REGION}/s3/aws4_request"
        to_sign = "\n".join(["AWS4-HMAC-SHA256", stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()])
        key = ("AWS4" + SECRET).encode()
        for part in stamp[:8], REGION, "s3", "aws4_request":
            key = hmac.digest(key, part.encode(), "sha256")
        signature = hmac.new(key, to_sign.encode(), "sha256").hexdigest()
        headers["Authorization"] = f"AWS4-HMAC-SHA256 Credential={ACCESS}/{scope}, SignedHeaders={names}, Signature={signature}"
        connection = http.client.HTTPConnection(host, timeout=60)
        try:
            connection.request("GET", f"{path}?{query}" if query else path, headers=headers)
            answer = connection.getresponse()
            told = answer.read()
        finally:
            connection.close()
        if answer.status == 404:
            raise FileNotFoundError(path)
        if answer.status != 200:
            raise OSError(f"{path}: {answer.status} {told[:300]}")
        return told

    def objects(self):
        found, more = {}, ""
        while True:
            query = urllib.parse.urlencode(sorted({"list-type": "2", "prefix": "all/", **({"continuation-token": more} if more else {})}.items()), quote_via=urllib.parse.quote)
            page = xml.etree.ElementTree.fromstring(self.s3(f"/{BUCKET}", query))
            space = page.tag.partition("}")[0] + "}"
            for item in page.iter(f"{space}Contents"):
                at = datetime.datetime.fromisoformat(item.findtext(f"{space}LastModified").replace("Z", "+00:00"))
                found[item.findtext(f"{space}Key").removeprefix("all/")] = at.timestamp()
            more = page.findtext(f"{space}NextContinuationToken")
            if not more:
                return found

    def object(self, key):
        return self.s3(f"/{BUCKET}/all/{key}")

    def sound(self):
        done = subprocess.run([self.tool("pg_amcheck"), "--install-missing", "-h", "127.0.0.1", "-p", str(self.pg_port), "-U", "zhaoyan", "chaos"], capture_output=True, text=True, cwd="/")
        return [] if done.returncode == 0 else (done.stdout + done.stderr).splitlines()


# The reader: what the database and the storage hold, opened and held against everything else. It shares no code with Zhaoyan.


def as_bytes(value):
    return bytes.fromhex(value[2:]) if isinstance(value, str) else value


def as_id(value):
    return uuid.UUID(bytes=value) if isinstance(value, bytes) else uuid.UUID(value)


class Keys:
    def __init__(self, file):
        told = tomllib.loads(file.read_text())
        derive = lambda secret: hmac.digest(base64.b64decode(secret), b"zhaoyan seal v1\x01", "sha256")
        self.ciphers = {name: AESGCM(derive(secret)) for name, secret in told["keys"].items()}

    def open(self, table, column, row, sealed):
        """Opens `0x01 | length | key id | nonce | ciphertext and tag`; header and place are authenticated with it."""
        if len(sealed) < 2 or sealed[0] != 1:
            raise ValueError("no sealed value")
        header = sealed[: 2 + sealed[1]]
        place = b"".join(struct.pack(">Q", len(part)) + part for part in (table.encode(), column.encode(), row.bytes))
        nonce, encrypted = sealed[len(header) : len(header) + 12], sealed[len(header) + 12 :]
        return self.ciphers[header[2:].decode()].decrypt(nonce, encrypted, header + place)


def serial_of(attempt):
    bits = int.from_bytes(hashlib.sha256(attempt.bytes).digest()[:8], "big")
    return "".join("0123456789ABCDEFGHJKMNPQRSTVWXYZ"[bits >> (59 - 5 * n) & 31] for n in range(10))


class Reader:
    def __init__(self, setup, driver):
        self.setup, self.driver = setup, driver
        self.keys = Keys(setup.folder / "keys.toml")
        self.held, self.evidence = {}, driver.evidence

    def hold(self, invariant, count, wrong):
        self.held[invariant] = self.held.get(invariant, 0) + count
        self.evidence[invariant] += wrong

    def open_work(self):
        queues = {"attempt", "delivery", "message"}
        return sum(self.setup.rows(f"select count(*) as n from {queue} where status in ('queued', 'running')")[0]["n"] for queue in queues)

    def load(self):
        rows = self.setup.rows
        self.collections = {as_id(row["id"]): row for row in rows("select id, exam_session, registration_id, state, machine, particulars, version from collection")}
        self.pictures = {as_id(row["id"]): row for row in rows("select * from picture")}
        self.attempts = {as_id(row["id"]): row for row in rows("select * from attempt")}
        self.deliveries = {as_id(row["id"]): row for row in rows("select * from delivery")}
        self.by_registration = {row["registration_id"]: (key, row) for key, row in self.collections.items()}

    def name(self, collection):
        return self.collections[as_id(collection)]["registration_id"]

    def picture(self, key, row):
        """What is wrong with a picture, or `None`."""
        try:
            plain = self.keys.open("picture", "object", key, self.setup.object(row["object_key"]))
        except FileNotFoundError:
            return "its object is gone"
        except (InvalidTag, ValueError, KeyError):
            return "its object does not open"
        if hashlib.sha256(plain).digest() != as_bytes(row["sha256"]) or len(plain) != row["size"]:
            return "its object is another one"
        try:
            with Image.open(io.BytesIO(plain)) as image:
                image.load()
                return None if image.format == "JPEG" else f"it is {image.format}"
        except (OSError, SyntaxError) as error:
            return f"Pillow does not open it: {error}"

    def all_pictures(self, when):
        wrong = []
        for key, row in self.pictures.items():
            if told := self.picture(key, row):
                wrong.append(f"{when}: {row['kind']} {key} of {self.name(row['collection'])}: {told}")
        self.hold("every picture with a row is there, opens, has its hash, and is a JPEG", len(self.pictures), wrong)
        # Photos of refused attempts were replaced by the next and may be swept; what was confirmed stays.
        due = {key: row for key, row in self.attempts.items() if when == BEFORE or row["status"] == "confirmed"}
        wrong = [f"{when}: attempt {key} of {self.name(row['collection'])}" for key, row in due.items() if as_id(row["photo"]) not in self.pictures]
        self.hold("every submitted photo is there", len(due), wrong)

    def particulars(self):
        wrong = []
        for key, row in self.collections.items():
            try:
                if row["particulars"] is not None:
                    json.loads(self.keys.open("collection", "particulars", key, as_bytes(row["particulars"])))
            except (InvalidTag, ValueError, KeyError) as error:
                wrong.append(f"{row['registration_id']}: {type(error).__name__}")
        self.hold("every collection's particulars open", len(self.collections), wrong)

    def acknowledged(self):
        wrong, uploads, hashes = [], 0, {as_bytes(row["sha256"]) for row in self.pictures.values()}
        for journey in self.driver.journeys:
            if not journey.versions:
                continue
            told = max(journey.versions)
            _, row = self.by_registration.get(journey.registration, (None, {"version": 0, "state": "no collection"}))
            if row["version"] < told:
                wrong.append(f"{journey.registration}: version {told} was acknowledged, the database has {row['version']}")
            if row["version"] == told and row["state"] != journey.versions[told][0]:
                wrong.append(f"{journey.registration}: {journey.versions[told][0]} was acknowledged, the database has {row['state']}")
            lost = [sha for sha in journey.uploads if sha not in hashes]
            uploads += len(journey.uploads)
            wrong += [f"{journey.registration}: an acknowledged upload has no row: {sha.hex()}" for sha in lost]
        self.hold("no acknowledged step is lost", sum(journey.acks for journey in self.driver.journeys), wrong)
        self.held["of these, uploads whose bytes are there"] = uploads

    def counted_once(self):
        wrong, statuses = [], Counter(row["status"] for row in self.attempts.values())
        refused = Counter(as_id(row["collection"]) for row in self.attempts.values() if row["status"] == "refused")
        confirmed = Counter(as_id(row["collection"]) for row in self.attempts.values() if row["status"] == "confirmed")
        used = {journey.registration: max((n for _, n in journey.versions.values()), default=0) for journey in self.driver.journeys if journey.over.is_set()}
        for key, row in self.collections.items():
            counted = json.loads(row["machine"])["attempts"]["refused"]
            # A confirmation ends the row of refusals; how many it had the candidate was told before.
            if counted != (0 if confirmed[key] else refused[key]):
                wrong.append(f"{row['registration_id']}: {refused[key]} attempts were refused, {counted} are counted")
            told = used.get(row["registration_id"], 0)
            if told != refused[key]:
                wrong.append(f"{row['registration_id']}: {refused[key]} attempts were refused, the candidate was told of {told}")
            if (row["state"] == "failed") != (refused[key] == 5) or confirmed[key] != (row["state"] == "completed"):
                wrong.append(f"{row['registration_id']}: {row['state']} with {refused[key]} refusals, {confirmed[key]} confirmations")
        self.hold("every attempt is counted once", len(self.attempts), wrong)
        wrong, serials = [], {serial_of(key): row for key, row in self.attempts.items()}
        for serial, row in serials.items():
            said, whose = set(self.driver.ledger.answers[serial]), self.name(row["collection"])
            if row["status"] in ("confirmed", "refused") and said != {row["status"] == "confirmed"}:
                wrong.append(f"{whose}: attempt {serial} is {row['status']}, the platform said {said or 'nothing'}")
        wrong += [f"the platform was asked about {serial}, which is no attempt" for serial in self.driver.ledger.asked if serial not in serials]
        for asked in self.identity["asked"]:
            if asked["serial"] not in serials:
                wrong.append(f"the sandbox was asked about {asked['serial']}, which is no attempt")
        if self.identity["compared"] > len(self.identity["asked"]):
            wrong.append(f"the sandbox compared {self.identity['compared']} times for {len(self.identity['asked'])} attempts")
        self.hold("every attempt has the platform's own answer", statuses["confirmed"] + statuses["refused"], wrong)
        self.held["questions to the platform"] = sum(self.driver.ledger.asked.values())

    def delivered_once(self):
        wrong, taken = [], {}
        for wave in range(1, self.setup.waves + 1):
            file = self.setup.folder / f"sandbox{wave}" / "registrations.json"
            if file.is_file():
                taken |= {key: record["results"] for key, record in json.loads(file.read_text()).items()}
        rows = defaultdict(list)
        for key, row in self.deliveries.items():
            rows[as_id(row["collection"])].append((key, row))
        photos = {as_id(row["collection"]): as_id(row["photo"]) for row in self.attempts.values() if row["status"] == "confirmed"}
        completed, again = 0, 0
        for key, row in self.collections.items():
            results, of_row = taken.get(row["registration_id"], []), rows[key]
            completed += row["state"] == "completed"
            if row["state"] != "completed":
                if results or of_row:
                    wrong.append(f"{row['registration_id']}: {row['state']}, yet {len(of_row)} deliveries, {len(results)} results taken")
                continue
            if len(of_row) != 1 or of_row[0][1]["status"] != "delivered" or len(results) != 1:
                statuses = [delivery["status"] for _, delivery in of_row]
                wrong.append(f"{row['registration_id']}: deliveries {statuses}, {len(results)} results taken")
                continue
            again += results[0]["deliveries"] - 1
            if results[0]["idempotency_key"] != str(of_row[0][0]):
                wrong.append(f"{row['registration_id']}: taken under another key")
            picture = self.pictures.get(photos.get(key))
            if picture is None or results[0]["photo_sha256"] != as_bytes(picture["sha256"]).hex():
                wrong.append(f"{row['registration_id']}: another photo was taken than the one confirmed")
        self.hold("every completion is delivered once in effect", completed, wrong)
        self.held["of these, sent again and recognised"] = again

    def orphans(self):
        """What lies in the storage that no row knows, by kind."""
        known = {row["object_key"] for row in self.pictures.values()}
        return {key: at for key, at in self.setup.objects().items() if key not in known}


def until(condition, seconds, setup, driver):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        setup.tick(driver)
        with contextlib.suppress(OSError, sqlite3.Error, http.client.HTTPException):
            if condition():
                return True
        time.sleep(0.3)
    return False


def read(setup, driver, log):
    """Quiet, then everything is held against everything."""
    reader = Reader(setup, driver)
    begun = time.monotonic()
    until(lambda: driver.under_way() == 0, QUIET_S, setup, driver)
    stuck = [f"{j.registration}: {j.view and j.view['state']}" for j in driver.journeys if not j.over.is_set()]
    until(lambda: reader.open_work() == 0, max(30, QUIET_S - (time.monotonic() - begun)), setup, driver)
    open_work = reader.open_work()
    log(f"quiet after {time.monotonic() - begun:.0f} s")
    driver.stopped.set()
    reader.hold("no journey is stuck", len(driver.journeys), stuck + ([f"{open_work} pieces of work are open"] if open_work else []))
    reader.identity = json.loads(driver.of_sandbox("GET", "/sandbox/api/identity"))
    for node in setup.nodes:
        node.wanted = False
        node.signal(signal.SIGTERM)
    codes = {node.name: node.process.wait(60) for node in setup.nodes}
    reader.hold("every process ends in good order when told to", len(codes), [f"{name}: exit {code}" for name, code in codes.items() if code])
    reader.load()
    reader.all_pictures(BEFORE)
    reader.particulars()
    reader.acknowledged()
    reader.counted_once()
    reader.delivered_once()
    before = reader.orphans()
    reader.held["objects without a row before the sweep"] = len(before)
    # A worker whose clock is two hours on: what the faults left behind is older than the sweep's hour of grace.
    if FAKETIME:
        sweeper = Node("sweeper", [setup.binary, "worker"], dict(setup.quiet_environment), setup.folder / "sweeper.log")
        sweeper.jump(7200)
        sweeper.start()
        quiet = Setup.__new__(Setup)
        quiet.nodes = [sweeper]
        seen, since = None, time.monotonic()

        def settled():
            # A row goes before its object: only when nothing has changed for longer than from sweep to sweep, all is done.
            nonlocal seen, since
            reader.load()
            now = (len(reader.pictures), len(reader.orphans()))
            if now != seen:
                seen, since = now, time.monotonic()
            return now[1] == 0 and time.monotonic() - since > 8

        until(settled, 60, quiet, driver)
        sweeper.signal(signal.SIGTERM)
        sweeper.process.wait(60)
    reader.load()
    left = reader.orphans()
    now = time.time()
    left = left if FAKETIME else {key: at for key, at in left.items() if now - at > 3600}
    reader.hold("nothing without a row outlives the sweep", len(before), [f"{key}, {now - at:.0f} s old" for key, at in left.items()])
    reader.all_pictures(AFTER)
    reader.hold("the database is sound", 1, setup.sound())
    audit = setup.command("audit", "verify", patience=0)
    entries = int(audit.stdout.split(":")[0] or 0) if audit.returncode == 0 else 0
    reader.hold("the audit log verifies", entries, [audit.stderr.strip()] if audit.returncode else [])
    logs = {node.name: node.log.read_text(errors="replace") for node in setup.nodes if node.log.exists()}
    panics = [f"{name}: {line}" for name, text in logs.items() for line in text.splitlines() if "panicked" in line]
    reader.hold("no process panics", len(logs), panics)
    for invariant in "no answer is 500", "no answer is unexpected":
        reader.hold(invariant, driver.steps, [])
    return reader


def inject(setup, driver, count, pace, rng, log):
    """Draws and does `count` faults, several at once where they do not concern the same thing. Gives what was done, with times."""
    kinds = setup.faults()
    names, weights = list(kinds), [weight for weight, _ in kinds.values()]
    done, ends, busy = [], [], set()
    next_at, told_at, steps = time.monotonic(), time.monotonic(), driver.steps

    def end(due):
        _, _, resource, finish, fault = due
        if finish:
            finish(driver)
        busy.discard(resource)
        fault["ended"] = time.monotonic()

    while len(done) < count:
        now = time.monotonic()
        while ends and ends[0][0] <= now:
            end(heapq.heappop(ends))
        if driver.under_way() == 0:
            while ends:
                end(heapq.heappop(ends))
            setup.all_well(driver)
            until(lambda: Reader(setup, driver).open_work() == 0, 60, setup, driver)
            setup.next_wave(driver)
            next_at = max(next_at, time.monotonic() + 2)
        if now >= next_at:
            kind = rng.choices(names, weights)[0]
            resource, begin, finish, lasts = kinds[kind][1](rng)
            if resource not in busy:
                fault = {"kind": kind, "resource": resource, "at": f"{datetime.datetime.now():%H:%M:%S.%f}", "begun": time.monotonic(), "ended": None}
                busy.add(resource)
                begin(driver)
                done.append(fault)
                heapq.heappush(ends, (time.monotonic() + lasts, len(done), resource, finish, fault))
                next_at = time.monotonic() + min(rng.expovariate(1 / pace), 4 * pace)
        setup.tick(driver)
        if now - told_at > 30:
            log(f"{len(done)} faults, {driver.steps - steps} answers in 30 s, {driver.under_way()} journeys under way, exam session {setup.waves}")
            told_at, steps = now, driver.steps
        time.sleep(0.02)
    while ends:
        due = heapq.heappop(ends)
        time.sleep(max(0, due[0] - time.monotonic()))
        end(due)
    return done


def run(kind, binary, faults, pace, seed, keep):
    begun = time.monotonic()
    log = lambda what: print(f"  {time.monotonic() - begun:5.0f} s  {what}", flush=True)
    print(kind.name, flush=True)
    folder = Path(tempfile.mkdtemp(prefix="chaos-"))
    folder.chmod(0o755)
    setup, driver = kind(binary, folder, seed), None
    try:
        setup.begin()
        driver = Driver(setup.front, setup.sandbox_port)
        driver.ledger = setup.ledger
        for node in setup.nodes:
            node.start()
        setup.next_wave(driver)
        # No fault before somebody has got somewhere.
        until(lambda: driver.steps > 20, 180, setup, driver)
        log(f"begun: {driver.steps} answers")
        done = inject(setup, driver, faults, pace, random.Random(f"{seed} {kind.__name__}"), log)
        setup.all_well(driver)
        log(f"{len(done)} faults done; quiet from here on")
        reader = read(setup, driver, log)
    finally:
        if driver:
            driver.stopped.set()
        setup.end()
        if keep:
            print(f"  kept: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    table = defaultdict(lambda: [0, set()])
    for fault in done:
        row = table[fault["kind"]]
        row[0] += 1
        row[1] |= {journey for at, journey, _ in driver.troubles if fault["begun"] <= at <= (fault["ended"] or at) + 1}
    states = Counter(row["state"] for row in reader.collections.values())
    return {
        "set-up": kind.name,
        "seconds": round(time.monotonic() - begun),
        "faults": len(done),
        "kinds": {name: {"count": count, "journeys": len(met)} for name, (count, met) in sorted(table.items())},
        "not_injected": setup.not_injected(),
        "journeys": len(driver.journeys),
        "states": dict(states),
        "answers": driver.steps,
        "troubles": dict(Counter(what for _, _, what in driver.troubles).most_common()),
        "restarts_by_themselves": {node.name: node.restarts for node in setup.nodes},
        "held": reader.held,
        # To find what came before something that does not hold.
        "timeline": [f"{fault['at'][:-4]} {fault['kind']}, {fault['resource']}, {(fault['ended'] or fault['begun']) - fault['begun']:.1f} s" for fault in done],
        "evidence": {name: list(dict.fromkeys(wrong)) for name, wrong in reader.evidence.items() if wrong},
    }


def table_of(runs):
    """The tables as Markdown: kinds of faults, then invariants."""
    names = sorted({kind for told in runs for kind in told["kinds"]})
    lines = ["| fault | " + " | ".join(f"{told['set-up'].split(':')[0]} | journeys that met trouble" for told in runs) + " |", "|---|" + "---:|---:|" * len(runs)]
    for name in names:
        cells = [told["kinds"].get(name) for told in runs]
        lines.append(f"| {name} | " + " | ".join(f"{cell['count']} | {cell['journeys']}" if cell else "– | –" for cell in cells) + " |")
    lines += ["| together | " + " | ".join(f"{told['faults']} | {told['journeys']} journeys in all" for told in runs) + " |", ""]
    lines += ["| what must hold | " + " | ".join(told["set-up"].split(":")[0] for told in runs) + " |", "|---|" + "---:|" * len(runs)]
    for name in dict.fromkeys(name for told in runs for name in [*told["held"], *told["evidence"]]):
        cells = [f"{told['held'].get(name, 0):,}" + (f" ({len(told['evidence'][name])} broken)" if name in told["evidence"] else "") for told in runs]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("binary", type=Path)
    parser.add_argument("--faults", type=int, default=1000, help="over both set-ups together")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pace", type=float, default=1.0, help="seconds between two faults, on average")
    parser.add_argument("--only", choices=["one", "cluster"])
    parser.add_argument("--json", type=Path)
    parser.add_argument("--docs", action="store_true", help="write the tables into docs/chaos.md and docs/chaos.zh-CN.md")
    parser.add_argument("--keep", action="store_true", help="leave the folders with databases and logs")
    options = parser.parse_args()
    kinds = [kind for kind, name in ((OneMachine, "one"), (Cluster, "cluster")) if options.only in (None, name)]
    runs = []
    for n, kind in enumerate(kinds):
        share = options.faults * (n + 1) // len(kinds) - options.faults * n // len(kinds)
        runs.append(run(kind, options.binary.resolve(), share, options.pace, options.seed, options.keep))
        told = runs[-1]
        print(f"  {told['faults']} faults in {told['seconds']} s; {told['journeys']} journeys, {told['answers']:,} answers; ended {told['states']}")
        print(f"  troubles met: {told['troubles']}; started again by itself: {told['restarts_by_themselves']}; not injected: {told['not_injected'] or 'nothing'}")
    print(f"\n{table_of(runs)}\n")
    if options.json:
        options.json.write_text(json.dumps({"seed": options.seed, "runs": runs}, ensure_ascii=False, indent=1))
    if options.docs:
        for name in "chaos.md", "chaos.zh-CN.md":
            file = ROOT / "docs" / name
            begin, end = "<!-- tables -->", "<!-- end of tables -->"
            filled = f"{begin}\n\n`--seed {options.seed} --faults {options.faults}`\n\n{table_of(runs)}\n\n{end}"
            file.write_text(re.sub(f"{begin}.*{end}", lambda _: filled, file.read_text(), flags=re.S))
    broken = {f"{told['set-up']}: {name}": wrong for told in runs for name, wrong in told["evidence"].items()}
    for name, wrong in broken.items():
        print(f"BROKEN  {name}", *(f"    {line}" for line in wrong[:20]), sep="\n")
        if len(wrong) > 20:
            print(f"    and {len(wrong) - 20} more")
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
