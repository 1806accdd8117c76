/**
 * The distribution of success rates over problems, from the samples and the correct ones of each: Beta(alpha, beta) by
 * the beta-binomial likelihood (arXiv 2502.17578). What is saved is a fit of the law pass-at-k-beta, so that coverages
 * far beyond the samples, and the exponent alpha at which failures fall, come with intervals from resampled problems.
 */
import { evaluateLaw } from "../laws/evaluate-law.js";
import type { Coefficients } from "../laws/law.js";
import { lawFunction } from "../laws/law-function.js";
import { betaBinomial, passAtKBeta, passAtKEstimator } from "../laws/pass-at-k.js";
import type { Diagnosis, FitMetrics, Observations } from "../objects.js";
import { type CoreFit, type StartedFit, startFit } from "./fit-law.js";
import { NO_CHOICES, type ParameterChoices } from "./layout.js";
import { fitMetrics } from "./metrics.js";
import type { FitOptions } from "./options.js";
import { norm, triangle } from "./qr.js";

/** Findings of the fit that are not about residuals, of which a likelihood of single problems has none. */
const KEPT: ReadonlySet<string> = new Set([
  "few-rows",
  "at-bound",
  "no-degrees-of-freedom",
  "second-opinion",
  "failed-resamples",
  "not-identified",
  "open-interval",
  "many-rows",
]);
/** So many standard deviations of the score are no chance: one in 200 clean sets of problems. */
const MANY_SIGMAS = 2.6;

/**
 * @param observations one row a problem: inputs `n` (samples) and `c` (correct ones), measured `c`
 * @throws DataError where all problems have the same count, or there are fewer than two
 */
export function startCountFit(
  observations: Observations,
  asked: FitOptions,
  choices: ParameterChoices = NO_CHOICES,
): StartedFit {
  const { tasks, finish } = startFit(
    betaBinomial,
    observations,
    { ...asked, objective: "law-likelihood", delta: "auto" },
    // A likelihood of two parameters with one maximum needs no search, only a start.
    { ...choices, starts: new Map([...momentStart(observations), ...choices.starts]) },
  );
  return { tasks, finish: (draws) => asCoverage(finish(draws), observations) };
}

/** The range of samples over which coverages are measured: from 1 to the most samples of a problem. */
export const sampledRange = ({ inputs }: Observations): { k: [number, number] } => ({
  k: [1, (inputs.get("n") as Float64Array).reduce((a, b) => Math.max(a, b), 1)],
});

function asCoverage(fit: CoreFit, observations: Observations): CoreFit {
  const c = Object.fromEntries(
    Object.entries(fit.parameters).map(([name, { estimate }]) => [name, estimate]),
  );
  const { name, delta, deltaRule, value } = fit.objective;
  return {
    ...fit,
    law: passAtKBeta.id,
    formula: passAtKBeta.formula,
    objective: { name, delta, deltaRule, value },
    metrics: curveMetrics(c, observations, value),
    diagnosis: [...fit.diagnosis.filter(({ code }) => KEPT.has(code)), ...unsolved(c, observations)],
    residuals: [],
  };
}

/** Quality on the curve of coverages: the problems' unbiased estimates at k = 1, 2, 4, ... against the fitted law. */
function curveMetrics(c: Coefficients, { inputs }: Observations, value: number): FitMetrics {
  const n = inputs.get("n") as Float64Array;
  const correct = inputs.get("c") as Float64Array;
  const most = n.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const ks = Array.from({ length: Math.floor(Math.log2(most)) + 1 }, (_, j) => 2 ** j);
  const measured = Float64Array.from(ks, (k) => {
    let total = 0;
    for (let i = 0; i < n.length; i++)
      total += evaluateLaw(passAtKEstimator, {}, { n: n[i], c: correct[i], k });
    return total / n.length;
  });
  const predicted = Float64Array.from(ks, (k) => evaluateLaw(passAtKBeta, c, { k }));
  const p = passAtKBeta.parameters.length;
  const rows = n.length;
  return {
    ...fitMetrics(
      { measured, weight: null },
      predicted,
      measured.map((y, i) => y - predicted[i]),
      p,
    ),
    residualStandardDeviation: null,
    aicc: rows > p + 1 ? 2 * value + 2 * p + (2 * p * (p + 1)) / (rows - p - 1) : null,
    bic: 2 * value + p * Math.log(rows),
    looMeanRelativeError: null,
  };
}

/**
 * Beta(alpha, beta) by the first two moments of the rates c/n: with mean m and variance v of the rates, and N the harmonic
 * mean of n, alpha + beta = (m (1 - m) - v)/(v - m (1 - m)/N).
 */
function momentStart({ inputs }: Observations): ReadonlyMap<string, number> {
  const n = inputs.get("n") as Float64Array;
  const correct = inputs.get("c") as Float64Array;
  const rates = correct.map((c, i) => c / n[i]);
  const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
  const variance = rates.reduce((sum, rate) => sum + (rate - mean) ** 2, 0) / rates.length;
  const ofCounts = (mean * (1 - mean) * n.reduce((sum, samples) => sum + 1 / samples, 0)) / n.length;
  const total = (mean * (1 - mean) - variance) / (variance - ofCounts);
  const size = total > 0 && Number.isFinite(total) ? Math.min(Math.max(total, 0.02), 1e4) : 1e4;
  const share = Math.min(Math.max(mean, 1e-6), 1 - 1e-6);
  return new Map([
    ["alpha", Math.max(share * size, 1e-3)],
    ["beta", Math.max((1 - share) * size, 1e-3)],
  ]);
}

/**
 * More problems without success than Beta rates give: a score test of a share u of problems that are never solved, at
 * u = 0, with d ln L/du = 1/P(0) - 1 for a problem without success and -1 for any other, less what alpha and beta make
 * of it (outer products of the scores).
 */
function unsolved(c: Coefficients, { inputs }: Observations): Diagnosis[] {
  const n = inputs.get("n") as Float64Array;
  const correct = inputs.get("c") as Float64Array;
  const rows = n.length;
  const names = betaBinomial.parameters.map(({ name }) => name);
  const law = lawFunction(betaBinomial, null, { free: names, given: new Map() }).bind([n, correct], rows);
  const [value, jacobian] = [new Float64Array(rows), new Float64Array(rows * names.length)];
  law.gradient(
    Float64Array.from(names, (name) => c[name]),
    value,
    jacobian,
  );
  const score = Float64Array.from(n, (samples, i) =>
    correct[i] > 0 ? -1 : 1 / (1 - evaluateLaw(passAtKBeta, c, { k: samples })) - 1,
  );
  const columns = names
    .map((_, j) => jacobian.subarray(j * rows, (j + 1) * rows))
    .filter((column) => norm(column) > 0);
  const m = columns.length + 1;
  const left = Math.abs(triangle([...columns, score])[m * m - 1]);
  const sigmas = score.reduce((sum, one) => sum + one, 0) / left;
  if (rows <= m || !(sigmas > MANY_SIGMAS)) return [];
  const without = correct.reduce((count, passed) => count + (passed === 0 ? 1 : 0), 0);
  return [
    {
      code: "unsolved-problems",
      severity: "warning",
      message: `${without} of ${rows} problems have no correct sample, more than the rates of the others lead one to expect (${sigmas.toFixed(1)} standard deviations): some may never be solved, coverage then ends below 1, and alpha is too small. Look at these problems before you extrapolate, or leave them out`,
      numbers: { without, sigmas },
    },
  ];
}
