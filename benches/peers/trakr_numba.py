"""TRAKR passes over one series: the published protocol as plain NumPy, and the same with less algebra compiled by numba.

Reads requests `job neurons dtype count`, one a line, and answers each with the seconds of a pass of `count` samples. One thread.
"""

import sys
import time

import one_thread  # noqa: F401, before NumPy

try:
    import numba
    import numpy as np
except ImportError as missing:
    print(f"missing {missing.name}", flush=True)
    sys.exit(0)

STEP = 0.3


def reservoir(neurons, dtype):
    """J, input weights, readout, state, P."""
    generator = np.random.default_rng(1)
    j = (1.2 / np.sqrt(neurons) * generator.standard_normal((neurons, neurons))).astype(dtype)
    w_in, w_out, x = (generator.standard_normal(neurons).astype(dtype) for _ in range(3))
    return j, w_in, w_out / dtype.type(np.sqrt(neurons)), x, np.eye(neurons, dtype=dtype)


def signal(count, dtype):
    return np.sin(0.05 * np.arange(count)).astype(dtype)


def published(neurons, dtype, count):
    """Each formula as it is written, with a new array for each result."""
    j, w_in, w_out, x, p = reservoir(neurons, dtype)
    f, errors = signal(count, dtype), np.zeros(count, dtype=dtype)
    start = time.perf_counter()
    for t in range(count):
        r = np.tanh(x)
        z = np.dot(w_out, r)
        x = x + STEP * (-x + np.dot(j, r) + w_in * f[t])
        error = z - f[t]
        k = np.dot(p, r)
        c = 1.0 / (1.0 + np.dot(r, k))
        p = p - c * np.outer(k, k)
        errors[t] = np.sum(np.abs(c * error * np.dot(p, r)))
    return time.perf_counter() - start


def loops(j, w_in, w_out, x, p, f, errors, step):
    """The gain after the update is c times the gain before it, so P is read once for it and once for its own change."""
    n = x.size
    r, drive, k = np.empty_like(x), np.empty_like(x), np.empty_like(x)
    for t in range(f.size):
        z = x.dtype.type(0.0)
        for i in range(n):
            r[i] = np.tanh(x[i])
            z += w_out[i] * r[i]
        dot, size = x.dtype.type(0.0), x.dtype.type(0.0)
        for i in range(n):
            a, b = x.dtype.type(0.0), x.dtype.type(0.0)
            for m in range(n):
                a += j[i, m] * r[m]
                b += p[i, m] * r[m]
            drive[i], k[i] = a, b
            dot += r[i] * b
            size += abs(b)
        c = x.dtype.type(1.0) / (x.dtype.type(1.0) + dot)
        for i in range(n):
            scaled = c * k[i]
            for m in range(n):
                p[i, m] -= scaled * k[m]
            x[i] += step * (drive[i] + w_in[i] * f[t] - x[i])
        errors[t] = c * c * abs(z - f[t]) * size


compiled = {fast: numba.njit(fastmath=fast)(loops) for fast in (False, True)}


def numba_pass(neurons, dtype, count, fast=False):
    """The median of several passes."""
    f, errors, times = signal(count, dtype), np.zeros(count, dtype=dtype), []
    for _ in range(6):
        j, w_in, w_out, x, p = reservoir(neurons, dtype)
        start = time.perf_counter()
        compiled[fast](j, w_in, w_out, x, p, f, errors, dtype.type(STEP))
        times.append(time.perf_counter() - start)
    # The first one may compile.
    return float(np.median(times[1:]))


def fastmath(neurons, dtype, count):
    """The same where the compiler may add in any order, which lets it use vectors."""
    return numba_pass(neurons, dtype, count, fast=True)


print(f"ready numpy {np.__version__} numba {numba.__version__}", flush=True)
for request in sys.stdin:
    job, neurons, dtype, count = request.split()
    seconds = {"published": published, "numba": numba_pass, "fastmath": fastmath}[job](int(neurons), np.dtype(dtype), int(count))
    print(seconds, flush=True)
