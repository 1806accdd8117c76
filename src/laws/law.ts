/**
 * What a law is: a formula (or a computation that no formula can hold), its inputs and parameters, published coefficient
 * sets, and the questions that it answers. A law knows nothing of files and nothing of fitting.
 */
import type { Axes } from "../objects.js";
import type { Expression } from "./expression/index.js";
import { parseFormula } from "./expression/index.js";
import { type ImplicitForm, implicitCompute } from "./implicit.js";
import type { Jet } from "./jet.js";

/** The field's standard quantities that an input or an output can be; they decide units and how numbers are shown. */
export type Quantity =
  | "params"
  | "tokens"
  | "flops"
  | "loss"
  /** A share or rate in [0, 1]: error, accuracy, coverage, a mixture's weight. */
  | "fraction"
  /** Whole things that are counted: experts, streams, samples, steps. */
  | "count"
  /** Anything else, in the unit of the log. */
  | "scale";

/** What the catalogue is ordered by. */
export type Topic =
  | "pre-training"
  | "data"
  | "architecture"
  | "tasks and test time"
  | "hyper-parameters"
  | "costs";

/**
 * Another name of an input, as published; `factor` turns its value into the input's unit. With a `base` the value is a
 * logarithm: the input is factor base^value.
 */
export interface InputAlias {
  name: string;
  factor?: number;
  base?: number;
}

export interface LawInput {
  name: string;
  quantity: Quantity;
  unit: string;
  meaning: string;
  /** Quantities of a log (`N`, `U`, `experts`) or columns it can be read from, the best first. */
  reads: readonly string[];
  /** Closed range of values that mean something. */
  range: readonly [number, number];
  /** Whether 0 is a value; without it the range is open at 0. */
  zero: boolean;
  /** The value of an input that is left out; undefined where it must be given. May be infinite (no such limit). */
  neutral?: number;
  /** It says under what conditions a row was measured: no parameter hangs on rows that differ in it. */
  mayBeConstant?: boolean;
  aliases: readonly InputAlias[];
}

/** Where a search looks for a parameter first. */
export type StartRange =
  | { between: readonly [number, number]; spacing: "even" | "log" }
  /**
   * Inside the range of an input's column, evenly in its logarithm; with `part`, inside that part of it, from 0 (its
   * least value) to 1.
   */
  | { within: string; part?: readonly [number, number] }
  /**
   * Of the amplitude A of a term A/x^p: such that in the middle of the column x the term is between so many times the
   * middle measured value, evenly in the logarithm. p is the parameter `to`.
   */
  | { term: readonly [number, number]; of: string; to: string };

export interface LawParameter {
  name: string;
  meaning: string;
  /** Closed interval in which a fit searches; `low: 0` for amplitudes and floors. */
  bounds: readonly [number, number];
  /** `positive` parameters may be given as their logarithm under the name `ln` + name. */
  positive: boolean;
  /** The value that leaves the parameter without effect, where the law can do without it. */
  neutral?: number;
  /** Where a fit starts to search; by default over all magnitudes within the bounds. */
  start?: StartRange;
  /** Of a computed law: whether the value is linear in it (jointly with the others marked so). */
  isLinear?: boolean;
  /** Where a fit holds it unless told otherwise: a unit, or a factor that the other parameters can take over. */
  held?: number;
}

/** Where a fit starts to search, for a law whose parameters are only likely together. */
export interface LawStarts {
  /**
   * A likely set of values for all parameters; those that enter linearly are solved for afterwards.
   *
   * @param uniform draws from [0, 1)
   * @param centre the geometric mean of each input's column, and of the measured values under the output's name
   */
  sample(uniform: () => number, centre: Point): Coefficients;
  /** Groups of parameters of which only the ratios matter to a start: the law is linear in their common factor. */
  scaled?: readonly (readonly string[])[];
  /** Samples that are drawn, and how many of the best are run from; most of these must lead to the best minimum. */
  drawn: number;
  kept: number;
}

/** Coefficients as published: numbers by parameter name or alias (`lnA`), lists of a family (`c: [0.49, -0.81]`). */
export type PresetValues = Readonly<Record<string, number | readonly number[]>>;

/** A published set of coefficients with the conventions without which its numbers mean nothing. */
export interface Preset {
  name: string;
  values: PresetValues;
  source: string;
  /** Data, tokenizer, loss unit and what N counts. */
  conventions: string;
  /** The same as far as it decides whether a log can be held against it; what the source does not say is left out. */
  axes?: Partial<Axes>;
  /** What an input that may be anything stands for: `x` is `N`. */
  reads?: Readonly<Record<string, string>>;
  /** FLOPs per parameter and token in C = k N D. */
  flopsPerParamToken?: number;
  /** Ranges of the data behind it. */
  range?: Readonly<Record<string, readonly [number, number]>>;
  warning?: string;
}

/** Coefficients by parameter name. */
export type Coefficients = Readonly<Record<string, number>>;

/** Values of a law's inputs by name, in plain units. */
export type Point = Readonly<Record<string, number>>;

/** A split of training compute: parameters and tokens, not rounded. */
export interface Split {
  N: number;
  D: number;
}

/**
 * Allocation of C = k N D in closed form, for laws that have one. `nd` is C/k, the product N D; `at` holds the law's
 * other inputs. A function returns null where no finite answer exists for these coefficients.
 */
export interface AllocationForms {
  /** The split of the product `nd` with the least loss. */
  optimum(c: Coefficients, nd: number, at?: Point): Split | null;
  /** The least product `nd` that reaches `loss`; null at or below the floor. */
  productForLoss(c: Coefficients, loss: number, at?: Point): number | null;
  /** The tokens for which N is the best size. */
  tokensFor(c: Coefficients, N: number, at?: Point): number | null;
  /** The size for which D is the best number of tokens. */
  paramsFor(c: Coefficients, D: number, at?: Point): number | null;
  /** The loss that no split of `nd` changes any more, where there is no optimum for that reason; else null. */
  saturated?(c: Coefficients, nd: number, at?: Point): number | null;
}

/**
 * A question that a law answers besides its value: where it is least (`optimum`), or which input gives a value
 * (`inverse`). `plan` asks the optima, `predict --solve` the inverses.
 */
export interface LawAnswer {
  kind: "optimum" | "inverse";
  /** What is solved for, as asked with `--solve`: `x`, `N_equivalent`; an optimum is called `optimum`. */
  name: string;
  meaning: string;
  /** What must be given: inputs, the output's name, `C` for a budget. */
  given: readonly string[];
  /** Values that may be left out, with what they then are. */
  defaults?: Readonly<Record<string, number>>;
  /** Names of what is answered, the first being the main one. */
  gives: readonly string[];
  /** The answer, or null where there is none that is finite. */
  solve(c: Coefficients, given: Point): Readonly<Record<string, number>> | null;
}

/** Other names under which coefficients are published: from the given values to ours, or null when they are absent. */
export type Alias = (
  given: ReadonlyMap<string, number>,
) => { uses: string[]; name: string; value: number } | null;

export interface LawOutput {
  name: string;
  quantity: Quantity;
  meaning: string;
  /** Quantities or columns of a log in which it is measured, the best first. */
  reads: readonly string[];
  /** Closed range of possible measured values. */
  range: readonly [number, number];
}

/** What the rows of a log must obey for this law, beyond the ranges of single inputs. */
export interface LawRule {
  code: string;
  holds(at: Point): boolean;
  /** What is wrong with a row that breaks it, in the user's words. */
  reason: string;
  hint: string;
  /** Whether it binds only what was measured: a point that is planned or predicted may break it. */
  rowsOnly?: boolean;
}

/** A family of laws that differ in a size: breaks, domains, axes. */
export interface LawFamily {
  /** What the size counts, in words. */
  counts: string;
  size: number;
  /** Sizes that a choice by evidence tries. */
  tried: readonly number[];
  /** The least and the most there can be. */
  limits: readonly [number, number];
  /** Lists by which coefficients and inputs are given: `c=[1,2]` is c1=1, c2=2; each list has one entry a unit. */
  lists: readonly string[];
  /** The list of inputs whose columns in a log tell the size: `r` of a mixture; null when it is asked for or chosen. */
  columns: string | null;
  of(size: number): Law;
}

/** A law's value over jets of its parameters and inputs by name: exact derivatives come with it. */
export type Compute = (c: Readonly<Record<string, Jet>>, at: Readonly<Record<string, Jet>>) => Jet;

/** A variable that a fit works on instead of a parameter. */
export interface SearchVariable {
  name: string;
  bounds: readonly [number, number];
  start?: StartRange;
}

/**
 * Better conditioned variables of the same curve: where a parameter is the value of a term at x = 1, far from the data,
 * and its exponent turns the term about that point, a fit does better with the term's value amid the data. Formulas are
 * over inputs, variables, and the geometric mean of an input's column, called as the input with a 0: `N0`.
 */
export interface SearchCoordinates {
  /** The law's value; null for that of a computed law. */
  formula: Expression | null;
  /** One for each parameter, in their order. */
  variables: readonly SearchVariable[];
  /** Every parameter from the variables. */
  parameters: ReadonlyMap<string, Expression>;
}

export interface Law {
  id: string;
  title: string;
  topic: Topic;
  /** The formula as it is shown; of a computed law, in words that a reader of the paper knows. */
  formula: string;
  /** The parsed formula; null for a law that no formula can hold. */
  readonly expression: Expression | null;
  /** The value of a law that no formula can hold; null where there is a formula. */
  compute: Compute | null;
  /** The equation behind a law that is a root; its `compute` is made from it. */
  readonly implicit: ImplicitForm | null;
  /** The variables that a fit works on; null for the parameters as they are. */
  readonly coordinates: SearchCoordinates | null;
  /** What the law predicts first, and all that it predicts. */
  output: LawOutput;
  outputs: readonly LawOutput[];
  inputs: readonly LawInput[];
  parameters: readonly LawParameter[];
  presets: readonly Preset[];
  source: string;
  /** Traps and limits a user should know before trusting it. */
  notes: readonly string[];
  aliases: readonly Alias[];
  allocation: AllocationForms | null;
  answers: readonly LawAnswer[];
  rules: readonly LawRule[];
  /** Where a fit starts; null for a search of each parameter by itself. */
  starts: LawStarts | null;
  /** Inputs that are shares of one whole: rows are brought to a sum of 1 where they miss it by rounding. */
  simplex: readonly string[];
  family: LawFamily | null;
  /** Laws of other forms that are published under this one's name; the names of given coefficients tell which is meant. */
  variants: readonly Law[];
  /** Laws that are fitted and evaluated one after the other, each seeing the outputs before it; empty for a single law. */
  stages: readonly Law[];
  /** The objective a fit takes unless another is asked for; null for the program's default. */
  objective: string | null;
  /** Laws that fit the columns are ordered by it, the highest first; null for a law that is only taken when asked for. */
  route: number | null;
  /** Whether a choice by evidence tries it where its inputs are there. */
  isCandidate: boolean;
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
  start?: StartRange;
  isLinear?: boolean;
  held?: number;
}

/** `ImplicitForm` as text; the value is the unknown itself unless given. */
interface ImplicitDefinition extends Pick<ImplicitForm, "unknown" | "roots"> {
  equation: string;
  value?: string;
}

/** `SearchCoordinates` as text; the parameters' formulas by their names. */
interface CoordinatesDefinition {
  formula?: string;
  variables: Readonly<Record<string, Omit<SearchVariable, "name">>>;
  parameters: Readonly<Record<string, string>>;
}

interface InputDefinition {
  quantity: Quantity;
  unit: string;
  meaning: string;
  reads?: readonly string[];
  range?: readonly [number, number];
  zero?: boolean;
  neutral?: number;
  mayBeConstant?: boolean;
  aliases?: readonly InputAlias[];
}

interface OutputDefinition {
  name: string;
  quantity: Quantity;
  meaning: string;
  reads?: readonly string[];
  range?: readonly [number, number];
}

export interface LawDefinition {
  id: string;
  title: string;
  topic: Topic;
  formula: string;
  /** What is shown in its place where it is too long to be read: with the paper's abbreviations. */
  shown?: string;
  /** For a law that no formula can hold; `formula` is then only shown. */
  compute?: Compute;
  /** For a law that is the root of an equation. */
  implicit?: ImplicitDefinition;
  coordinates?: CoordinatesDefinition;
  output: OutputDefinition;
  inputs: Readonly<Record<string, InputDefinition>>;
  parameters: Readonly<Record<string, ParameterDefinition>>;
  presets?: readonly Preset[];
  source: string;
  notes?: readonly string[];
  aliases?: readonly Alias[];
  allocation?: AllocationForms;
  answers?: readonly LawAnswer[];
  rules?: readonly LawRule[];
  starts?: LawStarts;
  simplex?: readonly string[];
  variants?: readonly Law[];
  objective?: string;
  route?: number;
  isCandidate?: boolean;
  examples?: readonly string[];
}

/** What a measured quantity is called in logs, where a law does not say otherwise. */
const MEASURED: Readonly<Partial<Record<Quantity, readonly string[]>>> = { loss: ["loss"] };

function outputOf({ reads, range, ...output }: OutputDefinition): LawOutput {
  return {
    ...output,
    reads: reads ?? MEASURED[output.quantity] ?? [output.name],
    range: range ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
  };
}

function coordinatesOf({ formula, variables, parameters }: CoordinatesDefinition): SearchCoordinates {
  return {
    formula: formula === undefined ? null : parseFormula(formula),
    variables: Object.entries(variables).map(([name, variable]) => ({ name, ...variable })),
    parameters: new Map(Object.entries(parameters).map(([name, text]) => [name, parseFormula(text)])),
  };
}

function implicitOf({ unknown, roots, equation, value = unknown }: ImplicitDefinition): ImplicitForm {
  return { unknown, roots, equation: parseFormula(equation), value: parseFormula(value) };
}

/** Makes a law from its definition; the order of inputs and parameters is the order in which they are written. */
export function defineLaw(definition: LawDefinition): Law {
  const { inputs, parameters } = definition;
  let implicit: ImplicitForm | null = null;
  const implicitForm = (): ImplicitForm | null => {
    if (definition.implicit !== undefined) implicit ??= implicitOf(definition.implicit);
    return implicit;
  };
  const compute: Compute | undefined =
    definition.implicit === undefined
      ? definition.compute
      : (c, at) => implicitCompute(implicitForm() as ImplicitForm)(c, at);
  const output = outputOf(definition.output);
  let parsed: Expression | null = null;
  let coordinates: SearchCoordinates | null = null;
  return {
    id: definition.id,
    title: definition.title,
    topic: definition.topic,
    formula: definition.shown ?? definition.formula,
    // Parsed when it is first needed: most commands need one law of the catalogue.
    get expression() {
      if (compute === undefined) parsed ??= parseFormula(definition.formula);
      return parsed;
    },
    compute: compute ?? null,
    get implicit() {
      return implicitForm();
    },
    get coordinates() {
      if (definition.coordinates !== undefined) coordinates ??= coordinatesOf(definition.coordinates);
      return coordinates;
    },
    output,
    outputs: [output],
    inputs: Object.entries(inputs).map(([name, input]) => ({
      name,
      range: [0, Number.POSITIVE_INFINITY] as const,
      zero: false,
      reads: [name],
      aliases: [],
      ...input,
    })),
    parameters: Object.entries(parameters).map(([name, parameter]) => ({
      name,
      positive: false,
      ...parameter,
    })),
    presets: definition.presets ?? [],
    source: definition.source,
    notes: definition.notes ?? [],
    aliases: definition.aliases ?? [],
    allocation: definition.allocation ?? null,
    answers: definition.answers ?? [],
    rules: definition.rules ?? [],
    starts: definition.starts ?? null,
    simplex: definition.simplex ?? [],
    family: null,
    variants: definition.variants ?? [],
    stages: [],
    objective: definition.objective ?? null,
    route: definition.route ?? null,
    isCandidate: definition.isCandidate ?? true,
    examples: definition.examples ?? [],
    isCustom: false,
  };
}

export interface FamilyDefinition extends Omit<LawFamily, "size" | "of"> {
  /** The size of the law that stands in the catalogue. */
  usual: number;
  /** The law of a size; all have one id. */
  define(size: number): LawDefinition;
}

/** The member of usual size of a family of laws; the others are had from its `family`. */
export function defineFamily({ usual, define, ...family }: FamilyDefinition): Law {
  const known = new Map<number, Law>();
  const of = (size: number): Law => {
    const held = known.get(size);
    if (held !== undefined) return held;
    const made = defineLaw(define(size));
    made.family = { ...family, size, of };
    known.set(size, made);
    return made;
  };
  return of(usual);
}

export interface ChainDefinition
  extends Pick<LawDefinition, "id" | "title" | "topic" | "source">,
    Pick<
      Partial<LawDefinition>,
      "presets" | "notes" | "aliases" | "allocation" | "answers" | "route" | "isCandidate" | "examples"
    > {
  /** In their order; an input of a later stage that is called like the output of an earlier one is that output. */
  stages: readonly LawDefinition[];
  /** The output that is asked for first, by name; by default the last stage's. */
  first?: string;
}

/**
 * A law of several outputs, each of a stage: N, D -> loss -> accuracy. Stages are fitted one after the other on the same
 * resamples, so that the error of one is carried through the next. A parameter that two stages name is one parameter, and
 * these stages are fitted as one.
 */
export function defineChain({ stages: definitions, first, ...rest }: ChainDefinition): Law {
  const stages = definitions.map((stage) => defineLaw({ ...stage, id: `${rest.id}.${stage.output.name}` }));
  const outputs = stages.map(({ output }) => output);
  const made = new Set(outputs.map(({ name }) => name));
  const inputs = new Map(
    stages.flatMap((stage) =>
      stage.inputs.filter(({ name }) => !made.has(name)).map((input) => [input.name, input]),
    ),
  );
  const output = outputs.find(({ name }) => name === first) ?? outputs[outputs.length - 1];
  return {
    id: rest.id,
    title: rest.title,
    topic: rest.topic,
    formula: stages.map((stage) => `${stage.output.name} = ${stage.formula}`).join("; "),
    expression: null,
    compute: null,
    implicit: null,
    coordinates: null,
    output,
    outputs: [output, ...outputs.filter((other) => other !== output)],
    inputs: [...inputs.values()],
    parameters: [
      ...new Map(stages.flatMap((stage) => stage.parameters.map((own) => [own.name, own] as const))).values(),
    ],
    presets: rest.presets ?? [],
    source: rest.source,
    notes: rest.notes ?? [],
    aliases: rest.aliases ?? [],
    allocation: rest.allocation ?? null,
    answers: rest.answers ?? [],
    rules: stages.flatMap(({ rules }) => rules),
    starts: null,
    simplex: [],
    family: null,
    variants: [],
    stages,
    objective: null,
    route: rest.route ?? null,
    isCandidate: rest.isCandidate ?? false,
    examples: rest.examples ?? [],
    isCustom: false,
  };
}
