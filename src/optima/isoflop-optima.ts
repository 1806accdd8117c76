/**
 * Approach 2: the best size of each budget from the runs made at it, and how it grows with compute.
 *
 *   z*_j: the least loss of budget j against z = ln N;  ln N* = ln kN + a ln C, by least squares through the z*_j
 *
 * A budget is left out where its least loss is not between the smallest and the largest size. The parabola is the
 * second-order part of a curve that is not symmetric: with unequal exponents, sizes that reach far or are off the
 * centre it misses the optimum, and more runs do not cure it. How far, is found from the surface of all runs.
 *
 * @see arXiv 2203.15556, section 3.2; arXiv 2603.22339 for the bias; arXiv 2406.19146 for the interpolation
 */
import { DataError } from "../errors.js";
import type { BudgetOptimum, Estimate, FrontierLine, Optima, OptimumAt, PowerOfCompute } from "../objects.js";
import { noiseInterval, type ValleyMinimum } from "./budget-minimum.js";
import { type Budget, inOrder, type OptimaRuns } from "./budgets.js";
import { coefficientOf, exponentOf, valueAt } from "./frontier-line.js";
import { type Judged, judge, linesThrough, valleyOf } from "./judged-budgets.js";
import { lossFrontier } from "./loss-frontier.js";
import { notesOf } from "./optima-notes.js";
import type { OptimaOptions } from "./optima-options.js";
import { surfaceBias } from "./surface-bias.js";
import { pooledVariance, vertexInterval } from "./vertex-interval.js";

/**
 * @throws DataError with fewer than two budgets that have a minimum
 */
export function optimaOf(given: OptimaRuns, group: string | null, options: OptimaOptions): Optima {
  const runs = inOrder(given);
  const { level, flopsPerParamToken: k } = options;
  const dataFrom = isCompute(runs, k) ? "compute" : "own-minimum";
  const judged = judge(runs, dataFrom, options);
  const used = judged.filter(({ isUsed }) => isUsed);
  requireBudgets(judged, used);
  const lines = linesThrough(used, dataFrom, k, options.weights);
  const variance = pooledVariance(judged.map(({ N }) => N.vertex));
  const noise = options.noise === "auto" ? logNoise(runs, judged) : options.noise;
  const budgets = judged.map((one, index) =>
    shown(one, runs, {
      ofN: intervalFor(one, index, runs, { variance, noise, options }),
      k,
    }),
  );
  const loss = lossFrontier(
    used.map(({ budget }) => budget.flops),
    used.map(({ N }) => N.loss as number),
  );
  const asked = options.flops.map(
    (flops): OptimumAt => ({
      flops,
      N: valueAt(lines.N, flops, level),
      D: valueAt(lines.D, flops, level),
      loss: loss === null ? null : loss.E + loss.A / flops ** loss.alpha,
    }),
  );
  const { bias, reason } = surfaceBias(runs, judged, dataFrom, options);
  return {
    group,
    method: options.method,
    level,
    budgets,
    N: powerOf(lines.N, level),
    D: powerOf(lines.D, level),
    dataFrom,
    flopsPerParamToken: k,
    loss: loss === null ? null : { E: loss.E, A: loss.A, alpha: loss.alpha },
    asked,
    bias,
    ...(reason === undefined ? {} : { biasReason: reason }),
    notes: notesOf(budgets, bias, options),
  };
}

/** Compute counted otherwise than k N D (with attention, say) differs from it by more. */
const SAME_COMPUTE = 0.01;

const isCompute = ({ C, N, D }: OptimaRuns, k: number): boolean =>
  D === null || D.every((d, i) => Math.abs((k * N[i] * d) / C[i] - 1) <= SAME_COMPUTE);

function powerOf(line: FrontierLine, level: number): PowerOfCompute {
  const { residual: spread } = line;
  return { coefficient: coefficientOf(line), exponent: exponentOf(line, level), spread, line };
}

function requireBudgets(judged: readonly Judged[], used: readonly Judged[]): void {
  if (used.length >= 2) return;
  const lacks = judged.filter(({ N }) => N.code === "too-few-runs").length;
  throw new DataError({
    code: "too-few-budgets",
    message: `${used.length} of ${judged.length} ${judged.length === 1 ? "budget has" : "budgets have"} a least loss between the smallest and the largest size, and two are needed to see how it moves`,
    why:
      lacks === judged.length
        ? "no budget has runs of four sizes or more: runs of about the same compute make a budget"
        : "beyond the sizes that were trained a minimum is an extrapolation",
    hint: "add runs at the same budgets on the side where the loss still falls, or fit --law chinchilla, which uses all runs at once",
  });
}

/** Spread of ln loss about the parabolas; null where no budget has a fourth run. */
function logNoise(runs: OptimaRuns, judged: readonly Judged[]): number | null {
  const relative = judged.map(({ budget, N }) => {
    if (N.vertex === null) return null;
    const loss = budget.rows.reduce((sum, i) => sum + runs.loss[i], 0) / budget.rows.length;
    return { ...N.vertex, squares: N.vertex.squares / loss ** 2 };
  });
  const variance = pooledVariance(relative);
  return variance === null ? null : Math.sqrt(variance.value);
}

interface IntervalNeeds {
  variance: ReturnType<typeof pooledVariance>;
  noise: number | null;
  options: OptimaOptions;
}

function intervalFor(
  { budget, N }: Judged,
  index: number,
  runs: OptimaRuns,
  { variance, noise, options }: IntervalNeeds,
): Estimate | null {
  if (N.z === null) return null;
  const estimate = Math.exp(N.z);
  if (options.method === "parabola") return vertexInterval(N, variance, options.level);
  if (noise === null)
    return {
      estimate,
      low: null,
      high: null,
      reason: "no budget has a fourth run to tell the noise by; give it",
    };
  const { draws, seed, level } = options;
  return {
    estimate,
    ...noiseInterval(valleyOf(runs, budget, runs.N), index, { noise, draws, seed, level }),
  };
}

function shown(
  { budget, N, D, isUsed }: Judged,
  runs: OptimaRuns,
  { ofN, k }: { ofN: Estimate | null; k: number },
): BudgetOptimum {
  const sizes = budget.rows.map((i) => runs.N[i]);
  return {
    flops: budget.flops,
    runs: budget.rows.length,
    sizes: [Math.min(...sizes), Math.max(...sizes)],
    code: N.code === "inside" && D !== null ? D.code : N.code,
    used: isUsed,
    N: ofN,
    D: dataOf(budget, D, ofN, k),
    loss: N.loss,
  };
}

/** C/(k N*), or the minimum in D itself. */
function dataOf({ flops }: Budget, D: ValleyMinimum | null, N: Estimate | null, k: number): Estimate | null {
  if (N === null) return null;
  if (D !== null) {
    return D.z === null
      ? null
      : { estimate: Math.exp(D.z), low: null, high: null, reason: "from a minimum in D of its own" };
  }
  const from = (size: number | null) => (size === null ? null : flops / (k * size));
  const { low, high, reason } = N;
  return {
    estimate: flops / (k * N.estimate),
    low: from(high),
    high: from(low),
    ...(reason === undefined ? {} : { reason }),
  };
}
