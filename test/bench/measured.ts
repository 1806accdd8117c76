/** What the measurements share: a median, and a table of results. */
import { type TableColumn, table } from "../../src/report/table.js";

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * Milliseconds that the processor spent on this process, all of its threads together: the clock of measurements within it,
 * since a busy machine stops the other one.
 */
export function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Milliseconds with a decimal where it counts. */
export const ms = (value: number): string => value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);

/** The cells of a goal and of the share of it that is used; empty where there is none. */
export const ofGoal = (value: number, goal: number | null): [string, string] =>
  goal === null ? ["", ""] : [`${goal}`, (value / goal).toFixed(2)];

/** Prints a titled table: the first column is what was measured, the others are numbers. */
export function printTable(
  title: string,
  headers: readonly string[],
  rows: readonly (readonly string[])[],
): void {
  const columns: TableColumn[] = headers.map((header, i) => ({ header, align: i === 0 ? "left" : "right" }));
  console.log(`${title}\n\n${table(columns, rows, 120)}`);
}
