/**
 * What a design costs in FLOPs: training by a rule, and serving so many tokens over its life. The rule gives F(N), the
 * training FLOPs of a token, so that
 *
 *   C(N, D) = F(N) D + 2 a N T w
 *
 * with a the share of parameters that a token passes, T the tokens served and w the price of a FLOP in serving over one in
 * training. F(N) = k N for 6ND; for counts of a shape, that of the family's member with N parameters.
 */
import type { Split } from "../laws/law.js";
import {
  type FlopsRule,
  type Recompute,
  RULE_WORDS,
  trainFlopsPerToken,
} from "../transformer/flops-rules.js";
import {
  givenShape,
  parametersOf,
  requireShape,
  type ShapeGiven,
  shapeFinder,
  type TransformerShape,
} from "../transformer/shape.js";
import { solveFalling } from "./solve-falling.js";

/** How a plan counts its cost; all of it may be left out. */
export interface CostAsked {
  rule?: FlopsRule;
  shape?: ShapeGiven;
  recompute?: Recompute;
  /** Share of the parameters that a token passes, in (0, 1]. */
  activeShare?: number;
  /** Tokens served over the model's life. */
  inferenceTokens?: number;
  /** Price of a FLOP in serving over that of one in training; 1 where both cost alike. */
  inferencePrice?: number;
}

export interface Cost {
  rule: FlopsRule;
  /** The rule in words. */
  words: string;
  /** F(N). */
  trainPerToken(N: number): number;
  /** Training and serving. */
  flops(split: Split): number;
  train(split: Split): number;
  serve(N: number): number;
  /** d ln F / d ln N. */
  slope(N: number): number;
  /** The size of a shape that is given whole; null where the size is free. */
  fixedSize: number | null;
  /** The member of the family with N parameters; null for 6ND without a shape. */
  shapeAt(N: number): TransformerShape | null;
  inferenceTokens: number;
  inferencePrice: number;
  activeShare: number;
  /** k where F(N) = k N; else null. */
  perParameter: number | null;
  /** k where F(N) = k N and nothing is served: then closed forms hold with C = k N D; else null. */
  linear: number | null;
}

/**
 * @param k FLOPs a parameter and token of 6ND, as the coefficients' source counts them
 * @throws UsageError for a shape that cannot be
 */
export function costOf(asked: CostAsked, k: number): Cost {
  const { activeShare = 1, inferenceTokens = 0, inferencePrice = 1, recompute = "none" } = asked;
  const given = asked.shape ?? {};
  const rule = asked.rule ?? "6nd";
  requireShape(given);
  const whole = givenShape(given);
  const isLinear = rule === "6nd" && recompute !== "selective";
  const fixedSize = whole === null ? null : parametersOf(whole).total;
  const perParameter = k * activeShare * (recompute === "full" ? 4 / 3 : 1);
  const find = shapeFinder(given);
  const shapeAt = (N: number): TransformerShape | null => whole ?? (isLinear ? null : find(N * activeShare));
  const trainPerToken = (N: number): number =>
    isLinear ? perParameter * N : trainFlopsPerToken(rule, whole ?? find(N * activeShare), recompute);
  const serve = (N: number) => 2 * activeShare * N * inferenceTokens * inferencePrice;
  const train = ({ N, D }: Split) => trainPerToken(N) * D;
  return {
    rule,
    words: wordsOf(rule, recompute, activeShare, k),
    trainPerToken,
    train,
    serve,
    flops: (split) => train(split) + serve(split.N),
    slope: isLinear
      ? () => 1
      : (N) => Math.log(trainPerToken(N * STEP) / trainPerToken(N / STEP)) / (2 * Math.log(STEP)),
    fixedSize,
    shapeAt,
    inferenceTokens,
    inferencePrice,
    activeShare,
    perParameter: isLinear ? perParameter : null,
    linear: isLinear && inferenceTokens === 0 ? perParameter : null,
  };
}

/** The cost of training alone. */
export const withoutServing = (cost: Cost): Cost => ({
  ...cost,
  flops: cost.train,
  serve: () => 0,
  inferenceTokens: 0,
  linear: cost.perParameter,
});

/** Relative step of the difference quotient of F. */
const STEP = 1 + 1e-4;

function wordsOf(rule: FlopsRule, recompute: Recompute, activeShare: number, k: number): string {
  const count = rule === "6nd" ? `C = ${k} N D` : `C by the rule "${rule}": ${RULE_WORDS[rule]}`;
  const share =
    activeShare === 1
      ? ""
      : `, of the ${Number((100 * activeShare).toPrecision(3))} % of N that a token passes`;
  const again = { none: "", selective: ", attention computed twice", full: ", forward pass computed twice" }[
    recompute
  ];
  return `${count}${share}${again}`;
}

/** The size whose F is so large, for a cost that grows with N; null where none has it. */
export const sizeOfCost = ({ linear, trainPerToken }: Cost, perToken: number): number | null =>
  linear === null ? solveFalling((N) => -trainPerToken(N), -perToken) : perToken / linear;
