"""Reads a note out of an ONNX file's metadata."""

METADATA_PROPS, KEY, VALUE = 14, 1, 2


def read(data, wanted):
    """The text that the file keeps under the key `wanted`."""
    for field, value in _fields(data):
        if field == METADATA_PROPS:
            pair = dict(_fields(value))
            if pair.get(KEY) == wanted.encode("utf-8"):
                return pair[VALUE].decode("utf-8")
    raise ValueError(f"the file's metadata has no {wanted}")


def _fields(data):
    """A protobuf message's fields: (number, value)."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        kind = key & 7
        if kind == 0:
            value, at = _varint(data, at)
        elif kind == 2:
            length, at = _varint(data, at)
            value, at = data[at : at + length], at + length
        else:
            length = {1: 8, 5: 4}[kind]
            value, at = data[at : at + length], at + length
        yield key >> 3, value


def _varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
