"""Reads a TFLite file: its tensors, constants and operators."""

from dataclasses import dataclass

from .flatbuffer import Table

FLOAT32, FLOAT16, INT32 = 0, 1, 2

OPERATORS = {
    0: "ADD",
    1: "AVERAGE_POOL_2D",
    2: "CONCATENATION",
    3: "CONV_2D",
    4: "DEPTHWISE_CONV_2D",
    6: "DEQUANTIZE",
    9: "FULLY_CONNECTED",
    14: "LOGISTIC",
    17: "MAX_POOL_2D",
    18: "MUL",
    19: "RELU",
    21: "RELU6",
    22: "RESHAPE",
    23: "RESIZE_BILINEAR",
    34: "PAD",
    40: "MEAN",
    54: "PRELU",
    117: "HARD_SWISH",
}


@dataclass
class Tensor:
    name: str
    shape: list
    kind: int
    data: bytes


@dataclass
class Operator:
    kind: str
    inputs: list
    outputs: list
    options: Table
    custom_options: bytes


@dataclass
class Graph:
    tensors: list
    inputs: list
    outputs: list
    operators: list


def read(data):
    """The first subgraph of a TFLite file."""
    if data[4:8] != b"TFL3":
        raise ValueError("not a TFLite file")
    model = Table.root(data)
    buffers = [buffer.bytes(0) for buffer in model.tables(4)]
    kinds = [_kind(code) for code in model.tables(1)]
    graph = model.tables(2)[0]
    tensors = [
        Tensor(t.string(3), t.scalars(0, "i"), t.scalar(1, "b"), buffers[t.scalar(2, "I")]) for t in graph.tables(0)
    ]
    operators = [
        Operator(kinds[op.scalar(0, "I")], op.scalars(1, "i"), op.scalars(2, "i"), op.table(4), op.bytes(5))
        for op in graph.tables(3)
    ]
    return Graph(tensors, graph.scalars(1, "i"), graph.scalars(2, "i"), operators)


def _kind(code):
    builtin = max(code.scalar(0, "b"), code.scalar(3, "i"))
    return code.string(1) if builtin == 32 else OPERATORS.get(builtin, f"builtin operator {builtin}")
