/** Mixtures that were not fitted: RegMix's 256 test mixtures of 17 domains, and the DML mixtures of three, in turn. */
import { lawFromFormula } from "../../../src/laws/from-formula.js";
import type { Law, Point } from "../../../src/laws/law.js";
import { mixtureExp } from "../../../src/laws/mixture-exp.js";
import { mixturePower } from "../../../src/laws/mixture-power.js";
import { regmix } from "../../../src/laws/regmix.js";
import { fitPoints } from "../../support/law-grid.js";
import { sharedRows } from "../data.js";
import type { Line, Trial } from "../extrapolation.js";
import { chosenAmong } from "./chosen.js";

interface Mixture {
  at: Point;
  loss: number;
}

function mixtureOf(shares: readonly number[], loss: number): Mixture {
  const total = shares.reduce((sum, share) => sum + share, 0);
  return { at: Object.fromEntries(shares.map((share, j) => [`r${j + 1}`, share / total])), loss };
}

/** A line in the shares, the least that RegMix compares with. */
const linear = (M: number): Law =>
  lawFromFormula(Array.from({ length: M }, (_, j) => `b${j + 1} * r${j + 1}`).join(" + "), (name) =>
    name.startsWith("r") ? "scale" : null,
  ).law;

const member = (law: Law, M: number): Law => law.family?.of(M) as Law;

/** Of several laws the one that the fitted mixtures choose. */
type Fitting = {
  side: Line["side"];
  law: Law | readonly Law[];
  name: string;
  options: Parameters<typeof fitPoints>[3];
};

const predictedBy = ({ law, options }: Fitting, fitted: readonly Mixture[], asked: readonly Mixture[]) => {
  const points = fitted.map(({ at }) => at);
  const losses = fitted.map(({ loss }) => loss);
  const taken = "id" in law ? law : chosenAmong(law, points, losses);
  const { valueAt } = fitPoints(taken, points, losses, options);
  return asked.map(({ at }) => valueAt(at));
};

function regmixLines(domain: string): Line[] {
  const [train, test] = ["train", "test"].map((part) => {
    const losses = new Map(
      sharedRows(`mixture_regmix/${part}_pile_loss_1m.csv`).map((row) => [
        row.index,
        Number(row[`metric/the_pile_${domain}_val_loss`]),
      ]),
    );
    return sharedRows(`mixture_regmix/${part}_mixture_1m.csv`).map(({ index, ...shares }) =>
      mixtureOf(Object.values(shares).map(Number), losses.get(index) as number),
    );
  });
  const M = Object.keys(train[0].at).length;
  const laws: Fitting[] = [
    {
      side: "published",
      law: linear(M),
      name: "a line, squares (published)",
      options: { objective: "squares" },
    },
    { side: "other", law: member(regmix, M), name: "regmix", options: {} },
    { side: "other", law: member(mixtureExp, M), name: "mixture-exp", options: {} },
    { side: "other", law: member(mixturePower, M), name: "mixture-power", options: {} },
    {
      side: "ours",
      law: [mixtureExp, mixturePower, regmix].map((law) => member(law, M)),
      name: "auto, of the three",
      options: {},
    },
  ];
  return laws.map((fitting) => ({
    side: fitting.side,
    law: fitting.name,
    split: `17 domains, ${domain}`,
    fitted: train.length,
    measured: test.map(({ loss }) => loss),
    predicted: predictedBy(fitting, train, test),
  }));
}

const FOLDS = 4;

function dmlLines(domain: string): Line[] {
  const mixtures = sharedRows("mixture_dml_3domains_410M.csv")
    .filter(({ step, val_domain }) => step === "60000" && val_domain === domain)
    .map((row) =>
      mixtureOf([row.prop_github, row.prop_books3, row.prop_pile_cc].map(Number), Number(row.loss)),
    );
  const laws: Fitting[] = [
    {
      side: "published",
      law: member(mixtureExp, 3),
      name: "mixture-exp, huber .05 on the loss (published)",
      options: { objective: "huber", delta: 0.05 },
    },
    { side: "other", law: member(mixtureExp, 3), name: "mixture-exp", options: {} },
    { side: "other", law: member(mixturePower, 3), name: "mixture-power", options: {} },
    {
      side: "ours",
      law: [mixtureExp, mixturePower, regmix].map((law) => member(law, 3)),
      name: "auto, of the three",
      options: {},
    },
  ];
  return laws.map((fitting) => {
    const folds = Array.from({ length: FOLDS }, (_, fold) => {
      const left = mixtures.filter((_, i) => i % FOLDS === fold);
      const kept = mixtures.filter((_, i) => i % FOLDS !== fold);
      return { left, predicted: predictedBy(fitting, kept, left) };
    });
    return {
      side: fitting.side,
      law: fitting.name,
      split: `3 domains, ${domain}`,
      fitted: (mixtures.length * (FOLDS - 1)) / FOLDS,
      measured: folds.flatMap(({ left }) => left.map(({ loss }) => loss)),
      predicted: folds.flatMap(({ predicted }) => predicted),
    };
  });
}

export const mixtures: Trial = {
  name: "mixtures",
  title: "mixtures that were not fitted",
  run: () => [
    ...["pile_cc", "arxiv", "github"].flatMap(regmixLines),
    ...["Books3", "Github", "Pile-CC"].flatMap(dmlLines),
  ],
};
