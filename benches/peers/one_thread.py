"""Keeps the libraries behind NumPy on one thread: they read these variables once, when NumPy is imported."""

import os

for variable in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ[variable] = "1"
