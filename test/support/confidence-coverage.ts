/**
 * How often a plan for a target with a chosen confidence reaches it in truth, over simulated sweeps: the third table of
 * `test/bench/coverage.ts`. The target is the true best loss at 10 and 100 times the largest run.
 */
import { DataError, plan } from "../../src/index.js";
import { CONDITIONS, type Condition, fitSweep, type Tally } from "./coverage.js";
import { BESIROGLU, bestSize, lossOf } from "./sweeps.js";

const LARGEST = 3.2e20;
const FACTORS = [10, 100] as const;
const LEVELS = [0.5, 0.8, 0.9, 0.95] as const;

const called = (title: string): Condition => {
  const found = CONDITIONS.find((one) => one.title === title);
  if (found === undefined) throw new Error(`no condition is called ${title}`);
  return found;
};

export const SURELY: readonly Condition[] = [
  called("default"),
  called("wrong law, inner power .8"),
  called("wrong law, inner power 1.25"),
];

/** The plain plan, and those with a confidence, at each distance. */
export const SURELY_NUMBERS = FACTORS.flatMap((factor) =>
  ["plain", ...LEVELS.map((level) => `${100 * level} %`)].map((name) => `${name} ${factor}x`),
);

export const noneSurely = (): Record<string, Tally> =>
  Object.fromEntries(SURELY_NUMBERS.map((name) => [name, { held: 0, below: 0, above: 0 }]));

/** Fits sweep `k` of a condition and counts plans by the truth: held at or below the target, above it, or refused (below). */
export function tallySurely(
  condition: Condition,
  k: number,
  bootstrap: number,
  into: Record<string, Tally>,
  base = 0,
): void {
  const { saved } = fitSweep(condition, k, bootstrap, base);
  const truth = condition.truth ?? ((N: number, D: number) => lossOf(BESIROGLU, N, D));
  for (const factor of FACTORS) {
    const C = factor * LARGEST;
    const best = bestSize(BESIROGLU, C);
    const targetLoss = truth(best, C / (6 * best));
    for (const confidence of [undefined, ...LEVELS]) {
      const name = `${confidence === undefined ? "plain" : `${100 * confidence} %`} ${factor}x`;
      const loss = trueLoss({ targetLoss, confidence });
      into[name][loss === null ? "below" : loss <= targetLoss ? "held" : "above"]++;
    }
  }

  /** Of the plan; null where the fit thinks the target out of reach. */
  function trueLoss({ targetLoss, confidence }: { targetLoss: number; confidence?: number }): number | null {
    try {
      const { N, D } = plan({ fit: saved, targetLoss, confidence }).plans[0].optimum;
      return truth(N.estimate, D.estimate);
    } catch (error) {
      if (error instanceof DataError) return null;
      throw error;
    }
  }
}
