/** One group of rows on its way to a fit. */
import { DataError } from "../errors.js";
import type { Draws } from "../fit/bootstrap.js";
import type { DrawTask } from "../fit/draw-task.js";
import type { FitOptions } from "../fit/options.js";
import type { Law } from "../laws/law.js";
import type { SavedFit, Warning } from "../objects.js";
import type { ReadLog, WantedMeasure } from "./logs.js";
import type { ThreadPool } from "./thread-pool.js";

/** A fit of one group that lacks its refits. */
export interface Started {
  tasks: DrawTask[];
  finish(draws: readonly Draws[]): SavedFit["fits"][number];
}

/** One group of rows, ready to be fitted. */
export interface Group {
  name: string | null;
  /**
   * @param warnings what is to be said of it is added here
   * @param pool threads for what comes before its resamples
   */
  start(warnings: Warning[], pool: ThreadPool): Started | Promise<Started>;
}

export interface Groups {
  groups: Group[];
  warnings: Warning[];
  sources: ReadLog["sources"];
}

/** Only the log objectives need measured values above 0. */
export function measureFor(
  { isCustom, output }: Law,
  { objective }: Pick<FitOptions, "objective">,
): WantedMeasure {
  if (objective.endsWith("-log")) return "positive";
  return isCustom || output.range[0] < 0 || output.quantity === "fraction" ? "any" : "positive";
}

/** Each warning once. */
export function uniqueWarnings(warnings: readonly Warning[]): Warning[] {
  return [...new Map(warnings.map((warning) => [JSON.stringify(warning), warning])).values()];
}

/** What the rows cannot answer is said of the file they came from. */
export function inFile(error: unknown, files: readonly string[]): unknown {
  if (!(error instanceof DataError) || error.place.file !== undefined || files.length !== 1) return error;
  const { code, message, why, hint } = error;
  return new DataError({ code, message, why, hint, file: files[0], cause: error });
}
