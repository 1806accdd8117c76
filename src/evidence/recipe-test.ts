/**
 * Do several groups of runs lie on one curve, on curves of one shape, or on curves of their own? The sum of rho of the
 * narrower account against the wider one,
 *
 *   T = (F_narrow - F_wide) / F_wide,
 *
 * held against what it is when the narrower account is true: its residuals with their signs drawn anew, run by run, and
 * both accounts fitted again (the wild bootstrap with the null imposed; Wu, Ann. Statist. 14, 1986; Cameron, Gelbach and
 * Miller, Rev. Econ. Stat. 90, 2008, for clusters). It asks neither for equal noise nor for independent rows of one run.
 * The residual of a run is that from the fit without it: a run that draws the curve to itself has a small one in the fit
 * with it, and recipes that are the same were said to differ in up to 18 % of cases instead of 5, where runs are few
 * (MacKinnon, Nielsen and Webb, J. Appl. Econom. 38, 2023; test/bench/compare).
 * Beside it stands the likelihood ratio in its F form, exact for squares and Gaussian noise of one size; like AICc and BIC it
 * takes rows as independent, and is left out where they are checkpoints of runs.
 */
import { fisherTail } from "../fit/distributions.js";
import { withoutEach } from "../fit/influence.js";
import type { Refit } from "../fit/model.js";
import type { Objective } from "../fit/objective.js";
import { randomStream } from "../fit/random.js";
import type { Law } from "../laws/law.js";
import type { Observations, RecipeAccount, RecipeTest } from "../objects.js";
import { unitsOfGroups } from "./held-back.js";
import { type Account, type Fitted, separately, together, withOneShape } from "./recipe-models.js";

/** Draws behind a probability: its own error at 5 % is then 1 %. */
export const TEST_RESAMPLES = 399;

export interface RecipeTests {
  /** Separate curves first; those of one shape are missing where the law has none apart. */
  accounts: RecipeAccount[];
  /** One curve against curves of their own. */
  same: RecipeTest;
  /** One shape against curves of their own; null where the law has none apart. */
  shape: RecipeTest | null;
  /** The account of one shape. */
  shaped: Account | null;
}

/**
 * @param groups rows of each group, more of them than parameters, in canonical order
 * @param objective one for all, its threshold fixed
 */
export function testRecipes(
  law: Law,
  groups: readonly Observations[],
  objective: Objective,
  seed: number,
  resamples = TEST_RESAMPLES,
): RecipeTests {
  const rows = groups.reduce((sum, { measured }) => sum + measured.length, 0);
  const separate = separately(law, groups, objective);
  const shaped = withOneShape(law, groups, objective, separate);
  const same = together(law, groups, objective);
  // Rows of a run change their sign together.
  const units = unitsOfGroups(groups).flat();
  const observed = valuesOf(groups, objective);
  const areIndependent = units.length === rows;
  const tested = (narrow: Account, stream: number): RecipeTest => {
    const result = test(
      { narrow, wide: separate, units, observed, objective },
      rows,
      seed + stream,
      resamples,
    );
    return areIndependent ? result : { ...result, likelihoodRatio: null };
  };
  const account = (name: RecipeAccount["name"], of: Account): RecipeAccount => ({
    ...accountOf(name, of, rows),
    ...(areIndependent ? {} : { aicc: null, bic: null }),
  });
  return {
    accounts: [
      account("separate", separate),
      ...(shaped === null ? [] : [account("one-shape", shaped)]),
      account("one-curve", same),
    ],
    same: tested(same, 0),
    shape: shaped === null ? null : tested(shaped, 1),
    shaped,
  };
}

interface Nested {
  narrow: Account;
  wide: Account;
  units: readonly Int32Array[];
  /** Measured values on the objective's scale, group after group. */
  observed: Float64Array;
  objective: Objective;
}

function test(
  nested: Nested,
  rows: number,
  seed: number,
  resamples: number,
): RecipeTest & { likelihoodRatio: number } {
  const { narrow, wide } = nested;
  const between = wide.parameters - narrow.parameters;
  const within = rows - wide.parameters;
  const statistic = excess(narrow.value, wide.value);
  const likelihoodRatio = fisherTail((statistic / between) * within, between, within);
  let asLarge = 0;
  for (const drawn of nullStatistics(nested, seed, resamples)) if (!(drawn < statistic)) asLarge++;
  return { statistic, p: (1 + asLarge) / (1 + resamples), likelihoodRatio, resamples };
}

/** Above 0 by how much the narrower account fits worse; without noise the floor is rounding. */
const excess = (narrow: number, wide: number): number => Math.max(0, narrow - wide) / Math.max(wide, 1e-300);

function nullStatistics(
  { narrow, wide, units, observed, objective }: Nested,
  seed: number,
  resamples: number,
): Float64Array {
  const residuals = residualsWithout(narrow, observed, units, objective);
  const drawn = Float64Array.from(observed);
  const again = [narrow, wide].map((account) => refitterOf(account, narrow.predicted, drawn, objective));
  return Float64Array.from({ length: resamples }, (_, b) => {
    const stream = randomStream(seed, b);
    for (const unit of units) {
      const sign = stream.below(2) === 0 ? 1 : -1;
      for (const i of unit) drawn[i] = narrow.predicted[i] + sign * residuals[i];
    }
    const [narrower, wider] = again.map((refit) => refit());
    return excess(narrower, wider);
  });
}

/**
 * Fits an account to what stands in `drawn` at the time: the sum of rho.
 *
 * @param truth values without noise, from whose own fit the others start
 */
function refitterOf(
  { parts }: Account,
  truth: Float64Array,
  drawn: Float64Array,
  objective: Objective,
): () => number {
  const refits = placed(parts).map(({ part, from, to }) =>
    partRefitter(part, truth.subarray(from, to), drawn.subarray(from, to), objective),
  );
  return () => refits.reduce((sum, refit) => sum + refit(), 0);
}

function partRefitter(
  { model, solution }: Fitted,
  truth: Float64Array,
  drawn: Float64Array,
  objective: Objective,
): () => number {
  const n = truth.length;
  const rows = Int32Array.from({ length: n }, (_, i) => i);
  const ones = new Float64Array(n).fill(1);
  const all = (refit: Refit) => refit(rows, n, ones);
  const settled = all(model.refitter(model.warmStart(solution), objective, truth));
  const refit = model.refitter(model.warmStart(settled), objective, drawn);
  return () => all(refit).minimum.value;
}

/** The residual of every row from the fit without its unit, after one step; from the fit itself where there is none. */
function residualsWithout(
  { parts, predicted }: Account,
  observed: Float64Array,
  units: readonly Int32Array[],
  objective: Objective,
): Float64Array {
  const residuals = observed.map((y, i) => y - predicted[i]);
  for (const { part, from, to } of placed(parts)) {
    const { model, solution } = part;
    const own = units.filter(([row]) => row >= from && row < to);
    const without = withoutEach(
      model.problem(solution.kernel, objective),
      solution,
      residuals.slice(from, to),
      own.map((unit) => unit.map((row) => row - from)),
    );
    own.forEach((unit, u) => {
      const others = without[u]?.predicted;
      if (others?.every(Number.isFinite))
        unit.forEach((row, k) => {
          residuals[row] = observed[row] - others[k];
        });
    });
  }
  return residuals;
}

/** The parts of an account, each with its rows among those of all. */
function placed(parts: readonly Fitted[]): { part: Fitted; from: number; to: number }[] {
  let to = 0;
  return parts.map((part) => {
    const from = to;
    to += part.predicted.length;
    return { part, from, to };
  });
}

function valuesOf(groups: readonly Observations[], { scale }: Objective): Float64Array {
  const all = groups.flatMap(({ measured }) => Array.from(measured));
  return Float64Array.from(scale === "log" ? all.map(Math.log) : all);
}

/** AICc and BIC of squares of size F: n ln(2F/n) + ..., the variance counted among the parameters. */
function accountOf(name: RecipeAccount["name"], { parameters, value }: Account, n: number): RecipeAccount {
  const k = parameters + 1;
  const fit = value > 0 ? n * Math.log((2 * value) / n) : null;
  return {
    name,
    parameters,
    objective: value,
    aicc: fit !== null && n - k - 1 > 0 ? fit + 2 * k + (2 * k * (k + 1)) / (n - k - 1) : null,
    bic: fit !== null ? fit + k * Math.log(n) : null,
  };
}
