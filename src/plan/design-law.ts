/**
 * What is known of a law before the runs that are to be designed: laws that it may be (draws of a fit, or a spread about a
 * preset), the information of the runs behind the fit, and the noise of one run.
 *
 * Parameters are measured in units in which they are about as uncertain: a parameter's standard error where a fit gives
 * one, else its own size; each draw has its own (a share of its value) where the draws keep to one magnitude, so that an
 * amplitude and the exponent that turns about it stay together.
 */
import { DataError } from "../errors.js";
import { choleskyInPlace, choleskySolveInPlace } from "../fit/linear-algebra.js";
import { randomStream } from "../fit/random.js";
import { evaluateLaw } from "../laws/evaluate-law.js";
import type { AllocationForms, Law, Split } from "../laws/law.js";
import type { FitMemory } from "../objects.js";
import { inputsAt } from "./design.js";
import type { DesignQuestion } from "./design-question.js";
import { allocationOf, splitInputs } from "./numeric-allocation.js";
import type { Coefficients, Source } from "./source.js";

export interface KnownLaw {
  law: Law;
  forms: AllocationForms;
  /** C = k N D. */
  k: number;
  estimate: Coefficients;
  /** Laws over which a design is averaged; each has a best split of the target. */
  draws: Coefficients[];
  /** Parameters that the runs are to tell. */
  free: string[];
  /** The unit of each free parameter in each draw. */
  units: Float64Array[];
  /** Information of the runs behind the fit in these units, p x p; null without a fit. */
  prior: Float64Array | null;
  /** Rows of the fit less its parameters; minus the parameters without a fit. */
  degrees: number;
  noise: { value: number; isRelative: boolean; from: string };
  /** The least N and D of the fitted runs; 0 without a fit. */
  smallest: [N: number, D: number];
  level: number;
  /** How the law may differ from the estimate, in words. */
  doubt: string;
}

/** Laws that a design is averaged over: more change its width by less than 2 %. */
const DRAWS = 24;
/** Without a fit: how far the coefficients may be off, as a standard deviation of their logarithm. */
const DOUBT = 0.1;
/** Noise of one run where no fit tells it: what remains between seeds of small language models. */
const NOISE = 0.005;

/**
 * @param covariance of the fit's parameters, where they come from a fit
 * @throws DataError for a law without parameters N and tokens D, or without a best split of the target
 */
export function knownLaw(
  source: Source,
  covariance: FitMemory["covariance"],
  question: DesignQuestion,
): KnownLaw {
  const { law, estimate, flopsPerParamToken: k } = source;
  const forms = requireForms(law);
  requireIdentified(source);
  const nd = question.target / k;
  const best = forms.optimum(estimate, nd);
  if (best === null) throw withoutBest(law, question.target);
  const V = covariance === null ? drawnCovariance(source) : varianceOf(source, covariance);
  const free = law.parameters
    .map(({ name }) => name)
    .filter((name, j, all) => (V === null ? estimate[name] !== 0 : V[j * all.length + j] > 0));
  const spread = V === null ? null : standardised(V, law, free);
  const middle = Math.sqrt((question.flops / question.runs / k) * nd);
  const made =
    source.draws.length > 1
      ? strided(source.draws, 4 * DRAWS)
      : spread !== null
        ? drawnFrom(estimate, free, spread, question.seed)
        : doubted(law, estimate, forms.optimum(estimate, middle) ?? best, question.seed);
  const draws = made.filter((c) => isSplit(forms.optimum(c, nd))).slice(0, DRAWS);
  if (draws.length === 0) draws.push(estimate);
  const relative = free.map((name, j) => (spread === null ? 1 : spread.errors[j] / Math.abs(estimate[name])));
  return {
    law,
    forms,
    k,
    estimate,
    draws,
    free,
    units: unitsOf(draws, estimate, free, relative),
    prior: spread === null ? null : spread.information,
    degrees:
      spread === null
        ? -free.length
        : (covariance?.degrees ?? Math.max(0, source.residuals.length - free.length)),
    noise: noiseOf(source, question),
    smallest: smallestIn(source),
    level: source.level,
    doubt: doubtInWords(source, spread !== null, draws.length),
  };
}

/** @throws DataError for a law whose runs do not differ in parameters and tokens */
export function requireTwoSizes(law: Law): void {
  const quantities = law.inputs.map(({ quantity }) => quantity);
  const isOne = law.stages.length === 0;
  if (isOne && quantities.includes("params") && quantities.includes("tokens")) return;
  throw new DataError({
    code: "no-design",
    message: `runs cannot be designed for the law "${law.id}": they differ in parameters and tokens, and it ${isOne ? `is a law of ${law.inputs.map(({ name }) => name).join(", ")}` : "is a chain of laws"}`,
    hint: "take a law of N and D such as chinchilla; other inputs of the law are held with --at",
  });
}

function requireForms(law: Law): AllocationForms {
  requireTwoSizes(law);
  const forms = allocationOf(law);
  if (forms !== null) return forms;
  throw new DataError({
    code: "no-design",
    message: `runs cannot be designed for the law "${law.id}": it has no best split of a budget`,
    hint: "hold its other inputs with --at, or take a law of N and D such as chinchilla",
  });
}

/** @throws DataError for a fit in which size and tokens cannot be told apart */
function requireIdentified({ diagnosis }: Source): void {
  if (!diagnosis.has("not-identified")) return;
  throw new DataError({
    code: "not-identified",
    message: "this fit cannot tell its parameters apart, so what further runs would add to it is not known",
    hint: "design from a preset: scalefit design --preset besiroglu, and pool the runs afterwards",
  });
}

const withoutBest = (law: Law, target: number): DataError =>
  new DataError({
    code: "no-optimum",
    message: `the law "${law.id}" has no best size for the target of ${target} FLOPs under these coefficients`,
    hint: "look at the fit: one of its terms has vanished, or its exponent is not positive",
  });

const isSplit = (split: Split | null): boolean =>
  split !== null && [split.N, split.D].every((value) => value > 0 && Number.isFinite(value));

/** Draws are in no order: every so-manieth is as good as any. */
function strided(draws: readonly Coefficients[], count: number): Coefficients[] {
  const step = Math.max(1, draws.length / count);
  const chosen: Coefficients[] = [];
  for (let at = 0; at < draws.length && chosen.length < count; at += step) chosen.push(draws[Math.floor(at)]);
  return chosen;
}

/** The fit's covariance over all parameters of the law, row-major; null where nothing varies. */
function varianceOf({ law }: Source, covariance: NonNullable<FitMemory["covariance"]>): Float64Array | null {
  const place = new Map(covariance.parameters.map((name, j) => [name, j]));
  const at = law.parameters.map(({ name }) => place.get(name));
  const V = Float64Array.from(
    at.flatMap((r) => at.map((s) => (r === undefined || s === undefined ? 0 : covariance.values[r][s]))),
  );
  return V.some((value) => value > 0) ? V : null;
}

/** The covariance of the draws; null where there are none. */
function drawnCovariance({ law, draws }: Source): Float64Array | null {
  if (draws.length < 2) return null;
  const names = law.parameters.map(({ name }) => name);
  const means = names.map((name) => draws.reduce((sum, c) => sum + c[name], 0) / draws.length);
  return Float64Array.from(
    names.flatMap((a, r) =>
      names.map(
        (b, s) =>
          draws.reduce((sum, c) => sum + (c[a] - means[r]) * (c[b] - means[s]), 0) / (draws.length - 1),
      ),
    ),
  );
}

interface Standardised {
  errors: number[];
  /** Inverse of the correlations. */
  information: Float64Array;
  /** Lower Cholesky factor of the correlations, p x p. */
  factor: Float64Array;
}

/** Less than 1 on the diagonal by this: correlations of fits are known to six digits at most. */
const RIDGE = 1e-9;

function standardised(V: Float64Array, law: Law, free: readonly string[]): Standardised | null {
  const all = law.parameters.map(({ name }) => name);
  const at = free.map((name) => all.indexOf(name));
  const p = free.length;
  const errors = at.map((j) => Math.sqrt(V[j * all.length + j]));
  const factor = new Float64Array(p * p);
  at.forEach((r, a) => {
    at.forEach((s, b) => {
      factor[a * p + b] = V[r * all.length + s] / (errors[a] * errors[b]) + (a === b ? RIDGE : 0);
    });
  });
  if (!choleskyInPlace(factor, p)) return null;
  const information = new Float64Array(p * p);
  for (let j = 0; j < p; j++) {
    const unit = new Float64Array(p);
    unit[j] = 1;
    choleskySolveInPlace(factor, unit, p);
    information.set(unit, j * p);
  }
  return { errors, information, factor };
}

/** Normal draws by the covariance, in the logarithm where a parameter is above 0. */
function drawnFrom(
  estimate: Coefficients,
  free: readonly string[],
  { errors, factor }: Standardised,
  seed: number,
): Coefficients[] {
  const p = free.length;
  return Array.from({ length: 4 * DRAWS }, (_, draw) => {
    const stream = randomStream(seed, draw);
    const z = free.map(() => stream.normal());
    const c: Coefficients = { ...estimate };
    free.forEach((name, a) => {
      let sum = 0;
      for (let b = 0; b <= a; b++) sum += factor[a * p + b] * z[b];
      const by = sum * errors[a];
      c[name] = estimate[name] > 0 ? estimate[name] * Math.exp(by / estimate[name]) : estimate[name] + by;
    });
    return c;
  });
}

/**
 * Laws about one without a fit: every coefficient off by some per cent, the amplitudes so that what they stand for at a
 * middle place is; an exponent that turns about 1 parameter and 1 token would move the losses by decades.
 */
function doubted(law: Law, estimate: Coefficients, middle: Split, seed: number): Coefficients[] {
  const at = inputsAt(law, middle);
  const term = (c: Coefficients, name: string) =>
    evaluateLaw(law, c, at) - evaluateLaw(law, { ...c, [name]: 0 }, at);
  const amplitudes = law.parameters
    .map(({ name }) => name)
    .filter((name) => {
      const double = term({ ...estimate, [name]: 2 * estimate[name] }, name);
      return estimate[name] !== 0 && Math.abs(double / (2 * term(estimate, name)) - 1) < 1e-9;
    });
  return Array.from({ length: 4 * DRAWS }, (_, draw) => {
    const stream = randomStream(seed, draw);
    const moved = law.parameters.map(({ name }) => [
      name,
      estimate[name] * Math.exp(DOUBT * stream.normal()),
    ]);
    const c: Coefficients = Object.fromEntries(moved);
    for (const name of amplitudes) {
      const wanted = (term(estimate, name) * c[name]) / estimate[name];
      const own = term(c, name);
      if (own !== 0 && Number.isFinite(wanted / own)) c[name] *= wanted / own;
    }
    return c;
  });
}

/** Draws that keep within this factor of the estimate are measured by their own size. */
const ONE_MAGNITUDE = 1000;

function unitsOf(
  draws: readonly Coefficients[],
  estimate: Coefficients,
  free: readonly string[],
  relative: readonly number[],
): Float64Array[] {
  const isOwn = free.map((name) =>
    draws.every((c) => {
      const factor = c[name] / estimate[name];
      return factor > 1 / ONE_MAGNITUDE && factor < ONE_MAGNITUDE;
    }),
  );
  return draws.map((c) =>
    Float64Array.from(free, (name, j) => relative[j] * Math.abs(isOwn[j] ? c[name] : estimate[name])),
  );
}

function smallestIn({ law, range }: Source): [number, number] {
  const names = splitInputs(law);
  return names === null || range === null ? [0, 0] : [range[names.N]?.[0] ?? 0, range[names.D]?.[0] ?? 0];
}

function noiseOf(source: Source, { noise }: DesignQuestion): KnownLaw["noise"] {
  const { residuals, residualScale } = source;
  if (noise !== null) return { ...noise, from: "as given" };
  if (residuals.length > 0) {
    const value = Math.sqrt(residuals.reduce((sum, r) => sum + r * r, 0) / residuals.length);
    if (value > 0)
      return { value, isRelative: residualScale === "log", from: "the scatter of the fitted runs" };
  }
  return {
    value: NOISE,
    isRelative: true,
    from: "a usual value, since no fit tells it: --noise sets another",
  };
}

const doubtInWords = ({ draws }: Source, hasFit: boolean, count: number): string =>
  draws.length > 1
    ? `the ${count} laws averaged over are draws of the fit`
    : hasFit
      ? `the ${count} laws averaged over are drawn by the fit's covariance`
      : `the ${count} laws averaged over have coefficients within ${100 * DOUBT} % (one standard deviation) of those given; nothing else is known before the runs`;
