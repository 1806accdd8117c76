/**
 * Huber's likelihood, its scale fitted with the law. Residuals have the density
 *
 *   exp(-rho_delta(r / s)) / (s Z(delta)),   Z(delta) = sqrt(2 pi) (2 Phi(delta) - 1) + 2 exp(-delta^2 / 2) / delta
 *
 * (Huber, Ann. Math. Statist. 35, 1964), and what is minimised is its negative logarithm, summed over the rows:
 *
 *   n ln s + n ln Z(delta) + SUM rho_delta(r / s)
 *
 * Delta counts in units of s here. At a given s this is Huber's sum with the threshold delta s, and at given residuals s
 * solves MEAN psi(z) z = 1 with z = r / s; the two are solved in turns, and each turn lowers the sum. With delta = 1e-3, as
 * arXiv 2404.10102 has it, s is delta times the mean absolute residual and the threshold a millionth of it: least
 * absolute deviations.
 */
import { searchAbsolute } from "./absolute.js";
import { normalShare } from "./distributions.js";
import { residualsAt } from "./evaluate.js";
import { firstFit } from "./first-fit.js";
import type { Model, SearchOutcome, Solution } from "./model.js";
import { isLog, makeObjective, type Objective, type ObjectiveName } from "./objective.js";

/** Huber's 95 % efficiency under Gaussian noise. */
const EFFICIENT = 1.345;
/** Thresholds under this share of the spread are least absolute deviations to every resample. */
const WORKING_WIDTH = 0.01;
const TURNS = 100;
const SETTLED = 1e-10;

export interface LikelihoodFit {
  search: SearchOutcome;
  /** What resamples are fitted with: Huber's sum at the scale of the estimate. */
  objective: Objective;
  /** Huber's sum whose minimum the answer is. */
  judged: Objective;
  /** In units of the scale. */
  delta: number;
  scale: number;
  /** Negative log likelihood. */
  value: number;
}

export function searchLikelihood(
  model: Model,
  rowOf: Int32Array | null,
  name: ObjectiveName,
  asked: "auto" | number,
): LikelihoodFit {
  const delta = asked === "auto" ? EFFICIENT : asked;
  const { spread, search: first } = firstFit(model, rowOf, name);
  const working = WORKING_WIDTH * spread;
  // A Gaussian's scale, or for a small delta a Laplace density's.
  const guess = spread * Math.min(1, delta);
  const search =
    delta * guess > working
      ? model.search(makeObjective(name, delta * guess), first)
      : searchAbsolute(model, isLog(name) ? "absolute-log" : "absolute").search;
  const { solution, scale } = settled(model, search.best, name, delta);
  const threshold = delta * scale;
  const judged = makeObjective(name, threshold);
  const n = rowOf?.length ?? model.measured.length;
  return {
    search: { ...search, best: solution },
    objective: threshold > working ? judged : makeObjective(name, working),
    judged,
    delta,
    scale,
    value: n * Math.log(scale * normaliser(delta)) + solution.minimum.value / (scale * scale),
  };
}

/** Law and scale in turns, until the scale stands still. */
function settled(model: Model, from: Solution, name: ObjectiveName, delta: number) {
  let solution = from;
  let scale = scaleOf(model, solution, name, delta);
  for (let turn = 0; turn < TURNS; turn++) {
    solution = model.repolish(solution, makeObjective(name, delta * scale));
    const next = scaleOf(model, solution, name, delta);
    const isSettled = Math.abs(Math.log(next / scale)) < SETTLED;
    if (isSettled) break;
    scale = next;
  }
  return { solution, scale };
}

/** Z(delta). */
function normaliser(delta: number): number {
  const within = Math.sqrt(2 * Math.PI) * (2 * normalShare(delta) - 1);
  return within + (2 * Math.exp((-delta * delta) / 2)) / delta;
}

/** Rows that are all met leave no scale: it ends here, as a share of the measured values. */
const LEAST = 1e-12;

/** The scale of a solution's residuals. */
function scaleOf(model: Model, { kernel, minimum }: Solution, name: ObjectiveName, delta: number): number {
  const problem = model.problem(kernel, makeObjective(name, 1));
  const sizes = residualsAt(problem, minimum.theta).map(
    (r, i) => Math.abs(r) * (model.inverseNoise?.[i] ?? 1),
  );
  const unit = isLog(name) ? 1 : Math.abs(model.measured[0]) || 1;
  return Math.max(huberScale(sizes, model.weight, delta), LEAST * unit);
}

/**
 * s with MEAN min(z^2, delta z) = 1, z = |r| / s: Newton's steps in ln s within a bracket. The mean falls with s, and is 1
 * or less at the root mean square and at delta times the mean of |r|.
 *
 * @param sizes absolute residuals
 * @param weight how often each counts
 * @returns 0 where all residuals vanish
 */
function huberScale(sizes: Float64Array, weight: Float64Array | null, delta: number): number {
  let count = 0;
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < sizes.length; i++) {
    const w = weight === null ? 1 : weight[i];
    count += w;
    sum += w * sizes[i];
    squares += w * sizes[i] * sizes[i];
  }
  if (!(sum > 0)) return 0;
  let high = Math.log(Math.min(Math.sqrt(squares / count), (delta * sum) / count));
  let low = Number.NEGATIVE_INFINITY;
  let at = high;
  for (let step = 0; step < 200; step++) {
    const s = Math.exp(at);
    let mean = 0;
    let slope = 0;
    for (let i = 0; i < sizes.length; i++) {
      const z = sizes[i] / s;
      const w = weight === null ? 1 : weight[i];
      const part = (w * (z <= delta ? z * z : delta * z)) / count;
      mean += part;
      slope += z <= delta ? 2 * part : part;
    }
    if (mean > 1) low = at;
    else high = at;
    const newton = at + (mean - 1) / slope;
    const isWithin = newton >= low && newton <= high;
    const next = isWithin ? newton : low === Number.NEGATIVE_INFINITY ? high - 1 : (low + high) / 2;
    if (Math.abs(next - at) < 1e-15 * Math.max(1, Math.abs(at))) break;
    at = next;
  }
  return Math.exp(at);
}
