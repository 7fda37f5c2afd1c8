"""How many candidates one machine serves: `python3 bench/load.py BINARY [--help]`. docs/load.md explains what is measured.

Starts the sandbox and one `zhaoyan serve --worker`, all on two cores with this driver, and sends candidates through their whole journey
at an open-loop rate: they arrive at random times with a fixed mean, whether or not the earlier ones got through. Finds the highest rate
whose latencies hold, proves it for ten minutes, doubles it for five, watches how long it takes until all is normal again, and then reads
database, pictures and the registration system's records without the server's help. Exits 1 if anything was lost or a bound was broken.
"""

import argparse
import asyncio
import collections
import contextlib
import hashlib
import json
import math
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import aiohttp
from office import free_port, peak, postgres

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / "target" / "load"
CORES = 2

# Steps that look at pictures, and all others: seconds within which 95 of 100 requests are answered.
PIXEL_STEPS = {"card portrait", "card emblem", "photo", "verification"}
PIXEL_BOUND, OTHER_BOUND = 2.0, 0.1
# Seconds after the overload within which the latencies are in bounds again, and how long each look at them is.
BACK_BOUND, LOOK = 60, 20
# The search: seconds of a step, its first rate and its stride in shares of what the cores could do without ever waiting, and the share
# of the last step that held at which the proof runs: chance plays a larger part in 45 seconds than in ten minutes.
STEP_S, FIRST, STRIDE, MARGIN = 45, 0.5, 0.1, 0.85
# Seconds that journeys still going on get at the end, and that the registration system may wait for a result.
DRAIN = 900
# Sizing: the share of all candidates that come in the busiest hour, and how busy cores may be on average then.
BUSIEST_HOUR, BUSY = 0.05, 0.6
KINDS = {"card portrait": "card_portrait", "card emblem": "card_emblem", "photo": "portrait"}
STEPS = [
    "entry", "code", "login", "card portrait", "card emblem", "picture", "hand-in", "confirm", "photo", "submit", "verification",
    "events", "collection",
]  # fmt: skip


class Lost(Exception):
    """A journey that cannot go on."""


# The processes under measurement.


def ticks(pid):
    """CPU seconds of a process, of children that it has, and of those that it had; of this one alone: the others are its children."""
    if pid == os.getpid():
        return time.process_time()
    total = 0.0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(stat.parent.name) == pid:
            total += sum(map(int, words[11:15]))
        elif int(words[1]) == pid:
            total += sum(map(int, words[11:13]))
    return total / os.sysconf("SC_CLK_TCK")


def configuration(folder, sandbox, database):
    """As an operator would write it for a deployment whose candidates all come from one address, this driver's."""
    partner = f'endpoint = "{sandbox}"\nsecret_id = "AKIDsandbox"\nsecret_key = "sandbox-secret-key-of-no-value"\n'
    return f"""
[database]
url = "{database}"
[pictures]
url = "{folder}/pictures"
[keys]
file = "{folder}/keys.toml"
[journey]
exam_session = "sandbox"
codes_per_address_hour = 1000000
logins_per_address_hour = 1000000
[sms]
{partner}sdk_app_id = "1400000000"
sign_name = "照验沙箱"
template_id = "100001"
[identity]
{partner}
[registration]
system = "http"
endpoint = "{sandbox}/registration/"
key_id = "sandbox"
secret = "sandbox-registration-key-of-no-value"
[log]
level = "warn"
"""


class Deployment:
    """A fresh database, a fresh folder, a server with its worker; gone afterwards."""

    def __init__(self, options, sandbox):
        self.options, self.sandbox = options, sandbox

    def __enter__(self):
        with contextlib.ExitStack() as undo:
            self.folder = Path(undo.enter_context(tempfile.TemporaryDirectory()))
            self.folder.chmod(0o755)
            self.database, self.url = f"sqlite://{self.folder}/load.db", f"http://127.0.0.1:{free_port()}"
            self.pids = {}
            if self.options.postgres:
                (self.database,), stop = postgres(self.folder)
                undo.callback(stop)
                self.pids["PostgreSQL"] = int((self.folder / "cluster" / "postmaster.pid").read_text().split()[0])
            about = self.folder / "zhaoyan.toml"
            about.write_text(configuration(self.folder, self.sandbox, self.database))
            environment = {**os.environ, "ZHAOYAN_CONFIG": str(about)}
            run = lambda *words: subprocess.run([self.options.binary, *words], env=environment, check=True, stdout=subprocess.DEVNULL)
            run("keys", "new", self.folder / "keys.toml", "--id", "load")
            run("exam-session", "set", ROOT / "deploy" / "try" / "exam-session.toml")
            listen = self.url.removeprefix("http://")
            self.server = subprocess.Popen([self.options.binary, "serve", "--worker", "--listen", listen], env=environment)
            undo.callback(self.end)
            self.pids["server"] = self.server.pid
            self.undo = undo.pop_all()
        return self

    def __exit__(self, *_):
        self.undo.close()

    def end(self):
        """In good order; what it wrote stays until the deployment is left."""
        self.server.terminate()
        self.server.wait()


# One candidate.


class Driver:
    """Sends candidates to one deployment, and keeps what came of every request and every journey."""

    def __init__(self, deployment, sandbox, candidates, pictures, shared):
        self.deployment, self.sandbox, self.pictures, self.shared = deployment, sandbox, pictures, shared
        self.candidates = iter(candidates)
        self.requests = []  # when the answered try began, step, seconds of it, seconds since the first try
        self.refusals = []  # when, step, status and code
        self.errors = []  # when, step, what
        self.journeys = []
        self.tasks = set()

    async def arrive(self, rate, seconds, dice):
        """Candidates at `rate` a second for so long; gives the span."""
        begun = due = time.monotonic()
        while (due := due + dice.expovariate(rate)) < begun + seconds:
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            self.begin()
        await asyncio.sleep(max(0.0, begun + seconds - time.monotonic()))
        return begun, time.monotonic()

    def begin(self):
        try:
            candidate = next(self.candidates)
        except StopIteration:
            sys.exit("the sandbox has too few registrations for this rate: a fault of the driver's reckoning")
        task = asyncio.create_task(self.journey(candidate))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    async def drain(self, seconds=DRAIN):
        if self.tasks:
            _, late = await asyncio.wait(self.tasks, timeout=seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def journey(self, candidate):
        story = {"registration": candidate["registration_id"], "begun": time.monotonic(), "completed": None, "delivered": None, "step": ""}
        self.journeys.append(story)
        try:
            # A connection of one's own, as a phone has; let go of before the server lets go of a silent one.
            connector = aiohttp.TCPConnector(limit=6, keepalive_timeout=8)
            async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=240)) as session:
                await Candidate(self, session, candidate, story).walk()
            await self.delivered(story)
        except Lost as why:
            self.errors.append((time.monotonic(), story["step"], str(why)))
        except asyncio.CancelledError:
            self.errors.append((time.monotonic(), story["step"], "not finished in the end"))
            raise
        except Exception as error:
            self.errors.append((time.monotonic(), story["step"], f"{type(error).__name__}: {error}"))

    async def delivered(self, story):
        """The registration system has the result, once."""
        story["step"] = "delivery"
        until = time.monotonic() + DRAIN
        while time.monotonic() < until:
            async with self.shared.get(f"{self.sandbox}/sandbox/api/registrations/{story['registration']}") as answer:
                results = (await answer.json())["results"]
            if results:
                story["delivered"], story["results"] = time.monotonic(), results
                return
            await asyncio.sleep(1)
        raise Lost("not delivered")


class Candidate:
    """The journey as the page goes it, without the time that a person takes to read and to type."""

    def __init__(self, driver, session, candidate, story):
        self.driver, self.session, self.who, self.story = driver, session, candidate, story
        self.token = None

    async def ask(self, step, method, path, **content):
        """The answer's JSON, or the body of what is no JSON; a polite refusal is obeyed as the page obeys it."""
        self.story["step"] = step
        first = time.monotonic()
        for tried in range(1000):
            data = content.get("json")
            form = None
            if picture := content.get("picture"):
                form = aiohttp.FormData()
                form.add_field("file", picture, filename="picture.jpg", content_type="image/jpeg")
            headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
            begun = time.monotonic()
            url = f"{self.driver.deployment.url}/api/v1/{path}"
            try:
                async with self.session.request(method, url, json=data, data=form, headers=headers) as answer:
                    body = await answer.read()
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                self.driver.errors.append((begun, step, f"connection: {type(error).__name__} {error}"))
                await asyncio.sleep(min(2**tried, 15))
                continue
            if answer.status < 300:
                self.driver.requests.append((begun, step, time.monotonic() - begun, time.monotonic() - first))
                return json.loads(body) if answer.content_type == "application/json" else body
            await self.refused(step, begun, answer, body)
        raise Lost("refused a thousand times")

    async def refused(self, step, begun, answer, body):
        problem = json.loads(body) if answer.content_type == "application/problem+json" else {}
        code = problem.get("code", "no problem+json")
        wait = answer.headers.get("Retry-After", "")
        if answer.status not in (429, 503) or not wait.isdigit() or code.startswith("code_"):
            raise Lost(f"{answer.status} {code}")
        self.driver.refusals.append((begun, step, f"{answer.status} {code}"))
        await asyncio.sleep(max(int(wait), 1))

    async def step(self, step, path, state, content=None):
        collection = await self.ask(step, "POST", f"collection/{path}", json=content or {})
        return self.at(collection, state)

    def at(self, collection, *states):
        if collection["state"] not in states:
            raise Lost(f"at {collection['state']}, not at {' or '.join(states)}")
        return collection

    async def upload(self, step, path, judged, shown):
        """Uploads a picture; the page then shows what the server keeps."""
        collection = await self.ask(step, "POST", f"collection/{path}", picture=self.driver.pictures[self.who["card"]["number"], KINDS[step]])
        side = judged(collection) or {}
        if not side.get("accepted"):
            raise Lost(f"not accepted: {', '.join(f['id'] for f in side.get('findings', []) if f['outcome'] == 'fail')}")
        await self.ask("picture", "GET", f"collection/pictures/{shown}")

    async def code(self):
        """The newest code that went to the phone."""
        url, until = f"{self.driver.sandbox}/sandbox/api/sms?phone={self.who['phone']}", time.monotonic() + 280
        while time.monotonic() < until:
            async with self.driver.shared.get(url) as answer:
                if messages := await answer.json():
                    return messages[0]["code"]
            await asyncio.sleep(0.3)
        raise Lost("no code arrived")

    async def walk(self):
        phone = self.who["phone"]
        entry = await self.ask("entry", "GET", "entry")
        await self.ask("code", "POST", "login/code", json={"phone": phone})
        versions = {f"{text}_version": entry[text]["version"] for text in ("agreement", "privacy")}
        login = await self.ask("login", "POST", "login", json={"phone": phone, "code": await self.code(), **versions})
        self.token = login["token"]
        self.at(login["collection"], "card")
        await self.upload("card portrait", "card/portrait", lambda c: c["card"]["portrait"], "card_portrait")
        await self.upload("card emblem", "card/emblem", lambda c: c["card"]["emblem"], "card_emblem")
        await self.step("hand-in", "card/hand-in", "confirm")
        await self.step("confirm", "card/confirm", "photo")
        await self.upload("photo", "photo", lambda c: c["photo"], "photo")
        await self.step("submit", "photo/submit", "consent")
        consent = {"face_consent_version": entry["face_consent"]["version"]}
        collection = await self.ask("verification", "POST", "collection/verification", json=consent)
        if collection["state"] == "warned":
            collection = await self.ask("verification", "POST", "collection/verification/all-the-same", json={})
        while self.at(collection, "verifying", "completed")["state"] == "verifying":
            collection = await self.follow()
        self.story["completed"] = time.monotonic()
        await self.ask("picture", "GET", "collection/pictures/photo")

    async def follow(self):
        """Follows the stream until the collection moves; its first event is what the request's time is taken to. Once it ends, asks."""
        self.story["step"] = "events"
        url, begun, event = f"{self.driver.deployment.url}/api/v1/collection/events", time.monotonic(), ""
        headers, silence = {"Authorization": f"Bearer {self.token}"}, aiohttp.ClientTimeout(total=400, sock_read=25)
        try:
            async with self.session.get(url, headers=headers, timeout=silence) as answer:
                if answer.status != 200:
                    await self.refused("events", begun, answer, await answer.read())
                first = True
                async for line in answer.content:
                    if not line.startswith(b"data:"):
                        continue
                    if first:
                        self.driver.requests.append((begun, "events", time.monotonic() - begun, time.monotonic() - begun))
                        first = False
                    collection = json.loads(line[5:])
                    if collection["state"] != "verifying":
                        return collection
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            self.driver.errors.append((begun, "events", f"connection: {type(error).__name__} {error}"))
        await asyncio.sleep(3)
        return await self.ask("collection", "GET", "collection")


# What the requests say.


def percentile(times, share):
    times = sorted(times)
    return times[min(len(times) - 1, int(share * len(times)))] if times else 0.0


ANSWERED, WHOLE = 2, 3


def slowest(requests, which):
    """95th percentiles of the worst step with pixels and of the worst other, of the answered tries or with the waiting before them."""
    by_step = collections.defaultdict(list)
    for request in requests:
        by_step[request[1]].append(request[which])
    worst = lambda pixel: max((percentile(t, 0.95) for s, t in by_step.items() if (s in PIXEL_STEPS) == pixel), default=0.0)
    return worst(True), worst(False)


def within(requests, which):
    pixels, others = slowest(requests, which)
    return pixels < PIXEL_BOUND and others < OTHER_BOUND


def between(events, begun, ended):
    return [event for event in events if begun <= event[0] < ended]


def back_after(requests, ended, watched, which):
    """Seconds from the overload's end until the latencies are in bounds, and stay so taken together; `None` if they never are."""
    for late in range(0, int(watched - ended - LOOK) + 1, 5):
        look = between(requests, ended + late, ended + late + LOOK)
        if look and within(look, which) and within(between(requests, ended + late, watched), which):
            return late
    return None


class Span:
    """One phase: what was asked in it, what it cost."""

    def __init__(self, name, rate, driver, processes):
        self.name, self.rate, self.driver, self.processes = name, rate, driver, processes
        self.before = self.cpu()

    def cpu(self):
        return {name: ticks(pid) for name, pid in self.processes.items()}

    def close(self, begun, ended):
        driver, after = self.driver, self.cpu()
        self.begun, self.ended = begun, ended
        self.used = {name: after[name] - self.before[name] for name in after}
        self.requests = between(driver.requests, begun, ended)
        self.refusals = between(driver.refusals, begun, ended)
        self.errors = between(driver.errors, begun, ended)
        self.arrived = sum(begun <= j["begun"] < ended for j in driver.journeys)
        self.completed = sum(j["completed"] is not None and begun <= j["completed"] < ended for j in driver.journeys)
        return self

    def told(self):
        steps = {}
        for step in STEPS:
            these = [request for request in self.requests if request[1] == step]
            of = lambda which, p: round(1e3 * percentile([request[which] for request in these], p / 100), 1)
            if these:
                whole = {f"p{p}_ms": of(WHOLE, p) for p in (50, 95, 99)}
                steps[step] = {"count": len(these), **whole, "answered_p95_ms": of(ANSWERED, 95)}
        minutes = (self.ended - self.begun) / 60
        counts = lambda events: dict(collections.Counter(f"{step}: {what}" for _, step, what in events))
        return {
            "phase": self.name,
            "seconds": round(60 * minutes, 1),
            "rate_per_minute": round(60 * self.rate, 1),
            "arrived": self.arrived,
            "completed": self.completed,
            "completed_per_minute": round(self.completed / minutes, 1),
            "cpu_seconds_per_journey": {name: round(used / max(self.completed, 1), 3) for name, used in self.used.items()},
            "cores_busy": round(sum(self.used.values()) / (self.ended - self.begun), 2),
            "refusals": counts(self.refusals),
            "errors": counts(self.errors),
            "steps": steps,
        }


def show(told):
    costs = ", ".join(f"{name} {used:.3f}" for name, used in told["cpu_seconds_per_journey"].items())
    print(
        f"\n{told['phase']}: {told['rate_per_minute']:.1f} candidates a minute for {told['seconds']:.0f} s; {told['arrived']} arrived, "
        f"{told['completed']} completed ({told['completed_per_minute']:.1f} a minute)"
    )
    print(f"  CPU seconds per completed journey: {costs}; {told['cores_busy']} of {CORES} cores busy")
    print("  step               requests   p50 ms   p95 ms   p99 ms   p95 ms of the answered try")
    for step, line in told["steps"].items():
        print(f"  {step:16} {line['count']:10,} {line['p50_ms']:8.1f} {line['p95_ms']:8.1f} {line['p99_ms']:8.1f} {line['answered_p95_ms']:8.1f}")
    for what in ("refusals", "errors"):
        for kind, count in told[what].items():
            print(f"  {what}: {kind}, {count} times")


# Before the clock starts.


async def ready(shared, url, word, seconds=600):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with contextlib.suppress(aiohttp.ClientError, OSError):
            async with shared.get(url) as answer:
                if answer.status == 200 and word in await answer.text():
                    return
        await asyncio.sleep(0.2)
    sys.exit(f"{url} does not answer")


async def draw(shared, sandbox, candidates):
    """Every person's pictures, drawn once and kept from run to run."""
    CACHE.mkdir(parents=True, exist_ok=True)
    pictures = {}
    for candidate in candidates:
        for kind in KINDS.values():
            number = candidate["card"]["number"]
            if (number, kind) in pictures:
                continue
            kept = CACHE / f"{hashlib.sha256(f'{number} {kind}'.encode()).hexdigest()[:16]}.jpg"
            if not kept.exists():
                async with shared.get(f"{sandbox}/sandbox/specimens/{candidate['id']}/{kind}.jpg") as answer:
                    answer.raise_for_status()
                    beside = kept.with_suffix(".new")
                    beside.write_bytes(await answer.read())
                    beside.rename(kept)
            pictures[number, kind] = kept.read_bytes()
    return pictures


# Afterwards, without the server.

READ = """
select c.registration_id, c.state, c.machine,
  (select count(*) from attempt a where a.collection = c.id),
  (select count(*) from attempt a where a.collection = c.id and a.status = 'confirmed' and a.answered_at is not null),
  (select count(*) from delivery d where d.collection = c.id),
  (select count(*) from delivery d where d.collection = c.id and d.done_at is not null),
  (select p.object_key from picture p where p.collection = c.id and p.kind = 'photo' order by p.created_at desc limit 1),
  (select {hex}(p.sha256{as_hex}) from picture p where p.collection = c.id and p.kind = 'photo' order by p.created_at desc limit 1)
from collection c
"""


def rows(deployment):
    if deployment.options.postgres:
        query = READ.format(hex="encode", as_hex=", 'hex'")
        words = ["psql", "--no-psqlrc", "-A", "-t", "-F", "\t", "-d", deployment.database, "-c", query]
        lines = subprocess.run(words, check=True, capture_output=True, text=True).stdout.splitlines()
        return [line.split("\t") for line in lines]
    with contextlib.closing(sqlite3.connect(f"file:{deployment.folder}/load.db?mode=ro", uri=True)) as database:
        return database.execute(READ.format(hex="hex", as_hex="")).fetchall()


def read_back(deployment, journeys):
    """What is wrong with completed journeys, by those who keep them."""
    wrong, kept = [], {row[0]: row[1:] for row in rows(deployment)}
    for journey in journeys:
        name = journey["registration"]
        if journey["completed"] is None:
            continue
        if name not in kept:
            wrong.append(f"{name}: completed, and not in the database")
            continue
        state, machine, attempts, confirmed, deliveries, done, key, sha256 = kept[name]
        results = journey.get("results", [])
        photo = deployment.folder / "pictures" / str(key)
        told = {
            "is not completed": state != "completed",
            "has not one attempt, confirmed": (int(attempts), int(confirmed)) != (1, 1),
            "has attempts counted against it": json.loads(machine)["attempts"]["refused"] != 0,
            "has not one delivery, done": (int(deliveries), int(done)) != (1, 1),
            "has no photo": not key or not photo.is_file() or photo.stat().st_size == 0,
            "is not known once to the registration system": [r["photo_sha256"] for r in results] != [str(sha256).lower()],
        }
        wrong += [f"{name}: {what}" for what, so in told.items() if so]
    return wrong


def weight(folder):
    """Megabytes of all files under it."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6


# The run.


async def search(options, bench):
    """Reckons what the cores could do from what journeys one after the other cost, then climbs until a bound breaks."""
    with Deployment(options, bench.sandbox) as deployment:
        driver = await bench.driver(deployment)
        # The first one loads the networks.
        await driver.begin()
        span = Span("one after the other", 0, driver, bench.processes(deployment))
        begun = time.monotonic()
        for _ in range(8):
            await driver.begin()
        # Without what only waits: the pauses between events are not the cores'.
        cost = sum(span.close(begun, time.monotonic()).used.values()) / 8
        if driver.errors:
            sys.exit(f"a single candidate does not get through: {driver.errors[0]}")
        most = CORES / cost
        print(f"one after the other a journey costs {cost:.2f} CPU seconds in all: at most {60 * most:.0f} a minute on {CORES} cores")
        held, share = None, FIRST
        while True:
            rate = share * most
            span = Span("search", rate, driver, bench.processes(deployment)).close(*await driver.arrive(rate, STEP_S, bench.dice))
            await driver.drain()
            pixels, others = slowest(span.requests, WHOLE)
            holds = within(span.requests, WHOLE) and not span.errors
            word = "holds" if holds else "does not hold"
            print(f"  {60 * rate:6.1f} a minute: p95 {pixels:.2f} s with pixels, {1e3 * others:.0f} ms without; {word}")
            if holds:
                held, share = rate, share + STRIDE
            elif held is not None:
                return held * MARGIN
            elif share <= STRIDE:
                sys.exit("not even the lowest rate holds")
            else:
                share -= STRIDE


class Bench:
    def __init__(self, options, sandbox, sandbox_pid, shared):
        self.options, self.sandbox, self.sandbox_pid, self.shared = options, sandbox, sandbox_pid, shared
        self.dice = random.Random(options.seed)

    async def prepare(self):
        async with self.shared.get(f"{self.sandbox}/sandbox/api/candidates") as answer:
            everybody = await answer.json()
        self.candidates = [c for c in everybody if c["planted"] == "none"]
        begun = time.monotonic()
        self.pictures = await draw(self.shared, self.sandbox, self.candidates)
        await ready(self.shared, f"{self.sandbox}/healthz", '"register_filled":true')
        megabytes = sum(map(len, self.pictures.values())) / 1e6
        print(f"{len(self.pictures)} pictures, {megabytes:.0f} MB, were there after {time.monotonic() - begun:.0f} s")

    async def driver(self, deployment):
        async with self.shared.post(f"{self.sandbox}/sandbox/api/reset") as answer:
            answer.raise_for_status()
        await ready(self.shared, f"{deployment.url}/readyz", "")
        return Driver(deployment, self.sandbox, self.candidates, self.pictures, self.shared)

    def processes(self, deployment):
        return {**deployment.pids, "sandbox": self.sandbox_pid, "driver": os.getpid()}

    def room(self, journeys):
        """Whether the disk takes so many journeys' pictures."""
        each = 1.1 * sum(map(len, self.pictures.values())) * len(KINDS) / max(len(self.pictures), 1)
        free = shutil.disk_usage(tempfile.gettempdir()).free
        if journeys * each > free:
            sys.exit(f"{journeys:.0f} journeys need {journeys * each / 1e9:.0f} GB in {tempfile.gettempdir()}, {free / 1e9:.0f} are free: set TMPDIR")


async def pixels(shared, deployment):
    """Mean milliseconds of work and of waiting for a turn, by what was looked at, as the server tells."""
    async with shared.get(f"{deployment.url}/metrics") as answer:
        lines = (await answer.text()).splitlines()
    values = dict(line.rsplit(" ", 1) for line in lines if line and not line.startswith("#"))
    told = {}
    for name in ("zhaoyan_pixels_seconds", "zhaoyan_pixels_wait_seconds"):
        for key, total in values.items():
            if key.startswith(f"{name}_sum"):
                count = float(values[key.replace("_sum", "_count")])
                what = "waited_ms" if "wait" in name else "worked_ms"
                told.setdefault(key.split('"')[1], {})[what] = round(1e3 * float(total) / max(count, 1), 1)
    return told


async def measure(options, bench):
    rate = options.rate / 60 if options.rate else await search(options, bench)
    minutes = options.minutes + 2 * options.overload_minutes + (BACK_BOUND + LOOK * 2) / 60
    bench.room(60 * rate * minutes)
    with Deployment(options, bench.sandbox) as deployment:
        driver = await bench.driver(deployment)
        # What only the first one waits for is nobody's latency.
        await driver.begin()
        told = []
        for name, times, seconds in (
            ("at the rate", 1, 60 * options.minutes),
            ("overload", 2, 60 * options.overload_minutes),
            ("after it", 1, BACK_BOUND + 2 * LOOK),
        ):
            span = Span(name, times * rate, driver, bench.processes(deployment))
            span.close(*await driver.arrive(times * rate, seconds, bench.dice))
            told.append(span)
            going = sum(j["delivered"] is None for j in driver.journeys)
            show(span.told())
            print(f"  {going} journeys are going on", flush=True)
        stopped = time.monotonic()
        await driver.drain()
        base, over, after = told
        looked = await pixels(bench.shared, deployment)
        memory = {name: round(peak(pid)) for name, pid in bench.processes(deployment).items() if name != "PostgreSQL"}
        whole = {name: ticks(pid) for name, pid in deployment.pids.items()}
        deployment.end()
        wrong = read_back(deployment, driver.journeys)
        count = max(len(driver.journeys), 1)
        database = deployment.folder / "cluster" / "base" if options.postgres else deployment.folder / "load.db"
        disk = {
            "pictures_mb": round(weight(deployment.folder / "pictures") / count, 2),
            "database_mb": round((weight(database) if database.is_dir() else database.stat().st_size / 1e6) / count, 3),
        }
    return {
        "machine": {"cores": CORES, "cpu": next(l.split(": ")[1] for l in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in l)},
        "database": "PostgreSQL" if options.postgres else "SQLite",
        "rate_per_minute": round(60 * rate, 1),
        "phases": [span.told() for span in told],
        "journeys": len(driver.journeys),
        "completed": sum(j["completed"] is not None for j in driver.journeys),
        "delivered": sum(j["delivered"] is not None for j in driver.journeys),
        "back_after_s": back_after(driver.requests, over.ended, after.ended, ANSWERED),
        "back_with_waiting_after_s": back_after(driver.requests, over.ended, after.ended, WHOLE),
        "refused_last_after_s": max((round(when - over.ended) for when, *_ in driver.refusals if when >= over.ended), default=0),
        "drained_after_s": round(max([j["delivered"] or 0 for j in driver.journeys] + [stopped]) - over.ended),
        "cpu_seconds_of_all": {name: round(used, 1) for name, used in whole.items()},
        "peak_memory_mib": memory,
        "disk_per_journey": disk,
        "pixels": looked,
        "errors": dict(collections.Counter(f"{step}: {what}" for _, step, what in driver.errors)),
        "wrong": wrong,
        "broken": broken(base, after, driver, wrong, back_after(driver.requests, over.ended, after.ended, ANSWERED)),
    }


def broken(base, after, driver, wrong, back):
    """Which bounds are broken, in words."""
    pixel, other = slowest(base.requests, WHOLE)
    lost = sum(j["delivered"] is None for j in driver.journeys)
    told = {
        f"p95 at the rate: {pixel:.2f} s with pixels (bound {PIXEL_BOUND}), {1e3 * other:.0f} ms without (bound {1e3 * OTHER_BOUND:.0f})": not within(base.requests, WHOLE),
        f"{len(driver.errors)} errors": driver.errors,
        f"{lost} journeys lost": lost,
        f"{len(wrong)} things wrong in what was kept": wrong,
        f"latencies back in bounds after {back} s (bound {BACK_BOUND})": back is None or back > BACK_BOUND,
    }
    return [what for what, so in told.items() if so]


def conclude(told):
    costs = told["phases"][0]["cpu_seconds_per_journey"]
    own = sum(used for name, used in costs.items() if name in ("server", "PostgreSQL"))
    print(f"\n{told['database']}, {told['machine']['cpu']}, {CORES} cores shared by server, sandbox and driver")
    print(f"  {told['rate_per_minute']:.1f} journeys a minute; {own:.3f} CPU seconds of serve with worker for each (aim 0.5)")
    print(f"  {told['journeys']} journeys, {told['completed']} completed, {told['delivered']} delivered; wrong in what was kept: {len(told['wrong'])}")
    print(f"  after the overload: latencies in bounds after {told['back_after_s']} s, with the waiting after {told['back_with_waiting_after_s']} s, the last refusal after {told['refused_last_after_s']} s, all finished after {told['drained_after_s']} s")
    print(f"  peak memory in MiB: {', '.join(f'{name} {mib}' for name, mib in told['peak_memory_mib'].items())}")
    disk = told["disk_per_journey"]
    print(f"  on disk for a journey: {disk['pictures_mb']} MB of pictures, {disk['database_mb']} MB of database")
    print(f"  sizing, {BUSIEST_HOUR:.0%} of all in the busiest hour, cores {BUSY:.0%} busy:")
    for candidates in (100_000, 500_000, 1_000_000):
        hour = candidates * BUSIEST_HOUR
        print(
            f"    {candidates:9,} candidates: {hour / 60:,.0f} a minute, {math.ceil(hour * own / 3600 / BUSY)} cores, "
            f"{candidates * disk['pictures_mb'] / 1e6:.1f} TB of pictures, {candidates * disk['database_mb'] / 1e3:.0f} GB of database"
        )
    for step, mean in told["pixels"].items():
        print(f"  pixels, {step}: {mean.get('worked_ms', 0):.0f} ms of work, {mean.get('waited_ms', 0):.0f} ms of waiting for a turn, on average over the run")
    for what, count in told["errors"].items():
        print(f"  error: {what}, {count} times")
    for what in told["wrong"][:20]:
        print(f"  wrong: {what}")
    print("\n".join(f"BROKEN: {what}" for what in told["broken"]) or "every bound holds")


async def beside_sandbox(options, measure):
    """What `measure` finds, with a sandbox of its own and everything drawn beforehand."""
    sandbox, environment = f"http://127.0.0.1:{free_port()}", {**os.environ, "ZHAOYAN_LOG_LEVEL": "warn"}
    words = [options.binary, "sandbox", "--listen", sandbox.removeprefix("http://"), "--further", str(options.registrations)]
    process = subprocess.Popen(words, env=environment)
    try:
        connector = aiohttp.TCPConnector(limit=32)
        async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=600)) as shared:
            await ready(shared, f"{sandbox}/healthz", '"ok":true')
            bench = Bench(options, sandbox, process.pid, shared)
            await bench.prepare()
            return await measure(options, bench)
    finally:
        process.terminate()
        process.wait()


async def run(options):
    told = await beside_sandbox(options, measure)
    conclude(told)
    if options.json:
        Path(options.json).write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n")
    return 1 if told["broken"] else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", type=lambda name: str(Path(name).resolve()))
    parser.add_argument("--postgres", action="store_true", help="on a PostgreSQL of its own instead of SQLite")
    parser.add_argument("--rate", type=float, help="candidates a minute; searched for if left out")
    parser.add_argument("--minutes", type=float, default=10, help="of the proof")
    parser.add_argument("--overload-minutes", type=float, default=5, help="at twice the rate")
    parser.add_argument("--registrations", type=int, default=5000, help="that the sandbox has")
    parser.add_argument("--seed", type=int, default=1, help="of the arrivals")
    parser.add_argument("--json", metavar="FILE", help="the figures, for a machine to read")
    options = parser.parse_args()
    # Ended from outside, it still ends what it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    sys.exit(asyncio.run(run(options)))


if __name__ == "__main__":
    main()
