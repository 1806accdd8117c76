/** Runs with repeated data of arXiv 2305.16264: models above 4e9 parameters from the smaller ones. */
import { chinchilla } from "../../../src/laws/chinchilla.js";
import { dataConstrained } from "../../../src/laws/data-constrained.js";
import { repetitionOverfit } from "../../../src/laws/repetition-overfit.js";
import { fitPoints } from "../../support/law-grid.js";
import { sharedRows } from "../data.js";
import type { Line, Trial } from "../extrapolation.js";

const LARGE = 4e9;

const LAWS = [
  { law: dataConstrained, name: "data-constrained, delta 1e-3 (published)", options: { delta: 1e-3 } },
  { law: dataConstrained, name: "data-constrained", options: {} },
  { law: chinchilla, name: "chinchilla", options: {} },
  { law: repetitionOverfit, name: "repetition-overfit", options: {} },
] as const;

function linesOf(split: string, isUsed: (loss: number) => boolean): Line[] {
  const runs = sharedRows("data_constrained.csv")
    .filter(({ subset, val_loss }) => subset === "main" && isUsed(Number(val_loss)))
    .map((row) => ({
      at: { N: Number(row.params), D: Number(row.tokens), U: Number(row.unique_tokens) },
      loss: Number(row.val_loss),
    }));
  const small = runs.filter(({ at }) => at.N < LARGE);
  const large = runs.filter(({ at }) => at.N >= LARGE);
  return LAWS.map(({ law, name, options }) => {
    const { valueAt } = fitPoints(
      law,
      small.map(({ at }) => at),
      small.map(({ loss }) => loss),
      options,
    );
    return {
      law: name,
      split,
      fitted: small.length,
      measured: large.map(({ loss }) => loss),
      predicted: large.map(({ at }) => valueAt(at)),
    };
  });
}

export const repeatedData: Trial = {
  name: "repeated-data",
  title: "models of 4e9 parameters and more from the smaller ones",
  run: () => [
    ...linesOf("all runs", () => true),
    // Without the runs that over-fit, as the authors fit it.
    ...linesOf("loss below 4.5", (loss) => loss < 4.5),
  ],
};
