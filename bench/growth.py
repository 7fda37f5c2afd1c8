"""Whether what candidates wait for takes longer with millions of registrations: `python3 bench/growth.py BINARY FOLDER [LARGE]`.

Fills a small and a large database, on SQLite and then on PostgreSQL, and times every function of a candidate's journey on both in turns.
Needs about 12 GB in FOLDER for five million; what it makes there is removed at the end. Exit status 1 where something grew too much."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from cluster import postgres

SMALL = 5_000


def measure(binary, folder, addresses, large):
    keys = folder / "keys.toml"
    for address, rows in zip(addresses, (SMALL, large)):
        begun = time.perf_counter()
        subprocess.run([binary, keys, "fill", address, str(rows)], check=True)
        print(f"filled with {rows:,} registrations in {time.perf_counter() - begun:.0f} s", flush=True)
    # How long the disk takes is not asked here: what fits is in memory from here on, as it is on a machine that candidates use.
    for file in folder.rglob("*"):
        if file.is_file():
            with file.open("rb") as read:
                while read.read(1 << 24):
                    pass
    small, great = addresses
    return subprocess.run([binary, keys, "time", small, str(SMALL), great, str(large)]).returncode


def main():
    binary, folder = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    large = int(sys.argv[3]) if len(sys.argv) > 3 else 5_000_000
    # On one core, databases and all: a process that is woken on another one answers tens of microseconds later, now here, now there.
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-1:])
    failed = 0
    for kind in ("SQLite", "PostgreSQL"):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        print(f"\n## {kind}, {SMALL:,} and {large:,} registrations\n", flush=True)
        stop = lambda: None
        try:
            if kind == "SQLite":
                addresses = [f"sqlite://{folder}/{name}.db" for name in ("small", "large")]
            else:
                addresses, stop = postgres(folder, ("small", "large"))
            failed |= measure(binary, folder, addresses, large)
        finally:
            stop()
            shutil.rmtree(folder, ignore_errors=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
