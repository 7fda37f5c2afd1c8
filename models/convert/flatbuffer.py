"""Reads FlatBuffers tables by field number, as far as TFLite files need it."""

import struct


class Table:
    """One table of a FlatBuffer: fields are asked for by their number in the schema."""

    def __init__(self, data, position):
        self.data = data
        self.position = position
        self.vtable = position - struct.unpack_from("<i", data, position)[0]
        self.vtable_size = struct.unpack_from("<H", data, self.vtable)[0]

    @classmethod
    def root(cls, data):
        return cls(data, struct.unpack_from("<I", data, 0)[0])

    def _field(self, number):
        slot = 4 + 2 * number
        if slot >= self.vtable_size:
            return None
        offset = struct.unpack_from("<H", self.data, self.vtable + slot)[0]
        return self.position + offset if offset else None

    def scalar(self, number, code, default=0):
        """A number field; `code` is a `struct` format character."""
        at = self._field(number)
        return default if at is None else struct.unpack_from("<" + code, self.data, at)[0]

    def table(self, number):
        at = self._field(number)
        return None if at is None else Table(self.data, self._follow(at))

    def string(self, number):
        return self.bytes(number).decode("utf-8")

    def bytes(self, number):
        start, length = self._vector(number)
        return self.data[start : start + length]

    def scalars(self, number, code):
        start, length = self._vector(number)
        return list(struct.unpack_from(f"<{length}{code}", self.data, start))

    def tables(self, number):
        start, length = self._vector(number)
        return [Table(self.data, self._follow(start + 4 * i)) for i in range(length)]

    def _follow(self, at):
        return at + struct.unpack_from("<I", self.data, at)[0]

    def _vector(self, number):
        at = self._field(number)
        if at is None:
            return 0, 0
        start = self._follow(at)
        return start + 4, struct.unpack_from("<I", self.data, start)[0]
