/** Over-training, and error from loss (arXiv 2403.08540): the largest scales from the smaller ones, three data sets pooled. */
import { chinchilla } from "../../../src/laws/chinchilla.js";
import { parseFormula } from "../../../src/laws/expression/index.js";
import { lossError } from "../../../src/laws/loss-error.js";
import { fitPoints } from "../../support/law-grid.js";
import { sharedRows } from "../data.js";
import type { Line, Trial } from "../extrapolation.js";
import { numbersOf, Pool, type Row, sizeAt } from "./pool.js";

const MILLION = 1e6;
const millions = (row: Row) => Math.round(Number(row.params) / MILLION);
const flops = (row: Row) => 6 * Number(row.params) * Number(row.tokens);
/** The authors' five runs: four sizes at 20 tokens a parameter, and the smallest at 320. */
const isOfFive = (row: Row) =>
  (row.cc_mult === "1.0" && [11, 79, 154, 412].includes(millions(row))) ||
  (row.cc_mult === "16.0" && millions(row) === 11);

interface TaskModel {
  loss(row: Row): number;
  error(row: Row): number;
}

/** Loss by the over-training law (Chinchilla's with one exponent), error from it, both by plain least squares. */
function publishedModel(five: readonly Row[]): TaskModel {
  const tied = new Map([["beta", parseFormula("alpha")]]);
  const losses = numbersOf(five, "loss_c4_val");
  const { valueAt } = fitPoints(chinchilla, five.map(sizeAt), losses, { objective: "squares" }, { tied });
  return withError((row) => valueAt(sizeAt(row)), five);
}

/** The default: Chinchilla's law by the adaptive Huber objective, then the law of error from loss. */
function ourModel(train: readonly Row[]): TaskModel {
  const { valueAt } = fitPoints(chinchilla, train.map(sizeAt), numbersOf(train, "loss_c4_val"));
  return withError((row) => valueAt(sizeAt(row)), train);
}

function withError(loss: (row: Row) => number, rows: readonly Row[]): TaskModel {
  const points = numbersOf(rows, "loss_c4_val").map((L) => ({ L }));
  const { valueAt } = fitPoints(lossError, points, numbersOf(rows, "err_avg17"), { objective: "squares" });
  return { loss, error: (row) => valueAt({ L: loss(row) }) };
}

interface Cut {
  hidden: string;
  isHidden(row: Row): boolean;
  /** Rows that ours is fitted to; by default all that are not hidden. */
  isOurs?(row: Row): boolean;
}

/** All runs of more compute than the authors' five, those of 1.4B parameters, and these with ours fitted to the five alone. */
function cuts(all: readonly Row[]): Cut[] {
  const most = 1.01 * Math.max(...all.filter(isOfFive).map(flops));
  const isLargest = (row: Row) => millions(row) > 1000;
  return [
    { hidden: "above the five's compute", isHidden: (row) => flops(row) > most },
    { hidden: "1.4B", isHidden: isLargest },
    { hidden: "1.4B, five runs", isHidden: isLargest, isOurs: isOfFive },
  ];
}

function linesOf(all: readonly Row[], { hidden, isHidden, isOurs }: Cut): Line[] {
  const isTrained = (row: Row) => !isHidden(row) && (isOurs?.(row) ?? true);
  const pools = { loss: [new Pool(), new Pool()], error: [new Pool(), new Pool()] };
  for (const dataset of ["c4_original", "rpj", "rw_original"]) {
    const rows = all.filter((row) => row.dataset === dataset);
    const held = rows.filter(isHidden);
    const five = rows.filter((row) => !isHidden(row) && isOfFive(row));
    [ourModel(rows.filter(isTrained)), publishedModel(five)].forEach((model, k) => {
      pools.loss[k].add(numbersOf(held, "loss_c4_val"), held.map(model.loss));
      pools.error[k].add(numbersOf(held, "err_avg17"), held.map(model.error));
    });
  }
  return (["loss", "error"] as const).flatMap((measure) => {
    const [ours, published] = pools[measure];
    const split = `${measure}, ${hidden}`;
    const chain = measure === "loss" ? "" : ", loss-error";
    return [
      { side: "ours", law: `chinchilla${chain}`, split, fitted: all.filter(isTrained).length, ...ours },
      { side: "published", law: `overtrain${chain}, 5 runs, squares`, split, fitted: 15, ...published },
    ] as const;
  });
}

export const overtraining: Trial = {
  name: "overtraining",
  title: "overtraining_gadre: the largest scales from the smaller ones, loss and the mean error of 17 tasks",
  run() {
    const all = sharedRows("overtraining_gadre.csv");
    return cuts(all).flatMap((cut) => linesOf(all, cut));
  },
  reasons: {
    "loss, 1.4B":
      "three rows at 20 tokens a parameter; the runs from 5 to 640 bend otherwise than the law (the fit warns of the " +
      "pattern in its residuals), and the authors' five leave most of them out: see the same with ours on the five",
    "error, 1.4B": "the loss that it goes by is behind",
    "error, 1.4B, five runs": "an error law of three parameters from five errors",
  },
};
