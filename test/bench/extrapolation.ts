/**
 * Prediction of a held-out largest scale on public data: what the program makes of the smaller runs, beside the
 * published law of each data set fitted the published way. `npm run bench -- extrapolation`, or `extrapolation:NAME`.
 *
 * A data set more is one file in `extrapolation/` and one line here.
 */
import { scored } from "../support/law-grid.js";
import { mixtures } from "./extrapolation/mixtures.js";
import { moe } from "./extrapolation/moe.js";
import { olmoLadder } from "./extrapolation/olmo-ladder.js";
import { overtraining } from "./extrapolation/overtraining.js";
import { repeatedData } from "./extrapolation/repeated-data.js";
import { steplaw } from "./extrapolation/steplaw.js";
import { printTable } from "./measured.js";

/** One law on one split. */
export interface Line {
  /** `ours` is what the program takes, by the columns or (auto) by the fitted rows; others are for comparison. */
  side: "ours" | "published" | "other";
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
  /** Why ours is not ahead of the published law, by split. */
  reasons?: Readonly<Record<string, string>>;
}

export const TRIALS: readonly Trial[] = [moe, steplaw, repeatedData, mixtures, overtraining, olmoLadder];

export function measureExtrapolation(trials: readonly Trial[]): void {
  for (const { name, title, run, reasons = {} } of trials) {
    const lines = run();
    const rows = lines.map((line) => {
      const { r2, meanRelativeError, worstRelativeError } = scored(line.measured, line.predicted);
      return [
        line.split,
        line.side,
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
      ["split", "whose", "law", "rows fitted", "predicted", "R2", "mean error", "worst"],
      rows,
    );
    for (const split of new Set(lines.map((line) => line.split)))
      console.log(verdictOn(split, lines, reasons[split] ?? "no reason is known"));
    console.log("");
  }
}

/** Whether ours is ahead of the published law, and why not. */
function verdictOn(split: string, lines: readonly Line[], reason: string): string {
  const score = (side: Line["side"]) => {
    const line = lines.find((one) => one.split === split && one.side === side);
    return line === undefined ? null : scored(line.measured, line.predicted);
  };
  const [ours, published] = [score("ours"), score("published")];
  if (ours === null || published === null) return `${split}: no published law to compare with`;
  const isAhead = ours.r2 >= published.r2 && ours.meanRelativeError <= published.meanRelativeError;
  return `${split}: ${isAhead ? "ahead" : `not ahead: ${reason}`}`;
}
