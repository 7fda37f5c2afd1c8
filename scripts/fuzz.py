#!/usr/bin/env python3
"""Builds the fuzzers and runs each for a while, two at a time; tells what each did, and exits with 1 if one found something.

    scripts/fuzz.py MINUTES [TARGET…]

Needs a nightly compiler and cargo-fuzz. What a fuzzer learns is kept in target/fuzz/corpus, what it finds in target/fuzz/found.
"""
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILT = ROOT / "target/fuzz"
FOUND = BUILT / "found"
# Most bytes of an input that the fuzzer makes: what comes larger is read by the same code.
LONGEST = {"card": 24_000, "photo": 32_000, "decode": 32_000, "exif": 4_000, "upload": 8_000, "json": 20_000, "texts": 400}
OTHERS = 16_000
# Most memory of a fuzzer, and most at once, in MiB: the largest picture that is taken has 200 as it is unpacked.
MEMORY, AT_ONCE = 2048, 256
# Seconds for one input, in code that is watched over and a tenth as fast.
PATIENCE = 30


def build():
    # The fuzzers run what the product is made of, in the same versions.
    shutil.copyfile(ROOT / "Cargo.lock", ROOT / "fuzz/Cargo.lock")
    subprocess.run(["cargo", "+nightly", "fuzz", "build", "--target-dir", BUILT], cwd=ROOT, check=True)
    return next(BUILT.glob("*/release"))


def run(program, target, seconds):
    learnt = BUILT / "corpus" / target
    learnt.mkdir(parents=True, exist_ok=True)
    command = [
        program, learnt, ROOT / "fuzz/corpus" / target, f"-artifact_prefix={FOUND}/{target}-", "-print_final_stats=1",
        f"-max_total_time={seconds}", f"-max_len={LONGEST.get(target, OTHERS)}", f"-rss_limit_mb={MEMORY}",
        f"-malloc_limit_mb={AT_ONCE}", f"-timeout={PATIENCE}", f"-report_slow_units={PATIENCE}",
    ]
    # What lives as long as the process is no leak.
    environment = os.environ | {"ASAN_OPTIONS": "detect_leaks=0:" + os.environ.get("ASAN_OPTIONS", "")}
    log = BUILT / f"{target}.log"
    with log.open("w") as out:
        ended = subprocess.run(command, stdout=out, stderr=out, env=environment)
    text = log.read_text(errors="replace")
    last = lambda pattern: (re.findall(pattern, text) or ["–"])[-1]
    found = last(r"Test unit written to (\S+)")
    return {
        "target": target, "inputs run": last(r"number_of_executed_units:\s*(\d+)"), "edges": last(r"cov: (\d+)"),
        "features": last(r"ft: (\d+)"), "MiB": last(r"peak_rss_mb:\s*(\d+)"),
        "found": found if ended.returncode == 0 or found != "–" else f"exit status {ended.returncode}, see {log}",
    }, ended.returncode == 0


def main():
    seconds = int(float(sys.argv[1]) * 60)
    targets = sys.argv[2:] or sorted(folder.name for folder in (ROOT / "fuzz/corpus").iterdir())
    FOUND.mkdir(parents=True, exist_ok=True)
    programs = build()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda target: run(programs / target, target, seconds), targets))
    columns = list(done[0][0])
    rows = [columns] + [[row[column] for column in columns] for row, _ in done]
    widths = [max(len(row[i]) for row in rows) for i in range(len(columns))]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())
    return 0 if all(fine for _, fine in done) else 1


if __name__ == "__main__":
    sys.exit(main())
