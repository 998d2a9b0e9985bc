"""CORNN's solver for the processor, re-derived in NumPy, on its own benchmark: correlation with the truth against seconds.

    python cornn_numpy.py NEURONS SAMPLES INSIDE OUTSIDE SEED
    python cornn_numpy.py - NEURONS SAMPLES ITERATION...

The second form reads W (column after column) and the rates (sample after sample) from the standard input, numbers of 64 bits.
The generator is r <- 0.9 r + 0.1 tanh(W r + INSIDE noise) + 0.1 OUTSIDE noise with W of gain 3 (Dinc et al. 2023). One thread.
"""

import sys
import time

import one_thread  # noqa: F401, before NumPy

import numpy as np
from scipy.linalg import cho_factor, cho_solve

ALPHA, GAIN, PENALTY, THRESHOLD, MARGIN = 0.1, 3.0, 1e-5, 0.2, 1e-6


def simulate(neurons, samples, inside, outside, seed):
    generator = np.random.default_rng(seed)
    weights = GAIN / np.sqrt(neurons) * generator.standard_normal((neurons, neurons))
    np.fill_diagonal(weights, 0.0)
    rates = np.empty((samples, neurons))
    rates[0] = generator.uniform(-1.0, 1.0, neurons)
    for k in range(samples - 1):
        drive = weights @ rates[k] + inside * generator.standard_normal(neurons)
        rates[k + 1] = (1 - ALPHA) * rates[k] + ALPHA * (np.tanh(drive) + outside * generator.standard_normal(neurons))
    return weights, rates


def fit(rates, weights, report):
    x = rates[:-1]
    d = np.clip((rates[1:] - (1 - ALPHA) * x) / ALPHA, MARGIN - 1, 1 - MARGIN)
    samples = len(x)

    def tell(iteration, theta):
        spent = time.perf_counter() - start, time.process_time() - start_cpu
        r = np.corrcoef(weights.T.ravel(), theta.ravel())[0, 1]
        print(f"{iteration:4d} r {r:.4f} {spent[0]:.2f} s ({spent[1]:.2f} s of the processor)", flush=True)

    start, start_cpu = time.perf_counter(), time.process_time()
    factor = cho_factor(x.T @ x + PENALTY * samples * np.eye(x.shape[1]))
    projector = cho_solve(factor, x.T)
    theta = projector @ np.arctanh(d)
    tell(0, theta)
    for iteration in range(1, max(report) + 1):
        drive = x @ theta
        error = (d - np.tanh(drive)) / (1 - d * d)
        outliers = np.abs(error) > THRESHOLD
        error[outliers] = 0.0
        error *= samples / np.maximum(samples - outliers.sum(0), 1)
        theta = projector @ (drive + error)
        if iteration in report:
            tell(iteration, theta)


def read(rows, columns):
    values = np.empty((rows, columns))
    view = memoryview(values).cast("B")
    while len(view):
        view = view[sys.stdin.buffer.readinto(view) or sys.exit("too few numbers") :]
    return values


if __name__ == "__main__":
    if sys.argv[1] == "-":
        neurons, samples = int(sys.argv[2]), int(sys.argv[3])
        weights = read(neurons, neurons).T
        fit(read(samples, neurons), weights, {int(iteration) for iteration in sys.argv[4:]})
    else:
        neurons, samples, seed = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[5])
        weights, rates = simulate(neurons, samples, float(sys.argv[3]), float(sys.argv[4]), seed)
        fit(rates, weights, {1, 5, 20, 100} if neurons <= 500 else {1, 5})
