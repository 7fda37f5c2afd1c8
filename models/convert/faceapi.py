"""Turns face-api's descriptor network (dlib's ResNet, weights quantised to bytes) into ONNX."""

import struct
from array import array

from .onnx import GraphBuilder

SIZE = 150
MEAN_RGB = (122.782, 117.001, 104.298)

# Residual blocks in order; those marked `down` halve the picture.
BLOCKS = [
    ("conv32_1", False), ("conv32_2", False), ("conv32_3", False),
    ("conv64_down", True), ("conv64_1", False), ("conv64_2", False), ("conv64_3", False),
    ("conv128_down", True), ("conv128_1", False), ("conv128_2", False),
    ("conv256_down", True), ("conv256_1", False), ("conv256_2", False), ("conv256_down_out", True),
]  # fmt: skip


def convert(name, manifest, data):
    """The ONNX file of the weights that `manifest` describes: RGB (N, 150, 150, 3) in 0..255 to (N, 128)."""
    return _Conversion(name, _weights(manifest, data)).run()


def _weights(manifest, data):
    """Every weight by name: its shape and its values, dequantised as TensorFlow.js does it (byte × scale + min)."""
    weights, at = {}, 0
    for entry in (entry for group in manifest for entry in group["weights"]):
        count = 1
        for extent in entry["shape"]:
            count *= extent
        quantization = entry.get("quantization")
        if quantization:
            scale, least = _single(quantization["scale"]), _single(quantization["min"])
            table = [_single(_single(byte * scale) + least) for byte in range(256)]
            values = array("f", map(table.__getitem__, data[at : at + count]))
            at += count
        else:
            values = array("f", struct.unpack_from(f"<{count}f", data, at))
            at += 4 * count
        weights[entry["name"]] = entry["shape"], values
    if at != len(data):
        raise ValueError("the weights do not fill their file")
    return weights


def _single(value):
    """A number rounded to 32 bits, as the original computes."""
    return struct.unpack("<f", struct.pack("<f", value))[0]


class _Conversion:
    def __init__(self, name, weights):
        self.weights = weights
        self.onnx = GraphBuilder(name)

    def run(self):
        onnx = self.onnx
        given = onnx.input("faces", ["faces", SIZE, SIZE, 3])
        centred = onnx.node("Sub", [given, onnx.floats([3], array("f", MEAN_RGB))])
        scaled = onnx.node("Div", [centred, onnx.floats([1], array("f", [255.0]))])
        current = onnx.node("Transpose", [scaled], perm=[0, 3, 1, 2])
        current, side, depth = self._convolve(current, "conv32_down", SIZE, stride=2, relu=True)
        current = onnx.node("MaxPool", [current], kernel_shape=[3, 3], strides=[2, 2])
        side = (side - 3) // 2 + 1
        for block, down in BLOCKS:
            current, side, depth = (self._residual_down if down else self._residual)(current, block, side, depth)
        mean = onnx.node("Flatten", [onnx.node("GlobalAveragePool", [current])], axis=1)
        shape, values = self.weights["fc"]
        onnx.node("MatMul", [mean, onnx.floats(shape, values)], output="descriptors")
        onnx.output("descriptors", ["faces", shape[1]])
        return onnx.serialise()

    def _residual(self, given, block, side, depth):
        inner, _, _ = self._convolve(given, f"{block}/conv1", side, stride=1, relu=True)
        inner, _, _ = self._convolve(inner, f"{block}/conv2", side, stride=1, relu=False)
        return self.onnx.node("Relu", [self.onnx.node("Add", [inner, given])]), side, depth

    def _residual_down(self, given, block, side, depth):
        inner, inner_side, _ = self._convolve(given, f"{block}/conv1", side, stride=2, relu=True)
        inner, inner_side, inner_depth = self._convolve(inner, f"{block}/conv2", inner_side, stride=1, relu=False)
        pooled = self.onnx.node("AveragePool", [given], kernel_shape=[2, 2], strides=[2, 2])
        pooled_side = side // 2
        inner = self._pad(inner, 0, pooled_side - inner_side)
        pooled = self._pad(pooled, inner_depth - depth, 0)
        return self.onnx.node("Relu", [self.onnx.node("Add", [pooled, inner])]), pooled_side, inner_depth

    def _pad(self, given, channels, edge):
        """Zeros after the last channel, and below and to the right."""
        if channels == 0 and edge == 0:
            return given
        pads = self.onnx.integers([0, 0, 0, 0, 0, channels, edge, edge])
        return self.onnx.node("Pad", [given, pads], mode="constant")

    def _convolve(self, given, prefix, side, stride, relu):
        """A convolution with the scale layer behind it folded in; valid when it strides, same when it does not."""
        (height, width, depth, out), values = self.weights[f"{prefix}/conv/filters"]
        _, bias = self.weights[f"{prefix}/conv/bias"]
        _, scale = self.weights[f"{prefix}/scale/weights"]
        _, shift = self.weights[f"{prefix}/scale/biases"]
        filters = array("f")
        for filter_ in range(out):
            factor = scale[filter_]
            for channel in range(depth):
                filters.extend([value * factor for value in values[channel * out + filter_ :: depth * out]])
        biases = array("f", (b * s + t for b, s, t in zip(bias, scale, shift)))
        pad = 0 if stride == 2 else height // 2
        convolved = self.onnx.node(
            "Conv",
            [given, self.onnx.floats([out, depth, height, width], filters), self.onnx.floats([out], biases)],
            kernel_shape=[height, width],
            pads=[pad] * 4,
            strides=[stride, stride],
        )
        made = (side + 2 * pad - height) // stride + 1
        return (self.onnx.node("Relu", [convolved]) if relu else convolved), made, out
