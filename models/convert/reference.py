"""The drawn input that every converted network is tried on, and what is kept of its reference answer."""

from array import array


def drawing(size):
    """A crude face as `size` × `size` RGB bytes, from whole-number arithmetic alone: the same everywhere."""
    out = bytearray()
    for y in range(size):
        v = (2 * y + 1) * 500 // size
        for x in range(size):
            u = (2 * x + 1) * 500 // size
            out += bytes(_colour(u, v))
    return bytes(out)


def _colour(u, v):
    """The colour at (u, v), both in thousandths of the picture."""

    def inside(cx, cy, rx, ry):
        return (u - cx) ** 2 * ry**2 + (v - cy) ** 2 * rx**2 <= rx**2 * ry**2

    shade = abs(u - 500) // 12
    if inside(400, 450, 22, 22) or inside(600, 450, 22, 22):
        return 40, 28, 24
    if inside(400, 450, 55, 28) or inside(600, 450, 55, 28):
        return 236, 232, 228
    if inside(400, 385, 75, 16) or inside(600, 385, 75, 16):
        return 60, 44, 38
    if inside(500, 560, 40, 30):
        return 214 - shade, 160 - shade, 136 - shade
    if inside(500, 680, 95, 26):
        return 178, 92, 92
    if inside(500, 510, 250, 320):
        return 228 - shade, 184 - shade, 160 - shade
    if inside(500, 420, 300, 330):
        return 36, 30, 30
    if inside(500, 1080, 480, 280):
        return 52, 64, 110
    return 150 + v // 20, 190 + v // 25, 235


def tensor(drawn, scale, offset):
    """Bytes as floats: byte × scale + offset."""
    table = [byte * scale + offset for byte in range(256)]
    return array("f", map(table.__getitem__, drawn))


def digest(values):
    """What is kept of an answer: how many values, their mean, and every so-manieth of them."""
    step = max(1, len(values) // 64)
    return {
        "count": len(values),
        "mean": round(sum(values) / len(values), 6),
        "every": step,
        "values": [round(value, 6) for value in values[::step]],
    }


def disagreement(expected, values):
    """The largest difference from the reference, as a part of the spread of the reference's values (at least 1)."""
    if len(values) != expected["count"]:
        return float("inf")
    kept = values[:: expected["every"]]
    scale = max(1.0, max(abs(value) for value in expected["values"]))
    worst = max(abs(a - b) for a, b in zip(expected["values"], kept))
    return max(worst, abs(expected["mean"] - sum(values) / len(values))) / scale
