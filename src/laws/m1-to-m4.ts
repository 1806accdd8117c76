/**
 * The four learning curves of Alabdulmohsin et al., each with one more freedom than the one before: a power (M1), a
 * floor (M2), a plateau by an offset of 1/x (M3), a floor and a plateau at the loss of guessing (M4).
 *
 * @see arXiv 2209.06640, section 3; google-research revisiting_neural_scaling_laws
 */
import { type Coefficients, defineLaw, type Point } from "./law.js";

const inputs = {
  x: {
    quantity: "scale" as const,
    unit: "as in the log",
    meaning: "examples seen, or any other scale",
  },
};
const output = { name: "y", quantity: "loss" as const, meaning: "loss or error rate, lower is better" };
const source = "arXiv 2209.06640, section 3";

const beta = {
  meaning: "amplitude",
  bounds: [0, Number.POSITIVE_INFINITY] as const,
  positive: true,
};
const falling = {
  meaning: "exponent, below 0",
  bounds: [-4, -0.005] as const,
  start: { between: [-1.5, -0.03], spacing: "even" } as const,
};
const floor = {
  meaning: "limit at large x",
  bounds: [0, Number.POSITIVE_INFINITY] as const,
  positive: true,
  neutral: 0,
};
const estimatorNote =
  "exponents of different forms differ on the same data (-0.09 to -0.57 on one set): compare predictions, never exponents";

/** M1: y = beta x^c. */
export const m1 = defineLaw({
  id: "m1",
  title: "Learning curve M1: a power",
  topic: "pre-training",
  formula: "beta * x^c",
  output,
  inputs,
  parameters: { beta, c: falling },
  source,
  notes: ["the law power under the exponent's other sign", estimatorNote],
  answers: [
    {
      kind: "inverse",
      name: "x",
      meaning: "the x that gives y",
      given: ["y"],
      gives: ["x"],
      solve: ({ beta, c }, { y }) => (y > 0 ? { x: (y / beta) ** (1 / c) } : null),
    },
  ],
  isCandidate: false,
  examples: ["scalefit predict --law m1 --coefficients beta=5,c=-0.3 --at x=1e6"],
});

/** M2: y = e_inf + beta x^c. */
export const m2 = defineLaw({
  id: "m2",
  title: "Learning curve M2: a power with a floor",
  topic: "pre-training",
  formula: "e_inf + beta * x^c",
  output,
  inputs,
  parameters: { e_inf: floor, beta, c: falling },
  source,
  notes: ["the law power-floor under the exponent's other sign", estimatorNote],
  answers: [
    {
      kind: "inverse",
      name: "x",
      meaning: "the x that gives y",
      given: ["y"],
      gives: ["x"],
      solve: ({ e_inf, beta, c }, { y }) => (y > e_inf ? { x: ((y - e_inf) / beta) ** (1 / c) } : null),
    },
  ],
  isCandidate: false,
  examples: ["scalefit predict --law m2 --coefficients e_inf=0.1,beta=5,c=-0.3 --at x=1e6"],
});

/** M3: y = beta (1/x + gamma)^c with c > 0: a power that levels out at beta gamma^c. */
export const m3 = defineLaw({
  id: "m3",
  title: "Learning curve M3: a power that levels out",
  topic: "pre-training",
  formula: "beta * (1 / x + gamma)^c",
  output,
  inputs,
  parameters: {
    beta,
    c: {
      meaning: "exponent of 1/x, above 0 (in the other forms below)",
      bounds: [0.005, 4],
      start: { between: [0.03, 1.5], spacing: "even" },
    },
    gamma: {
      meaning: "1/x at which the curve levels out",
      bounds: [0, Number.POSITIVE_INFINITY],
      neutral: 0,
      start: { between: [1e-12, 1], spacing: "log" },
    },
  },
  source,
  notes: ["c has the other sign here than in M1, M2 and M4", estimatorNote],
  answers: [
    {
      kind: "inverse",
      name: "x",
      meaning: "the x that gives y, above the plateau",
      given: ["y"],
      gives: ["x"],
      solve({ beta, c, gamma }, { y }) {
        const rest = (y / beta) ** (1 / c) - gamma;
        return rest > 0 ? { x: 1 / rest } : null;
      },
    },
  ],
  examples: ["scalefit predict --law m3 --coefficients beta=5,c=0.3,gamma=1e-6 --at x=1e6"],
});

/**
 * The root t of M4's equation, with y = e_inf + (e0 - e_inf) sigmoid(t):
 *
 *   alpha softplus(t) - softplus(-t) = ln(beta x^c) - (1 - alpha) ln(e0 - e_inf)
 *
 * The left side rises without end, with a slope between 1 and alpha, and bends one way: concave for alpha < 1, convex
 * above. Newton's steps from the side on which they cannot pass the root reach it; no digit is lost where y is at the
 * floor or at the plateau. Without an amplitude, or with alpha = 0 where a power alone would pass e0, y is at the end of
 * its range.
 */
function logits({ beta, c, alpha, e_inf, e0 }: Coefficients): (at: Point) => number {
  const level = Math.log(beta) - (1 - alpha) * Math.log(e0 - e_inf);
  // A step leaves an error of at most this times its square, and one that turns back is rounding.
  const bent = Math.abs(1 - alpha) / (8 * Math.min(1, alpha));
  const side = alpha <= 1 ? 1 : -1;
  return ({ x }) => {
    const right = level + c * Math.log(x);
    if (!Number.isFinite(right)) return right;
    if (alpha === 0 && right >= 0) return Number.POSITIVE_INFINITY;
    // The equation is alpha t - (1 - alpha) softplus(-t) = right, or t - (1 - alpha) softplus(t) = right: what is left
    // out bounds the root on the side that Newton's steps need, and is small far from 0.
    const isAbove = right > (alpha - 1) * Math.LN2;
    let t = isAbove ? Math.max(0, right / alpha) : Math.min(0, right);
    for (let step = 0; step < MOST_STEPS; step++) {
      // softplus(+-t) = max(+-t, 0) + ln(1 + e^-|t|), and sigmoid(-t), with one exponential and one logarithm.
      const e = Math.exp(-Math.abs(t));
      const bend = Math.log1p(e);
      const slope = alpha + ((1 - alpha) * (t > 0 ? e : 1)) / (1 + e);
      const move = (right + Math.max(-t, 0) + bend - alpha * (Math.max(t, 0) + bend)) / slope;
      t += move;
      if (bent * move * move < 1e-17 || !(side * move > 2e-16 * Math.max(1, Math.abs(t)))) break;
    }
    return t;
  };
}

/** Far more than a root takes: some three. */
const MOST_STEPS = 100;

/** M4: (y - e_inf)/(e0 - y)^alpha = beta x^c: a floor, and a plateau at the loss of guessing. */
export const m4 = defineLaw({
  id: "m4",
  title: "Learning curve M4: between the loss of guessing and a floor",
  topic: "pre-training",
  formula: "the root of (y - e_inf) / (e0 - y)^alpha = beta * x^c",
  implicit: {
    unknown: "t",
    equation: "alpha * softplus(t) - softplus(-t) - log(beta) - c * log(x) + (1 - alpha) * log(e0 - e_inf)",
    value: "e_inf + (e0 - e_inf) * sigmoid(t)",
    roots: logits,
  },
  coordinates: {
    // The power term at its size amid the data.
    variables: {
      e_inf: { bounds: [0, Number.POSITIVE_INFINITY], start: { between: [1e-3, 3], spacing: "log" } },
      e0: { bounds: [0, Number.POSITIVE_INFINITY], start: { between: [0.3, 30], spacing: "log" } },
      alpha: { bounds: [0, 8], start: { between: [0.05, 3], spacing: "log" } },
      u: { bounds: [0, Number.POSITIVE_INFINITY], start: { between: [1e-2, 1e2], spacing: "log" } },
      c: { bounds: [-4, -0.005], start: { between: [-1.5, -0.03], spacing: "even" } },
    },
    parameters: { e_inf: "e_inf", e0: "e0", alpha: "alpha", beta: "u * x0^-c", c: "c" },
  },
  output,
  inputs,
  parameters: {
    e_inf: { ...floor, start: { between: [1e-3, 3], spacing: "log" } },
    e0: {
      meaning: "loss at small x, that of guessing: 1 - 1/choices, or the logarithm of the vocabulary",
      bounds: [0, Number.POSITIVE_INFINITY],
      start: { between: [0.3, 30], spacing: "log" },
    },
    alpha: {
      meaning: "how soon the curve leaves the plateau; 0 is M2",
      bounds: [0, 8],
      start: { between: [0.05, 3], spacing: "log" },
    },
    beta,
    c: falling,
  },
  source,
  notes: ["the reference code finds y on a grid of 10,000 points, to four digits", estimatorNote],
  answers: [
    {
      kind: "inverse",
      name: "x",
      meaning: "the x that gives y, between floor and plateau",
      given: ["y"],
      gives: ["x"],
      solve: ({ e_inf, e0, alpha, beta, c }, { y }) =>
        y > e_inf && y < e0 ? { x: ((y - e_inf) / (e0 - y) ** alpha / beta) ** (1 / c) } : null,
    },
  ],
  examples: ["scalefit predict --law m4 --coefficients e_inf=0.1,e0=1,alpha=0.7,beta=50,c=-0.5 --at x=1e6"],
});
