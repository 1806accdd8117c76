import { defineFamily, type LawDefinition } from "./law.js";
import { MEASURED_COST } from "./measured-cost.js";

const ATTEMPTED = [1, 2, 3] as const;

const numbered = (size: number): number[] => Array.from({ length: size }, (_, i) => i + 1);

function powerProductOf(size: number): LawDefinition {
  const factors = numbered(size);
  return {
    id: "power-product",
    title: "A measured cost as a product of powers",
    topic: "costs",
    formula: `k * ${factors.map((i) => `x${i}^a${i}`).join(" * ")}`,
    output: MEASURED_COST,
    inputs: Object.fromEntries(
      factors.map((i) => [
        `x${i}`,
        {
          quantity: "scale",
          unit: "as in the log",
          meaning: `feature ${i} that the cost depends on`,
        } as const,
      ]),
    ),
    parameters: {
      k: { meaning: "cost where every feature is 1", bounds: [0, Number.POSITIVE_INFINITY], positive: true },
      ...Object.fromEntries(
        factors.map((i) => [
          `a${i}`,
          {
            meaning: `exponent of x${i}`,
            bounds: [-10, 10] as const,
            start: { between: [-2, 3], spacing: "even" } as const,
          },
        ]),
      ),
    },
    source: "definition",
    notes: [
      "features are named with --map: --map x1=batch --map x2=width --map y=seconds",
      "features that rise together share one exponent between them: vary them apart",
      "a fixed overhead bends it at the small end: take roofline, linear-cost or quadratic-cost there",
    ],
    examples: ["scalefit predict --law power-product --coefficients k=2e-12,a=[1,2] --at x=[32,1024]"],
  };
}

/**
 * A measured cost as a product of powers of its features, y = k PROD_j x_j^a_j: a plane in logarithms. A family: one
 * member for each number of features.
 */
export const powerProduct = defineFamily({
  counts: "features",
  usual: 2,
  tried: ATTEMPTED,
  limits: [1, 12],
  lists: ["a", "x"],
  columns: "x",
  define: powerProductOf,
});
