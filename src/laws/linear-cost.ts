import { defineLaw } from "./law.js";
import { MEASURED_COST } from "./measured-cost.js";

/**
 * A measured cost that grows in proportion: y = c0 + c1 x.
 *
 * Seconds, joules, bytes or dollars against tokens, candidates, items. A plain straight line, with costs that cannot be
 * below 0.
 */
export const linearCost = defineLaw({
  id: "linear-cost",
  title: "A measured cost that grows linearly",
  topic: "costs",
  formula: "c0 + c1 * x",
  output: MEASURED_COST,
  inputs: {
    x: { quantity: "scale", unit: "as in the log", meaning: "what the cost grows with", zero: true },
  },
  parameters: {
    c0: { meaning: "fixed cost", bounds: [0, Number.POSITIVE_INFINITY], neutral: 0 },
    c1: { meaning: "cost of one unit of x", bounds: [0, Number.POSITIVE_INFINITY] },
  },
  source: "definition",
  notes: ["where quadratic-cost has a term c2 away from 0, the cost does not stay linear"],
  answers: [
    {
      kind: "inverse",
      name: "x",
      meaning: "the size that a cost pays for",
      given: ["y"],
      gives: ["x"],
      solve: ({ c0, c1 }, { y }) => (c1 > 0 && y >= c0 ? { x: (y - c0) / c1 } : null),
    },
  ],
  examples: ["scalefit predict --law linear-cost --coefficients c0=0.2,c1=3e-4 --at x=8192"],
});
