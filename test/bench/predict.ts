/** Predictions with 1,000 draws, one after another: what each row of `predict FILE` costs. */

import { fit as fitColumns } from "../../src/index.js";
import { lawOfFit } from "../../src/laws/law-of-fit.js";
import { predictAt } from "../../src/plan/predict.js";
import { sourceFromFit } from "../../src/plan/source.js";
import { chinchillaFigure } from "./data.js";
import { printTable } from "./measured.js";

const ROWS = 2000;

export function measurePredict(): void {
  const [fitted] = fitColumns({ law: "chinchilla", data: { ...chinchillaFigure() } }).fits;
  const source = sourceFromFit(lawOfFit(fitted), fitted, "the figure");
  const at = (i: number) => ({ N: 1e8 * 100 ** ((0.618 * i) % 1), D: 1e9 * 300 ** ((0.37 * i) % 1) });
  for (let i = 0; i < 100; i++) predictAt(source, at(i));
  const start = performance.now();
  for (let i = 0; i < ROWS; i++) predictAt(source, at(i));
  const each = (1000 * (performance.now() - start)) / ROWS;
  printTable(
    "predictions with 1,000 draws and 8,000 pairs for the new run",
    ["rows", "us a row"],
    [[ROWS.toLocaleString("en-US"), each.toFixed(0)]],
  );
}
