/**
 * After the fit: what a user must know before trusting it. Each finding names the rows or the numbers it rests on.
 */
import type { Diagnosis, Observations, SecondOpinion } from "../objects.js";
import type { FreeParameter } from "./formula-fit.js";
import type { Solution } from "./model.js";
import type { PowerSum } from "./power-sum.js";
import { robustSpread } from "./quantiles.js";

/** Residuals beyond this many robust standard deviations are outliers: one in 2e6 rows of Gaussian noise. */
const OUTLIER = 5;
/** More than this share of outliers is no accident: the law does not describe the rows. */
const MISFIT_SHARE = 0.1;
/** A robust residual scatter above this (8 % of the loss) says the same, whatever its shape. */
const MISFIT_SCATTER = 0.08;
/** Exponents above this have, where they were looked at, been spent on an outlier. */
const STEEP = 1.5;
const FEW_ROWS = 15;

export interface Fitted {
  observations: Observations;
  free: readonly FreeParameter[];
  /** The law as a sum of power terms; null for any other formula. */
  sum: PowerSum | null;
  solution: Solution;
  predicted: Float64Array;
  secondOpinion: SecondOpinion;
}

export function diagnose(fitted: Fitted): Diagnosis[] {
  return [
    ...fewRows(fitted),
    ...parametersAtBounds(fitted),
    ...outliers(fitted),
    ...disagreement(fitted.secondOpinion),
  ];
}

const warning = (code: string, message: string, rest: Partial<Diagnosis> = {}): Diagnosis => ({
  code,
  severity: "warning",
  message,
  ...rest,
});

function fewRows({ observations, free }: Fitted): Diagnosis[] {
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

function parametersAtBounds(fitted: Fitted): Diagnosis[] {
  const { sum, solution, free } = fitted;
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

function outliers({ observations, free, predicted }: Fitted): Diagnosis[] {
  const { measured } = observations;
  // Relative errors need positive values; laws of other measures are judged by their quality figures.
  if (!measured.every((y, i) => y > 0 && predicted[i] > 0)) return [];
  const logResiduals = measured.map((y, i) => Math.log(y / predicted[i]));
  const n = logResiduals.length;
  const p = free.length;
  const spread = robustSpread(logResiduals, p);
  const found: Diagnosis[] = [];
  // Under 1e-9 the residuals are rounding, and rounding has no outliers.
  const limit = Math.max(OUTLIER * spread, 1e-9);
  const beyond = n > p ? [...logResiduals.keys()].filter((i) => Math.abs(logResiduals[i]) > limit) : [];
  beyond.sort((a, b) => Math.abs(logResiduals[b]) - Math.abs(logResiduals[a]));
  const rows = beyond.slice(0, 10).map((i) => ({
    label: observations.label(i),
    ...observations.source(i),
    relativeError: Math.exp(logResiduals[i]) - 1,
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
