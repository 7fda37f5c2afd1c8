"""Makes the reference answers beside it: what the original networks, in their original runtimes, say to the drawing.

Run once, and again only when a pin in models.toml changes; `make models` reads what it wrote. It needs an environment of
its own with the packages in requirements.txt, and a folder holding node_modules with those in descriptor.cjs:

    python references/make.py FOLDER_OF_TFLITE_FILES FOLDER_WITH_NODE_MODULES

BlazeFace, mesh and iris come from the LiteRT interpreter; the segmenter, which has an operator of MediaPipe's own, from
MediaPipe itself; the descriptor from face-api on TensorFlow.js.
"""

import json
import subprocess
import sys
import tomllib
from array import array
from pathlib import Path

import mediapipe
import numpy
from ai_edge_litert.interpreter import Interpreter

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from convert import reference  # noqa: E402


def main(tflite, node):
    pins = tomllib.loads((HERE.parent / "models.toml").read_text(encoding="utf-8"))["model"]
    for key in ("face_detector", "face_mesh", "iris"):
        write(key, interpreted(pins[key], Path(tflite) / Path(pins[key]["member"]).name))
    write("segmenter", {"activation_10": segmented()})
    write("face_descriptor", {"descriptors": described(node)})


def interpreted(model, path):
    given = model["inputs"][0]
    least, most = given["range"]
    values = reference.tensor(reference.drawing(given["shape"][1]), (most - least) / 255, least)
    interpreter = Interpreter(str(path))
    interpreter.allocate_tensors()
    picture = numpy.array(values, numpy.float32).reshape(given["shape"])
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], picture)
    interpreter.invoke()
    return {out["name"]: interpreter.get_tensor(out["index"]) for out in interpreter.get_output_details()}


def segmented():
    picture = numpy.frombuffer(reference.drawing(256), numpy.uint8).reshape(256, 256, 3)
    with mediapipe.solutions.selfie_segmentation.SelfieSegmentation(model_selection=0) as segmenter:
        return segmenter.process(picture).segmentation_mask


def described(node):
    script = (HERE / "descriptor.cjs").read_text(encoding="utf-8")
    ran = subprocess.run(["node", "-e", script], cwd=node, input=reference.drawing(150), capture_output=True, check=True)
    return numpy.array(json.loads(ran.stdout.splitlines()[-1]))


def write(key, outputs):
    kept = {name: reference.digest(array("f", values.ravel().tolist())) for name, values in outputs.items()}
    text = json.dumps({"made_by": "references/make.py", "outputs": kept}, indent=1)
    (HERE / f"{key}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
