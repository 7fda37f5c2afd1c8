"""Turns networks as their packages ship them into ONNX, with Python's standard library alone."""
