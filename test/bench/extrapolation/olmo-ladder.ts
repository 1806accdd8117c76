/** Task loss and accuracy (arXiv 2412.04403): runs of 1.3B parameters from those of 190M to 760M, eleven tasks pooled. */
import { chinchilla } from "../../../src/laws/chinchilla.js";
import type { Point } from "../../../src/laws/law.js";
import { lossSigmoid } from "../../../src/laws/task-ladder.js";
import { fitPoints } from "../../support/law-grid.js";
import { sharedRows } from "../data.js";
import type { Line, Trial } from "../extrapolation.js";
import { numbersOf, Pool, type Row, sizeAt } from "./pool.js";

const TASKS = [
  "hellaswag",
  "arc_challenge",
  "arc_easy",
  "piqa",
  "csqa",
  "socialiqa",
  "openbookqa",
  "mmlu_stem_test",
  "mmlu_humanities_test",
  "mmlu_social_sciences_test",
  "mmlu_other_test",
] as const;

interface Ladder {
  loss(at: Point): number;
  accuracy(at: Point): number;
}

const bitsOf = (losses: readonly number[]): Point[] => losses.map((bpb) => ({ bpb }));

/** Step 1 by Huber at 1e-3, step 2 by least squares with the point of loss 0 and the best accuracy added. */
function publishedLadder(sizes: readonly Point[], losses: readonly number[], acc: readonly number[]): Ladder {
  const second = fitPoints(lossSigmoid, bitsOf([...losses, 0]), [...acc, 1], { objective: "squares" });
  return { loss: fitPoints(chinchilla, sizes, losses, { delta: 1e-3 }).valueAt, accuracy: second.valueAt };
}

/** The adaptive threshold in step 1; in step 2 a best accuracy of 1 is known, and no point is made up. */
function ourLadder(sizes: readonly Point[], losses: readonly number[], acc: readonly number[]): Ladder {
  const fixed = new Map([["b", 1]]);
  const second = fitPoints(lossSigmoid, bitsOf(losses), acc, { objective: "squares" }, { fixed });
  return { loss: fitPoints(chinchilla, sizes, losses).valueAt, accuracy: second.valueAt };
}

/** The authors' choice of runs. */
const ladderRows = (): Row[] =>
  sharedRows("olmo_ladder_tasks.csv").filter(
    (row) => row.rerun === "False" && row.chinchilla_mult !== "0.5xC",
  );

function lines(): Line[] {
  const ladder = ladderRows();
  const isHidden = (row: Row) => Number(row.params) > 1e9;
  const [held, train] = [ladder.filter(isHidden), ladder.filter((row) => !isHidden(row))];
  const bits = [new Pool(), new Pool()];
  const accuracies = [new Pool(), new Pool()];
  for (const task of TASKS) {
    const sizes = train.map(sizeAt);
    const [losses, acc] = [numbersOf(train, `${task}_bpb`), numbersOf(train, `${task}_acc`)];
    [ourLadder(sizes, losses, acc), publishedLadder(sizes, losses, acc)].forEach(({ loss, accuracy }, k) => {
      const predicted = held.map((row) => loss(sizeAt(row)));
      bits[k].add(numbersOf(held, `${task}_bpb`), predicted);
      accuracies[k].add(numbersOf(held, `${task}_acc`), bitsOf(predicted).map(accuracy));
    });
  }
  const fitted = train.length;
  const [loss, accuracy] = ["bits per byte", "accuracy by way of it"];
  return [
    { side: "ours", law: "chinchilla", split: loss, fitted, ...bits[0] },
    { side: "published", law: "chinchilla, Huber 1e-3", split: loss, fitted, ...bits[1] },
    { side: "ours", law: "task-ladder --fix b=1", split: accuracy, fitted, ...accuracies[0] },
    { side: "published", law: "ladder, point (0, 1) added", split: accuracy, fitted, ...accuracies[1] },
  ];
}

export const olmoLadder: Trial = {
  name: "olmo-ladder",
  title: "olmo_ladder_tasks: 1.3B parameters from 190M to 760M, eleven tasks",
  run: lines,
};
