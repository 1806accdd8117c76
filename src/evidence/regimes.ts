/**
 * What kind of scaling a group of runs shows, in the field's words and with the rows: exponents of a variance or of a
 * resolution (arXiv 2102.06701), a plateau and the smallest run that has reached it, trends that turn or run the wrong way
 * (U-shaped and inverse scaling, arXiv 2306.09479), single larger runs that are worse than a smaller one.
 */

import { fisherTail } from "../fit/distributions.js";
import { robustSpread } from "../fit/quantiles.js";
import { scalingRegime } from "../laws/bahri.js";
import type { Law } from "../laws/law.js";
import type { FittedLaw, Observations, ParameterEstimate, Regime } from "../objects.js";
import { percentText } from "../text.js";
import type { Curve } from "./curve.js";
import { shapeOf } from "./recipe-models.js";
import { type Trend, trendOf } from "./trend.js";

/** A trend is named when chance alone has it once in so many cases. */
const SURE = 0.01;
/** A row is worse than a smaller one by more than so many standard deviations of their difference. */
const WORSE = 3;
/** Rows that are named. */
const MOST_NAMED = 10;
/** Far enough out for any power to have vanished. */
const AT_INFINITY = 1e60;

/** @param margin how far above the floor, as a share of it, a run may lie and count as on the plateau */
export function regimesOf(
  law: Law,
  fit: FittedLaw,
  curve: Curve,
  observations: Observations,
  margin: number,
): Regime[] {
  const rows = rowsAlong(curve, observations);
  const alone = law.inputs.length === 1 ? trends(rows, curve) : [];
  const isTurned = alone.some(({ code }) => code === "u-shaped" || code === "inverse");
  return [...(isTurned ? [] : [...exponents(law, fit), ...plateau(curve, rows, margin)]), ...alone];
}

interface Row {
  x: number;
  value: number;
  label: string;
  file: string;
  line: number;
}

/** Rows by their scale, the smallest first. */
function rowsAlong({ along, source }: Curve, observations: Observations): Row[] {
  const columns = source.law.inputs.map(({ name }) => observations.inputs.get(name) as Float64Array);
  const factor = along === "C" && columns.length === 2 ? source.flopsPerParamToken : 1;
  return Array.from(observations.measured, (value, i) => ({
    x: columns.reduce((product, column) => product * column[i], factor),
    value,
    label: observations.label(i),
    ...observations.source(i),
  })).sort((a, b) => a.x - b.x || a.value - b.value || a.line - b.line);
}

/** The exponents by their kind: about 1 is a variance, less the resolution of what is learned. */
function exponents(law: Law, fit: FittedLaw): Regime[] {
  const kinds = new Map<string, { code: Regime["code"]; names: string[] }>();
  for (const name of shapeOf(law)) {
    const kind = kindOf(fit.parameters[name]);
    if (kind === null) continue;
    const known = kinds.get(kind.words) ?? { code: kind.code, names: [] };
    known.names.push(`${name} (${Number(fit.parameters[name].estimate.toPrecision(3))})`);
    kinds.set(kind.words, known);
  }
  return [...kinds].map(([words, { code, names }]) => ({
    code,
    message: `${names.join(" and ")}: ${words}`,
    rows: [],
  }));
}

/** What an exponent is, where its whole interval says so; null for one that is not above 0. */
function kindOf({ estimate, low, high }: ParameterEstimate): { code: Regime["code"]; words: string } | null {
  if (!(estimate > 0)) return null;
  const { regime } = scalingRegime(estimate);
  const all = [low ?? estimate, estimate, high ?? estimate].map((value) =>
    value > 0 ? scalingRegime(value).regime : regime,
  );
  const kinds = [...new Set(all)];
  if (kinds.length > 1) return { code: "undecided", words: `${kinds.join(" or ")}, by the interval` };
  return { code: regime === "steeper than either" ? "steep" : regime, words: regime };
}

function plateau(curve: Curve, rows: readonly Row[], margin: number): Regime[] {
  const { estimate } = curve.source;
  const floor = curve.at(estimate, AT_INFINITY);
  const largest = rows.at(-1);
  if (largest === undefined || !(floor > 0)) return [];
  const limit = (1 + margin) * floor;
  if (!(curve.at(estimate, largest.x) <= limit)) return [];
  const first = rows.find(({ value }) => value <= limit);
  if (first === undefined) return [];
  return [
    {
      code: "plateau",
      message: `the largest runs lie on the plateau, within ${percent(margin)} of ${Number(floor.toPrecision(4))}; the smallest run that reaches it is ${first.label}, at ${Number(first.x.toPrecision(3))}`,
      rows: [placeOf(first)],
    },
  ];
}

/** Trends of one variable that turn or run upwards. */
function trends(rows: readonly Row[], { along, at, source }: Curve): Regime[] {
  const isLog = rows.every(({ value }) => value > 0);
  const trend = trendOf(
    rows.map(({ x }) => Math.log(x)),
    rows.map(({ value }) => (isLog ? Math.log(value) : value)),
  );
  if (trend === null) return [];
  const turned = turns(trend, rows, along);
  if (turned !== null) return [turned];
  const { slope, slopeF, degrees } = trend;
  if (slope > 0 && fisherTail(slopeF, 1, degrees) < SURE)
    return [
      {
        code: "inverse",
        message: `inverse scaling: larger ${along} is worse over all ${rows.length} runs`,
        rows: named([rows[0], rows[rows.length - 1]]),
      },
    ];
  const residuals = rows.map(({ x, value }) => {
    const predicted = at(source.estimate, x);
    return isLog ? Math.log(value / predicted) : value - predicted;
  });
  // The rows that are looked for must not make themselves usual.
  const spread = robustSpread(Float64Array.from(residuals), source.law.parameters.length);
  return worseThanSmaller(rows, spread, isLog, along);
}

function turns(trend: Trend, rows: readonly Row[], along: string): Regime | null {
  const { vertex, curvature, curvatureF, degrees, turnsBy } = trend;
  if (vertex === null || fisherTail(curvatureF, 1, degrees - 1) >= SURE || turnsBy < WORSE) return null;
  const at = Number(Math.exp(vertex).toPrecision(2));
  const beyond = rows.filter(({ x }) => Math.log(x) > vertex);
  return curvature > 0
    ? {
        code: "u-shaped",
        message: `U-shaped: better up to ${along} of about ${at}, worse beyond it (${beyond.length} runs)`,
        rows: named(beyond),
      }
    : {
        code: "inverted-u",
        message: `inverted U: worse up to ${along} of about ${at}, better beyond it (${beyond.length} runs)`,
        rows: named(rows.filter(({ x }) => Math.log(x) <= vertex)),
      };
}

function worseThanSmaller(rows: readonly Row[], spread: number, isLog: boolean, along: string): Regime[] {
  if (!(spread > 0)) return [];
  const on = (value: number) => (isLog ? Math.log(value) : value);
  const worse: Row[] = [];
  let best = Number.POSITIVE_INFINITY;
  for (const row of rows) {
    if (on(row.value) - best > WORSE * Math.SQRT2 * spread) worse.push(row);
    best = Math.min(best, on(row.value));
  }
  if (worse.length === 0) return [];
  const which = worse
    .slice(0, 3)
    .map(({ label, line }) => `${label} (line ${line})`)
    .join(", ");
  return [
    {
      code: "larger-is-worse",
      message: `${worse.length === 1 ? "a run is" : `${worse.length} runs are`} worse than one of smaller ${along} by more than ${WORSE} standard deviations: ${which}${worse.length > 3 ? ", ..." : ""}`,
      rows: named(worse),
    },
  ];
}

const placeOf = ({ label, file, line }: Row) => ({ label, file, line });
const named = (rows: readonly Row[]) => rows.slice(0, MOST_NAMED).map(placeOf);
const percent = (share: number): string => percentText(share, 3);
