"""A pass of Pinning as the published CURBD program goes through it in NumPy: each formula with a new array for its result.

Reads requests `job neurons dtype count`, one a line, and answers each with the seconds of a pass of `count` samples. One thread.
"""

import sys
import time

import one_thread  # noqa: F401, before NumPy

try:
    import numpy as np
except ImportError as missing:
    print(f"missing {missing.name}", flush=True)
    sys.exit(0)

TAU, DT, STEPS_PER_SAMPLE = 0.1, 0.01, 5


def published(neurons, dtype, count):
    """Columns are chosen by a list of all neurons, as where a part learns, so that the change of J copies J twice."""
    generator = np.random.default_rng(1)
    j = (1.5 / np.sqrt(neurons) * generator.standard_normal((neurons, neurons))).astype(dtype)
    p, learning = np.eye(neurons, dtype=dtype), generator.permutation(neurons)
    noise = 0.01 * generator.standard_normal((neurons, count * STEPS_PER_SAMPLE)).astype(dtype)
    data = np.tanh(generator.standard_normal((neurons, count))).astype(dtype)
    rates, x = np.zeros_like(noise), generator.standard_normal((neurons, 1)).astype(dtype)
    dt, squares = DT / STEPS_PER_SAMPLE, 0.0
    start = time.perf_counter()
    for t in range(count * STEPS_PER_SAMPLE):
        rates[:, t, None] = np.tanh(x)
        drive = np.dot(j, rates[:, t]).reshape(neurons, 1) + noise[:, t, None]
        x = x + dt * (drive - x) / TAU
        if t % STEPS_PER_SAMPLE == STEPS_PER_SAMPLE - 1:
            error = rates[:, t, None] - data[:, t // STEPS_PER_SAMPLE, None]
            squares += np.mean(error**2)
            r = rates[learning, t].reshape(neurons, 1)
            k = np.dot(p, r)
            c = 1.0 / (1.0 + np.dot(r.T, k)[0, 0])
            p = p - c * np.dot(k, k.T)
            j[:, learning] = j[:, learning] - c * np.outer(error, k)
    return time.perf_counter() - start


print(f"ready numpy {np.__version__}", flush=True)
for request in sys.stdin:
    _, neurons, dtype, count = request.split()
    print(published(int(neurons), np.dtype(dtype), int(count)), flush=True)
