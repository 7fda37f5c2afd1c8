"""Runs an ONNX file with the runtime's shared library alone, to try what was converted; no Python package needed."""

import ctypes
from array import array
from ctypes import POINTER, byref, c_char_p, c_float, c_int, c_int64, c_size_t, c_void_p

# Places in the table of functions (`OrtApi`), which only ever grows at its end.
API_VERSION = 22
GET_ERROR_MESSAGE, CREATE_ENV, CREATE_SESSION_FROM_ARRAY, RUN, CREATE_SESSION_OPTIONS = 2, 3, 8, 9, 10
CREATE_TENSOR, GET_TENSOR_DATA, GET_ELEMENT_COUNT, GET_TYPE_AND_SHAPE, CREATE_MEMORY_INFO = 49, 51, 64, 65, 69
FLOAT, WARNING, DEVICE_ALLOCATOR, DEFAULT_MEMORY = 1, 2, 0, 0


class Runtime:
    """The loaded library; it lives as long as the process."""

    def __init__(self, path):
        class Base(ctypes.Structure):
            _fields_ = [("get_api", ctypes.CFUNCTYPE(c_void_p, ctypes.c_uint32)), ("version", c_void_p)]

        self.library = ctypes.CDLL(str(path))
        self.library.OrtGetApiBase.restype = POINTER(Base)
        table = self.library.OrtGetApiBase().contents.get_api(API_VERSION)
        if not table:
            raise RuntimeError(f"{path} is too old an ONNX Runtime")
        self.table = ctypes.cast(table, POINTER(c_void_p))
        self.environment = self._make(CREATE_ENV, c_int(WARNING), c_char_p(b"fetch"))
        self.options = self._make(CREATE_SESSION_OPTIONS)
        self.memory = self._make(CREATE_MEMORY_INFO, c_int(DEVICE_ALLOCATOR), c_int(DEFAULT_MEMORY))

    def run(self, model, name, shape, values, outputs):
        """The named outputs, as arrays of floats, for one float input."""
        session = self._make(
            CREATE_SESSION_FROM_ARRAY, self.environment, c_char_p(model), c_size_t(len(model)), self.options
        )
        data = (c_float * len(values)).from_buffer(array("f", values))
        given = self._make(
            CREATE_TENSOR, self.memory, data, c_size_t(ctypes.sizeof(data)),
            (c_int64 * len(shape))(*shape), c_size_t(len(shape)), c_int(FLOAT),
        )  # fmt: skip
        made = (c_void_p * len(outputs))()
        self._call(
            RUN, session, None, (c_char_p * 1)(name.encode()), (c_void_p * 1)(given), c_size_t(1),
            (c_char_p * len(outputs))(*(output.encode() for output in outputs)), c_size_t(len(outputs)), made,
        )  # fmt: skip
        return [self._floats(c_void_p(value)) for value in made]

    def _floats(self, value):
        data = self._make(GET_TENSOR_DATA, value)
        info = self._make(GET_TYPE_AND_SHAPE, value)
        count = c_size_t()
        self._call(GET_ELEMENT_COUNT, info, byref(count))
        return array("f", ctypes.cast(data, POINTER(c_float))[: count.value])

    def _make(self, function, *arguments):
        made = c_void_p()
        self._call(function, *arguments, byref(made))
        return made

    def _call(self, function, *arguments):
        status = ctypes.CFUNCTYPE(c_void_p)(self.table[function])
        status.argtypes = None
        failure = status(*arguments)
        if failure:
            message = ctypes.CFUNCTYPE(c_char_p, c_void_p)(self.table[GET_ERROR_MESSAGE])(failure)
            raise RuntimeError(message.decode("utf-8", "replace"))
