/**
 * Rows that share an error: rows of one run, runs of one budget. Resampled one by one they give intervals that are too
 * narrow, by a third and more in simulation, so the residuals are tested for it.
 */
import type { Diagnosis, Observations } from "../objects.js";
import { fisherTail, normalFactor, studentFactor } from "./distributions.js";
import { robustSpread } from "./quantiles.js";

/** Under this probability residuals are said to go together. */
const SURE = 0.05;
/** With more rows than this by budget, sorting them costs more than the fit. */
const MOST_ROWS = 24_000;
/** A common share of the variance under this widens no interval visibly. */
const LEAST_SHARE = 0.1;
/** Budgets within 10 % of each other are one. */
const ONE_BUDGET = 1.1;
/** Groups must be this large on average, and so many of them, to say that their rows share an error. */
const ROWS_A_GROUP = 3;
const FEWEST_GROUPS = 3;
/** Under so many budgets, machines or seeds limits need Student's factor; of runs that differ in size fewer will do. */
const ENOUGH_GROUPS = 10;
const ENOUGH_RUNS = 8;

/**
 * What limits from resampled clusters lack; 1 where rows are independent. Draws of G clusters have (G - 1)/G of the
 * variance; with few of them their size is itself uncertain:
 *
 *   t(G - 1) / 1.96        fewer than ten groups of one kind: six budgets that share an error cover 91-92 % without,
 *                          95-96 % with it
 *   sqrt(G / (G - 2))      ten and more, and eight and more runs that each carry a size of their own: twelve runs with
 *                          six checkpoints each, beta covered in 90-91 % without, 93 % with it
 */
export function stretchFor({ inputs, run }: Observations, level: number): number {
  if (run === null) return 1;
  const groups = new Set(run).size;
  if (groups < 2) return 1;
  const isRuns = [...inputs.values()].some((column) => isConstantWithin(column, run));
  if (groups >= (isRuns ? ENOUGH_RUNS : ENOUGH_GROUPS)) return Math.sqrt(groups / (groups - 2));
  return studentFactor(level, groups - 1) / normalFactor(level);
}

function isConstantWithin(column: Float64Array, run: Int32Array): boolean {
  const first = new Map<number, number>();
  for (let i = 0; i < run.length; i++) {
    const known = first.get(run[i]);
    if (known === undefined) first.set(run[i], column[i]);
    else if (known !== column[i]) return false;
  }
  return true;
}

/** One-way analysis of variance of values by group. */
export interface Anova {
  groups: number;
  f: number;
  p: number;
  /** Estimated share of the variance that is common to a group. */
  share: number;
}

/**
 * F = [SSB/(G - 1)] / [SSW/(n - G)], its p from Fisher's distribution, and the intraclass correlation
 * (F - 1) / (F - 1 + m) with m the mean group size.
 *
 * @param fewest  groups that are needed
 * @returns null where groups are too few or too small to say anything
 */
export function anova(values: Float64Array, group: Int32Array, fewest = FEWEST_GROUPS): Anova | null {
  const n = values.length;
  const members = new Map<number, { count: number; sum: number }>();
  let total = 0;
  for (let i = 0; i < n; i++) {
    const entry = members.get(group[i]) ?? { count: 0, sum: 0 };
    members.set(group[i], entry);
    entry.count++;
    entry.sum += values[i];
    total += values[i];
  }
  const groups = members.size;
  if (groups < fewest || n / groups < ROWS_A_GROUP) return null;
  let between = 0;
  for (const { count, sum } of members.values()) between += count * (sum / count - total / n) ** 2;
  let within = 0;
  for (let i = 0; i < n; i++) {
    const { count, sum } = members.get(group[i]) as { count: number; sum: number };
    within += (values[i] - sum / count) ** 2;
  }
  const f = between / (groups - 1) / (within / (n - groups));
  if (!Number.isFinite(f)) return null;
  const share = Math.max(f - 1, 0) / (Math.max(f - 1, 0) + n / groups);
  return { groups, f, p: fisherTail(f, groups - 1, n - groups), share };
}

/** The budget of each row as a group: neighbours in C = k N D within 10 %; null for laws of other inputs. */
export function budgetGroups({ inputs }: Observations): Int32Array | null {
  const [N, D] = [inputs.get("N"), inputs.get("D")];
  if (N === undefined || D === undefined) return null;
  const compute = N.map((n, i) => n * D[i]);
  const order = [...compute.keys()].sort((a, b) => compute[a] - compute[b]);
  const group = new Int32Array(compute.length);
  let smallest = 0;
  let current = -1;
  for (const i of order) {
    if (current < 0 || compute[i] > ONE_BUDGET * smallest) {
      current++;
      smallest = compute[i];
    }
    group[i] = current;
  }
  return group;
}

/**
 * Residuals in units of their noise, none beyond three robust spreads: an outlier would be its group's mean.
 *
 * @returns null where they are rounding
 */
export function clippedResiduals(
  residuals: Float64Array,
  weight: Float64Array | null,
  parameters: number,
): Float64Array | null {
  const scaled = residuals.map((r, i) => r * Math.sqrt(weight?.[i] ?? 1));
  const spread = robustSpread(scaled, parameters);
  if (!(spread > 1e-9 * (weight === null ? 1 : Math.sqrt(weight[0])))) return null;
  return scaled.map((r) => Math.max(-3 * spread, Math.min(3 * spread, r)));
}

/**
 * Whether rows of one run, or of one budget, share an error. Rows of one run are resampled together already; of
 * budgets it is said what to do.
 *
 * @param residuals one an observation, on the objective's scale
 */
export function sharedError(
  observations: Observations,
  residuals: Float64Array,
  parameters: number,
): Diagnosis[] {
  const { run, weight } = observations;
  if (residuals.length > MOST_ROWS) return [];
  const clipped = clippedResiduals(residuals, weight, parameters);
  if (clipped === null) return [];
  const byRun = run === null ? null : anova(clipped, run);
  if (isShared(byRun)) {
    return [finding("note", "cluster", byRun, "whole clusters were resampled, so the intervals hold it")];
  }
  const budgets = budgetGroups(observations);
  const byBudget = run !== null || budgets === null ? null : anova(clipped, budgets);
  if (!isShared(byBudget)) return [];
  const cure =
    "the intervals take rows as independent and are too narrow. Resample budgets whole with --cluster COLUMN, a column with the same value in all rows of a budget";
  return [finding("warning", "budget", byBudget, cure)];
}

const isShared = (found: Anova | null): found is Anova =>
  found !== null && found.p < SURE && found.share > LEAST_SHARE;

function finding(
  severity: "note" | "warning",
  kind: string,
  { groups, f, p, share }: Anova,
  cure: string,
): Diagnosis {
  const chance = p < 1e-3 ? "less than 0.001" : p.toPrecision(2);
  return {
    code: "shared-error",
    severity,
    message: `rows of one ${kind} err together (${Math.round(100 * share)} % of the variance is common to the ${groups} ${kind}s; chance alone: p ${p < 1e-3 ? "" : "= "}${chance}): ${cure}`,
    numbers: { groups, f, p, share },
  };
}

/** The runs behind rows; rows without a run are one each. */
export const countRuns = ({ run, measured }: Observations): number =>
  run === null ? measured.length : new Set(run).size;
