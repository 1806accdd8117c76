"""The procedure by which the five-parameter law is usually fitted, in SciPy: minima of the sum of Huber losses

    h(r) = r^2 / 2 for |r| <= 1e-3, 1e-3 (|r| - 5e-4) beyond,   r = ln L - ln(exp(a - alpha ln N) + exp(b - beta ln D) + exp(e))

from a grid of 4,500 starts (arXiv 2203.15556, section D.3, and 2404.10102). Reads {"N", "D", "loss", "starts"} from the
standard input, runs so many of the starts, chosen by a seed, by each method, and prints times and objectives as JSON.
"""

import itertools
import json
import random
import sys
import time

import numpy
import scipy
from scipy.optimize import minimize

DELTA = 1e-3
GRID = list(
    itertools.product(
        [0, 5, 10, 15, 20, 25],
        [0, 5, 10, 15, 20, 25],
        [-1, -0.5, 0, 0.5, 1],
        [0, 0.5, 1, 1.5, 2],
        [0, 0.5, 1, 1.5, 2],
    )
)

given = json.load(sys.stdin)
ln_n, ln_d, ln_loss = (numpy.log(numpy.array(given[name])) for name in ("N", "D", "loss"))


def objective(p):
    a, b, e, alpha, beta = p
    r = ln_loss - numpy.log(numpy.exp(a - alpha * ln_n) + numpy.exp(b - beta * ln_d) + numpy.exp(e))
    size = numpy.abs(r)
    return numpy.sum(numpy.where(size <= DELTA, 0.5 * r**2, DELTA * (size - 0.5 * DELTA)))


def with_gradient(p):
    a, b, e, alpha, beta = p
    n, d, floor = numpy.exp(a - alpha * ln_n), numpy.exp(b - beta * ln_d), numpy.exp(e)
    total = n + d + floor
    r = ln_loss - numpy.log(total)
    size = numpy.abs(r)
    value = numpy.sum(numpy.where(size <= DELTA, 0.5 * r**2, DELTA * (size - 0.5 * DELTA)))
    slope = -numpy.clip(r, -DELTA, DELTA) / total
    n, d = slope * n, slope * d
    gradient = [n.sum(), d.sum(), (slope * floor).sum(), -(n * ln_n).sum(), -(d * ln_d).sum()]
    return value, numpy.array(gradient)


METHODS = {
    "BFGS, exact gradient": (with_gradient, {"method": "BFGS", "jac": True}),
    "L-BFGS-B, exact gradient": (with_gradient, {"method": "L-BFGS-B", "jac": True}),
    "L-BFGS-B, differences": (objective, {"method": "L-BFGS-B"}),
}

numpy.seterr(all="ignore")
starts = random.Random(1).sample(GRID, given["starts"])
results = []
for name, (function, options) in METHODS.items():
    begun = time.process_time()
    values = [float(minimize(function, start, **options).fun) for start in starts]
    seconds = time.process_time() - begun
    finite = [value for value in values if value == value]
    results.append({"name": name, "seconds": seconds, "lowest": min(finite)})
json.dump({"scipy": scipy.__version__, "numpy": numpy.__version__, "grid": len(GRID), "results": results}, sys.stdout)
