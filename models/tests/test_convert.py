"""What the conversion relies on: the same bytes every time, exact arithmetic, files that are checked."""

import hashlib
import struct
import sys
import tempfile
import unittest
from array import array
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import fetch  # noqa: E402
from convert import faceapi, metadata, reference  # noqa: E402
from convert.onnx import GraphBuilder, float_array  # noqa: E402


class Onnx(unittest.TestCase):
    def build(self):
        graph = GraphBuilder("doubled")
        given = graph.input("x", ["N", 2])
        graph.node("Mul", [given, graph.floats([1], array("f", [2.0]))], output="y")
        graph.output("y", ["N", 2])
        return graph.serialise()

    def test_the_same_graph_gives_the_same_bytes(self):
        self.assertEqual(self.build(), self.build())

    def test_half_floats_keep_their_value(self):
        self.assertEqual(list(float_array(struct.pack("<3e", 0.5, -1.25, 65504), half=True)), [0.5, -1.25, 65504])

    def test_metadata_is_found_by_its_key(self):
        pair = b"\x0a\x01k\x12\x03\xe5\xad\x97"
        file = self.build() + b"\x72" + bytes([len(pair)]) + pair
        self.assertEqual(metadata.read(file, "k"), "字")
        with self.assertRaises(ValueError):
            metadata.read(file, "other")


class Weights(unittest.TestCase):
    def test_bytes_are_dequantised_by_scale_and_least(self):
        entry = {"name": "w", "shape": [3], "quantization": {"dtype": "uint8", "scale": 0.5, "min": -1.0}}
        shape, values = faceapi._weights([{"weights": [entry]}], bytes([0, 2, 255]))["w"]
        self.assertEqual((shape, list(values)), ([3], [-1.0, 0.0, 126.5]))

    def test_left_over_bytes_are_refused(self):
        with self.assertRaises(ValueError):
            faceapi._weights([{"weights": []}], b"\0")


class Reference(unittest.TestCase):
    def test_the_drawing_never_changes(self):
        self.assertEqual(
            hashlib.sha256(reference.drawing(64)).hexdigest(),
            "8bfabde0a3c24389d5e8996360cbe672a17cb8d97b1c2a0bb006054fcadc7336",
        )

    def test_a_digest_agrees_with_what_it_was_made_from_and_with_nothing_else(self):
        values = array("f", [index / 7 for index in range(200)])
        kept = reference.digest(values)
        self.assertLess(reference.disagreement(kept, values), 1e-6)
        values[0] += 1
        self.assertGreater(reference.disagreement(kept, values), 0.01)
        self.assertEqual(reference.disagreement(kept, values[:-1]), float("inf"))


class Fetch(unittest.TestCase):
    def test_an_altered_file_is_not_taken_for_made(self):
        with tempfile.TemporaryDirectory() as folder, mock.patch.object(fetch, "FILES", Path(folder)):
            content = b"network"
            product = {"file": "a.onnx", "sha256": hashlib.sha256(content).hexdigest()}
            self.assertFalse(fetch.made(product))
            fetch.place(content, product)
            self.assertTrue(fetch.made(product))
            (Path(folder) / "a.onnx").write_bytes(b"netwerk")
            self.assertFalse(fetch.made(product))

    def test_a_product_with_another_hash_is_not_placed(self):
        with tempfile.TemporaryDirectory() as folder, mock.patch.object(fetch, "FILES", Path(folder)):
            with self.assertRaises(fetch.Trouble):
                fetch.place(b"other", {"file": "a.onnx", "sha256": "0" * 64})
            self.assertEqual(list(Path(folder).iterdir()), [])

    def test_a_package_with_another_hash_is_thrown_away(self):
        with tempfile.TemporaryDirectory() as folder, mock.patch.object(fetch, "CACHE", Path(folder)):
            package = {"client": "pip", "name": "p", "version": "1", "archive": "p.whl", "sha256": "0" * 64}

            def download(*_, **__):
                (Path(folder) / "p.whl").write_bytes(b"something else")
                return mock.Mock(returncode=0, stdout="")

            with mock.patch.object(fetch.subprocess, "run", download), mock.patch.object(fetch, "say"):
                with self.assertRaises(fetch.Trouble):
                    fetch.fetch(package)
            self.assertFalse((Path(folder) / "p.whl").exists())


if __name__ == "__main__":
    unittest.main()
