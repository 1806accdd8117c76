/**
 * A fitted law as one curve along a scale: the least loss at a training budget for laws of parameters and tokens, the law
 * itself for laws of one input.
 */
import { UsageError } from "../errors.js";
import { extent } from "../fit/quantiles.js";
import { evaluateLaw } from "../laws/evaluate-law.js";
import type { Law, LawAnswer, Split } from "../laws/law.js";
import type { Estimate, Observations } from "../objects.js";
import { inputsAt, lossOf, solveFalling } from "../plan/design.js";
import { moved, shiftAt } from "../plan/guard.js";
import { derive, estimateOf } from "../plan/intervals.js";
import { allocationOf } from "../plan/numeric-allocation.js";
import type { Coefficients, Source } from "../plan/source.js";

export interface Curve {
  source: Source;
  /** The scale's name: `C` for compute, else the law's input. */
  along: string;
  /** The value at a scale; not a number where there is none. */
  at(c: Coefficients, x: number): number;
  /** The scale at which the value is reached; null where it is not. */
  inverse(c: Coefficients, value: number): number | null;
  /** The best split of a training budget; null for a law that splits none. */
  splitAt(c: Coefficients, x: number): Split | null;
  /** By how much a limit is moved there against a law that bends, on the scale of the residuals. */
  shiftAt(x: number): number;
  /** Smallest and largest scale of the data. */
  range: [number, number];
  /** Whether a value costs so little that all draws can be asked. */
  isCheap: boolean;
}

/**
 * @param observations the rows behind the source
 * @throws UsageError for a law that is no curve along one scale
 */
export function curveOf(source: Source, observations: Observations): Curve {
  const { law } = source;
  const forms = law.inputs.length === 2 ? allocationOf(law) : null;
  if (forms !== null) return alongCompute(source, forms, observations);
  const optimum = optimumOfBudget(law);
  if (optimum !== null) return alongBudgets(source, optimum, observations);
  const [input, ...others] = law.inputs;
  if (others.length > 0) {
    throw new UsageError({
      code: "no-curve",
      message: `curves of the law "${law.id}" cannot be compared: it has ${law.inputs.length} inputs (${law.inputs.map(({ name }) => name).join(", ")})`,
      hint: "compare along one of them with --by COLUMN, or under a law of parameters and tokens such as chinchilla",
    });
  }
  const at = (c: Coefficients, x: number) => evaluateLaw(law, c, { [input.name]: x });
  return {
    source,
    along: source.quantities.get(input.name) ?? input.name,
    at,
    inverse: (c, value) => solveFalling((x) => at(c, x), value),
    splitAt: () => null,
    shiftAt: (x) => shiftAt(source, { [input.name]: x }),
    range: extent(observations.inputs.get(input.name) as Float64Array),
    isCheap: true,
  };
}

/** The answer of a law in other variables that gives the least loss of a budget and its split; null where it has none. */
const optimumOfBudget = ({ answers }: Law): LawAnswer | null =>
  answers.find(
    ({ kind, given, gives }) =>
      kind === "optimum" && given.join() === "C" && ["loss", "N", "D"].every((name) => gives.includes(name)),
  ) ?? null;

function alongBudgets(source: Source, answer: LawAnswer, { inputs }: Observations): Curve {
  const at = (c: Coefficients, C: number) => answer.solve(c, { C })?.loss ?? Number.NaN;
  return {
    source,
    along: "C",
    at,
    inverse: (c, value) => solveFalling((C) => at(c, C), value),
    splitAt(c, C) {
      const best = answer.solve(c, { C });
      return best === null ? null : { N: best.N, D: best.D };
    },
    shiftAt: (C) => shiftAt(source, { ...answer.solve(source.estimate, { C }), C }),
    range: extent(inputs.get("C") as Float64Array),
    isCheap: true,
  };
}

function alongCompute(
  source: Source,
  forms: NonNullable<ReturnType<typeof allocationOf>>,
  { inputs }: Observations,
): Curve {
  const { law, flopsPerParamToken: k } = source;
  const splitAt = (c: Coefficients, C: number) => forms.optimum(c, C / k);
  const [N, D] = law.inputs.map(({ name }) => inputs.get(name) as Float64Array);
  return {
    source,
    along: "C",
    at(c, C) {
      const split = splitAt(c, C);
      return split === null ? Number.NaN : lossOf(source, c, split);
    },
    inverse(c, value) {
      const product = forms.productForLoss(c, value);
      return product === null ? null : k * product;
    },
    splitAt,
    shiftAt(C) {
      const split = splitAt(source.estimate, C);
      return split === null ? 0 : shiftAt(source, inputsAt(law, split));
    },
    range: extent(N.map((value, i) => k * value * D[i])),
    isCheap: law.allocation !== null,
  };
}

/** Smallest and largest scale of all data. */
export const rangeOfAll = (curves: readonly Curve[]): [number, number] => [
  Math.min(...curves.map(({ range }) => range[0])),
  Math.max(...curves.map(({ range }) => range[1])),
];

/** Over what all curves have in common where they do, else over all data; then ten and a hundred times beyond. */
export function scalesFor(curves: readonly Curve[]): number[] {
  const data = rangeOfAll(curves);
  const common = [
    Math.max(...curves.map(({ range }) => range[0])),
    Math.min(...curves.map(({ range }) => range[1])),
  ];
  const [low, high] = common[0] < common[1] ? common : data;
  const inside = low < high ? [low, Math.sqrt(low * high), high] : [high];
  return [...inside, 10 * data[1], 100 * data[1]];
}

/** The value of a curve with its interval, the limit moved beyond the data as everywhere; not a number where it has none. */
export function valueOn(curve: Curve, scale: number): Estimate {
  const { source } = curve;
  const values = derive(source, (c) => curve.at(c, scale));
  if (values === null || !Number.isFinite(values.estimate))
    return { estimate: Number.NaN, low: null, high: null, reason: "the law has no value there" };
  return moved(
    source,
    estimateOf(source, values, (value) => value),
    curve.shiftAt(scale),
  );
}

/** The best split of a budget with its intervals; null where the law has none there. */
export function splitOn({ source, splitAt }: Curve, scale: number): Record<string, Estimate> | null {
  const splits = derive(source, (c) => splitAt(c, scale));
  if (splits === null || !(Number.isFinite(splits.estimate.N) && Number.isFinite(splits.estimate.D)))
    return null;
  return {
    N: estimateOf(source, splits, ({ N }) => N),
    D: estimateOf(source, splits, ({ D }) => D),
    tokensPerParameter: estimateOf(source, splits, ({ N, D }) => D / N),
  };
}

/** A curve whose values are given in another unit. */
export function inUnit(curve: Curve, factor: number): Curve {
  if (factor === 1) return curve;
  return {
    ...curve,
    at: (c, x) => factor * curve.at(c, x),
    inverse: (c, value) => curve.inverse(c, value / factor),
  };
}
