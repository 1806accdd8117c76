/**
 * Prediction of a held-out largest scale on public data: what the program makes of the smaller runs, beside the
 * published law of each data set fitted the published way. `npm run bench -- extrapolation`, or `extrapolation:NAME`.
 *
 * A data set more is one file in `extrapolation/` and one line here.
 */
import { scored } from "../support/law-grid.js";
import { mixtures } from "./extrapolation/mixtures.js";
import { moe } from "./extrapolation/moe.js";
import { repeatedData } from "./extrapolation/repeated-data.js";
import { steplaw } from "./extrapolation/steplaw.js";
import { printTable } from "./measured.js";

/** One law on one split. */
export interface Line {
  /** The law, and how it was fitted where that is not by default. */
  law: string;
  /** What was fitted and what was predicted. */
  split: string;
  fitted: number;
  measured: readonly number[];
  predicted: readonly number[];
}

export interface Trial {
  name: string;
  title: string;
  run(): Line[];
}

export const TRIALS: readonly Trial[] = [moe, steplaw, repeatedData, mixtures];

export function measureExtrapolation(trials: readonly Trial[]): void {
  for (const { name, title, run } of trials) {
    const rows = run().map((line) => {
      const { r2, meanRelativeError, worstRelativeError } = scored(line.measured, line.predicted);
      return [
        line.split,
        line.law,
        `${line.fitted}`,
        `${line.measured.length}`,
        r2.toFixed(3),
        `${(100 * meanRelativeError).toFixed(2)} %`,
        `${(100 * worstRelativeError).toFixed(2)} %`,
      ];
    });
    printTable(
      `${name}: ${title}`,
      ["split", "law", "rows fitted", "predicted", "R2", "mean error", "worst"],
      rows,
    );
  }
}
