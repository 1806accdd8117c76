/**
 * A fit of one's own held against a published set of coefficients: how the set does on the rows, both curves at budgets over
 * the data and beyond, what one is worth in the compute of the other, where they cross, and what each would plan.
 */
import { ScalefitError } from "../errors.js";
import { quantileSorted } from "../fit/quantiles.js";
import { axesOf } from "../laws/axes.js";
import { evaluateLaw } from "../laws/evaluate-law.js";
import type { Coefficients, Law, Preset } from "../laws/law.js";
import { lawAt } from "../laws/law-at.js";
import type {
  BesidePreset,
  FitMemory,
  FittedLaw,
  Observations,
  PresetComparison,
  PresetOnRows,
  PresetScale,
} from "../objects.js";
import { decadesBeyond } from "../plan/extrapolation.js";
import { derive, estimateOf } from "../plan/intervals.js";
import { heldAt } from "../plan/predict.js";
import { type Source, sourceFromFit, sourceFromPreset } from "../plan/source.js";
import { relativeTo } from "../relative.js";
import { type Candidate, commonRows } from "./common-rows.js";
import { type Curve, curveOf, inUnit, scalesFor, splitOn, valueOn } from "./curve.js";
import { crossingOf, pairWithKnown, rowAt } from "./curve-pair.js";
import { presetInWords } from "./preset-words.js";
import { shapeOf } from "./recipe-models.js";

/** The user's own side. */
export interface OwnFit {
  law: Law;
  fit: FittedLaw & FitMemory;
  observations: Observations;
  from: ReadonlyMap<string, string>;
}

/** The published side, brought to the axes of the log. */
export interface PublishedSet {
  law: Law;
  preset: Preset;
  coefficients: Coefficients;
  /** The rows that its law can use; null with the reason where the log lacks what it needs. */
  rows: { observations: Observations; from: ReadonlyMap<string, string> } | { reason: string };
  factor: number;
  converted: readonly string[];
  unknown: readonly string[];
}

/** Rows looked at, at most: errors of a set are known to the second digit long before. */
const MOST_ROWS = 5000;

/** @param at the scales to compare at; empty for some over the data and beyond */
export function compareWithPreset(
  own: OwnFit,
  published: PublishedSet,
  at: readonly number[],
  fit: number,
): PresetComparison {
  const { law, preset, coefficients, factor } = published;
  const source = sourceFromFit(own.law, { ...own.fit, group: "fit" }, "the fit");
  const known = "reason" in published.rows ? null : published.rows;
  const theirs: Source = {
    ...sourceFromPreset(law, preset, { ...coefficients }),
    group: preset.name,
    quantities: known?.from ?? new Map(law.inputs.map(({ name }) => [name, name])),
  };
  const rows = "reason" in published.rows ? published.rows : onRows(own, source, published);
  const curves = curvesOf(own, source, published, theirs);
  const beside = "reason" in curves ? null : alongCurves(curves, at);
  const comparison: Omit<PresetComparison, "text"> = {
    group: own.fit.group,
    preset: preset.name,
    law: law.id,
    formula: law.formula,
    source: preset.source,
    conventions: preset.conventions,
    axes: axesOf(preset),
    coefficients: { ...coefficients },
    fit,
    converted: [...published.converted],
    factor,
    unknown: [...published.unknown],
    ...("reason" in rows ? { rows: null, rowsReason: rows.reason } : { rows }),
    exponents: [
      ...ownExponents(source, law, coefficients),
      ...("reason" in curves ? [] : exponentsInCompute(curves)),
    ],
    along: "reason" in curves ? null : curves.own.along,
    ...("reason" in curves ? { alongReason: curves.reason } : {}),
    scales: beside?.scales ?? [],
    crossing: beside?.crossing ?? null,
  };
  return { ...comparison, text: presetInWords(comparison) };
}

/** The set's predictions of the rows that both laws can use. */
function onRows(own: OwnFit, source: Source, published: PublishedSet): PresetOnRows | { reason: string } {
  if ("reason" in published.rows) return published.rows;
  const { law, coefficients, factor } = published;
  const both: Candidate[] = [
    { law: own.law, observations: own.observations, from: own.from },
    { law, ...published.rows },
  ];
  const { candidates, leftOut } = commonRows(both, MOST_ROWS);
  if (candidates.length < 2) return { reason: leftOut[0]?.reason ?? "it can use none of the rows" };
  const [{ observations: ours }, { observations: theirs }] = candidates;
  const n = ours.measured.length;
  const pointOf = ({ inputs }: Observations, i: number) =>
    Object.fromEntries([...inputs].map(([name, column]) => [name, column[i]]));
  const predicted = Float64Array.from(
    { length: n },
    (_, i) => factor * evaluateLaw(law, coefficients, pointOf(theirs, i)),
  );
  const errors = predicted.map((value, i) => relativeTo(ours.measured[i], value) ?? Number.NaN);
  if (n === 0 || !errors.every(Number.isFinite))
    return { reason: "it has no finite value at some of the rows" };
  const gaps = ours.measured.map((value, i) => value - predicted[i]);
  const offset = quantileSorted(gaps.slice().sort(), 0.5);
  const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / n;
  const size = (values: Float64Array) => values.map(Math.abs);
  const inside = ours.measured.map((_, i) => {
    const { isInside } = heldAt(source, pointOf(ours, i), predicted[i]);
    return isInside === null ? Number.NaN : Number(isInside);
  });
  return {
    rows: n,
    meanRelativeError: mean(size(errors)),
    bias: mean(errors),
    worstRelativeError: size(errors).reduce((most, value) => Math.max(most, value), 0),
    insideNewRun: inside.some(Number.isNaN) ? null : mean(inside),
    offset,
    meanRelativeErrorOfShape: mean(
      size(predicted.map((value, i) => relativeTo(ours.measured[i], value + offset) as number)),
    ),
  };
}

interface Curves {
  own: Curve;
  theirs: Curve;
}

/** Both as curves along one scale, or why they are none. */
function curvesOf(
  { law, observations }: OwnFit,
  source: Source,
  published: PublishedSet,
  theirs: Source,
): Curves | { reason: string } {
  if ("reason" in published.rows) return published.rows;
  const simple = withNeutral(published.law);
  if (simple === null)
    return { reason: `${published.law.id} has inputs that the fit of ${law.id} does not hold at a value` };
  try {
    const own = curveOf(source, observations);
    const other = curveOf({ ...theirs, law: simple }, published.rows.observations);
    if (own.along !== other.along)
      return { reason: `the fit is a curve along ${own.along}, the set one along ${other.along}` };
    return { own, theirs: inUnit(other, published.factor) };
  } catch (error) {
    if (error instanceof ScalefitError) return { reason: error.message };
    throw error;
  }
}

/** A law of N and D with its other inputs where they have no effect; null where one has no such value. */
function withNeutral(law: Law): Law | null {
  const isSplit = ["params", "tokens"].every((wanted) =>
    law.inputs.some(({ quantity }) => quantity === wanted),
  );
  if (!isSplit || law.inputs.length === 2) return law;
  const others = law.inputs.filter(({ name }) => name !== "N" && name !== "D");
  if (others.some(({ neutral }) => neutral === undefined)) return null;
  return lawAt(law, Object.fromEntries(others.map(({ name, neutral }) => [name, neutral as number])));
}

function alongCurves({ own, theirs }: Curves, at: readonly number[]) {
  const [low, high] = own.range;
  const pair = pairWithKnown(own, theirs);
  const scales = (at.length > 0 ? at : scalesFor([own])).map((scale): PresetScale => {
    const fit = valueOn(own, scale);
    const value = theirs.at(theirs.source.estimate, scale);
    const preset = Number.isFinite(value) ? value : null;
    const { difference, multiplier } = rowAt(pair, scale);
    const isKnown = preset !== null && fit.low !== null && fit.high !== null;
    return {
      scale,
      decades: decadesBeyond(scale, low, high),
      fit,
      preset,
      inside: isKnown ? preset >= (fit.low as number) && preset <= (fit.high as number) : null,
      difference,
      multiplier,
      optimum: optimumAt({ own, theirs }, scale),
    };
  });
  return { scales, crossing: crossingOf(pair, own.range) };
}

function optimumAt({ own, theirs }: Curves, scale: number): PresetScale["optimum"] {
  const ours = splitOn(own, scale);
  const split = theirs.splitAt(theirs.source.estimate, scale);
  if (ours === null || split === null) return null;
  const { N, D } = split;
  const published: Record<string, number> = { N, D, tokensPerParameter: D / N };
  return Object.fromEntries(
    Object.entries(ours).map(([name, fit]): [string, BesidePreset] => [
      name,
      { fit, preset: published[name] },
    ]),
  );
}

/** Parameters of both laws that give their curves a shape, by name. */
function ownExponents(source: Source, law: Law, coefficients: Coefficients) {
  const [ours, theirs] = [exponentsOf(source.law), exponentsOf(law)];
  return [...new Set([...ours, ...theirs])].map((name) => {
    const values = ours.has(name) ? derive(source, (c) => c[name]) : null;
    const fit = values === null ? null : estimateOf(source, values, (value) => value);
    return { name, fit, preset: theirs.has(name) ? coefficients[name] : null };
  });
}

/** Those that are powers: a scale that stands inside one is none, nor is a rate. */
function exponentsOf(law: Law): Set<string> {
  const shape = shapeOf(law);
  const powers = law.parameters.filter(({ name, meaning }) => shape.has(name) && /^exponent/.test(meaning));
  return new Set(powers.map(({ name }) => name));
}

/** Half of the step over which slopes in the logarithm of compute are taken. */
const HALF_STEP = 1.05;

/** Local exponents amid the data: N* ~ C^a, D* ~ C^b, loss ~ C^-c. */
function exponentsInCompute({ own, theirs }: Curves): PresetComparison["exponents"] {
  const middle = Math.sqrt(own.range[0] * own.range[1]);
  const [low, high] = [middle / HALF_STEP, middle * HALF_STEP];
  const slope = (from: number | undefined, to: number | undefined) =>
    from === undefined || to === undefined ? Number.NaN : Math.log(to / from) / Math.log(high / low);
  const along = own.along;
  const measures: [string, (curve: Curve, c: Coefficients) => number][] = [
    [`best N in ${along}`, ({ splitAt }, c) => slope(splitAt({ ...c }, low)?.N, splitAt({ ...c }, high)?.N)],
    [`best D in ${along}`, ({ splitAt }, c) => slope(splitAt({ ...c }, low)?.D, splitAt({ ...c }, high)?.D)],
    [`loss in ${along}`, ({ at }, c) => slope(at({ ...c }, low), at({ ...c }, high))],
  ];
  return measures.flatMap(([name, of]) => {
    const values = derive(own.source, (c) => of(own, c));
    const preset = of(theirs, theirs.source.estimate);
    const hasFit = values !== null && Number.isFinite(values.estimate);
    const hasPreset = Number.isFinite(preset);
    if (!hasFit && !hasPreset) return [];
    return [
      {
        name,
        fit: hasFit ? estimateOf(own.source, values, (value) => value) : null,
        preset: hasPreset ? preset : null,
      },
    ];
  });
}
