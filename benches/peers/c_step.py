"""The steps of `step.c`, compiled when they are first asked for, with the gemv of the BLAS that SciPy uses."""

import ctypes
import os
import subprocess
import tempfile

import numpy as np
from scipy.linalg import cython_blas

NUMBER = {"float32": ctypes.c_float, "float64": ctypes.c_double}


def compiled():
    """The compiled file; OSError where there is no compiler that takes it."""
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "step.c")
    with tempfile.TemporaryDirectory() as folder:
        target = os.path.join(folder, "step.so")
        command = [os.environ.get("CC", "cc"), "-Ofast", "-march=native", "-shared", "-fPIC", source, "-o", target, "-lm"]
        try:
            subprocess.run(command, check=True, capture_output=True)
        except subprocess.CalledProcessError as failed:
            raise OSError(failed.stderr.decode()) from failed
        return ctypes.CDLL(target)


def gemv(name):
    """Address of a function that SciPy exports."""
    api = ctypes.pythonapi
    api.PyCapsule_GetName.restype, api.PyCapsule_GetName.argtypes = ctypes.c_char_p, [ctypes.py_object]
    api.PyCapsule_GetPointer.restype, api.PyCapsule_GetPointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    capsule = cython_blas.__pyx_capi__[name]
    return api.PyCapsule_GetPointer(capsule, api.PyCapsule_GetName(capsule))


def seconds(compiled, j, x, count, z):
    """Of `count` steps; `j` in the order of Fortran."""
    name = j.dtype.name
    run = getattr(compiled, f"steps_{name}")
    run.restype = ctypes.c_double
    # Arrays by name: a pointer keeps none alive.
    rates = np.empty_like(x)
    pointers = [ctypes.c_void_p(array.ctypes.data) for array in (j, x, rates)]
    address = ctypes.c_void_p(gemv("sgemv" if name == "float32" else "dgemv"))
    return run(address, *pointers, ctypes.c_int(len(x)), ctypes.c_int(count), NUMBER[name](z))
