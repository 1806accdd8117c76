/**
 * After the fit: what a user must know before trusting it. Each finding names the rows or the numbers it rests on.
 */
import type { Diagnosis, ParameterEstimate, SecondOpinion } from "../objects.js";
import { sharedError } from "./clusters.js";
import { countScatter } from "./count-scatter.js";
import type { Fitted } from "./fitted.js";
import { collinearity, narrowRanges } from "./identifiability.js";
import { leaveOneOut } from "./influential.js";
import { mixedRows } from "./mixed-rows.js";
import type { Solution } from "./model.js";
import { residualPattern } from "./patterns.js";
import type { PowerSum } from "./power-sum.js";
import { robustSpread, robustSpreadOf } from "./quantiles.js";

/** Residuals beyond this many robust standard deviations are outliers: one in 2e6 rows of Gaussian noise. */
const OUTLIER = 5;
/** More than this share of outliers is no accident: the law does not describe the rows. */
const MISFIT_SHARE = 0.1;
/** A robust residual scatter above this (8 % of the loss) says the same, whatever its shape. */
const MISFIT_SCATTER = 0.08;
/** Exponents above this have, where they were looked at, been spent on an outlier. */
const STEEP = 1.5;
const FEW_ROWS = 15;

/** A fit with what was made of it. */
export interface Judged extends Fitted {
  predicted: Float64Array;
  /** One an observation, on the objective's scale. */
  residuals: Float64Array;
  parameters: Record<string, ParameterEstimate>;
  /** Of the free parameters, from the curvature at the answer. */
  covariance: Float64Array | null;
  secondOpinion: SecondOpinion;
  /** What the backtest says. */
  misfitOfLargest: Diagnosis[];
}

export function diagnose(fitted: Judged): { diagnosis: Diagnosis[]; looMeanRelativeError: number | null } {
  const { observations, sum, residuals, layout } = fitted;
  const basic = [
    ...(sum === null ? [] : collinearity(observations)),
    ...fewRows(fitted),
    ...parametersAtBounds(fitted),
    ...floorAboveLosses(fitted),
    ...(fitted.objective.information === undefined ? outliers(fitted) : countScatter(fitted)),
    ...mixedRows(fitted),
    ...disagreement(fitted.secondOpinion),
    ...openEnds(fitted),
  ];
  const { diagnosis, looMeanRelativeError } = leaveOneOut(fitted, fitted.covariance);
  const isHopeless = basic.some(({ code }) => HOPELESS.has(code));
  // What is said of the finer points would be noise beside these.
  const finer = isHopeless
    ? []
    : [
        ...narrowRanges(observations, freeTerms(fitted)),
        ...sharedError(observations, residuals, layout.free.length),
        ...residualPattern(fitted),
        ...fitted.misfitOfLargest,
        ...diagnosis,
      ];
  return { diagnosis: [...basic, ...finer], looMeanRelativeError };
}

const HOPELESS: ReadonlySet<string> = new Set([
  "collinear",
  "one-budget",
  "no-degrees-of-freedom",
  "misfit",
  "few-rows",
]);

/** Terms whose exponent the rows are to determine. */
function freeTerms({ sum, solution }: Judged) {
  return (sum?.terms ?? []).filter(
    ({ exponent, amplitude }) => !solution.held.includes(exponent) && !solution.held.includes(amplitude),
  );
}

/** A floor above measured losses contradicts them. */
function floorAboveLosses({ sum, solution, observations, layout, residuals }: Judged): Diagnosis[] {
  if (sum?.floor == null) return [];
  const floor = solution.parameters[sum.parameters.indexOf(sum.floor)];
  if (observations.measured.every((y) => y >= floor)) return [];
  const margin = Math.exp(-3 * robustSpread(residuals, layout.free.length));
  const below = [...observations.measured.keys()].filter((i) => observations.measured[i] < floor * margin);
  if (below.length === 0) return [];
  const lowest = below.reduce((a, b) => (observations.measured[b] < observations.measured[a] ? b : a));
  return [
    warning(
      "floor-above-losses",
      `${sum.floor} = ${floor.toPrecision(4)} lies above the loss of ${below.length} ${below.length === 1 ? "row" : "rows"}, the lowest ${observations.measured[lowest].toPrecision(4)} (${observations.label(lowest)}): a loss below the floor is another data set, a leak or a mistake, or the floor is too high for lack of larger runs`,
      { numbers: { floor, lowest: observations.measured[lowest], count: below.length } },
    ),
  ];
}

/** Profile intervals that end nowhere. */
function openEnds({ parameters }: Judged): Diagnosis[] {
  const open = Object.entries(parameters).filter(([, { reason }]) => reason?.startsWith("open"));
  if (open.length === 0) return [];
  return [
    warning(
      "open-interval",
      `the profile of ${open.map(([name, { reason }]) => `${name} is ${reason}`).join(", of ")}: values as far as one looks there fit these rows nearly as well, so they set no limit on that side. Runs over a wider range would`,
    ),
  ];
}

const warning = (code: string, message: string, rest: Partial<Diagnosis> = {}): Diagnosis => ({
  code,
  severity: "warning",
  message,
  ...rest,
});

function fewRows({ observations, layout: { free } }: Judged): Diagnosis[] {
  const n = observations.measured.length;
  const p = free.length;
  if (n === p) {
    return [
      warning(
        "no-degrees-of-freedom",
        `${n} rows and ${p} parameters: the curve passes through all points, and nothing can be said of its error`,
        { numbers: { rows: n, parameters: p } },
      ),
    ];
  }
  if (n >= FEW_ROWS) return [];
  return [
    warning(
      "few-rows",
      `${n} rows for ${p} parameters: expect the intervals to be wide and rough; 15 rows or more help`,
      {
        numbers: { rows: n, parameters: p },
      },
    ),
  ];
}

function parametersAtBounds({ sum, solution, layout: { free } }: Judged): Diagnosis[] {
  if (sum !== null) return powerTermsAtBounds(sum, solution);
  return free
    .filter(({ name }) => solution.held.includes(name))
    .map(({ name }) =>
      warning(
        "at-bound",
        `${name} is at its bound: the rows push it further, and it has no interval of its own`,
      ),
    );
}

function powerTermsAtBounds(sum: PowerSum, solution: Solution): Diagnosis[] {
  const value = (name: string) => solution.parameters[sum.parameters.indexOf(name)];
  const found: Diagnosis[] = [];
  if (sum.floor !== null && solution.held.includes(sum.floor)) {
    found.push(
      warning(
        "floor-at-zero",
        `${sum.floor} is at its bound 0: these rows show no floor, and the loss far beyond them will be predicted too low. Runs with more compute would show it`,
      ),
    );
  }
  sum.terms.forEach((term, k) => {
    const exponent = value(term.exponent);
    const [low, high] = sum.exponentBounds[k];
    if (value(term.amplitude) <= 0) {
      found.push(
        warning(
          "no-effect",
          `${term.amplitude} is at its bound 0: the loss does not fall with ${term.input} in these rows, and ${term.exponent} means nothing`,
        ),
      );
    } else if (exponent <= low * (1 + 1e-9) || exponent >= high * (1 - 1e-9)) {
      found.push(
        warning(
          "exponent-at-bound",
          `${term.exponent} is at its bound ${exponent}: the rows do not determine it`,
          {
            numbers: { [term.exponent]: exponent },
          },
        ),
      );
    } else if (exponent > STEEP) {
      found.push(
        warning(
          "steep-exponent",
          `${term.exponent} = ${exponent.toPrecision(3)} is steeper than any published one: look for outliers or a range of ${term.input} that is too narrow`,
          { numbers: { [term.exponent]: exponent } },
        ),
      );
    }
  });
  return found;
}

function outliers({ observations, layout: { free }, predicted, residuals }: Judged): Diagnosis[] {
  const { measured, weight } = observations;
  // Relative errors need positive values; laws of other measures are judged by their quality figures.
  if (!measured.every((y, i) => y > 0 && predicted[i] > 0)) return [];
  const logResidual = (i: number) => Math.log(measured[i] / predicted[i]);
  const n = measured.length;
  const p = free.length;
  const spread = robustSpreadOf(n, logResidual, p);
  // Of rows with more noise than others more scatter is expected.
  const scaled = (i: number) => (weight === null ? logResidual(i) : residuals[i] * Math.sqrt(weight[i]));
  const scatter = weight === null ? spread : robustSpreadOf(n, scaled, p);
  const found: Diagnosis[] = [];
  const limit = OUTLIER * scatter;
  // Under 1e-9 the residuals are rounding, and rounding has no outliers.
  const isBeyond = (i: number) => Math.abs(scaled(i)) > limit && Math.abs(logResidual(i)) > 1e-9;
  const beyond: number[] = [];
  for (let i = 0; n > p && i < n; i++) if (isBeyond(i)) beyond.push(i);
  beyond.sort((a, b) => Math.abs(logResidual(b)) - Math.abs(logResidual(a)));
  const rows = beyond.slice(0, 10).map((i) => ({
    label: observations.label(i),
    ...observations.source(i),
    relativeError: Math.exp(logResidual(i)) - 1,
  }));
  if (beyond.length > 0) {
    const named = rows.slice(0, 5).map(describeRow).join("; ");
    const more = beyond.length > 5 ? `; and ${beyond.length - 5} more` : "";
    found.push(
      warning(
        "outliers",
        `${beyond.length} ${beyond.length === 1 ? "row lies" : "rows lie"} more than ${OUTLIER} robust standard deviations off the curve: ${named}${more}. They are kept; the default objective gives them little weight`,
        { rows, numbers: { count: beyond.length, robustSpread: spread } },
      ),
    );
  }
  if (beyond.length > Math.max(MISFIT_SHARE * n, 2) || spread > MISFIT_SCATTER) {
    found.push(
      warning(
        "misfit",
        `the law does not describe these rows well: ${beyond.length} of ${n} are outliers and the others scatter by ${(100 * spread).toPrecision(2)} %. Do not extrapolate before you know why (mixed recipes, unfinished runs, another law)`,
        { numbers: { outliers: beyond.length, robustSpread: spread } },
      ),
    );
  }
  return found;
}

function describeRow(row: { label: string; file: string; line: number; relativeError: number }): string {
  const percent = 100 * row.relativeError;
  return `${row.label} (line ${row.line}) ${percent > 0 ? "+" : ""}${percent.toPrecision(2)} %`;
}

function disagreement(opinion: SecondOpinion): Diagnosis[] {
  if (opinion.agrees) return [];
  return [
    warning(
      "second-opinion",
      `an independent solver (${opinion.solver}) found an objective ${(-100 * (opinion.relativeDifference ?? 0)).toPrecision(2)} % lower: do not rely on this fit, and please report the rows`,
      { numbers: { relativeDifference: opinion.relativeDifference ?? 0 } },
    ),
  ];
}
