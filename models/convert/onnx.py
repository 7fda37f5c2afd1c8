"""Writes ONNX files: the few protobuf messages that a float network needs, in a fixed order, so that the same graph
always gives the same bytes."""

import struct
from array import array

FLOAT, INT64 = 1, 7
IR_VERSION, OPSET = 8, 14


class GraphBuilder:
    """Collects nodes and constants; `serialise` gives the file."""

    def __init__(self, name):
        self.name = name
        self.nodes = []
        self.constants = []
        self.inputs = []
        self.outputs = []
        self.counter = 0

    def input(self, name, shape):
        self.inputs.append(_value(name, shape))
        return name

    def output(self, name, shape):
        self.outputs.append(_value(name, shape))

    def floats(self, shape, values):
        """A constant of 32-bit floats; `values` is an `array('f')`."""
        return self._constant(FLOAT, shape, values.tobytes())

    def integers(self, values):
        return self._constant(INT64, [len(values)], struct.pack(f"<{len(values)}q", *values))

    def node(self, kind, inputs, output=None, **attributes):
        """Appends an operator and returns the name of its one output."""
        output = output or self._fresh(kind.lower())
        body = b"".join(_string(1, name) for name in inputs) + _string(2, output) + _string(4, kind)
        body += b"".join(_message(5, _attribute(key, value)) for key, value in sorted(attributes.items()))
        self.nodes.append(_message(1, body))
        return output

    def serialise(self):
        graph = b"".join(self.nodes) + _string(2, self.name) + b"".join(self.constants)
        graph += b"".join(_message(11, value) for value in self.inputs)
        graph += b"".join(_message(12, value) for value in self.outputs)
        opset = _number(2, OPSET)
        return _number(1, IR_VERSION) + _string(2, "zhaoyan") + _message(7, graph) + _message(8, opset)

    def _constant(self, kind, shape, raw):
        name = self._fresh("constant")
        body = b"".join(_number(1, extent) for extent in shape) + _number(2, kind) + _string(8, name) + _bytes(9, raw)
        self.constants.append(_message(5, body))
        return name

    def _fresh(self, stem):
        self.counter += 1
        return f"{stem}_{self.counter}"


def float_array(raw, half=False):
    """Little-endian floats of 32 (or 16) bits as an `array('f')`."""
    if half:
        return array("f", struct.unpack(f"<{len(raw) // 2}e", raw))
    return array("f", struct.unpack(f"<{len(raw) // 4}f", raw))


def _varint(value):
    value &= (1 << 64) - 1
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _number(field, value):
    return _varint(field << 3) + _varint(value)


def _bytes(field, value):
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _string(field, value):
    return _bytes(field, value.encode("utf-8"))


def _message(field, body):
    return _bytes(field, body)


def _attribute(key, value):
    name = _string(1, key)
    if isinstance(value, int):
        return name + _number(3, value) + _number(20, 2)
    if isinstance(value, float):
        return name + _varint(2 << 3 | 5) + struct.pack("<f", value) + _number(20, 1)
    if isinstance(value, str):
        return name + _string(4, value) + _number(20, 3)
    return name + b"".join(_number(8, item) for item in value) + _number(20, 7)


def _value(name, shape):
    """A tensor's name and type; an extent given as a string is a named free dimension."""
    dims = b"".join(
        _message(1, _string(2, extent) if isinstance(extent, str) else _number(1, extent)) for extent in shape
    )
    tensor = _number(1, FLOAT) + _message(2, dims)
    return _string(1, name) + _message(2, _message(1, tensor))
