import { type Coefficients, defineLaw } from "./law.js";
import { MEASURED_COST } from "./measured-cost.js";

/**
 * A measured cost with a linear and a quadratic part: y = c0 + c1 x + c2 x^2, as of attention over x tokens.
 *
 * Below x = c1/c2 the linear part is the larger one. It crosses a linear cost b0 + b1 x where
 * c2 x^2 + (c1 - b1) x + (c0 - b0) = 0: from there on the linear one is cheaper.
 */
export const quadraticCost = defineLaw({
  id: "quadratic-cost",
  title: "A measured cost that grows quadratically",
  topic: "costs",
  formula: "c0 + c1 * x + c2 * x^2",
  output: MEASURED_COST,
  inputs: {
    x: { quantity: "scale", unit: "as in the log", meaning: "what the cost grows with", zero: true },
  },
  parameters: {
    c0: { meaning: "fixed cost", bounds: [0, Number.POSITIVE_INFINITY], neutral: 0 },
    c1: { meaning: "cost of one unit of x", bounds: [0, Number.POSITIVE_INFINITY], neutral: 0 },
    c2: { meaning: "cost of one pair of units", bounds: [0, Number.POSITIVE_INFINITY] },
  },
  source: "definition",
  notes: ["only sizes about c1/c2 and above tell the quadratic part from the linear one"],
  answers: [
    {
      kind: "inverse",
      name: "x",
      meaning: "the size that a cost pays for",
      given: ["y"],
      gives: ["x"],
      solve: ({ c0, c1, c2 }, { y }) => asX(largerRoot(c2, c1, c0 - y)),
    },
    {
      kind: "inverse",
      name: "even",
      meaning: "the size at which the quadratic part is as large as the linear one",
      given: [],
      gives: ["x"],
      solve: ({ c1, c2 }) => asX(c1 / c2),
    },
    {
      kind: "inverse",
      name: "crossing",
      meaning: "the size from which on a linear cost b0 + b1 x is the lower one",
      given: ["b0", "b1"],
      gives: ["x"],
      solve: (c: Coefficients, { b0, b1 }) => asX(largerRoot(c.c2, c.c1 - b1, c.c0 - b0)),
    },
  ],
  examples: [
    "scalefit predict --law quadratic-cost --coefficients c0=0.2,c1=1e-4,c2=2e-8 --at x=8192",
    "scalefit predict --law quadratic-cost --coefficients c0=0.2,c1=1e-4,c2=2e-8 --solve crossing --at b0=0.5,b1=2e-4",
  ],
});

/** The larger root of a x^2 + b x + c, a >= 0, without cancellation; NaN where there is none. */
function largerRoot(a: number, b: number, c: number): number {
  const root = Math.sqrt(b * b - 4 * a * c);
  return b > 0 ? (-2 * c) / (b + root) : (root - b) / (2 * a);
}

const asX = (x: number): { x: number } | null => (x >= 0 && Number.isFinite(x) ? { x } : null);
