import { trainingFlopsPerToken } from "./flops.js";
import { type ModelShape, parameterCount } from "./parameters.js";

/** Everything that decides the outcome of one training run. */
export interface RunSpec {
  readonly run: string;
  /** Compute the run was planned for, in floating-point operations. */
  readonly budget: number;
  readonly shape: ModelShape;
  readonly seed: number;
  /** Tokens in a batch. */
  readonly batchTokens: number;
  readonly steps: number;
  /** Peak learning rate. */
  readonly rate: number;
}

const rateOverWidth = 0.45;
const largestRate = 0.03;

/** Peak learning rate of a width: 0.45 / d, at most 0.03. */
export function peakRate(dModel: number): number {
  return Math.min(largestRate, rateOverWidth / dModel);
}

/** Tokens in a batch: the power of two nearest to tokens / 2000, within 128..1024. */
export function batchSize(tokens: number): number {
  return Math.min(1024, Math.max(128, 2 ** Math.round(Math.log2(tokens / 2000))));
}

/** The run that spends `budget` on a shape, to within half a step. */
export function planRun(budget: number, shape: ModelShape, seed: number): RunSpec {
  const perToken = trainingFlopsPerToken(shape);
  const batchTokens = batchSize(budget / perToken);
  const steps = Math.round(budget / (perToken * batchTokens));
  const run = `c${budget.toExponential().replace("+", "")}-n${parameterCount(shape)}-s${seed}`;
  return { run, budget, shape, seed, batchTokens, steps, rate: peakRate(shape.dModel) };
}

function size(dModel: number, layers: number, heads: number): ModelShape {
  return { dModel, layers, heads };
}

/** The shapes in use, by growing number of parameters: 1.6 thousand to 341 thousand. */
const shapes = {
  d8: size(8, 1, 2),
  d12: size(12, 1, 2),
  d16: size(16, 1, 2),
  d16deep: size(16, 2, 2),
  d20: size(20, 2, 2),
  d24: size(24, 2, 4),
  d32: size(32, 2, 4),
  d40: size(40, 2, 4),
  d48: size(48, 2, 4),
  d48deep: size(48, 3, 4),
  d64: size(64, 3, 4),
  d80: size(80, 3, 4),
  d96: size(96, 3, 4),
};

type ShapeName = keyof typeof shapes;

/** For each budget, shapes on both sides of the one with the lowest loss; those `repeated` run with more seeds too. */
const curves: readonly {
  readonly budget: number;
  readonly sizes: readonly ShapeName[];
  readonly repeated: readonly ShapeName[];
  readonly seeds: readonly number[];
}[] = [
  {
    budget: 8e9,
    sizes: ["d8", "d12", "d16", "d16deep", "d20", "d24"],
    repeated: ["d16", "d16deep"],
    seeds: [2, 3],
  },
  {
    budget: 2.5e10,
    sizes: ["d12", "d16", "d16deep", "d20", "d24", "d32", "d40"],
    repeated: ["d20"],
    seeds: [2, 3],
  },
  {
    budget: 8e10,
    sizes: ["d16deep", "d24", "d32", "d40", "d48", "d48deep"],
    repeated: ["d32"],
    seeds: [2, 3],
  },
  { budget: 2.5e11, sizes: ["d24", "d32", "d40", "d48", "d48deep", "d64"], repeated: ["d48"], seeds: [2] },
  {
    budget: 8e11,
    sizes: ["d32", "d40", "d48", "d48deep", "d64", "d80", "d96"],
    repeated: ["d48deep"],
    seeds: [2],
  },
  // The corpus bounds this curve: a smaller model would see it more than once.
  { budget: 2.5e12, sizes: ["d48", "d48deep", "d64", "d80"], repeated: [], seeds: [] },
];

/** Every run of the sweep, the longest first, so that the workers end at about the same time. */
export function sweepRuns(): RunSpec[] {
  return curves
    .flatMap(({ budget, sizes, repeated, seeds }) => [
      ...sizes.map((name) => planRun(budget, shapes[name], 1)),
      ...seeds.flatMap((seed) => repeated.map((name) => planRun(budget, shapes[name], seed))),
    ])
    .sort((a, b) => b.budget - a.budget || parameterCount(b.shape) - parameterCount(a.shape));
}
