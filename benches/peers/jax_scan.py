"""Steps and passes of Pinning as JAX compiles them: one `scan` on one core.

Reads requests `job neurons dtype count`, one a line, and answers each with the seconds of a run after one that compiles.
"""

import os
import sys
import time

os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.environ["JAX_PLATFORMS"] = "cpu"
# Threads of the compiler's run time are kept on one core, whatever they are.
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})

try:
    import jax
    import jax.numpy as jnp
    import numpy as np
except ImportError as missing:
    print(f"missing {missing.name}", flush=True)
    sys.exit(0)

jax.config.update("jax_enable_x64", True)
TAU, DT, STEPS_PER_SAMPLE = 0.1, 0.01, 5
COMPILED = {}


def start(neurons, dtype):
    """J of a chaotic network, and a state."""
    weights = 1.5 / np.sqrt(neurons) * np.random.default_rng(1).standard_normal((neurons, neurons))
    return jnp.asarray(weights, dtype), jnp.asarray(np.random.default_rng(2).standard_normal(neurons), dtype)


def step(neurons, dtype, count):
    """`count` Euler steps; one in ten is kept."""
    z = dtype.type(DT / TAU)

    def run(j, x):
        def one(x, _):
            return x * (1 - z) + z * (j @ jnp.tanh(x)), None

        def ten(x, _):
            x, _ = jax.lax.scan(one, x, None, length=10)
            return x, x

        return jax.lax.scan(ten, x, None, length=count // 10)

    return run, start(neurons, dtype)


def pinning(neurons, dtype, count):
    """One pass over `count` samples: five steps and one update each, all rates kept."""
    z = dtype.type(DT / STEPS_PER_SAMPLE / TAU)
    generator = np.random.default_rng(3)
    noise = jnp.asarray(0.01 * generator.standard_normal((count, STEPS_PER_SAMPLE, neurons)), dtype)
    target = jnp.asarray(np.tanh(generator.standard_normal((count, neurons))), dtype)

    def sample(carry, given):
        j, p, x = carry
        noise, target = given

        def one(x, noise):
            r = jnp.tanh(x)
            return x * (1 - z) + z * (j @ r + noise), r

        x, rates = jax.lax.scan(one, x, noise)
        r = rates[-1]
        k = p @ r
        c = 1 / (1 + r @ k)
        return (j - c * jnp.outer(r - target, k), p - c * jnp.outer(k, k), x), rates

    j, x = start(neurons, dtype)
    return lambda *given: jax.lax.scan(sample, given[:3], given[3:]), (j, jnp.eye(neurons, dtype=dtype), x, noise, target)


print(f"ready jax {jax.__version__}", flush=True)
for request in sys.stdin:
    job, neurons, dtype, count = request.split()
    if request not in COMPILED:
        # One job at a time, so that its arrays alone are held.
        COMPILED.clear()
        run, arrays = {"step": step, "pinning": pinning}[job](int(neurons), np.dtype(dtype), int(count))
        COMPILED[request] = jax.jit(run), arrays
        jax.block_until_ready(COMPILED[request][0](*arrays))
    run, arrays = COMPILED[request]
    begin = time.perf_counter()
    jax.block_until_ready(run(*arrays))
    print(time.perf_counter() - begin, flush=True)
