/** Rows of task tables, and predictions pooled over data sets or tasks. */
import type { Point } from "../../../src/laws/law.js";

export type Row = Readonly<Record<string, string>>;

export const numbersOf = (rows: readonly Row[], name: string): number[] =>
  rows.map((row) => Number(row[name]));

export const sizeAt = ({ params, tokens }: Row): Point => ({ N: Number(params), D: Number(tokens) });

/** Measured and predicted values of some hidden rows. */
export class Pool {
  readonly measured: number[] = [];
  readonly predicted: number[] = [];

  add(measured: readonly number[], predicted: readonly number[]): void {
    this.measured.push(...measured);
    this.predicted.push(...predicted);
  }
}
