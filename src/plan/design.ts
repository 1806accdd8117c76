/**
 * A design is a model size with its tokens. What is asked decides how it follows from the coefficients.
 */
import { DataError } from "../errors.js";
import { evaluateLaw } from "../laws/evaluate-law.js";
import type { AllocationForms, Law, Split } from "../laws/law.js";
import { derive, estimateOf } from "./intervals.js";
import { splitInputs } from "./numeric-allocation.js";
import type { Question } from "./question.js";
import type { Coefficients, Source } from "./source.js";

/** The design for one set of coefficients; null where there is none. */
export type Designer = (c: Coefficients) => Split | null;

export const lossOf = (source: Source, c: Coefficients, { N, D }: Split): number =>
  evaluateLaw(source.law, c, inputsAt(source.law, { N, D }));

/** A split by the names of the law's inputs, which a formula of one's own may give others. */
export function inputsAt(law: Law, { N, D }: Split): Record<string, number> {
  const names = splitInputs(law);
  return names === null ? { N, D } : { [names.N]: N, [names.D]: D };
}

/** How the design follows from the coefficients. @throws DataError for a target loss below the floor */
export function designerFor(source: Source, forms: AllocationForms, question: Question): Designer {
  if (question.targetLoss !== undefined) return forTargetLoss(source, forms, question, question.targetLoss);
  const k = source.flopsPerParamToken;
  const { flops, params, tokens, ratio } = question;
  if (flops !== undefined) {
    if (params !== undefined) return () => ({ N: params, D: flops / (k * params) });
    if (tokens !== undefined) return () => ({ N: flops / (k * tokens), D: tokens });
    if (ratio !== undefined) return () => atRatio(flops / k, ratio);
    return (c) => forms.optimum(c, flops / k);
  }
  if (params !== undefined) {
    if (tokens !== undefined) return () => ({ N: params, D: tokens });
    return (c) => withTokens(params, forms.tokensFor(c, params));
  }
  return (c) => withParams(tokens as number, forms.paramsFor(c, tokens as number));
}

/** The design of a product N D with so many tokens per parameter. */
const atRatio = (nd: number, ratio: number): Split => ({
  N: Math.sqrt(nd / ratio),
  D: Math.sqrt(nd * ratio),
});

const withTokens = (N: number, D: number | null): Split | null => (D === null ? null : { N, D });
const withParams = (D: number, N: number | null): Split | null => (N === null ? null : { N, D });

function forTargetLoss(source: Source, forms: AllocationForms, question: Question, target: number): Designer {
  const { params, tokens, ratio } = question;
  requireReachable(source, question, target);
  if (params !== undefined) {
    return (c) =>
      withTokens(
        params,
        solveFalling((D) => lossOf(source, c, { N: params, D }), target),
      );
  }
  if (tokens !== undefined) {
    return (c) =>
      withParams(
        tokens,
        solveFalling((N) => lossOf(source, c, { N, D: tokens }), target),
      );
  }
  if (ratio !== undefined) {
    return (c) => {
      const N = solveFalling((size) => lossOf(source, c, { N: size, D: ratio * size }), target);
      return N === null ? null : { N, D: ratio * N };
    };
  }
  return (c) => {
    const nd = forms.productForLoss(c, target);
    return nd === null ? null : forms.optimum(c, nd);
  };
}

/** Sizes and token counts beyond these are no answer. */
const SMALLEST = 1;
const LARGEST = 1e40;

/** x with f(x) = target for a falling f, by bisection of ln x to the last bits; null outside of the range. */
export function solveFalling(
  f: (x: number) => number,
  target: number,
  range: readonly [number, number] = [SMALLEST, LARGEST],
): number | null {
  let [low, high] = range.map(Math.log);
  if (!(f(range[0]) >= target && f(range[1]) < target)) return null;
  for (let i = 0; i < 200 && high - low > 1e-15 * high; i++) {
    const middle = (low + high) / 2;
    if (f(Math.exp(middle)) > target) low = middle;
    else high = middle;
  }
  return Math.exp((low + high) / 2);
}

/** The floor is what is left with infinite tokens, or parameters, or both. */
function requireReachable(source: Source, { params, tokens }: Question, target: number): void {
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
