/**
 * How often the interval of a crossing holds the known one, and how often recipes that are the same are said to differ:
 * `npm run bench -- compare`, with SIMULATIONS (500) and RESAMPLES (300) from the environment.
 */
import { bestLoss, comparisonOf, crossingAt, crossingBudget, holdsCrossing } from "../support/recipes.js";
import { BESIROGLU } from "../support/sweeps.js";
import { printTable } from "./measured.js";

const SIMULATIONS = Number(process.env.SIMULATIONS ?? 500);
/** A decade beyond the data. */
const BEYOND = 1e21;
const RESAMPLES = Number(process.env.RESAMPLES ?? 300);

export function measureCompare(): void {
  const rows = [0.8, 0.9].map((gain) => crossings(gain));
  printTable(
    `crossings of two recipes (30 runs each, 0.4 % noise), ${SIMULATIONS} simulations x ${RESAMPLES} resamples; wanted: 90 to 98 % of 95 % intervals hold it`,
    [
      "what the second gains from N and D",
      "held, %",
      "none found, %",
      "open, %",
      "one shape refused, %",
      "held by one shape, %",
      "difference a decade beyond held, %",
    ],
    rows,
  );
  printTable(
    `two recipes that are the same, ${SIMULATIONS} simulations; wanted: at most 5 % said to differ (p under 0.05)`,
    ["rows", "differ, %", "differ in shape, %"],
    [
      falseAlarms("30 runs each", {}),
      falseAlarms("6 checkpoints of each, its error in all", { checkpoints: 6 }),
      falseAlarms("9 runs each", { budgets: 3, sizes: 3 }),
      falseAlarms("9 runs each, 6 checkpoints", { budgets: 3, sizes: 3, checkpoints: 6 }),
      falseAlarms("9 runs each, 6 checkpoints or 2", { budgets: 3, sizes: 3, checkpoints: 6, unequal: true }),
    ],
  );
}

function falseAlarms(name: string, design: Parameters<typeof comparisonOf>[2]): string[] {
  let [differs, shapes] = [0, 0];
  for (let k = 0; k < SIMULATIONS; k++) {
    const asked = { resamples: 40, testResamples: 199, ...design };
    const { tests } = comparisonOf([BESIROGLU, BESIROGLU], k, asked);
    if (tests !== null && tests.oneCurve.p < 0.05) differs++;
    if (tests?.oneShape != null && tests.oneShape.p < 0.05) shapes++;
  }
  return [name, share(differs), share(shapes)];
}

function crossings(gain: number): string[] {
  let [held, none, open, shapes, heldShaped, shaped, differences] = [0, 0, 0, 0, 0, 0, 0];
  for (let k = 0; k < SIMULATIONS; k++) {
    const C = crossingBudget(k);
    const truths = crossingAt(C, gain);
    const result = comparisonOf(truths, k, { resamples: RESAMPLES, testResamples: 39, scales: [BEYOND] });
    const { scale } = result.pairs[0].crossing;
    if (scale === null) none++;
    else if (scale.low === null || scale.high === null) open++;
    if (holdsCrossing(result, C)) held++;
    if (result.oneShape !== undefined) {
      shaped++;
      if (holdsCrossing(result.oneShape, C)) heldShaped++;
      const [{ difference }] = result.oneShape.pairs[0].rows;
      const truth = bestLoss(truths[0], BEYOND) - bestLoss(truths[1], BEYOND);
      if (truth >= (difference.low ?? 0) && truth <= (difference.high ?? 0)) differences++;
    }
    if (result.tests?.oneShape != null && result.tests.oneShape.p < 0.05) shapes++;
  }
  return [
    `${Math.round(100 * (1 - gain))} %`,
    ...[held, none, open, shapes].map((count) => share(count)),
    ...[heldShaped, differences].map((count) => share(count, shaped)),
  ];
}

const share = (count: number, of = SIMULATIONS): string => ((100 * count) / of).toFixed(1);
