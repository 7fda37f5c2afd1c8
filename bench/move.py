"""One machine's deployment moved to PostgreSQL and S3 while candidates go through it: `python3 bench/move.py BINARY`. docs/operating.md
tells an operator the same steps.

Starts the sandbox, one `zhaoyan serve --worker` on SQLite and a folder, and a front before it, as an operator's proxy is. Candidates
arrive all the time. In their midst `zhaoyan migrate-store` moves everything; then two `serve` and one `worker` are started at the new
place, and the front turns to them. Exits 1 if a journey failed, or if anything is missing or told twice at the new place.
"""

import argparse
import asyncio
import contextlib
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

from load import CORES, DRAIN, ROOT, Deployment, Driver, beside_sandbox, configuration, read_back, ready
from office import free_port, postgres

ACCESS, SECRET, BUCKET, REGION = "GK" + "0123456789abcdef" * 2, "0123456789abcdef" * 4, "pictures", "garage"


class Front:
    """Passes connections on to whichever servers are behind it now, in turns."""

    def __init__(self, ports):
        self.ports, self.turn = ports, 0

    async def __aenter__(self):
        self.server = await asyncio.start_server(self.connection, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self.server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_):
        self.server.close()

    async def connection(self, reader, writer):
        self.turn += 1
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            behind_reader, behind_writer = await asyncio.open_connection("127.0.0.1", self.ports[self.turn % len(self.ports)])
            await asyncio.gather(self.pass_on(reader, behind_writer), self.pass_on(behind_reader, writer))
        writer.close()

    async def pass_on(self, reader, writer):
        with contextlib.suppress(OSError):
            while some := await reader.read(65536):
                writer.write(some)
                await writer.drain()
        with contextlib.suppress(OSError):
            writer.close()


@contextlib.contextmanager
def garage(folder):
    """A storage service that speaks S3, with one bucket; gives its address."""
    s3, rpc = free_port(), free_port()
    (folder / "garage.toml").write_text(
        f'metadata_dir = "{folder}/garage-meta"\ndata_dir = "{folder}/garage-data"\ndb_engine = "sqlite"\nreplication_factor = 1\n'
        f'rpc_bind_addr = "127.0.0.1:{rpc}"\nrpc_secret = "{SECRET}"\n'
        f'[s3_api]\ns3_region = "{REGION}"\napi_bind_addr = "127.0.0.1:{s3}"\n'
    )
    keys = {"GARAGE_DEFAULT_ACCESS_KEY": ACCESS, "GARAGE_DEFAULT_SECRET_KEY": SECRET, "GARAGE_DEFAULT_BUCKET": BUCKET}
    program = ROOT / ".cache" / "garage" / "bin" / "garage"
    words = [program, "-c", folder / "garage.toml", "server", "--single-node", "--default-bucket"]
    with (folder / "garage.log").open("w") as log:
        process = subprocess.Popen(words, env={**os.environ, **keys, "RUST_LOG": "garage=warn"}, stdout=log, stderr=log)
    try:
        yield f"http://127.0.0.1:{s3}"
    finally:
        process.kill()
        process.wait()


def bucket_configuration(folder, sandbox, database, endpoint):
    """The new place's, with the old one's keys."""
    told = configuration(folder, sandbox, database)
    here = f'url = "s3://{BUCKET}"\nendpoint = "{endpoint}"\nregion = "{REGION}"\naccess_key = "{ACCESS}"\nsecret_key = "{SECRET}"\n'
    return told.replace(f'url = "{folder}/pictures"\n', here)


async def moved(options, bench, deployment, front, stack):
    """Moves it, and gives the new place's database, configuration and processes."""
    # Whoever PostgreSQL runs as has to reach its folder.
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    folder.chmod(0o755)
    (database,), stop = postgres(folder)
    stack.callback(stop)
    endpoint = stack.enter_context(garage(folder))
    await asyncio.sleep(2)
    about = folder / "zhaoyan.toml"
    about.write_text(bucket_configuration(deployment.folder, bench.sandbox, database, endpoint))
    begun = time.monotonic()
    words = [options.binary, "--config", deployment.folder / "zhaoyan.toml", "migrate-store", "--to", about]
    moving = await asyncio.create_subprocess_exec(*words, stdout=subprocess.PIPE)
    said, _ = await moving.communicate()
    print(said.decode().strip())
    if moving.returncode:
        sys.exit("the move failed")
    took = time.monotonic() - begun
    environment, ports = {**os.environ, "ZHAOYAN_CONFIG": str(about)}, [free_port(), free_port()]
    for words in (["serve", "--listen", f"127.0.0.1:{ports[0]}"], ["serve", "--listen", f"127.0.0.1:{ports[1]}"], ["worker"]):
        process = subprocess.Popen([options.binary, *words], env=environment)
        stack.callback(process.wait)
        stack.callback(process.terminate)
    for port in ports:
        await ready(bench.shared, f"http://127.0.0.1:{port}/readyz", "")
    front.ports = ports
    deployment.server.terminate()
    print(f"moved in {took:.1f} s; the new place answered after {time.monotonic() - begun:.1f} s", flush=True)
    return SimpleNamespace(database=database, about=about, folder=folder)


async def measure(options, bench):
    with Deployment(SimpleNamespace(binary=options.binary, postgres=False), bench.sandbox) as deployment, contextlib.ExitStack() as stack:
        async with Front([int(deployment.url.rpartition(":")[2])]) as front:
            await ready(bench.shared, f"{deployment.url}/readyz", "")
            through = SimpleNamespace(url=front.url)
            driver = Driver(through, bench.sandbox, bench.candidates, bench.pictures, bench.shared)
            arriving = asyncio.create_task(driver.arrive(options.rate / 60, options.seconds, random.Random(options.seed)))
            await asyncio.sleep(options.seconds / 3)
            before = len(driver.journeys)
            going = sum(j["delivered"] is None for j in driver.journeys)
            new = await moved(options, bench, deployment, front, stack)
            begun = [j["begun"] for j in driver.journeys[before:]]
            await arriving
            await driver.drain(DRAIN)
        # Every picture opened and held against its hash on the way into the backup; then the rows, without the server.
        backup = new.folder / "backup"
        copied = subprocess.run([options.binary, "--config", new.about, "backup", backup], capture_output=True, text=True)
        place = SimpleNamespace(options=SimpleNamespace(postgres=True), database=new.database, folder=backup)
        wrong = read_back(place, driver.journeys)
    lost = [j for j in driver.journeys if j["delivered"] is None]
    # A connection that the old server closed, or that waited for it, is made anew: that is what the page does too.
    failed = [error for error in driver.errors if not error[2].startswith("connection:")]
    print(
        f"{len(driver.journeys)} journeys, {going} of them under way when the move began, {len(begun)} begun during it; "
        f"{len(driver.refusals)} polite refusals, {len(driver.errors) - len(failed)} connections made anew; "
        f"{len(lost)} lost, {len(failed)} failed, {len(wrong)} wrong at the new place"
    )
    for _, step, what in failed[:10]:
        print(f"  failed at {step}: {what}")
    for what in wrong[:10]:
        print(f"  wrong: {what}")
    if copied.returncode:
        print(f"  the backup of the new place: {copied.stderr.strip()}")
    return 1 if lost or failed or wrong or copied.returncode or not going else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", type=lambda name: str(Path(name).resolve()))
    parser.add_argument("--rate", type=float, default=90, help="candidates a minute")
    parser.add_argument("--seconds", type=float, default=180, help="that candidates arrive for")
    parser.add_argument("--registrations", type=int, default=1000, help="that the sandbox has")
    parser.add_argument("--seed", type=int, default=1, help="of the arrivals")
    options = parser.parse_args()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    sys.exit(asyncio.run(beside_sandbox(options, measure)))


if __name__ == "__main__":
    main()
