import { defineLaw } from "./law.js";

const ANY = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] as const;

/**
 * y(n) = (ln(n/n0) y1 - ln(n/n1) y0) / ln(n1/n0): the line in ln n through what was measured at two sizes of the data, read
 * at a third. Without parameters: the second stage of a projection of mixtures, the first of which is any law of a
 * distance column.
 *
 * @see arXiv 2307.02460, second stage
 */
export const projektorProjection = defineLaw({
  id: "projektor-projection",
  title: "Projection from two sizes of the data to a third, a line in ln n",
  topic: "data",
  formula: "(log(n / n0) * y1 - log(n / n1) * y0) / log(n1 / n0)",
  output: { name: "y", quantity: "scale", meaning: "loss, error or score at n samples" },
  inputs: {
    n0: { quantity: "scale", unit: "samples", meaning: "samples of the first measurement" },
    y0: {
      quantity: "scale",
      unit: "as measured",
      meaning: "what was measured at n0",
      range: ANY,
      zero: true,
    },
    n1: { quantity: "scale", unit: "samples", meaning: "samples of the second measurement, other than n0" },
    y1: {
      quantity: "scale",
      unit: "as measured",
      meaning: "what was measured at n1",
      range: ANY,
      zero: true,
    },
    n: { quantity: "scale", unit: "samples", meaning: "samples asked for" },
  },
  parameters: {},
  source: "arXiv 2307.02460, second stage (form not checked against the paper)",
  notes: [
    "has no parameters: there is nothing to fit",
    "a straight line: more than a decade beyond n1 it gives losses below any floor and scores above any ceiling",
    "the first stage is a fit of the measure against a distance between the mixture and the target, such as a --formula of that column",
  ],
  isCandidate: false,
  examples: ["scalefit predict --law projektor-projection --at n0=1000,y0=2,n1=10000,y1=1.5,n=100000"],
});
