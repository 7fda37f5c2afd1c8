#!/usr/bin/env python3
"""Holds every dependency against deny.toml: where it comes from, that its content is pinned, and its licence.

Crates by what cargo tells of the lock file, npm packages by their lock files. The lists are deny.toml's alone.
"""
import json
import pathlib
import re
import subprocess
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent
# Where serde comes from, every crate does: the registry.
REGISTRY = re.search(r'^name = "serde"\nversion = .*\nsource = "(registry\+.*)"$', (ROOT / "Cargo.lock").read_text(), re.MULTILINE)[1]
NPM = ["apps/candidate", "apps/console", "e2e"]


class Rule:
    """The licences that are accepted, of all and of some."""

    def __init__(self, rules):
        self.allowed = set(rules["allow"])
        self.exceptions = {e["crate"]: set(e["allow"]) for e in rules["exceptions"]}
        self.clarified = {c["crate"]: c["expression"] for c in rules["clarify"]}

    def accepts(self, name, expression):
        expression = expression or self.clarified.get(name)
        return bool(expression) and satisfied(expression, self.allowed | self.exceptions.get(name, set()))


def satisfied(expression, allowed):
    """Whether an SPDX expression can be met with the allowed licences: AND binds more than OR; older crates write a stroke for OR."""
    words = re.findall(r"[()]|[^\s()]+", expression.replace("/", " OR "))

    def any_of():
        met = all_of()
        while words and words[0].upper() == "OR":
            words.pop(0)
            met = all_of() or met
        return met

    def all_of():
        met = one()
        while words and words[0].upper() == "AND":
            words.pop(0)
            met = one() and met
        return met

    def one():
        word = words.pop(0)
        if word == "(":
            met = any_of()
            words.pop(0)
            return met
        if words and words[0].upper() == "WITH":
            word = f"{word} WITH {words[1]}"
            del words[:2]
        return word in allowed

    try:
        return any_of() and not words
    except IndexError:
        return False


def problems_of_crates(metadata, checksums, rule):
    for package in metadata["packages"]:
        name = f"{package['name']} {package['version']}"
        if package["source"] is None:
            if not pathlib.Path(package["manifest_path"]).is_relative_to(ROOT):
                yield f"{name} lies outside the repository"
            continue
        if package["source"] != REGISTRY:
            yield f"{name} comes from {package['source']}"
        elif not checksums.get((package["name"], package["version"])):
            yield f"{name} has no checksum in Cargo.lock"
        if not rule.accepts(package["name"], package["license"]):
            yield f"{name} is under {package['license']}, which deny.toml does not accept"


def problems_of_npm(lock, rule):
    for path, package in lock["packages"].items():
        if not path:
            continue
        # What is built on other machines than ours is never fetched here.
        elsewhere = "linux" not in package.get("os", ["linux"]) or "x64" not in package.get("cpu", ["x64"]) or path.endswith("-musl")
        if package.get("optional") and elsewhere:
            continue
        name = package.get("name") or path.rpartition("node_modules/")[2]
        told = f"{name} {package.get('version')}"
        if package.get("link") or package.get("resolved", "").startswith(("git", "file", "http:")):
            yield f"{told} comes from {package.get('resolved')}"
        if not package.get("integrity", "").startswith("sha512-"):
            yield f"{told} has no sha512 in the lock file"
        if not rule.accepts(name, package.get("license")):
            yield f"{told} is under {package.get('license')}, which deny.toml does not accept"


def main():
    rule = Rule(tomllib.loads((ROOT / "deny.toml").read_text())["licenses"])
    host = re.search(r"host: (\S+)", subprocess.check_output(["rustc", "-vV"], text=True)).group(1)
    command = ["cargo", "metadata", "--locked", "--all-features", "--format-version", "1", "--filter-platform", host]
    metadata = json.loads(subprocess.check_output(command, cwd=ROOT, text=True))
    locked = tomllib.loads((ROOT / "Cargo.lock").read_text())["package"]
    checksums = {(package["name"], package["version"]): package.get("checksum") for package in locked}
    found = [f"Cargo.lock: {problem}" for problem in problems_of_crates(metadata, checksums, rule)]
    for folder in NPM:
        lock = json.loads((ROOT / folder / "package-lock.json").read_text())
        found += [f"{folder}/package-lock.json: {problem}" for problem in problems_of_npm(lock, rule)]
    for problem in found:
        print(f"dependencies: {problem}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
