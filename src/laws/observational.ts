import { defineFamily, type LawDefinition } from "./law.js";

const REAL = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] as const;
const MOST_AXES = 12;

function ofAxes(axes: number): LawDefinition {
  const numbers = Array.from({ length: axes }, (_, i) => i + 1);
  const score = numbers.map((i) => `w${i} * S${i}`).join(" + ");
  return {
    id: "observational",
    title: "A task's score from capability axes of many models (Ruan et al.)",
    topic: "tasks and test time",
    formula: `h / (1 + exp(-(${score} + b)))`,
    output: {
      name: "metric",
      quantity: "fraction",
      meaning: "score of the task",
      reads: ["accuracy", "metric", "score"],
      range: [0, 1],
    },
    inputs: Object.fromEntries(
      numbers.map((i) => [
        `S${i}`,
        {
          quantity: "scale" as const,
          unit: "as the axes are scaled",
          meaning: `capability along axis ${i}: a principal component of benchmark scores`,
          reads: [`S${i}`, `PC${i}`, `pc${i}`, `PC-${i}`],
          range: REAL,
          zero: true,
        },
      ]),
    ),
    parameters: {
      ...Object.fromEntries(
        numbers.map((i) => [
          `w${i}`,
          {
            meaning: `weight of axis ${i}`,
            bounds: REAL,
            start: { between: [-10, 10] as const, spacing: "even" as const },
          },
        ]),
      ),
      b: { meaning: "offset", bounds: REAL, start: { between: [-5, 5], spacing: "even" } },
      h: { meaning: "ceiling of the score", bounds: [0, 1], neutral: 1 },
    },
    source: "arXiv 2405.10938, eq. 3, with a ceiling h",
    notes: [
      "axes are the first one to three principal components of benchmark scores, centred but not scaled",
      "a ceiling shows only where scores come near it: --fix h=1 otherwise",
      "hold out the strongest models by compute to see how far it carries",
    ],
    objective: "squares",
    isCandidate: true,
    examples: [
      "scalefit predict --law observational --coefficients w=[1.2,-0.4,0.3],b=-0.7,h=0.95 --at S=[1,0.2,-0.1]",
    ],
  };
}

/**
 * metric = h sigmoid(w.S + b), S the first K principal components of the models' benchmark scores
 * (`fit/principal-components.ts`).
 *
 * @see arXiv 2405.10938, eq. 3
 */
export const observational = defineFamily({
  counts: "axes",
  tried: [1, 2, 3],
  limits: [1, MOST_AXES],
  lists: ["w", "S"],
  columns: "S",
  usual: 3,
  define: ofAxes,
});
