/** Evaluations as an experiment: runs with their last checkpoints, by recipe and scale. */
import type { EvaluatedScale, Evaluations, MetricDirection } from "../objects.js";

/** One training run; entries of the evaluations, the first of the last checkpoints first. */
interface Run {
  recipe: string;
  N: number | null;
  D: number | null;
  C: number | null;
  /** Entries of each of its last checkpoints; several where one was evaluated twice. */
  last: number[][];
}

export interface Experiment {
  /** In code-unit order. */
  recipes: string[];
  /** The smallest first. */
  scales: EvaluatedScale[];
  /** By scale, then by recipe (index of `recipes`): its runs. */
  cells: ReadonlyMap<number, readonly Run[]>[];
  /** By what scales are told apart, where it is not params and tokens. */
  matched: "exactly" | "params" | "compute" | null;
}

/** Scores of one metric in one cell: by run, its last checkpoints in order. */
export type CellScores = readonly (readonly number[])[];

/** Scores of a metric by scale and recipe. */
export interface MetricScores {
  metric: string;
  direction: MetricDirection;
  /** By scale, then by recipe. Runs without a score are left out, and recipes without a run. */
  cells: ReadonlyMap<number, CellScores>[];
  values: number;
}

/** Values within this factor of the smallest of them are one scale: recipes differ a little in their size. */
const ONE_SCALE = 1.1;
/** Runs that must share a scale with another recipe. */
const MOSTLY = 0.5;
/** Without common sizes, models within this factor of compute are compared. */
const SIMILAR_COMPUTE = 2;

/** Sorts evaluations into runs, and runs into scales that recipes share. */
export function experimentOf(evaluations: Evaluations, checkpoints: number): Experiment {
  const runs = runsOf(evaluations, checkpoints);
  const recipes = [...new Set(runs.map(({ recipe }) => recipe))].sort();
  const keys = [
    {
      matched: "exactly" as const,
      of: byValues(
        runs,
        ({ N }) => N,
        ({ D }) => D,
      ),
    },
    {
      matched: "params" as const,
      of: byValues(
        runs,
        ({ N }) => N,
        () => null,
      ),
    },
    {
      matched: "compute" as const,
      of: clusters(
        runs.map(({ C, N }) => C ?? N),
        SIMILAR_COMPUTE,
      ).map(String),
    },
  ];
  // The first way in which most runs share a scale with another recipe; with one recipe the exact one.
  const shares = keys.map((way) => (recipes.length < 2 ? 1 : sharedIn(runs, way.of)));
  const enough = shares.findIndex((share) => share >= MOSTLY);
  const { matched, of } = keys[enough >= 0 ? enough : shares.indexOf(Math.max(...shares))];
  const groups = new Map<string, Run[]>();
  for (const [i, run] of runs.entries()) groups.set(of[i], [...(groups.get(of[i]) ?? []), run]);
  const size = (group: Run[]) => (matched === "params" ? median(group, "N") : sizeOf(group));
  const ordered = [...groups.values()].sort((a, b) => size(a) - size(b) || median(a, "N") - median(b, "N"));
  const hasTokens = matched === "exactly" && isTold(ordered);
  return {
    recipes,
    scales: ordered.map((group) => scaleOf(group, matched, hasTokens)),
    cells: ordered.map((group) => {
      const cell = new Map<number, Run[]>();
      recipes.forEach((recipe, i) => {
        const own = alikeIn(group.filter((run) => run.recipe === recipe));
        if (own.length > 0) cell.set(i, own);
      });
      return cell;
    }),
    matched: ordered.length < 2 ? null : matched,
  };
}

/** The share of runs at whose scale another recipe has one too. */
function sharedIn(runs: readonly Run[], of: readonly string[]): number {
  const recipes = new Map<string, Set<string>>();
  for (const [i, { recipe }] of runs.entries())
    recipes.set(of[i], (recipes.get(of[i]) ?? new Set()).add(recipe));
  return runs.filter((_run, i) => (recipes.get(of[i])?.size ?? 0) > 1).length / runs.length;
}

/** Of runs of several sizes those of the largest: only they repeat each other. */
function alikeIn(runs: readonly Run[]): Run[] {
  const largest = runs.reduce((a, b) => ((b.C ?? b.N ?? 0) > (a.C ?? a.N ?? 0) ? b : a), runs[0]);
  const isLike = (a: number | null, b: number | null) =>
    a === b || (a !== null && b !== null && Math.max(a, b) <= ONE_SCALE * Math.min(a, b));
  return runs.filter(({ N, D }) => isLike(N, largest.N) && isLike(D, largest.D));
}

/** Whether sizes alone do not tell the scales apart. */
const isTold = (groups: readonly Run[][]): boolean =>
  new Set(groups.map((group) => median(group, "N"))).size < groups.length;

function runsOf({ recipe, N, D, C, step, seed, run }: Evaluations, checkpoints: number): Run[] {
  const groups = new Map<string, number[]>();
  recipe.forEach((name, i) => {
    // Without steps every entry is a run's end, and what it saw is a part of its setting.
    const trained = step === null ? [D?.[i], C?.[i]] : [];
    const key = JSON.stringify([name, N?.[i], seed?.[i], run?.[i], ...trained, step === null ? i : ""]);
    groups.set(key, [...(groups.get(key) ?? []), i]);
  });
  return [...groups.values()].map((entries) => {
    const bySteps = new Map<number, number[]>();
    for (const i of entries) {
      const at = step?.[i] ?? 0;
      bySteps.set(at, [...(bySteps.get(at) ?? []), i]);
    }
    const inOrder = [...bySteps].sort(([a], [b]) => a - b);
    const end = inOrder[inOrder.length - 1][1][0];
    const known = (values: Float64Array | null) => (values !== null && values[end] > 0 ? values[end] : null);
    return {
      recipe: recipe[end],
      N: known(N),
      D: known(D),
      C: known(C),
      last: inOrder.slice(-checkpoints).map(([, several]) => several),
    };
  });
}

function byValues(
  runs: readonly Run[],
  first: (run: Run) => number | null,
  second: (run: Run) => number | null,
): string[] {
  const a = clusters(runs.map(first), ONE_SCALE);
  const b = clusters(runs.map(second), ONE_SCALE);
  return runs.map((_run, i) => `${a[i]} ${b[i]}`);
}

/** The cluster of each value: those within `factor` of the smallest in it; -1 where there is none. */
function clusters(values: readonly (number | null)[], factor: number): number[] {
  const sorted = values.flatMap((value) => value ?? []).sort((a, b) => a - b);
  const starts: number[] = [];
  for (const value of sorted) if (value > factor * (starts.at(-1) ?? 0)) starts.push(value);
  return values.map((value) => (value === null ? -1 : starts.filter((start) => start <= value).length - 1));
}

const sizeOf = (runs: readonly Run[]): number => median(runs, "C") || median(runs, "N") || median(runs, "D");

/** The median, of two the smaller; 0 where it is not known. */
function median(runs: readonly Run[], of: "N" | "D" | "C"): number {
  const sorted = runs.flatMap((run) => run[of] ?? []).sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}

function scaleOf(runs: readonly Run[], matched: string, hasTokens: boolean): EvaluatedScale {
  const [N, D, C] = (["N", "D", "C"] as const).map((of) => median(runs, of) || null);
  const params = N === null ? [] : [short(N)];
  const tokens = D === null || !(hasTokens || N === null) ? [] : [`${short(D)} tokens`];
  const compute =
    C === null || (N !== null && matched !== "compute") || D !== null ? [] : [`${C.toExponential(1)} FLOPs`];
  return {
    name: [...params, ...tokens, ...compute].join(", ") || "all",
    N,
    D,
    C,
    recipes: new Set(runs.map(({ recipe }) => recipe)).size,
    runs: runs.length,
  };
}

/** `190M`: how a scale is called. */
function short(value: number): string {
  const [unit, suffix] = (
    [
      [1e12, "T"],
      [1e9, "B"],
      [1e6, "M"],
      [1e3, "k"],
    ] as const
  ).find(([one]) => value >= 0.9995 * one) ?? [1, ""];
  return `${Number((value / unit).toPrecision(3))}${suffix}`;
}

/** The scores of a metric, in an order that no row order changes. */
export function scoresOf(
  { cells }: Experiment,
  metric: string,
  direction: MetricDirection,
  values: Float64Array,
): MetricScores {
  let count = 0;
  const scores = cells.map((cell) => {
    const found = new Map<number, number[][]>();
    for (const [recipe, runs] of cell) {
      const own = runs
        .map(({ last }) => last.flatMap((entries) => meanOf(entries.map((i) => values[i]))))
        .filter((run) => run.length > 0)
        .sort(byNumbers);
      if (own.length > 0) found.set(recipe, own);
      count += own.reduce((sum, run) => sum + run.length, 0);
    }
    return found;
  });
  return { metric, direction, cells: scores, values: count };
}

/** The mean of the finite ones, or nothing. */
function meanOf(values: readonly number[]): number[] {
  const finite = values.filter(Number.isFinite).sort((a, b) => a - b);
  return finite.length === 0 ? [] : [finite.reduce((sum, value) => sum + value, 0) / finite.length];
}

function byNumbers(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) if (a[i] !== b[i]) return a[i] - b[i];
  return a.length - b.length;
}
