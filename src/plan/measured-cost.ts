/**
 * A fitted cost law as the cost of a design: y(N, D), seconds or joules or anything else that was measured against sizes.
 * Each input of the law is a formula of N and D (`x1 = N`, `work = 6*N*D`), so that any law of costs stands in a plan.
 *
 * The coefficients of the loss and of the cost become one set, with draws of both side by side, so that every number of a plan
 * has the uncertainty of both fits in its interval.
 */
import { InternalError, UsageError } from "../errors.js";
import { evaluateLaw } from "../laws/evaluate-law.js";
import { type Expression, namesOf, parseFormula, substitute } from "../laws/expression/index.js";
import type { Law, LawInput, Split } from "../laws/law.js";
import { listOf, percentText, quoteText } from "../text.js";
import type { CostUnit } from "./cost-units.js";
import { type Surface, surfacesOfLaw } from "./numeric-allocation.js";
import type { Coefficients, IntervalMethod, Source } from "./source.js";
import type { Throughput } from "./throughput.js";

/** A fitted cost as it is asked for. */
export interface MeasuredCostAsked {
  /** The fit of the cost. */
  source: Source;
  unit: CostUnit;
  /** What the log calls it. */
  column: string;
  /** Inputs of its law as formulas of N, D and C = 6ND; those left out are what the fit says they are. */
  inputs?: Readonly<Record<string, string>>;
  /** Where each size has the tokens of its own throughput (`compute-class.ts`): what was measured, from the smallest size up. */
  throughputs?: readonly Throughput[];
}

export interface MeasuredCost {
  asked: MeasuredCostAsked;
  /** y(N, D), its parameters under names of their own. */
  law: Law;
  /** The formula of each input. */
  inputs: Readonly<Record<string, string>>;
  /** Over ln N and ln D. */
  surfaceFor(c: Coefficients): Surface;
  costOf(c: Coefficients, split: Split): number;
  /** What the cost law's inputs are at a design. */
  inputsAt(split: Split): Record<string, number>;
}

/** @throws UsageError for a law that cannot be a cost of N and D */
export function measuredCostOf(asked: MeasuredCostAsked, loss: Law): MeasuredCost {
  const { law } = asked.source;
  const { expression } = law;
  if (expression === null) {
    throw new UsageError({
      code: "flags",
      message: `the law "${law.id}" of the cost is no formula of its inputs`,
      hint: 'fit a law of costs: --law power-product, or --formula "k*N^a*D^b"',
    });
  }
  const inputs = Object.fromEntries(law.inputs.map((input) => [input.name, formulaOf(asked, input)]));
  const renamed = namesApart(law, loss);
  const cost = ofSizes(law, expression, inputs, renamed);
  const formulas = Object.entries(inputs).map(([name, text]) => ({
    name,
    law: { ...cost, parameters: [], expression: ofSplit(text) },
  }));
  return {
    asked,
    law: cost,
    inputs,
    surfaceFor: surfacesOfLaw(cost),
    costOf: (c, { N, D }) => evaluateLaw(cost, c, { N, D }),
    inputsAt: ({ N, D }) =>
      Object.fromEntries(formulas.map((one) => [one.name, evaluateLaw(one.law, {}, { N, D })])),
  };
}

const SIZES: Readonly<Record<string, string>> = { params: "N", tokens: "D", flops: "C" };

/** What an input is: as asked for, else a size by what the fit read it from or by what the law says it is. */
function formulaOf({ inputs = {}, source }: MeasuredCostAsked, input: LawInput): string {
  const asked = inputs[input.name];
  if (asked !== undefined) return asked;
  const read = source.quantities.get(input.name) ?? "";
  const size = ["N", "D", "C"].includes(read) ? read : SIZES[input.quantity];
  if (size !== undefined) return size;
  throw new UsageError({
    code: "missing-input",
    message: `the cost hangs on ${input.name} (${input.meaning}), and what that is of a planned model is not known`,
    hint: `say it by N, D and C = 6ND with --cost-at, for example --cost-at ${input.name}=2*N`,
  });
}

/** A formula of an input, over N and D. @throws UsageError for other names in it */
function ofSplit(text: string): Expression {
  const parsed = parseFormula(text);
  const stray = namesOf(parsed).find((name) => !["N", "D", "C"].includes(name));
  if (stray !== undefined) {
    throw new UsageError({
      code: "flags",
      message: `--cost-at: ${quoteText(stray)} in ${quoteText(text)} is not known`,
      hint: "a formula of N (parameters), D (tokens) and C = 6ND is needed, for example bytes=2*N",
    });
  }
  return substitute(parsed, new Map([["C", parseFormula("6*N*D")]]));
}

/** Names for the cost's parameters that the law of the loss does not have. */
function namesApart(cost: Law, { parameters }: Law): Map<string, string> {
  const taken = new Set([...parameters.map(({ name }) => name), "N", "D"]);
  const apart = (name: string): string => (taken.has(name) ? apart(`${name}_`) : name);
  return new Map(cost.parameters.map(({ name }) => [name, apart(`cost_${name}`)]));
}

function ofSizes(
  law: Law,
  expression: Expression,
  inputs: Readonly<Record<string, string>>,
  renamed: ReadonlyMap<string, string>,
): Law {
  const name = (text: string): Expression => ({ kind: "name", name: text });
  const parameters = new Map([...renamed].map(([from, to]) => [from, name(to)] as const));
  const sizes = Object.entries(inputs).map(([input, text]) => [input, ofSplit(text)] as const);
  // Parameters first: an input's formula may hold a name that is one of theirs.
  const held = substitute(expression, parameters);
  const size = (called: string, quantity: "params" | "tokens"): LawInput => ({
    name: called,
    quantity,
    unit: quantity,
    meaning: quantity,
    reads: [called],
    range: [0, Number.POSITIVE_INFINITY],
    zero: false,
    aliases: [],
  });
  return {
    ...law,
    expression: substitute(held, new Map(sizes)),
    compute: null,
    implicit: null,
    coordinates: null,
    allocation: null,
    inputs: [size("N", "params"), size("D", "tokens")],
    parameters: law.parameters.map((one) => ({ ...one, name: renamed.get(one.name) ?? one.name })),
  };
}

/** How certain a plan's intervals are of its cost, in words. */
export interface WithCost {
  source: Source;
  words: string;
}

/**
 * The source of the loss with the coefficients of the cost beside its own, in the estimate and in every draw. Draw b of the one
 * goes with draw b + 1 of the other: two fits of one log and seed drew the same rows at b, and would not be independent.
 */
export function besideCost(source: Source, { asked, law }: MeasuredCost): WithCost {
  const { source: own } = asked;
  const bent = largestSeen(own);
  const names = own.law.parameters.map(({ name }, j) => [name, law.parameters[j].name] as const);
  const renamed = (c: Coefficients): Coefficients =>
    Object.fromEntries(names.map(([from, to]) => [to, c[from]]));
  const cost = renamed(own.estimate);
  const joined: Source = {
    ...source,
    law: { ...source.law, parameters: [...source.law.parameters, ...law.parameters] },
    estimate: { ...source.estimate, ...cost },
  };
  const p = joined.law.parameters.length;
  const [isDrawn, isCostDrawn] = [source.draws.length > 1, own.draws.length > 1];
  if (isCostDrawn && (isDrawn || source.withoutDraws !== null)) {
    const count = isDrawn ? source.draws.length : own.draws.length;
    const draws = Array.from({ length: count }, (_, b) => ({
      ...(isDrawn ? source.draws[b] : source.estimate),
      ...renamed(own.draws[(b + 1) % own.draws.length]),
    }));
    return {
      source: {
        ...joined,
        draws,
        method: { kind: "percentile" },
        stretch: Math.max(source.stretch, own.stretch),
        withoutDraws: null,
      },
      words: isDrawn
        ? `intervals of both fits: each of ${count} resamples of the loss with one of the cost, independent of each other${bent}`
        : `intervals of the cost alone: the loss has no resamples${bent}`,
    };
  }
  const method = withCostAt(source.method, cost, p);
  const without =
    own.withoutDraws ?? "its fit has no resamples, and resamples of the loss do not go with a covariance";
  return {
    source: { ...joined, draws: source.draws.map((c) => ({ ...c, ...cost })), method },
    words: `${source.withoutDraws === null ? "intervals of the loss alone" : `no intervals: ${source.withoutDraws}`}; the cost is taken as exact (${without})${bent}`,
  };
}

/** How the largest measured runs came out against the cost law: nothing moves a limit for it, so it is said. */
function largestSeen({ backtest, residualScale }: Source): string {
  if (backtest === null || backtest.m === null || residualScale !== "log") return "";
  const { m, heldOut } = backtest;
  return `; the ${heldOut} largest runs measured lie ${percentText(Math.abs(Math.expm1(m)))} ${m < 0 ? "below" : "above"} the cost law fitted without them`;
}

/** The method with the cost held at its estimate. */
function withCostAt(method: IntervalMethod, cost: Coefficients, p: number): IntervalMethod {
  const wide = (V: Float64Array): Float64Array => {
    const own = Math.round(Math.sqrt(V.length));
    if (own > p)
      throw new InternalError({ code: "covariance", message: "a covariance of too many parameters" });
    const out = new Float64Array(p * p);
    for (let i = 0; i < own; i++) for (let j = 0; j < own; j++) out[i * p + j] = V[i * own + j];
    return out;
  };
  switch (method.kind) {
    case "percentile":
      return method;
    case "bca":
      return { kind: "bca", leftOut: method.leftOut.map((c) => ({ ...c, ...cost })) };
    case "bootstrap-t":
      return { kind: "bootstrap-t", own: wide(method.own), ofDraws: method.ofDraws.map(wide) };
    case "covariance":
      return { ...method, own: wide(method.own) };
  }
}

/** The inputs as they are shown: `x1 = N, x2 = D`; empty where they are called so. */
export const inputsInWords = ({ inputs }: MeasuredCost): string =>
  listOf(Object.entries(inputs).flatMap(([name, text]) => (name === text ? [] : [`${name} = ${text}`])));
