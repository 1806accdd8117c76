"""Standard errors by sandwich covariances, for sandwich.test.ts: numpy and scipy alone, in the textbook's own terms.

    V = H^-1 M H^-1, H = SUM psi' J J' + psi d^2 m, and
    HC3  M = SUM (psi_i / (1 - h_i))^2 J_i J_i'      CR1  M = G/(G-1) (n-1)/(n-p) SUM_g s_g s_g'
    HC1  M = n/(n-p) SUM psi_i^2 J_i J_i'

Every observation is a row of its own here, those that are equal too. Prints each case's estimates and standard errors.
"""

import json

import numpy
from scipy.optimize import minimize
from scipy.special import betaln

numpy.set_printoptions(precision=12)


def runs():
    rows = []
    for i, (N, ratio) in enumerate((N, r) for N in (1e7, 3e7, 1e8, 3e8, 1e9, 3e9) for r in (5, 20, 80, 320)):
        D = ratio * N
        s = 0.004 * (1 + i % 3)
        loss = (1.72 + 380 * N**-0.335 + 1450 * D**-0.36) * numpy.exp(1.4 * s * numpy.sin(7 * i * i + 3 * i + 1))
        rows += [(N, D, loss, s, (5 * i) % 8)] * (2 if i % 6 == 5 else 1)
    return [numpy.array(column) for column in zip(*rows)]


def jacobian(m, theta):
    """d m / d theta by the complex step: exact to rounding."""
    columns = []
    for j in range(len(theta)):
        moved = theta.astype(complex)
        moved[j] += 1e-30j
        columns.append(numpy.imag(m(moved)) / 1e-30)
    return numpy.array(columns).T


def solved(m, slope, theta):
    """The zero of the gradient by Newton's method, and the Hessian SUM psi' J J' + psi d^2 m there."""

    def gradient(t):
        return slope(m(t).real)[0] @ jacobian(m, t)

    def hessian(t):
        psi, curvature = slope(m(t).real)
        J = jacobian(m, t)
        steps = 1e-5 * numpy.maximum(numpy.abs(t), 1e-2)
        second = [
            psi
            @ (8 * (jacobian(m, t + h * e) - jacobian(m, t - h * e)) - jacobian(m, t + 2 * h * e) + jacobian(m, t - 2 * h * e))
            / (12 * h)
            for h, e in zip(steps, numpy.eye(len(t)))
        ]
        H = J.T @ (curvature[:, None] * J) + numpy.array(second)
        return (H + H.T) / 2

    for _ in range(200):
        # Newton's step, shortened where it would leave the parabola behind.
        step = numpy.linalg.solve(hessian(theta), gradient(theta))
        theta = theta - step / max(1, 10 * numpy.max(numpy.abs(step)))
    assert numpy.max(numpy.abs(step)) < 1e-9
    return theta, hessian(theta)


def errors(m, slope, start, kind, information=None, cluster=None):
    theta, H = solved(m, slope, start)
    J = jacobian(m, theta)
    psi, _ = slope(m(theta).real)
    n, p = J.shape
    if kind == "HC3":
        w = information(m(theta).real)
        h = numpy.einsum("ia,ab,ib->i", J, numpy.linalg.inv(J.T @ (w[:, None] * J)), J) * w
        S = (psi / (1 - h))[:, None] * J
    elif kind == "HC1":
        S = numpy.sqrt(n / (n - p)) * psi[:, None] * J
    else:
        groups = numpy.unique(cluster)
        factor = len(groups) / (len(groups) - 1) * (n - 1) / (n - p)
        S = numpy.sqrt(factor) * numpy.array([(psi[:, None] * J)[cluster == g].sum(0) for g in groups])
    inverse = numpy.linalg.inv(H)
    return theta, numpy.sqrt(numpy.diag(inverse @ S.T @ S @ inverse))


N, D, loss, noise, machine = runs()
y = numpy.log(loss)


def log_loss(t):
    E, ln_a, alpha, ln_b, beta = t
    return numpy.log(E + numpy.exp(ln_a - alpha * numpy.log(N)) + numpy.exp(ln_b - beta * numpy.log(D)))


def shown(name, theta, error, names):
    values = dict(zip(names, (theta.tolist())))
    print(json.dumps({"case": name, "estimate": values, "standardError": dict(zip(names, error.tolist()))}))


START = numpy.array([1.72, numpy.log(380), 0.335, numpy.log(1450), 0.36])
LAW = ["E", "lnA", "alpha", "lnB", "beta"]
ones = lambda m: numpy.ones(len(m))
squares = lambda m: (m - y, ones(m))
shown("squares, HC3", *errors(log_loss, squares, START, "HC3", ones), LAW)
shown("squares, CR1", *errors(log_loss, squares, START, "CR1", cluster=machine), LAW)

q = 1 / noise
START, _ = solved(log_loss, lambda m: (q * q * (m - y), q * q), START)
huber = lambda m: (q * numpy.clip(q * (m - y), -0.9, 0.9), q * q * (numpy.abs(q * (m - y)) <= 0.9))
shown("huber of known noise, HC3", *errors(log_loss, huber, START, "HC3", lambda m: q * q + 0 * m), LAW)
shown("huber of known noise, CR1", *errors(log_loss, huber, START, "CR1", cluster=machine), LAW)

k = 2.0 ** numpy.arange(12)
trials = 100 + 50 * (numpy.arange(12) % 3)
rate = numpy.round(trials * numpy.exp(-1.84 * k**-0.4) + 3 * numpy.sin(1 + 5 * numpy.arange(12) ** 2)) / trials
deviance = lambda m: (
    trials * (m - rate) / (m * (1 - m)),
    trials * (rate / m**2 + (1 - rate) / (1 - m) ** 2),
)
coverage = lambda t: numpy.exp(t[0] * k ** t[1])
shown(
    "binomial, HC3",
    *errors(coverage, deviance, numpy.array([-1.84, -0.4]), "HC3", lambda m: trials / (m * (1 - m))),
    ["a", "b"],
)

samples = 20 + 10 * (numpy.arange(30) % 2)
correct = numpy.round(samples * (0.5 + 0.5 * numpy.sin(3 * numpy.arange(30) ** 2 + 1)) ** 3)


def rising(x, count):
    """ln of x (x + 1) ... (x + count - 1), for complex x."""
    return numpy.array([numpy.sum(numpy.log(x + numpy.arange(int(c)))) for c in count])


def likelihood(t):
    """-ln of the beta-binomial probability less its binomial coefficient, which no parameter changes."""
    a, b = t
    return rising(a + b, samples) - rising(a, correct) - rising(b, samples - correct)


start = minimize(lambda t: likelihood(numpy.abs(t)).sum(), [0.6, 1.0], method="Nelder-Mead").x
shown("beta-binomial, HC1", *errors(likelihood, lambda m: (ones(m), 0 * m), start, "HC1"), ["alpha", "beta"])
assert numpy.allclose(likelihood((0.6, 1.0)), betaln(0.6, 1.0) - betaln(0.6 + correct, 1.0 + samples - correct))
