/**
 * Known noise of the measured values -> the precision 1/s^2 of each row, s on the scale on which a fit compares.
 */
import { UsageError } from "../errors.js";
import type { Column, Warning } from "../objects.js";
import { quoteText } from "../text.js";
import { plainName } from "./names.js";
import { parseNumber } from "./numbers.js";

/**
 * What `--noise` says: one standard deviation for all rows, or a column of them. In the unit of the measured value, or
 * relative to it; null where the column's name and cells decide.
 */
export type Noise = { value: number; isRelative: boolean } | { column: string; isRelative: boolean | null };

/**
 * `0.5%` is relative to each measured value, `0.02` is in its unit, anything else is a column: `stderr`,
 * `err:relative`, `err:absolute`.
 *
 * @throws UsageError for a number that is not above 0
 */
export function parseNoise(text: string, called = "--noise"): Noise {
  const trimmed = text.trim();
  const parsed = parseNumber(trimmed, "fraction", "flag");
  if ("fault" in parsed) {
    const [, column, kind] = /^(.*?)(?::(relative|absolute))?$/s.exec(trimmed) as RegExpExecArray;
    return { column, isRelative: kind === undefined ? null : kind === "relative" };
  }
  if (parsed.value > 0) return { value: parsed.value, isRelative: trimmed.endsWith("%") };
  throw new UsageError({
    code: "flag",
    message: `${called}: cannot use ${quoteText(text)}`,
    why: "a standard deviation must be above 0",
    hint: `${called} 0.5% is relative, 0.02 in the unit of the measured value`,
  });
}

/** How the cells of a column of noise are meant, by the words of its name where nobody said. */
export interface NoiseColumn {
  isRelative(row: number): boolean;
  /** From a cell without a sign of its own to the noise: 0.01 for a column of percents. */
  factor: number;
  /** What is to be said of it; null where it is in the unit of the measured value, or as it was asked for. */
  warning: Warning | null;
}

const PERCENT = /(^|_)(percent|pct)(_|$)/;
const RELATIVE = /(^|_)(rel|relative|fractional)(_|$)/;

export function noiseColumn(column: Column, asked: boolean | null): NoiseColumn {
  const plain = plainName(column.name);
  const isPercent = asked !== false && (column.name.includes("%") || PERCENT.test(plain));
  const isRelative = asked ?? (isPercent || RELATIVE.test(plain));
  const message = `column ${quoteText(column.name, 40)} is read as noise relative to each measured value${isPercent ? ", in percent" : ""}, because of its name; --noise COLUMN:absolute takes it in the unit of the measured value`;
  return {
    isRelative: (row) => isRelative || column.text(row).trim().endsWith("%"),
    factor: isPercent ? 0.01 : 1,
    warning: isRelative && asked === null ? { code: "noise", message } : null,
  };
}

/**
 * 1/s^2 of a measured value y. Compared as logs, an error s of y is an error s/y of ln y, to first order.
 *
 * @param noise standard deviation, > 0, in the unit of y or relative to it
 */
export function precisionOf(noise: number, y: number, isRelative: boolean, scale: "log" | "raw"): number {
  const s = isRelative === (scale === "log") ? noise : isRelative ? noise * y : noise / y;
  return 1 / (s * s);
}
