"""Turns MediaPipe's TFLite graphs into ONNX: NHWC stays at the border, inside everything is NCHW.

The runtime keeps channels in blocks from one convolution to the next, and has to put them in order and back again for every
operator that does not know the blocks; that took longer than the operators. PReLU, hard swish, products of a picture with one
number for each channel, and the last transposed convolution are therefore written with operators that do know them.
"""

from array import array

from . import tflite
from .onnx import GraphBuilder, float_array

SAME = 0
ACTIVATIONS = {0: None, 1: "Relu"}


def convert(name, data, outputs):
    """The ONNX file of a TFLite file; `outputs` are the tensors to give, in order, with the shapes to give them."""
    return _Conversion(name, tflite.read(data)).run(outputs)


class _Conversion:
    def __init__(self, name, graph):
        self.graph = graph
        self.onnx = GraphBuilder(name)
        self.names = {}
        self.halves = {}

    def run(self, outputs):
        for index in self.graph.inputs:
            tensor = self.graph.tensors[index]
            given = self.onnx.input(tensor.name, tensor.shape)
            self.names[index] = self.onnx.node("Transpose", [given], perm=[0, 3, 1, 2])
        for operator in self.graph.operators:
            emit = getattr(self, "_" + operator.kind.lower(), None)
            if emit is None:
                raise ValueError(f"{self.onnx.name}: no conversion for {operator.kind}")
            emit(operator)
        by_name = {self.graph.tensors[index].name: index for index in self.graph.outputs}
        for output in outputs:
            index = by_name[output["name"]]
            shape = self.onnx.integers(output["shape"])
            self.onnx.node("Reshape", [self._nhwc(index), shape], output=output["name"])
            self.onnx.output(output["name"], output["shape"])
        return self.onnx.serialise()

    # Constants

    def _weights(self, index):
        """A constant's values, whether stored as 32-bit floats or as 16-bit floats behind a DEQUANTIZE."""
        tensor = self.graph.tensors[self.halves.get(index, index)]
        if not tensor.data:
            raise ValueError(f"{self.onnx.name}: {tensor.name} is not a constant")
        return tensor.shape, float_array(tensor.data, half=tensor.kind == tflite.FLOAT16)

    def _dequantize(self, operator):
        self.halves[operator.outputs[0]] = operator.inputs[0]

    def _vector(self, index):
        _, values = self._weights(index)
        return self.onnx.floats([len(values)], values)

    # Operators

    def _conv_2d(self, operator):
        options = operator.options
        strides = [options.scalar(2, "i"), options.scalar(1, "i")]
        self._expect(options.scalar(4, "i", 1) == 1 and options.scalar(5, "i", 1) == 1, "dilation")
        (out, height, width, depth), values = self._weights(operator.inputs[1])
        weights = _permute_ohwi(values, out, height * width, depth)
        self._convolve(
            operator, self.onnx.floats([out, depth, height, width], weights), [height, width], strides,
            options.scalar(0, "b"), 1, options.scalar(3, "b"),
        )  # fmt: skip

    def _depthwise_conv_2d(self, operator):
        options = operator.options
        strides = [options.scalar(2, "i"), options.scalar(1, "i")]
        self._expect(options.scalar(3, "i") == 1, "depth multiplier")
        self._expect(options.scalar(5, "i", 1) == 1 and options.scalar(6, "i", 1) == 1, "dilation")
        (_, height, width, depth), values = self._weights(operator.inputs[1])
        weights = array("f")
        for channel in range(depth):
            weights.extend(values[channel::depth])
        self._convolve(
            operator, self.onnx.floats([depth, 1, height, width], weights), [height, width], strides,
            options.scalar(0, "b"), depth, options.scalar(4, "b"),
        )  # fmt: skip

    def _convolve(self, operator, weights, kernel, strides, padding, groups, activation):
        source, _, bias = operator.inputs
        convolved = self.onnx.node(
            "Conv",
            [self.names[source], weights, self._vector(bias)],
            group=groups,
            kernel_shape=kernel,
            pads=self._pads(source, operator.outputs[0], kernel, strides, padding),
            strides=strides,
        )
        self._store(operator, convolved, activation)

    def _convolution2dtransposebias(self, operator):
        # MediaPipe's own operator: TfLiteTransposeConvParams as raw bytes (padding, stride width, stride height).
        strides = [operator.custom_options[8], operator.custom_options[4]]
        (out, height, width, depth), values = self._weights(operator.inputs[1])
        self._expect(strides == [height, width], "overlapping transposed convolution")
        # Nothing overlaps, so each pixel makes its own rectangle: a convolution makes a channel for each place in it.
        weights = array("f")
        for filter_ in range(out):
            for place in range(height * width):
                start = (filter_ * height * width + place) * depth
                weights.extend(values[start : start + depth])
        _, bias = self._weights(operator.inputs[2])
        self._expect(height == width, "transposed convolution that is not square")
        places = self.onnx.node(
            "Conv",
            [
                self.names[operator.inputs[0]],
                self.onnx.floats([out * height * width, depth, 1, 1], weights),
                self.onnx.floats([out * height * width], array("f", (b for b in bias for _ in range(height * width)))),
            ],
            kernel_shape=[1, 1],
        )
        self._store(operator, self.onnx.node("DepthToSpace", [places], blocksize=height, mode="CRD"), 0)

    def _max_pool_2d(self, operator):
        options = operator.options
        strides = [options.scalar(2, "i"), options.scalar(1, "i")]
        kernel = [options.scalar(4, "i"), options.scalar(3, "i")]
        source, target = operator.inputs[0], operator.outputs[0]
        pads = self._pads(source, target, kernel, strides, options.scalar(0, "b"))
        pooled = self.onnx.node("MaxPool", [self.names[source]], kernel_shape=kernel, pads=pads, strides=strides)
        self._store(operator, pooled, options.scalar(5, "b"))

    def _average_pool_2d(self, operator):
        options = operator.options
        kernel = [options.scalar(4, "i"), options.scalar(3, "i")]
        self._expect(kernel == self._shape(operator.inputs[0])[1:3], "average pool over part of the picture")
        self._store(
            operator,
            self.onnx.node("GlobalAveragePool", [self.names[operator.inputs[0]]]),
            options.scalar(5, "b"),
        )

    def _add(self, operator):
        self._pairwise("Add", operator)

    def _mul(self, operator):
        self._pairwise("Mul", operator)

    def _pairwise(self, kind, operator):
        operands = [self._spread(index, operator.outputs[0]) for index in operator.inputs]
        self._store(operator, self.onnx.node(kind, operands), operator.options.scalar(0, "b"))

    def _relu(self, operator):
        self._store(operator, self.onnx.node("Relu", [self.names[operator.inputs[0]]]), 0)

    def _logistic(self, operator):
        self._store(operator, self.onnx.node("Sigmoid", [self.names[operator.inputs[0]]]), 0)

    def _hard_swish(self, operator):
        given = self.names[operator.inputs[0]]
        # The runtime knows a hard sigmoid in blocks as what a convolution ends with.
        same = self._scaled(given, array("f", [1]) * self._shape(operator.inputs[0])[3])
        gate = self.onnx.node("HardSigmoid", [same], alpha=1 / 6, beta=0.5)
        self._store(operator, self.onnx.node("Mul", [given, gate]), 0)

    def _prelu(self, operator):
        # slope · x + (1 − slope) · max(x, 0)
        shape, slopes = self._weights(operator.inputs[1])
        self._expect(shape[:-1] == [1, 1], "slope that differs from place to place")
        given = self.names[operator.inputs[0]]
        above = self._scaled(self.onnx.node("Relu", [given]), array("f", (1 - slope for slope in slopes)))
        self._store(operator, self.onnx.node("Add", [above, self._scaled(given, slopes)]), 0)

    def _pad(self, operator):
        paddings = self.graph.tensors[operator.inputs[1]]
        pairs = memoryview(paddings.data).cast("i").tolist()
        before, after = pairs[0::2], pairs[1::2]
        pads = [side[axis] for side in (before, after) for axis in (0, 3, 1, 2)]
        padded = self.onnx.node("Pad", [self.names[operator.inputs[0]], self.onnx.integers(pads)], mode="constant")
        self._store(operator, padded, 0)

    def _resize_bilinear(self, operator):
        self._expect(not operator.options.scalar(2, "b") and operator.options.scalar(3, "b"), "resize without half pixels")
        batch, height, width, depth = self._shape(operator.outputs[0])
        resized = self.onnx.node(
            "Resize",
            [self.names[operator.inputs[0]], "", "", self.onnx.integers([batch, depth, height, width])],
            coordinate_transformation_mode="half_pixel",
            mode="linear",
        )
        self._store(operator, resized, 0)

    def _reshape(self, operator):
        target = self._shape(operator.outputs[0])
        self._expect(len(target) < 4, "reshape to a picture")
        shape = self.onnx.integers(target)
        self._store(operator, self.onnx.node("Reshape", [self._nhwc(operator.inputs[0]), shape]), 0)

    def _concatenation(self, operator):
        self._expect(len(self._shape(operator.outputs[0])) == 3, "concatenation of pictures")
        operands = [self.names[index] for index in operator.inputs]
        joined = self.onnx.node("Concat", operands, axis=operator.options.scalar(0, "i"))
        self._store(operator, joined, operator.options.scalar(1, "b"))

    # What the operators share

    def _scaled(self, name, factors):
        """Each channel by a number of its own."""
        weights = self.onnx.floats([len(factors), 1, 1, 1], factors)
        return self.onnx.node("Conv", [name, weights], group=len(factors), kernel_shape=[1, 1])

    def _spread(self, index, target):
        """One number for each channel, all over a picture of the target's size; anything else as it is."""
        shape, wanted = self._shape(index), self._shape(target)
        if len(shape) < 4 or shape == wanted or shape[1:3] != [1, 1]:
            return self.names[index]
        scales = self.onnx.floats([4], array("f", [1, 1, wanted[1], wanted[2]]))
        return self.onnx.node(
            "Resize",
            [self.names[index], "", scales],
            coordinate_transformation_mode="asymmetric",
            mode="nearest",
            nearest_mode="floor",
        )

    def _store(self, operator, name, activation):
        self._expect(activation in ACTIVATIONS, f"activation {activation}")
        kind = ACTIVATIONS.get(activation)
        self.names[operator.outputs[0]] = self.onnx.node(kind, [name]) if kind else name

    def _shape(self, index):
        return self.graph.tensors[index].shape

    def _nhwc(self, index):
        name = self.names[index]
        return self.onnx.node("Transpose", [name], perm=[0, 2, 3, 1]) if len(self._shape(index)) == 4 else name

    def _pads(self, source, target, kernel, strides, padding):
        """ONNX pads (top, left, bottom, right) of TFLite's SAME, which puts the odd pixel below and to the right."""
        if padding != SAME:
            return [0, 0, 0, 0]
        before, after = [], []
        for axis in (0, 1):
            given, made = self._shape(source)[1 + axis], self._shape(target)[1 + axis]
            total = max(0, (made - 1) * strides[axis] + kernel[axis] - given)
            before.append(total // 2)
            after.append(total - total // 2)
        return before + after

    def _expect(self, held, what):
        if not held:
            raise ValueError(f"{self.onnx.name}: cannot convert {what}")


def _permute_ohwi(values, out, area, depth):
    """Filters stored (out, height, width, in) as (out, in, height, width)."""
    permuted = array("f")
    for filter_ in range(out):
        start = filter_ * area * depth
        for channel in range(depth):
            permuted.extend(values[start + channel : start + area * depth : depth])
    return permuted
