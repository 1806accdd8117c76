/**
 * Moving a value by a residual, on the scale on which residuals are compared. In two halves, so that of many values and
 * many residuals each needs its own but once.
 */
import { angleOf, rateAt } from "../fit/binomial.js";
import type { Source } from "./source.js";

export interface ResidualScale {
  /** A residual, made ready. */
  step(residual: number): number;
  /** A value, made ready. */
  start(value: number): number;
  /** Whether the moved value is no smaller for a larger step. */
  ascends(start: number): boolean;
  /** The value moved, from both. */
  end(start: number, step: number): number;
}

const always = (): boolean => true;
const asItIs = (value: number): number => value;
const sum = (a: number, b: number): number => a + b;

export const RESIDUAL_SCALES: Readonly<Record<Source["residualScale"], ResidualScale>> = {
  log: {
    step: Math.exp,
    start: asItIs,
    ascends: (value) => value >= 0,
    end: (value, factor) => value * factor,
  },
  raw: { step: asItIs, start: asItIs, ascends: always, end: sum },
  angle: { step: asItIs, start: angleOf, ascends: always, end: (angle, by) => rateAt(angle + by) },
};

/** A value moved on the scale of a fit's residuals: its log, its angle (a rate) or itself. */
export function movedValue(scale: Source["residualScale"], value: number, by: number): number {
  const { step, start, end } = RESIDUAL_SCALES[scale];
  return end(start(value), step(by));
}
