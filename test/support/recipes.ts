/** Two simulated recipes under the law of parameters and tokens, whose curves along compute cross at a known budget. */
import { compareRecipes, type Recipe } from "../../src/evidence/compare-recipes.js";
import { fitObserved } from "../../src/fit/fit-observed.js";
import { DEFAULT_OPTIONS } from "../../src/fit/options.js";
import type { ComparedPair, RecipeComparison } from "../../src/objects.js";
import { lawCalled, observationsOf } from "./core.js";
import type { Columns } from "./csv.js";
import { between, generator, normal } from "./random.js";
import { BESIROGLU, bestSize, isoFlopSweep, lossOf, type Truth } from "./sweeps.js";

const BUDGETS = [1e18, 3e18, 1e19, 3e19, 1e20];
const SIZES = 6;

export const bestLoss = (truth: Truth, C: number): number => {
  const N = bestSize(truth, C);
  return lossOf(truth, N, C / (6 * N));
};

/** A recipe that gets more from its data and has a higher floor, so high that its curve meets the other's at this budget. */
export function crossingAt(C: number, gain: number): [Truth, Truth] {
  const [a, b] = [{ ...BESIROGLU }, { ...BESIROGLU, A: BESIROGLU.A * gain, B: BESIROGLU.B * gain }];
  return [a, { ...b, E: b.E + bestLoss(a, C) - bestLoss(b, C) }];
}

/** A budget in or a little beyond the data, for the k-th simulation. */
export function crossingBudget(k: number): number {
  return 10 ** between(generator(7919 * k + 1), 18.5, 20.5);
}

export function comparisonOf(
  truths: readonly Truth[],
  k: number,
  {
    noise = 0.004,
    resamples = 300,
    testResamples = 19,
    checkpoints = 1,
    budgets = BUDGETS.length,
    sizes = SIZES,
    unequal = false,
    scales = [],
  }: {
    noise?: number;
    resamples?: number;
    testResamples?: number;
    /** Rows of a run, evenly along its tokens; they share its error. */
    checkpoints?: number;
    /** So many of the budgets, evenly, and sizes in each. */
    budgets?: number;
    sizes?: number;
    /** Whether of every third run only the first quarter of them is there. */
    unequal?: boolean;
    scales?: readonly number[];
  } = {},
): RecipeComparison {
  const law = lawCalled("chinchilla");
  const recipes = truths.map((truth, g): Recipe => {
    const random = generator(1_000_003 * (g + 1) + k);
    const chosen = BUDGETS.filter((_, i) => i % Math.ceil(BUDGETS.length / budgets) === 0);
    const log = isoFlopSweep(truth, chosen, sizes, 0.6, noise, random);
    const observations =
      checkpoints === 1 ? observationsOf(log) : onTheWay(truth, log, { checkpoints, unequal }, random);
    const group = `recipe ${g + 1}`;
    const range = Object.fromEntries(
      [...observations.inputs].map(([name, column]) => [
        name,
        [Math.min(...column), Math.max(...column)] as [number, number],
      ]),
    );
    const { length } = observations.measured;
    const observed = { group, observations, rows: length, used: length, dropped: [], range };
    const options = { ...DEFAULT_OPTIONS, bootstrap: resamples, seed: k + 1 };
    return { group, observations, fit: fitObserved(law, observed, new Map(), options) };
  });
  return compareRecipes(law, recipes, { scales, seed: k, margin: 0.02, testResamples });
}

/** Every run at several points of its way: its own error in all of them, and a little of each besides. */
function onTheWay(
  truth: Truth,
  ends: Columns,
  { checkpoints, unequal }: { checkpoints: number; unequal: boolean },
  random: () => number,
) {
  const log: Columns = { N: [], D: [], loss: [] };
  const run: number[] = [];
  for (const [i, N] of ends.N.entries()) {
    const shared = ends.loss[i] / lossOf(truth, N, ends.D[i]);
    const there = unequal && i % 3 === 0 ? Math.ceil(checkpoints / 4) : checkpoints;
    for (let k = 1; k <= there; k++) {
      const D = (ends.D[i] * k) / checkpoints;
      log.N.push(N);
      log.D.push(D);
      log.loss.push(lossOf(truth, N, D) * shared * Math.exp(CHECKPOINT_NOISE * normal(random)));
      run.push(i);
    }
  }
  return observationsOf(log, { run });
}

const CHECKPOINT_NOISE = 0.001;

/** Whether the interval of the crossing holds the budget; an open side holds everything on it. */
export function holdsCrossing(
  { pairs: [{ crossing }] }: { pairs: readonly Pick<ComparedPair, "crossing">[] },
  C: number,
): boolean {
  if (crossing.scale === null) return false;
  const { low, high } = crossing.scale;
  return (low === null || low <= C) && (high === null || high >= C);
}
