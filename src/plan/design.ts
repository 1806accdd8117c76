/**
 * A design is a model size with its tokens. What is asked decides how it follows from the coefficients.
 */
import { DataError } from "../errors.js";
import { evaluateLaw } from "../laws/evaluate-law.js";
import type { Law, Split } from "../laws/law.js";
import type { BudgetForms } from "./budget-forms.js";
import { type Cost, sizeOfCost } from "./cost.js";
import { derive, estimateOf } from "./intervals.js";
import { splitInputs } from "./numeric-allocation.js";
import { solveFalling } from "./solve-falling.js";
import type { Coefficients, Source } from "./source.js";

/** The design for one set of coefficients; null where there is none. */
export type Designer = (c: Coefficients) => Split | null;

export const lossOf = (source: Source, c: Coefficients, { N, D }: Split): number =>
  evaluateLaw(source.law, c, inputsAt(source.law, { N, D }));

/** A split by the names of the law's inputs, which a formula of one's own may give others. */
export function inputsAt(law: Law, { N, D }: Split): Record<string, number> {
  const names = splitInputs(law);
  return names === null || (names.N === "N" && names.D === "D") ? { N, D } : { [names.N]: N, [names.D]: D };
}

/** What picks a design: a budget in FLOPs or a loss, and what is fixed. */
export interface Asked {
  flops?: number;
  params?: number;
  tokens?: number;
  targetLoss?: number;
  /** The loss to reach where it hangs on the coefficients; `targetLoss` is then that of the estimate. */
  lossFor?: LossFor;
  ratio?: number;
}

/** The loss that is to be reached; null where none is. */
export type LossFor = (c: Coefficients) => number | null;

/** How the design follows from the coefficients. @throws DataError for a target loss below the floor */
export function designerFor(source: Source, forms: BudgetForms, cost: Cost, asked: Asked): Designer {
  if (asked.targetLoss !== undefined) return forTargetLoss(source, forms, asked, asked.targetLoss);
  const { flops, params, tokens, ratio } = asked;
  if (flops !== undefined) {
    if (params !== undefined) return () => withTokens(params, tokensLeft(cost, params, flops));
    if (tokens !== undefined) return () => withParams(tokens, paramsLeft(cost, tokens, flops));
    if (ratio !== undefined) return () => atRatio(cost, flops, ratio);
    return (c) => forms.optimum(c, flops);
  }
  if (params !== undefined) {
    if (tokens !== undefined) return () => ({ N: params, D: tokens });
    return (c) => withTokens(params, forms.tokensFor(c, params));
  }
  return (c) => withParams(tokens as number, forms.paramsFor(c, tokens as number));
}

/** The tokens that a budget leaves for a size; null where serving it takes all. */
function tokensLeft(cost: Cost, N: number, flops: number): number | null {
  const left = flops - cost.serve(N);
  return left > 0 ? left / cost.trainPerToken(N) : null;
}

/** The size that a budget pays for with so many tokens. */
function paramsLeft(cost: Cost, D: number, flops: number): number | null {
  if (cost.inferenceTokens === 0) return sizeOfCost(cost, flops / D);
  return solveFalling((N) => -cost.flops({ N, D }), -flops);
}

/** The design of a budget with so many tokens per parameter. */
function atRatio(cost: Cost, flops: number, ratio: number): Split | null {
  const { linear } = cost;
  if (linear !== null) {
    const nd = flops / linear;
    return { N: Math.sqrt(nd / ratio), D: Math.sqrt(nd * ratio) };
  }
  const N = solveFalling((size) => -cost.flops({ N: size, D: ratio * size }), -flops);
  return N === null ? null : { N, D: ratio * N };
}

const withTokens = (N: number, D: number | null): Split | null => (D === null ? null : { N, D });
const withParams = (D: number, N: number | null): Split | null => (N === null ? null : { N, D });

function forTargetLoss(source: Source, forms: BudgetForms, asked: Asked, loss: number): Designer {
  const { lossFor } = asked;
  if (lossFor === undefined) requireReachable(source, asked, loss);
  const toReach = designToReach(source, forms, asked);
  return (c) => {
    const target = lossFor === undefined ? loss : lossFor(c);
    return target === null ? null : toReach(c, target);
  };
}

/** The design that reaches a loss for the least, with what is fixed. */
function designToReach(
  source: Source,
  forms: BudgetForms,
  { params, tokens, ratio }: Asked,
): (c: Coefficients, target: number) => Split | null {
  if (params !== undefined) {
    return (c, target) =>
      withTokens(
        params,
        solveFalling((D) => lossOf(source, c, { N: params, D }), target),
      );
  }
  if (tokens !== undefined) {
    return (c, target) =>
      withParams(
        tokens,
        solveFalling((N) => lossOf(source, c, { N, D: tokens }), target),
      );
  }
  if (ratio !== undefined) {
    return (c, target) => {
      const N = solveFalling((size) => lossOf(source, c, { N: size, D: ratio * size }), target);
      return N === null ? null : { N, D: ratio * N };
    };
  }
  return (c, target) => {
    const flops = forms.flopsForLoss(c, target);
    return flops === null ? null : forms.optimum(c, flops);
  };
}

/** The floor is what is left with infinite tokens, or parameters, or both. */
function requireReachable(source: Source, { params, tokens }: Asked, target: number): void {
  const corner = { N: params ?? Number.POSITIVE_INFINITY, D: tokens ?? Number.POSITIVE_INFINITY };
  const floors = derive(source, (c) => lossOf(source, c, corner));
  // A formula of one's own may have no limit there.
  if (floors === null || !Number.isFinite(floors.estimate)) return;
  const floor = estimateOf(source, floors, (value) => value);
  if (target > floor.estimate) return;
  const interval =
    floor.low === null || floor.high === null
      ? ""
      : ` (${Number((100 * source.level).toPrecision(6))} % interval ${floor.low.toPrecision(5)} to ${floor.high.toPrecision(5)})`;
  const given =
    params !== undefined
      ? ` with ${params.toPrecision(4)} parameters`
      : tokens !== undefined
        ? ` with ${tokens.toPrecision(4)} tokens`
        : "";
  throw new DataError({
    code: "unreachable-loss",
    message: `--target-loss ${target} cannot be reached${given}: the law's floor there is ${floor.estimate.toPrecision(5)}${interval}`,
    why: "no amount of compute takes the loss of this law below its floor",
    hint:
      given === ""
        ? "ask for a loss above the floor"
        : "ask for a higher loss, or leave the size and the tokens free",
  });
}
