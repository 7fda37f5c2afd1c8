#!/usr/bin/env python3
"""Raises the certainties of crates/vision/src/card/lookalikes*.txt to what readings show.

    scripts/lookalikes.py READINGS...

READINGS are what the ignored test `readings_of_characters` of the vision crate printed, once for all Han characters of the font that
the recogniser lacks and once for those of its alphabet: lines of a character, what it was read as, and how certainly.
"""

import math
import re
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CARD = ROOT / "crates/vision/src/card"
# No capture makes readings much surer than this.
MOST = 6.0
# A character that is read more surely than this on clean lines is read well.
WELL = 4.0
# Of one whose own readings do not agree.
UNREAD = 2.0


def listed(path):
    """The certainty of each character of a list."""
    pairs = (line.split(" ", 1) for line in path.read_text("utf-8").splitlines()) if path.exists() else ()
    return {character: float(needed) for needed, characters in pairs for character in characters}


def write(path, needed):
    lines = defaultdict(list)
    for character, certainty in needed.items():
        lines[certainty].append(character)
    path.write_text("".join(f"{n:.1f} {''.join(sorted(lines[n]))}\n" for n in sorted(lines)), "utf-8")


def needed(impostor, own, rare):
    """Above the impostor by at least a third of what lies between the two, and below what a character that is read well reaches itself."""
    certainty = math.ceil(2 * min(impostor + max(0.3, (own - impostor) / 3), MOST)) / 2
    return min(certainty, math.floor(2 * (own - 1)) / 2) if rare or own >= WELL else certainty


def of_names():
    """Characters that names have: the specimens' lists of them."""
    source = (ROOT / "crates/specimen/src/names.rs").read_text("utf-8")
    lists = re.findall(r'const OF_\w+: &str = "\\\n(.*?)";', source, re.S)
    return {character for characters in lists for character in characters if ord(character) > 0x3000}


def main():
    impostors, own = defaultdict(list), defaultdict(list)
    for path in sys.argv[1:]:
        for line in Path(path).read_text("utf-8").splitlines():
            match = re.fullmatch(r"(\S) ([\u3400-\U000323af]) (-?\d+\.\d+)", line)
            if match:
                character, read, certainty = match.groups()
                (own[read] if character == read else impostors[read]).append((float(certainty), character))
    if not impostors:
        sys.exit(__doc__)
    names, others = (CARD / name for name in ("lookalikes.txt", "lookalikes-rare.txt"))
    usual, rare, known = listed(names), listed(others), of_names()
    for read, seen in impostors.items():
        itself = min(own[read])[0] if own[read] else UNREAD
        of_usual = [certainty for certainty, character in seen if character in known]
        of_rare = [certainty for certainty, character in seen if character not in known]
        if of_usual and max(of_usual) >= usual.get(read, -math.inf):
            usual[read] = max(usual.get(read, -math.inf), needed(max(of_usual), itself, False))
        if of_rare:
            certainty = needed(max(of_rare), itself, True)
            if certainty > max(usual.get(read, -math.inf), rare.get(read, -math.inf)):
                rare[read] = certainty
    write(names, usual)
    write(others, {read: certainty for read, certainty in rare.items() if certainty > usual.get(read, -math.inf)})


main()
