/**
 * What a law is: one formula, its inputs and parameters, published coefficient sets, and the questions that
 * it answers in closed form. A law knows nothing of files and nothing of fitting.
 */
import type { Expression } from "./expression/index.js";
import { parseFormula } from "./expression/index.js";

/** The field's standard quantities that an input or an output can be. */
export type Quantity = "params" | "tokens" | "flops" | "loss" | "scale";

export interface LawInput {
  name: string;
  quantity: Quantity;
  unit: string;
  meaning: string;
}

export interface LawParameter {
  name: string;
  meaning: string;
  /** Closed interval in which a fit searches; `low: 0` for amplitudes and floors. */
  bounds: readonly [number, number];
  /** `positive` parameters may be given as their logarithm under the name `ln` + name. */
  positive: boolean;
  /** The value that leaves the parameter without effect, where the law can do without it. */
  neutral?: number;
}

/** A published set of coefficients with the conventions without which its numbers mean nothing. */
export interface Preset {
  name: string;
  /** By parameter name or alias (`lnA`), as published. */
  values: Readonly<Record<string, number>>;
  source: string;
  /** Data, tokenizer, loss unit and what N counts. */
  conventions: string;
  /** FLOPs per parameter and token in C = k N D. */
  flopsPerParamToken?: number;
  /** Ranges of the data behind it. */
  range?: Readonly<Record<string, readonly [number, number]>>;
  warning?: string;
}

/** Coefficients by parameter name. */
export type Coefficients = Readonly<Record<string, number>>;

/** A split of training compute: parameters and tokens, not rounded. */
export interface Split {
  N: number;
  D: number;
}

/**
 * Allocation of C = k N D in closed form, for laws that have one. `nd` is C/k, the product N D.
 * A function returns null where no finite answer exists for these coefficients.
 */
export interface AllocationForms {
  /** The split of the product `nd` with the least loss. */
  optimum(c: Coefficients, nd: number): Split | null;
  /** The least product `nd` that reaches `loss`; null at or below the floor. */
  productForLoss(c: Coefficients, loss: number): number | null;
  /** The tokens for which N is the best size. */
  tokensFor(c: Coefficients, N: number): number | null;
  /** The size for which D is the best number of tokens. */
  paramsFor(c: Coefficients, D: number): number | null;
}

/** Other names under which coefficients are published: from the given values to ours, or null when they are absent. */
export type Alias = (
  given: ReadonlyMap<string, number>,
) => { uses: string[]; name: string; value: number } | null;

export interface Law {
  id: string;
  title: string;
  formula: string;
  /** The parsed formula. */
  expression: Expression;
  /** What the law predicts. */
  output: { name: string; quantity: Quantity; meaning: string };
  inputs: readonly LawInput[];
  parameters: readonly LawParameter[];
  presets: readonly Preset[];
  source: string;
  /** Traps and limits a user should know before trusting it. */
  notes: readonly string[];
  aliases: readonly Alias[];
  allocation: AllocationForms | null;
  /** Commands that show the law at work; each is run by a test. */
  examples: readonly string[];
  /** Whether it is a user's own formula. */
  isCustom: boolean;
}

interface ParameterDefinition {
  meaning: string;
  bounds: readonly [number, number];
  positive?: boolean;
  neutral?: number;
}

export interface LawDefinition {
  id: string;
  title: string;
  formula: string;
  output: Law["output"];
  inputs: Readonly<Record<string, Omit<LawInput, "name">>>;
  parameters: Readonly<Record<string, ParameterDefinition>>;
  presets?: readonly Preset[];
  source: string;
  notes?: readonly string[];
  aliases?: readonly Alias[];
  allocation?: AllocationForms;
  examples?: readonly string[];
}

/** Makes a law from its definition; the order of inputs and parameters is the order in which they are written. */
export function defineLaw(definition: LawDefinition): Law {
  const { inputs, parameters, presets, notes, aliases, allocation, examples, ...rest } = definition;
  return {
    ...rest,
    expression: parseFormula(definition.formula),
    inputs: Object.entries(inputs).map(([name, input]) => ({ name, ...input })),
    parameters: Object.entries(parameters).map(([name, parameter]) => ({
      name,
      positive: false,
      ...parameter,
    })),
    presets: presets ?? [],
    notes: notes ?? [],
    aliases: aliases ?? [],
    allocation: allocation ?? null,
    examples: examples ?? [],
    isCustom: false,
  };
}
