"""The jobs of `paired.rs` in NumPy as fast as it goes: arrays made once, BLAS working in place, one thread.

Reads requests `job neurons dtype count`, one a line, and answers each with the seconds that it took.
"""

import sys
import time

import one_thread  # noqa: F401, before NumPy

try:
    import numpy as np
    from scipy.linalg import get_blas_funcs, qr
except ImportError as missing:
    print(f"missing {missing.name}", flush=True)
    sys.exit(0)

TAU, DT, STEPS_PER_SAMPLE = 0.1, 0.01, 5
COMPILED = None


def matrix(neurons, dtype):
    """J of a chaotic network, in the order of Fortran, which BLAS takes without a copy."""
    weights = 1.5 / np.sqrt(neurons) * np.random.default_rng(1).standard_normal((neurons, neurons))
    return np.asfortranarray(weights, dtype=dtype)


def step(neurons, dtype, count):
    """`count` Euler steps x = 0.9 x + 0.1 J tanh(x)."""
    j = matrix(neurons, dtype)
    x = np.random.default_rng(2).standard_normal(neurons).astype(dtype)
    r = np.empty_like(x)
    (gemv,) = get_blas_funcs(("gemv",), (j,))
    z = DT / TAU
    start = time.perf_counter()
    for _ in range(count):
        np.tanh(x, out=r)
        x = gemv(z, j, r, 1.0 - z, x, overwrite_y=1)
    return time.perf_counter() - start


def c_step(neurons, dtype, count):
    """As `step`, in C; the text "missing" where it cannot be compiled."""
    global COMPILED
    import c_step as c

    try:
        COMPILED = COMPILED or c.compiled()
    except OSError:
        return "missing"
    j = matrix(neurons, dtype)
    x = np.random.default_rng(2).standard_normal(neurons).astype(dtype)
    return c.seconds(COMPILED, j, x, count, DT / TAU)


def together(neurons, dtype, count):
    """`count` Euler steps of 48 trajectories."""
    j = matrix(neurons, dtype)
    x = np.asfortranarray(np.random.default_rng(2).standard_normal((neurons, 48)), dtype=dtype)
    r = np.empty_like(x)
    (gemm,) = get_blas_funcs(("gemm",), (j,))
    z = DT / TAU
    start = time.perf_counter()
    for _ in range(count):
        np.tanh(x, out=r)
        x = gemm(z, j, r, 1.0 - z, x, overwrite_c=1)
    return time.perf_counter() - start


def pinning(neurons, dtype, count):
    """One pass over `count` samples: five steps and one update each, all rates kept."""
    j, p = matrix(neurons, dtype), np.asfortranarray(np.eye(neurons), dtype=dtype)
    generator = np.random.default_rng(2)
    x = generator.standard_normal(neurons).astype(dtype)
    noise = (0.01 * generator.standard_normal((count * STEPS_PER_SAMPLE, neurons))).astype(dtype)
    target = np.tanh(generator.standard_normal((count, neurons))).astype(dtype)
    rates = np.empty((count * STEPS_PER_SAMPLE, neurons), dtype=dtype)
    k, error = np.empty_like(x), np.empty_like(x)
    gemv, ger = get_blas_funcs(("gemv", "ger"), (j,))
    z = DT / STEPS_PER_SAMPLE / TAU
    start = time.perf_counter()
    for sample in range(count):
        for t in range(sample * STEPS_PER_SAMPLE, (sample + 1) * STEPS_PER_SAMPLE):
            r = rates[t]
            np.tanh(x, out=r)
            drive = noise[t]
            drive = gemv(z, j, r, z, drive, overwrite_y=1)
            np.multiply(x, 1.0 - z, out=x)
            np.add(x, drive, out=x)
        np.subtract(r, target[sample], out=error)
        k = gemv(1.0, p, r, 0.0, k, overwrite_y=1)
        c = 1.0 / (1.0 + float(r @ k))
        p = ger(-c, k, k, a=p, overwrite_a=1)
        j = ger(-c, error, k, a=j, overwrite_a=1)
    return time.perf_counter() - start


def products(a, b, count):
    """Seconds of `count` products of `a` and `b`, in memory that is there before."""
    c = np.ones_like(b)
    (gemm,) = get_blas_funcs(("gemm",), (a,))
    start = time.perf_counter()
    for _ in range(count):
        c = gemm(1.0, a, b, 0.0, c, overwrite_c=1)
    return time.perf_counter() - start


def product(size, dtype, count):
    """`count` products of two matrices."""
    return products(matrix(size, dtype), matrix(size, dtype), count)


def thin(neurons, dtype, count):
    """`count` products of J and a tenth as many columns."""
    b = np.asfortranarray(np.random.default_rng(2).standard_normal((neurons, neurons // 10)), dtype=dtype)
    return products(matrix(neurons, dtype), b, count)


def eigenvalues(size, dtype, count):
    """`count` spectra of a matrix."""
    a = matrix(size, dtype)
    start = time.perf_counter()
    for _ in range(count):
        np.linalg.eigvals(a)
    return time.perf_counter() - start


def tangent(neurons, dtype, count, interval):
    """`count` Euler steps with a tenth as many tangent vectors, made orthonormal every `interval` steps."""
    j = matrix(neurons, dtype)
    generator = np.random.default_rng(2)
    x, r, slopes = generator.standard_normal(neurons).astype(dtype), np.empty(neurons, dtype), np.empty(neurons, dtype)
    q = qr(generator.standard_normal((neurons, neurons // 10)).astype(dtype), mode="economic")[0]
    q, scaled = np.asfortranarray(q), np.empty((neurons, neurons // 10), dtype, order="F")
    gemv, gemm = get_blas_funcs(("gemv", "gemm"), (j,))
    z, growth = DT / TAU, np.zeros(neurons // 10)
    start = time.perf_counter()
    for t in range(count):
        np.tanh(x, out=r)
        np.multiply(r, r, out=slopes)
        np.subtract(1.0, slopes, out=slopes)
        np.multiply(q, slopes[:, None], out=scaled)
        q = gemm(z, j, scaled, 1.0 - z, q, overwrite_c=1)
        x = gemv(z, j, r, 1.0 - z, x, overwrite_y=1)
        if t % interval == interval - 1:
            q, upper = qr(q, mode="economic", overwrite_a=True, check_finite=False)
            growth += np.log(np.abs(np.diagonal(upper)))
    return time.perf_counter() - start


print(f"ready numpy {np.__version__}", flush=True)
for request in sys.stdin:
    job, neurons, dtype, count = request.split()
    arguments = (int(neurons), np.dtype(dtype), int(count))
    if job.startswith("tangent"):
        seconds = tangent(*arguments, int(job.removeprefix("tangent")))
    else:
        seconds = {"step": step, "c-step": c_step, "together": together, "pinning": pinning, "product": product, "thin": thin, "eigenvalues": eigenvalues}[job](*arguments)
    print(seconds, flush=True)
