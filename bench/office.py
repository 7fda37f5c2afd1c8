"""What the office waits for, on a roster of half a million: `python3 bench/office.py BINARY [ROWS]`.

Starts the server on SQLite and on PostgreSQL, imports a drawn-up roster through the console's API as XLSX and as CSV, each into an
exam session of its own and with a server of its own, and looks candidates up. Prints how long each import took, the server's peak
memory, and the lookups' percentiles."""

import base64
import contextlib
import csv
import hashlib
import hmac
import http.client
import json
import os
import random
import statistics
import struct
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

import xlsxwriter

from cluster import free_port, postgres

FAMILIES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨"
GIVEN = "一丁万三上下不与世中丰临丹为主丽举久义之乐九习书云"
WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
LEVELS = ["高起专", "高起本", "专升本"]
SEARCHES = 400


def row(n):
    name = FAMILIES[n % 16] + GIVEN[n // 16 % 24] + GIVEN[n // 384 % 24]
    return [f"B{n:07}", name, NUMBERS[n], "汉族", f"某省某市样本路{n}号院第三单元", f"13{n:09}", LEVELS[n % 3]]


def number_of(n):
    day, serial = divmod(n, 1000)
    year, rest = divmod(day, 336)
    first = f"110101{1960 + year % 45}{rest // 28 + 1:02}{rest % 28 + 1:02}{serial:03}"
    return first + "10X98765432"[sum(int(d) * w for d, w in zip(first, WEIGHTS)) % 11]


def code(secret):
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at : at + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


class Office:
    def __init__(self, port, exam):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
        self.exam = exam
        self.token = None

    def ask(self, method, path, body=None, content="application/json"):
        headers = {"Content-Type": content}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        data = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
        self.connection.request(method, f"/api/v1/office{path}", data, headers)
        answer = self.connection.getresponse()
        told = answer.read()
        if answer.status >= 400:
            sys.exit(f"{method} {path}: {answer.status} {told.decode()}")
        return json.loads(told) if told else None

    def imports(self, path):
        edge = uuid.uuid4().hex
        head = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{path.name}"\r\n\r\n'.encode()
        body = head + path.read_bytes() + f"\r\n--{edge}--\r\n".encode()
        begun = time.perf_counter()
        told = self.ask("POST", f"/exams/{self.exam}/roster/imports", body, f"multipart/form-data; boundary={edge}")
        while told["state"] == "running":
            time.sleep(0.5)
            told = self.ask("GET", f"/exams/{self.exam}/roster/imports/{told['id']}")
        return told, time.perf_counter() - begun


def peak(pid):
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024


@contextlib.contextmanager
def serving(binary, environment, access, exam):
    """A server of its own; gives its process and an office that has signed in to it."""
    port = free_port()
    server = subprocess.Popen([binary, "serve", "--listen", f"127.0.0.1:{port}"], env=environment)
    try:
        office = Office(port, exam)
        for _ in range(300):
            try:
                office.connection.connect()
                break
            except OSError:
                time.sleep(0.1)
        known = {"account": "bench", "password": access["password"], "code": code(access["secret"])}
        office.token = office.ask("POST", "/sign-in", known)["token"]
        yield server, office
    finally:
        server.terminate()
        server.wait()


def measure(binary, folder, database, files, rows):
    environment = {
        **os.environ,
        "ZHAOYAN_DATABASE_URL": database,
        "ZHAOYAN_PICTURES_URL": str(folder / "pictures"),
        "ZHAOYAN_KEY_FILE": str(folder / "keys.toml"),
        "ZHAOYAN_LOG_LEVEL": "warn",
        "ZHAOYAN_REGISTRATION_SYSTEM": "roster",
    }
    run = lambda *words: subprocess.run([binary, *words], env=environment, check=True, capture_output=True, text=True).stdout
    if not (folder / "keys.toml").exists():
        run("keys", "new", folder / "keys.toml", "--id", "bench")
    access = json.loads(run("staff", "add", "bench", "--role", "supervisor", "--json"))
    for path in files:
        exam = f"bench-{path.suffix[1:]}"
        about = folder / "exam.toml"
        about.write_text(f'id = "{exam}"\nname = "成人高考"\nstandard = "chengkao"\n[office]\nname = "某市成招办"\nphone = "0000"\n')
        run("exam-session", "set", about)
        # A code is good once; the next one comes within half a minute.
        if path != files[0]:
            time.sleep(31)
        with serving(binary, environment, access, exam) as (server, office):
            before = peak(server.pid)
            told, took = office.imports(path)
            counts = ", ".join(f"{told[key]:,} {key}" for key in ("added", "changed", "unchanged", "refused"))
            megabytes = path.stat().st_size / 1e6
            print(f"  {path.suffix[1:]:4} {megabytes:5.1f} MB: {counts} in {took:.0f} s; peak {peak(server.pid):.0f} MiB (at rest {before:.0f})")
            assert told["added"] == rows, told
            if path == files[-1]:
                look_up(office, rows)


def look_up(office, rows):
    kinds = {
        "number": lambda n: {"number": NUMBERS[n]},
        "phone": lambda n: {"phone": row(n)[5]},
        "name": lambda n: {"name": row(n)[1]},
        "key": lambda n: {"registration": row(n)[0]},
        "a page of one level": lambda n: {"level": LEVELS[n % 3], "after": row(n)[0]},
        "a page of those who have not begun": lambda n: {"state": "none", "after": row(n)[0]},
    }
    chosen = random.Random(7)
    for kind, body in kinds.items():
        took = []
        for _ in range(SEARCHES):
            asked = body(chosen.randrange(rows - 200))
            begun = time.perf_counter()
            found = office.ask("POST", f"/exams/{office.exam}/candidates", asked)
            took.append(1e3 * (time.perf_counter() - begun))
            assert found["candidates"], (kind, "nothing was found")
        took.sort()
        print(f"  search by {kind}: median {statistics.median(took):.1f} ms, 95th percentile {took[int(0.95 * len(took))]:.1f} ms")


def main():
    global NUMBERS
    binary = Path(sys.argv[1]).resolve()
    rows = int(sys.argv[2]) if len(sys.argv) > 2 else 500_000
    NUMBERS = [number_of(n) for n in range(rows)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        lines = [["报名号", "姓名", "身份证号码", "民族", "住址", "手机号码", "层次"], *map(row, range(rows))]
        files = [folder / "roster.xlsx", folder / "roster.csv"]
        # As spreadsheet programs save it: every text in one list that the cells point into.
        with xlsxwriter.Workbook(files[0]) as book:
            sheet = book.add_worksheet()
            for at, line in enumerate(lines):
                for column, cell in enumerate(line):
                    sheet.write_string(at, column, cell)
        with files[1].open("w", newline="") as out:
            csv.writer(out).writerows(lines)
        del lines
        print(f"{rows:,} registrations, SQLite")
        measure(binary, folder, f"sqlite://{folder}/bench.db", files, rows)
        (url,), stop = postgres(folder)
        try:
            print(f"{rows:,} registrations, PostgreSQL")
            measure(binary, folder, url, files, rows)
        finally:
            stop()


if __name__ == "__main__":
    main()
