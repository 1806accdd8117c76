/**
 * Optima of budgets as a fit of the law that they were put through, with what plans need: how its coefficients vary
 * together.
 */
import { blockDiagonal } from "../fit/block-diagonal.js";
import { studentFactor } from "../fit/distributions.js";
import { fitMetrics } from "../fit/metrics.js";
import { percentileInterval, standardDeviation } from "../fit/quantiles.js";
import { isoflopFrontier, isoflopFrontierLoss } from "../laws/isoflop-frontier.js";
import type { Law } from "../laws/law.js";
import type {
  BudgetOptimum,
  Estimate,
  FitMemory,
  FitMetrics,
  FrontierLine,
  Optima,
  ParameterEstimate,
} from "../objects.js";
import type { Envelope } from "./envelope.js";
import { coefficientOf, exponentOf, valueAt } from "./frontier-line.js";
import { lossFrontier } from "./loss-frontier.js";

/** A law through optima. */
export interface FrontierFit extends Pick<FitMemory, "draws" | "covariance"> {
  law: Law;
  parameters: Record<string, ParameterEstimate>;
  interval: "covariance" | "percentile";
  metrics: FitMetrics;
  /** Half the sum of squares of ln N* about the line. */
  value: number;
}

/** The law through the optima of budgets; with the loss where there are budgets enough for it. */
export function frontierOfBudgets({ budgets, N, D, level }: Optima): FrontierFit {
  const used = budgets.filter((budget) => budget.used);
  const lnC = used.map(({ flops }) => Math.log(flops));
  const found = (of: (budget: BudgetOptimum) => Estimate | null) =>
    used.map((budget) => Math.log((of(budget) as Estimate).estimate));
  const [lnN, lnD] = [found((budget) => budget.N), found((budget) => budget.D)];
  const degrees = used.length - 2;
  const loss = lossFrontier(
    used.map(({ flops }) => flops),
    used.map((budget) => budget.loss as number),
  );
  const hasLoss = loss !== null && loss.covariance !== null && used.length > 3;
  const sizes = covarianceOfLines(N.line, D.line, rests(N.line, lnC, lnN), rests(D.line, lnC, lnD), degrees);
  const values = hasLoss
    ? blockDiagonal([sizes, scaledTo(loss.covariance as number[][], level, used.length - 3, degrees)])
    : sizes;
  const law = hasLoss ? isoflopFrontierLoss : isoflopFrontier;
  const names = law.parameters.map(({ name }) => name);
  const standardError = (j: number) => (degrees > 0 ? Math.sqrt(Math.max(values[j][j], 0)) : null);
  const ofLines = [
    valueAt(N.line, 1, level),
    exponentOf(N.line, level),
    valueAt(D.line, 1, level),
    exponentOf(D.line, level),
  ];
  const half = degrees > 0 ? studentFactor(level, degrees) : 0;
  const ofLoss = hasLoss
    ? [loss.E, loss.A, loss.alpha].map((value, j) => about(value, half, values[j + 4][j + 4]))
    : [];
  const parameters = Object.fromEntries(
    [...ofLines, ...ofLoss].map((estimate, j) => [
      names[j],
      { ...estimate, standardError: standardError(j) },
    ]),
  );
  return {
    law,
    parameters,
    interval: "covariance",
    draws: { parameters: names, values: [] },
    // Two budgets leave nothing to judge a line by.
    covariance: degrees > 0 ? { parameters: names, values, degrees } : null,
    ...qualityOf(N.line, lnC, lnN),
  };
}

/** A parameter above 0 with its interval, from its variance. */
function about(estimate: number, factor: number, variance: number): Estimate {
  const half = factor * Math.sqrt(Math.max(variance, 0));
  return { estimate, low: Math.max(estimate - half, 0), high: estimate + half };
}

/** ln y less the line. */
const rests = (
  { atMiddle, exponent, middle }: FrontierLine,
  lnC: readonly number[],
  lnY: readonly number[],
): number[] => lnY.map((y, j) => y - atMiddle - exponent * (lnC[j] - middle));

/**
 * The covariance of kN, a, kD, b: S x (X'X)^-1 with X of 1 and ln C, S the covariance of what ln N* and ln D* lie off
 * their lines by (where C = k N D the one is minus the other), from logarithms of the coefficients to themselves.
 */
function covarianceOfLines(
  N: FrontierLine,
  D: FrontierLine,
  restsOfN: readonly number[],
  restsOfD: readonly number[],
  degrees: number,
): number[][] {
  const product = (r: readonly number[], s: readonly number[]) =>
    degrees > 0 ? r.reduce((sum, value, j) => sum + value * s[j], 0) / degrees : 0;
  const lines = [N, D];
  const off = [restsOfN, restsOfD];
  const scale = lines.map((line) => [coefficientOf(line), 1]);
  const { middle, weight, spread } = N;
  const ofOne = [
    [1 / weight + middle ** 2 / spread, -middle / spread],
    [-middle / spread, 1 / spread],
  ];
  return Array.from({ length: 4 }, (_, i) =>
    Array.from({ length: 4 }, (_, j) => {
      const [p, q] = [Math.floor(i / 2), Math.floor(j / 2)];
      return product(off[p], off[q]) * ofOne[i % 2][j % 2] * scale[p][i % 2] * scale[q][j % 2];
    }),
  );
}

/** A covariance with its own degrees of freedom, so that Student's factor for others gives the same limits. */
function scaledTo(values: readonly number[][], level: number, own: number, degrees: number): number[][] {
  const ratio = (studentFactor(level, own) / studentFactor(level, degrees)) ** 2;
  return values.map((row) => row.map((value) => value * ratio));
}

/** How well the line holds the best sizes. */
function qualityOf(
  line: FrontierLine,
  lnC: readonly number[],
  lnN: readonly number[],
): Pick<FrontierFit, "metrics" | "value"> {
  const off = Float64Array.from(rests(line, lnC, lnN));
  const measured = Float64Array.from(lnN, Math.exp);
  const predicted = Float64Array.from(lnN, (y, j) => Math.exp(y - off[j]));
  const metrics = fitMetrics({ measured, weight: null }, predicted, off, 2);
  return {
    metrics: { ...metrics, looMeanRelativeError: null },
    value: off.reduce((sum, r) => sum + r * r, 0) / 2,
  };
}

/** The law through an envelope, with the lines of its resamples as draws. */
export function frontierOfEnvelope({ optima, draws }: Envelope): FrontierFit {
  const law = isoflopFrontier;
  const names = law.parameters.map(({ name }) => name);
  const k = optima.flopsPerParamToken;
  // Where too few resamples have an envelope, those that have one say nothing of the others.
  const values = optima.N.exponent.low === null ? [] : draws.map((line) => ofLine(line, k));
  const estimates = ofLine(optima.N.line, k);
  const parameters = Object.fromEntries(
    names.map((name, j) => [
      name,
      drawn(
        estimates[j],
        values.map((row) => row[j]),
        optima.level,
      ),
    ]),
  );
  const used = optima.stretches.filter((stretch) => stretch.used);
  const lnC = used.map(({ from, to }) => (Math.log(from) + Math.log(to)) / 2);
  return {
    law,
    parameters,
    interval: "percentile",
    draws: { parameters: names, values },
    covariance: null,
    ...qualityOf(
      optima.N.line,
      lnC,
      used.map(({ N }) => Math.log(N)),
    ),
  };
}

/** kN, a, kD, b of a line of ln N* under C = k N D. */
function ofLine(line: FrontierLine, k: number): number[] {
  const kN = coefficientOf(line);
  return [kN, line.exponent, 1 / (k * kN), 1 - line.exponent];
}

function drawn(estimate: number, values: readonly number[], level: number): ParameterEstimate {
  if (values.length < 2)
    return { estimate, low: null, high: null, reason: "no resamples of runs", standardError: null };
  const [low, high] = percentileInterval(values, level);
  return { estimate, low, high, standardError: standardDeviation(values) };
}
