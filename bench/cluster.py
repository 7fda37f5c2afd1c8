"""A PostgreSQL for measurements, in a folder of its own."""

import os
import shutil
import socket
import subprocess
from pathlib import Path


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def postgres(folder, databases=("bench",)):
    """Starts it with its own defaults; gives the databases' addresses, and what stops it."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    tool = lambda name: shutil.which(name) or str(programs[-1] / name)
    data, port = folder / "cluster", free_port()
    as_owner = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.getuid() == 0 else []
    data.mkdir()
    if as_owner:
        shutil.chown(data, "postgres", "postgres")
    quiet = {"stdout": subprocess.DEVNULL, "cwd": "/"}
    subprocess.run([*as_owner, tool("initdb"), "-D", data, "-U", "zhaoyan", "--auth=trust", "-E", "UTF8"], check=True, **quiet)
    options = f"-p {port} -k {data} -c listen_addresses=127.0.0.1"
    subprocess.run([*as_owner, tool("pg_ctl"), "-D", data, "-w", "-o", options, "-l", data / "log", "start"], check=True, **quiet)
    for name in databases:
        subprocess.run([tool("createdb"), "-h", "127.0.0.1", "-p", str(port), "-U", "zhaoyan", name], check=True, cwd="/")
    stop = lambda: subprocess.run([*as_owner, tool("pg_ctl"), "-D", data, "-m", "immediate", "stop"], **quiet)
    return [f"postgres://zhaoyan@127.0.0.1:{port}/{name}" for name in databases], stop
