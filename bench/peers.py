#!/usr/bin/env python3
"""What others do on the same pictures, in a Python environment of pinned packages.

    peers.py install                     puts the packages into .cache/peers (silent when they are there)
    .cache/peers/bin/python peers.py read FOLDER     reads made photos (see `judge --photos`) with Pillow and with MediaPipe's
                                         full-range face detector, a network that the maker does not use, and holds them
                                         against what their standards ask for
    .cache/peers/bin/python peers.py chain THREADS FILE...     the chain that one would write with the same networks: decode,
                                         shrink, face mesh, segmentation, compose, encode; for each line of the input all files
                                         once, and a line with the milliseconds of each stage
    .cache/peers/bin/python peers.py cards THREADS FOLDER      reads pictures of identity cards with RapidOCR, the same networks on the
                                         same runtime, and a straightforward parser; holds them against FOLDER/truth.jsonl and
                                         writes FOLDER/peer.jsonl; medians in milliseconds and fields read right, as JSON
    .cache/peers/bin/python peers.py compare         the chain in turns with Zhaoyan (target/release/examples/photo_rounds), RapidOCR beside
                                         what the benchmarks have just measured (cargo bench), and the command from its cold start
"""

import hashlib
import json
import os
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
REQUIREMENTS = HERE / "requirements.txt"
FOLDER = HERE.parent / ".cache" / "peers"
STAMP = FOLDER / ".installed"

# A detector puts the eyes within so much of where they are, in shares of the distance between them; Pillow sees hair
# that is more than a stray one.
EYES = 0.15

# Of rounds that alternate so many count, after so many that do not.
ROUNDS, WARM_UP = 31, 4


def install():
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    if STAMP.is_file() and STAMP.read_text() == wanted:
        return
    venv.create(FOLDER, with_pip=True, clear=True)
    subprocess.run(
        [
            FOLDER / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps",
            "--only-binary=:all:", "--require-hashes", "--requirement", REQUIREMENTS,
        ],
        check=True,
    )  # fmt: skip
    STAMP.write_text(wanted)


def pin(threads):
    """Keeps this process on so many cores, always the same."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])


def hair_top(pixels, background):
    """The first row, from above, in which more than a stray hair differs from the background."""
    import numpy

    middle = pixels[:, pixels.shape[1] // 5 : -(pixels.shape[1] // 5)]
    differs = numpy.abs(middle.astype(int) - background).max(axis=2) > 60
    rows = numpy.flatnonzero(differs.sum(axis=1) > 0.02 * pixels.shape[1])
    return int(rows[0]) if len(rows) else None


def read(folder):
    import mediapipe
    import numpy
    from PIL import Image

    detector = mediapipe.solutions.face_detection.FaceDetection(model_selection=1, min_detection_confidence=0.3)
    wrong, read, refused, worst = [], 0, 0, {}

    def held(photo, what, value, limits, slack):
        least, most = limits
        beyond = max((least or 0) - value, value - most if most is not None else -1e9)
        worst[what] = max(worst.get(what, -1e9), beyond / slack if slack else beyond)
        if beyond > slack:
            wrong.append(f"{photo['file']}: {what} {value:.1f} is not within {least}..{most}")

    for line in (Path(folder) / "photos.jsonl").read_text().splitlines():
        photo = json.loads(line)
        if photo["file"] is None:
            wrong.append(f"{photo['seed']}: no photo by {photo['standard']}")
            continue
        refused += not photo["accepted"]
        path = Path(folder) / photo["file"]
        with Image.open(path) as image:
            if image.format != "JPEG" or image.mode != "RGB":
                wrong.append(f"{photo['file']}: {image.format} {image.mode}")
            if image.size != (photo["width"], photo["height"]):
                wrong.append(f"{photo['file']}: {image.size}")
            if tuple(round(d) for d in image.info.get("dpi", ())) != (photo["dpi"],) * 2:
                wrong.append(f"{photo['file']}: dpi {image.info.get('dpi')}")
            if image.getexif():
                wrong.append(f"{photo['file']}: carries EXIF")
            pixels = numpy.asarray(image)
        held(photo, "bytes", path.stat().st_size, (photo["min_bytes"], photo["max_bytes"]), 0)
        corner = numpy.abs(pixels[:4, :4].astype(int).mean(axis=(0, 1)) - photo["background"]).max()
        if corner > 3:
            wrong.append(f"{photo['file']}: the background is {corner:.0f} of 255 off")
        # This detector is made for faces that do not fill the picture.
        image = Image.new("RGB", (2 * photo["width"], 2 * photo["height"]), tuple(photo["background"]))
        image.paste(Image.fromarray(pixels), (photo["width"] // 2, photo["height"] // 2))
        found = detector.process(numpy.asarray(image.resize((round(960 * photo["width"] / photo["height"]), 960)))).detections or []
        if len(found) != 1:
            wrong.append(f"{photo['file']}: {len(found)} faces")
            continue
        eyes = found[0].location_data.relative_keypoints[:2]
        apart = abs(eyes[1].x - eyes[0].x) * 2 * photo["width"]
        line = ((eyes[0].y + eyes[1].y) - 0.5) * photo["height"]
        tilt = abs(eyes[1].y - eyes[0].y) * 2 * photo["height"] / max(apart, 1)
        held(photo, "tilt", tilt, (0, 0.12), 0)
        # Only photos that the judge accepts are said to be within the limits of their standard.
        if photo["accepted"]:
            if photo["eye_line"]:
                held(photo, "eye line", line, photo["eye_line"], EYES * apart)
            top = hair_top(pixels, numpy.array(photo["background"]))
            if photo["hair_top"] and top is not None:
                held(photo, "hair top", top, photo["hair_top"], 0.02 * photo["height"])
        read += 1
    for line in wrong:
        print(line)
    margins = ", ".join(f"{what} {value:.2f}" for what, value in worst.items())
    print(f"{read} photos read, {refused} of them refused by the judge, {len(wrong)} wrong; nearest to a limit (1 is at the tolerance): {margins}")
    return 1 if wrong else 0


STAGES = "decode", "shrink", "mesh", "segment", "compose", "encode"


def chain(threads, files):
    """Its stages are those of STAGES."""
    import math
    import time

    pin(threads)
    import cv2
    import mediapipe
    import numpy

    cv2.setNumThreads(threads)
    mesh = mediapipe.solutions.face_mesh.FaceMesh(static_image_mode=True, max_num_faces=1, refine_landmarks=True)
    segmenter = mediapipe.solutions.selfie_segmentation.SelfieSegmentation(model_selection=0)

    def once(file):
        ticks = [time.perf_counter()]
        tick = lambda: ticks.append(time.perf_counter())
        picture = cv2.imdecode(file, cv2.IMREAD_COLOR)
        tick()
        height, width = picture.shape[:2]
        scale = 960 / max(height, width)
        small = cv2.cvtColor(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2RGB)
        tick()
        points = mesh.process(small).multi_face_landmarks[0].landmark
        tick()
        mask = segmenter.process(small).segmentation_mask
        tick()
        right, left = points[33], points[263]
        across, down = (left.x - right.x) * width, (left.y - right.y) * height
        eyes = ((left.x + right.x) / 2 * width, (left.y + right.y) / 2 * height)
        zoom = 240 / (abs(points[454].x - points[234].x) * width)

        def upright(scale):
            turn = cv2.getRotationMatrix2D((eyes[0] * scale, eyes[1] * scale), math.degrees(math.atan2(down, across)), zoom / scale)
            turn[:, 2] += (240 - eyes[0] * scale, 250 - eyes[1] * scale)
            return turn

        person = cv2.warpAffine(picture, upright(1), (480, 640), flags=cv2.INTER_AREA)
        alpha = cv2.warpAffine(mask, upright(scale), (480, 640))[..., None]
        photo = (person * alpha + 255 * (1 - alpha)).astype(numpy.uint8)
        tick()
        for quality in range(95, 55, -5):
            _, jpeg = cv2.imencode(".jpg", photo, [cv2.IMWRITE_JPEG_QUALITY, quality])
            if len(jpeg) <= 40960:
                break
        tick()
        return numpy.diff(ticks) * 1e3

    loaded = [numpy.fromfile(name, numpy.uint8) for name in files]
    for _ in sys.stdin:
        print(*sum(once(file) for file in loaded), flush=True)


def card_fields(result):
    """What a side of a card says: lines in reading order, values behind their labels."""
    import math
    import re
    import unicodedata

    boxes = []
    for corners, text, _ in result or []:
        text = re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
        # The mark that drawn cards bear.
        text = re.sub(r"样?本?SPEC.*", "", text)
        if text:
            boxes.append((corners, text))
    if not boxes:
        return {}
    # Upright by the direction of the longest line.
    longest = max(boxes, key=lambda box: math.dist(box[0][0], box[0][1]))[0]
    turn = math.atan2(longest[1][1] - longest[0][1], longest[1][0] - longest[0][0])
    cos, sin = math.cos(-turn), math.sin(-turn)
    placed = []
    for corners, text in boxes:
        points = [(x * cos - y * sin, x * sin + y * cos) for x, y in corners]
        middle = sum(y for _, y in points) / 4
        placed.append((middle, min(x for x, _ in points), math.dist(points[0], points[3]), text))
    placed.sort()
    rows = []
    for box in placed:
        if rows and box[0] - rows[-1][-1][0] < 0.5 * box[2]:
            rows[-1].append(box)
        else:
            rows.append([box])
    lines = ["".join(box[3] for box in sorted(row, key=lambda box: box[1])) for row in rows]
    whole = "\n".join(lines)

    def found(pattern):
        match = re.search(pattern, whole, re.S)
        return match and match.group(1).replace("\n", "")

    birth = re.search(r"(\d{4})年(\d{1,2})月(\d{1,2})日", whole)
    term = re.search(r"(\d{4}\.\d{2}\.\d{2})-?(\d{4}\.\d{2}\.\d{2}|长期)", whole)
    number = found(r"(\d{17}[\dXx])")
    return {
        "name": found(r"姓?名([^\n]+)"),
        "sex": found(r"性?别([男女])"),
        "ethnicity": found(r"民?族([^\n]+)"),
        "birth_date": birth and f"{birth[1]}-{int(birth[2]):02}-{int(birth[3]):02}",
        "address": found(r"住?址(.+?)\n?公?民?身份号码"),
        "number": number and number.upper(),
        "authority": found(r"机关([^\n]+)"),
        "validity": term and f"{term[1]}-{term[2]}",
    }


def cards(threads, folder):
    import time

    pin(threads)
    import cv2
    import numpy
    from rapidocr_onnxruntime import RapidOCR

    cv2.setNumThreads(threads)
    reader = RapidOCR(intra_op_num_threads=threads, inter_op_num_threads=1)
    folder = Path(folder)
    truth = [json.loads(line) for line in (folder / "truth.jsonl").read_text().splitlines()]
    # Each picture this often; all but the last warm up.
    rounds = int(os.environ.get("ZHAOYAN_ROUNDS", "1"))
    took, told, right = {}, [], {}
    for card in truth:
        file = numpy.fromfile(folder / card["file"], numpy.uint8)
        ticks = []
        for _ in range(rounds):
            begun = time.perf_counter()
            result, _ = reader(cv2.imdecode(file, cv2.IMREAD_COLOR))
            fields = card_fields(result)
            ticks.append(1e3 * (time.perf_counter() - begun))
        side = "emblem" if "authority" in card["fields"] else "portrait"
        took.setdefault(side, []).append(float(numpy.median(ticks[1:] or ticks)))
        told.append({"file": card["file"], "fields": {name: fields.get(name) for name in card["fields"]}})
        for name, value in card["fields"].items():
            of, hit = right.get(name, (0, 0))
            right[name] = (of + 1, hit + (fields.get(name) == value))
    (folder / "peer.jsonl").write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in told))
    medians = {side: round(float(numpy.median(times)), 1) for side, times in took.items()}
    print(json.dumps({"threads": threads, **medians, "right": {name: f"{hit}/{of}" for name, (of, hit) in right.items()}}))


WHOLE, PARTS, ALONE, CHAIN = "whole", "parts", "alone", "chain"


def in_turns(target, threads, files):
    """Medians in milliseconds for all files together: Zhaoyan's whole, its parts (with independent networks side by side), its parts each
    alone, the chain's whole, and the chain by stage; and, as medians over the rounds, how many times the whole the chain takes, and how
    many times the parts, and the parts alone, the whole. They alternate, each
    on the same cores, so that whatever slows the machine down for a while slows all of them down; it does so within a run as well, so
    what is compared is what stood side by side."""
    import statistics

    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "bufsize": 1}
    rounds = target / "release" / "examples" / "photo_rounds"
    ours = subprocess.Popen([rounds, str(threads), *files], preexec_fn=lambda: pin(threads), **pipes)
    peer = subprocess.Popen([sys.executable, __file__, "chain", str(threads), *files], stderr=subprocess.DEVNULL, **pipes)

    def told(process, what):
        print(what, file=process.stdin, flush=True)
        return [float(word) for word in process.stdout.readline().split()]

    taken = []
    for turn in range(WARM_UP + ROUNDS):
        # Whoever comes after the chain finds nothing of its own in the processor's caches: every other time it is the parts.
        cycle = [WHOLE, PARTS, ALONE, CHAIN] if turn % 2 == 0 else [PARTS, ALONE, WHOLE, CHAIN]
        round_of = {what: told(peer, "") if what == CHAIN else told(ours, what) for what in cycle}
        stages = round_of[CHAIN]
        taken.append([*round_of[WHOLE], *round_of[PARTS], *round_of[ALONE], sum(stages), *stages])
    for process in ours, peer:
        process.stdin.close()
        if process.wait() != 0:
            sys.exit(f"{process.args[0]} failed")
    taken = taken[WARM_UP:]
    times = [
        statistics.median(chain / whole for whole, _, _, chain, *_ in taken),
        statistics.median(whole / parts for whole, parts, *_ in taken),
        statistics.median(whole / alone for whole, _, alone, *_ in taken),
    ]
    return [statistics.median(values) for values in zip(*taken)], times


def compare():
    import time

    target = HERE.parent / "target"
    files = sorted((target / "bench").glob("*.jpg"))

    def ours(name, count=len(files), group="photo"):
        estimates = json.loads((target / "criterion" / group / name / "new" / "estimates.json").read_text())
        return estimates["median"]["point_estimate"] / 1e6 / count

    print("milliseconds for a 12-megapixel JPEG   zhaoyan   Python chain   times   decode+networks+encode   times   each alone   times")
    for threads in 1, 2:
        medians, (by_chain, by_parts, by_alone) = in_turns(target, threads, files)
        whole, parts, alone, chain, *stages = (took / len(files) for took in medians)
        print(f"{threads} thread{'s' if threads > 1 else ' '}                             {whole:9.1f} {chain:14.1f} {by_chain:7.2f} {parts:24.1f} {by_parts:7.2f} {alone:12.1f} {by_alone:7.2f}")
        print(f"    the chain: {', '.join(f'{stage} {took:.1f}' for stage, took in zip(STAGES, stages))}")

    folder = target / "bench" / "cards"
    print("milliseconds for one side of a card in a 12-megapixel JPEG   zhaoyan   RapidOCR   times")
    for threads in 1, 2:
        command = [sys.executable, __file__, "cards", str(threads), folder]
        told = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, "ZHAOYAN_ROUNDS": "5"})
        peer = json.loads(told.stdout)
        for side in "portrait", "emblem":
            whole = ours(f"{side}/{threads}", len(list(folder.glob(f"*-{side}.jpg"))), "card")
            print(f"{threads} thread{'s' if threads > 1 else ' '}, {side:8}                                       {whole:9.1f} {peer[side]:10.1f} {peer[side] / whole:7.2f}")
    print(f"    fields that RapidOCR with the parser reads right: {', '.join(f'{name} {count}' for name, count in peer['right'].items())}; zhaoyan: all")

    took = []
    for _ in range(9):
        begun = time.perf_counter()
        subprocess.run([target / "release" / "zhaoyan", "photo", "check", "--json", files[0]], stdout=subprocess.DEVNULL, check=False)
        took.append(1e3 * (time.perf_counter() - begun))
    # Of this process's children the chain is larger, so another one asks for the command's peak.
    alone = subprocess.run(
        [sys.executable, "-c", "import resource, subprocess, sys; subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL); print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)",
         target / "release" / "zhaoyan", "photo", "check", "--json", files[0]],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    print(f"`zhaoyan photo check` from its cold start: {sorted(took)[len(took) // 2]:.0f} ms, {int(alone.stdout) / 1024:.0f} MiB at its peak")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["install"]:
            install()
        case ["read", folder]:
            sys.exit(read(folder))
        case ["chain", threads, *files] if files:
            chain(int(threads), files)
        case ["cards", threads, folder]:
            cards(int(threads), folder)
        case ["compare"]:
            compare()
        case _:
            sys.exit(__doc__)
