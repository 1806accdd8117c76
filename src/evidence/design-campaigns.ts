/**
 * Whole campaigns played on a known law, or on another that is true instead: its losses at the designed runs and at an isoFLOP grid of the same cost, with
 * noise, fitted and planned as real ones would be; how far the planned size, tokens and loss are off at the target, and
 * how much of that is a bias of the estimator.
 */
import { DataError, ScalefitError } from "../errors.js";
import { fitLaw } from "../fit/fit-law.js";
import { DEFAULT_OPTIONS, optionsFor } from "../fit/options.js";
import { quantileSorted } from "../fit/quantiles.js";
import { type RandomStream, randomStream } from "../fit/random.js";
import { evaluateLaw } from "../laws/evaluate-law.js";
import type { Split } from "../laws/law.js";
import type {
  DesignedLaw,
  DesignSimulation,
  Estimate,
  SimulatedEstimator,
  SimulatedQuality,
} from "../objects.js";
import { type Curve, ENVELOPE_DEFAULTS, envelopeOf } from "../optima/envelope.js";
import { optimaOf } from "../optima/isoflop-optima.js";
import { observations } from "../optima/observations.js";
import { OPTIMA_DEFAULTS } from "../optima/optima-options.js";
import { inputsAt, lossOf } from "../plan/design.js";
import { bestAt } from "../plan/design-information.js";
import type { IsoflopGrid } from "../plan/design-isoflop.js";
import type { KnownLaw } from "../plan/design-law.js";
import type { DesignQuestion } from "../plan/design-question.js";
import { type DesignedRuns, designedAndUsual } from "../plan/design-runs.js";
import { derive, estimateOf } from "../plan/intervals.js";
import { allocationOf, splitInputs } from "../plan/numeric-allocation.js";
import type { Source } from "../plan/source.js";

export interface CampaignOptions {
  campaigns: number;
  seed: number;
  /** The law that is true, where it is another than the one in hand: by it the losses are drawn, under it the best split. */
  truth?: Source | null;
}

export const CAMPAIGNS = 100;

/** What one estimator says of the target; intervals may be missing. */
interface Said {
  N: Estimate;
  D: Estimate;
  loss: Estimate | null;
}

/** @param design of the same source and question, whose runs are taken where no fit stands behind them */
export function simulateDesign(
  source: Source,
  question: DesignQuestion,
  design: DesignedLaw,
  { campaigns, seed, truth: other = null }: CampaignOptions,
): DesignSimulation {
  // Simulated campaigns start from nothing: the runs behind a fit cannot be drawn again.
  const made = designedAndUsual(source, { ...question, isNext: false }, design);
  const { known, grid } = made;
  const played = other === null ? known : playedOn(known, other, question.target);
  const truth = bestAt(played, question.target);
  const methods = methodsFor(source, made, played, question);
  const said = methods.map(() => [] as (Said | null)[]);
  for (let campaign = 0; campaign < campaigns; campaign++) {
    const stream = randomStream(seed, campaign);
    const drawn = {
      designed: drawnLosses(played, made.runs, stream),
      isoflop: drawnLosses(played, grid?.runs ?? [], stream),
    };
    methods.forEach((method, m) => {
      said[m].push(answerOf(() => method.estimate(drawn[method.runs], stream)));
    });
  }
  return {
    campaigns,
    seed,
    truth: other === null ? truth : { ...truth, law: other.law.id, source: other.from },
    noise: { value: known.noise.value, isRelative: known.noise.isRelative },
    estimators: methods.map(({ runs, estimator }, m) => judged({ runs, estimator }, said[m], truth)),
  };
}

/** What is known of the law in hand with another in its place. @throws DataError where that has no best split of the target */
function playedOn(known: KnownLaw, { law, estimate }: Source, target: number): KnownLaw {
  const forms = splitInputs(law) === null ? null : allocationOf(law);
  const split = forms?.optimum(estimate, target / known.k) ?? null;
  if (forms !== null && split !== null && [split.N, split.D].every(Number.isFinite))
    return { ...known, law, forms, estimate };
  throw new DataError({
    code: "no-allocation",
    message: `campaigns cannot be played on the law "${law.id}"`,
    why:
      forms === null ? "it is no law of parameters and tokens alone" : "it has no best split of the target",
    hint: "take one such as chinchilla, kaplan-nd or chinchilla-gamma as the truth",
  });
}

interface Method extends Pick<SimulatedEstimator, "runs" | "estimator"> {
  estimate(losses: Float64Array, stream: RandomStream): Said;
}

function methodsFor(
  source: Source,
  { known, runs, grid }: DesignedRuns,
  played: KnownLaw,
  question: DesignQuestion,
): Method[] {
  const { target } = question;
  const parametric = (of: readonly Split[]) => (losses: Float64Array) =>
    byFit(source, known, of, losses, target);
  return [
    { runs: "designed", estimator: "parametric fit", estimate: parametric(runs) },
    ...(grid === null
      ? []
      : ([
          { runs: "isoflop", estimator: "parametric fit", estimate: parametric(grid.runs) },
          {
            runs: "isoflop",
            estimator: "parabola",
            estimate: (losses) => byParabola(known, grid, losses, target),
          },
          {
            runs: "isoflop",
            estimator: "envelope",
            estimate: (_, stream) => byEnvelope(played, grid, stream, target),
          },
        ] satisfies Method[])),
  ];
}

/** The answer, or null where the data of this campaign allow none. */
function answerOf(estimate: () => Said): Said | null {
  try {
    const said = estimate();
    return [said.N.estimate, said.D.estimate].every((value) => value > 0 && Number.isFinite(value))
      ? said
      : null;
  } catch (error) {
    if (error instanceof ScalefitError) return null;
    throw error;
  }
}

function drawnLosses(known: KnownLaw, runs: readonly Split[], stream: RandomStream): Float64Array {
  const { law, estimate, noise } = known;
  return Float64Array.from(runs, (run) => {
    const loss = evaluateLaw(law, estimate, inputsAt(law, run));
    const off = noise.value * stream.normal();
    return noise.isRelative ? loss * Math.exp(off) : loss + off;
  });
}

/** Huber's threshold in standard deviations, as the default objective takes it. */
const HUBER = 1.345;

/** The law fitted to all runs at once, intervals by its covariance. */
function byFit(
  source: Source,
  known: KnownLaw,
  runs: readonly Split[],
  losses: Float64Array,
  target: number,
): Said {
  const { law, k, level } = known;
  const columns = runs.map((run) => inputsAt(law, run));
  const inputs = Object.fromEntries(law.inputs.map(({ name }) => [name, columns.map((at) => at[name])]));
  // The threshold that the default rule would find in the residuals of a first fit: here the noise is known.
  const delta = known.noise.isRelative ? HUBER * known.noise.value : ("auto" as const);
  const options = { ...optionsFor(law, DEFAULT_OPTIONS), bootstrap: 0, level, delta };
  const fit = fitLaw(law, observations(inputs, losses), options);
  const degrees = fit.covariance?.degrees ?? runs.length - law.parameters.length;
  const own =
    fit.covariance === null || degrees <= 0 ? null : Float64Array.from(fit.covariance.values.flat());
  const fitted: Source = {
    ...source,
    estimate: Object.fromEntries(
      Object.entries(fit.parameters).map(([name, { estimate }]) => [name, estimate]),
    ),
    draws: [],
    method: own === null ? { kind: "percentile" } : { kind: "covariance", own, degrees },
    withoutDraws: own === null ? "as many parameters as runs" : null,
    level,
  };
  const forms = allocationOf(law);
  const splits = forms === null ? null : derive(fitted, (c) => forms.optimum(c, target / k));
  if (splits === null) throw new ScalefitError({ code: "no-optimum", message: "no best split" });
  return {
    N: estimateOf(fitted, splits, ({ N }) => N),
    D: estimateOf(fitted, splits, ({ D }) => D),
    loss: estimateOf(fitted, splits, (split, c) => lossOf(fitted, c, split)),
  };
}

/** Approach 2 of arXiv 2203.15556: a parabola a budget, a line through their vertices. */
function byParabola({ k, level }: KnownLaw, grid: IsoflopGrid, loss: Float64Array, target: number): Said {
  const take = (of: "N" | "D" | "flops") => Float64Array.from(grid.runs, (run) => run[of]);
  const { asked } = optimaOf({ C: take("flops"), N: take("N"), D: take("D"), loss }, null, {
    ...OPTIMA_DEFAULTS,
    leastRuns: Math.min(OPTIMA_DEFAULTS.leastRuns, grid.sizes),
    flopsPerParamToken: k,
    flops: [target],
    level,
    surface: "none",
  });
  const [{ N, D, loss: at }] = asked;
  return { N, D, loss: at === null ? null : { estimate: at, low: null, high: null } };
}

/** Points of each training curve, and the share of its compute at which they begin. */
const POINTS = 40;
const FROM = 0.02;

/** Approach 1: the envelope of training curves whose every point lies on the law, as if decayed there. */
function byEnvelope(known: KnownLaw, grid: IsoflopGrid, stream: RandomStream, target: number): Said {
  const curves = grid.runs.map(({ N, flops }, i): Curve => {
    const C = Float64Array.from({ length: POINTS }, (_, j) => flops * FROM ** (1 - j / (POINTS - 1)));
    const splits = Array.from(C, (c) => ({ N, D: c / (known.k * N) }));
    return { run: String(i), N, C, loss: drawnLosses(known, splits, stream) };
  });
  const { optima } = envelopeOf(curves, {
    ...ENVELOPE_DEFAULTS,
    places: 300,
    skip: 0,
    draws: 0,
    flops: [target],
    flopsPerParamToken: known.k,
  });
  const [{ N, D }] = optima.asked;
  return { N, D, loss: null };
}

function judged(
  method: Pick<SimulatedEstimator, "runs" | "estimator">,
  all: readonly (Said | null)[],
  truth: Split & { loss: number },
): SimulatedEstimator {
  const said = all.filter((one) => one !== null);
  return {
    ...method,
    answered: said.length,
    N: qualityOf(
      said.map(({ N }) => N),
      truth.N,
    ),
    D: qualityOf(
      said.map(({ D }) => D),
      truth.D,
    ),
    loss: qualityOf(
      said.flatMap(({ loss }) => (loss === null ? [] : [loss])),
      truth.loss,
    ),
  };
}

/** Fewer answers say nothing of an estimator. */
const LEAST = 5;
/** Standard error of a median of normal numbers over that of their mean. */
const OF_MEDIAN = Math.sqrt(Math.PI / 2);
const NORMAL_95 = 1.959964;

function qualityOf(estimates: readonly Estimate[], truth: number): SimulatedQuality | null {
  const logs = Float64Array.from(estimates, ({ estimate }) => Math.log(estimate / truth))
    .filter(Number.isFinite)
    .sort();
  if (logs.length < LEAST) return null;
  const bias = quantileSorted(logs, 0.5);
  const spread = (quantileSorted(logs, 0.975) - quantileSorted(logs, 0.025)) / 2;
  const error =
    (OF_MEDIAN * (quantileSorted(logs, 0.84134) - quantileSorted(logs, 0.15866))) /
    2 /
    Math.sqrt(logs.length);
  const limits = estimates.filter(({ low, high }) => low !== null && high !== null);
  const held = limits.filter(({ low, high }) => (low as number) <= truth && truth <= (high as number));
  return {
    bias: { estimate: bias, low: bias - NORMAL_95 * error, high: bias + NORMAL_95 * error },
    spread,
    ...(limits.length === 0 ? {} : { coverage: held.length / limits.length }),
  };
}
