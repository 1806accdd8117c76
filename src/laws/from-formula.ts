/**
 * A law of one's own, from the text of a formula. A formula that equals one of the catalogue takes that law's bounds,
 * meanings and closed forms, under the names it was written with.
 */
import { formulaLaws } from "#catalogue";
import { UsageError } from "../errors.js";
import { quoteText } from "../text.js";
import { type Expression, namesOf, parseFormula, sameFormula, substitute } from "./expression/index.js";

import type {
  AllocationForms,
  Coefficients,
  Law,
  LawParameter,
  Quantity,
  SearchCoordinates,
  StartRange,
} from "./law.js";

/** The id under which a formula of one's own is saved. */
export const CUSTOM_ID = "formula";

const NO_BOUNDS = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] as const;

export interface FormulaLaw {
  law: Law;
  /** The catalogue's law that it equals, or null. */
  equals: Law | null;
}

/** What a name of a formula is: the quantity of an input, or null for a parameter. */
export type RoleOf = (name: string) => Quantity | null;

/** What the letters of the field stand for. */
const LETTERS: readonly (readonly [string, Quantity])[] = [
  ["N", "params"],
  ["D", "tokens"],
  ["C", "flops"],
];

/** The quantity of a letter; a column of any other name is some scale. */
export const quantityOfLetter = (letter: string): Quantity =>
  LETTERS.find(([known]) => known === letter)?.[1] ?? "scale";

/** The letter of an input's quantity; its name where it has none. */
export const letterOf = ({ name, quantity }: { name: string; quantity: Quantity }): string =>
  LETTERS.find(([, known]) => known === quantity)?.[0] ?? name;

/**
 * @throws UsageError for text that is no formula, or has no parameters
 */
export function lawFromFormula(text: string, roleOf: RoleOf): FormulaLaw {
  const expression = parseFormula(text);
  const names = namesOf(expression);
  if (names.includes("__proto__")) throw reservedName(text);
  const inputs = names.flatMap((name) => {
    const quantity = roleOf(name);
    return quantity === null ? [] : [{ name, quantity }];
  });
  const parameters = names.filter((name) => roleOf(name) === null);
  if (parameters.length === 0)
    throw withoutParameters(
      text,
      inputs.map(({ name }) => name),
    );
  // Laws that no choice would take (the same curve under another sign, rules of a published set) lend no bounds, nor do
  // those of costs: a straight line in general may fall and go below 0.
  for (const known of formulaLaws()) {
    const renaming = renamingOf(known, expression, inputs);
    if (renaming !== null) return { law: renamed(known, renaming, inputs, text), equals: known };
  }
  const output = {
    name: "y",
    quantity: "loss" as const,
    meaning: "the measured value",
    reads: ["loss"],
    range: NO_BOUNDS,
  };
  const law: Law = {
    id: CUSTOM_ID,
    title: "a formula of one's own",
    topic: "pre-training",
    formula: text,
    expression,
    compute: null,
    implicit: null,
    coordinates: null,
    output,
    outputs: [output],
    inputs: inputs.map((input) => ({
      ...input,
      unit: "as in the log",
      meaning: "a column of the log",
      reads: [input.name],
      range: NO_BOUNDS,
      zero: true,
      aliases: [],
    })),
    parameters: parameters.map((name) => ({
      name,
      meaning: "parameter of the formula",
      bounds: NO_BOUNDS,
      positive: false,
    })),
    presets: [],
    source: "given on the command line",
    notes: [],
    aliases: [],
    allocation: null,
    answers: [],
    rules: [],
    starts: null,
    simplex: [],
    family: null,
    variants: [],
    stages: [],
    objective: null,
    route: null,
    isCandidate: true,
    examples: [],
    isCustom: true,
  };
  return { law, equals: null };
}

/** The one name that is no ordinary key of a JavaScript object; fits are kept and printed as such. */
function reservedName(text: string): UsageError {
  return new UsageError({
    code: "formula",
    message: `the formula ${quoteText(text)} uses the name __proto__`,
    why: "a result under this name would be lost when it is saved",
    hint: "call it otherwise",
  });
}

function withoutParameters(text: string, inputs: readonly string[]): UsageError {
  return new UsageError({
    code: "formula",
    message: `the formula ${quoteText(text)} has no parameter to fit`,
    why:
      inputs.length === 0
        ? "it has no names"
        : `every name in it is a column or a quantity of the log (${inputs.slice(0, 20).join(", ")})`,
    hint: 'a name that is none is a parameter: --formula "E + A / N^alpha"',
  });
}

interface Input {
  name: string;
  quantity: Quantity;
}

/**
 * From the known law's names to the formula's; null where they are not the same law. The law's N is the formula's input
 * that counts parameters, whatever it is called: the two terms of chinchilla look alike.
 */
function renamingOf(
  known: Law,
  expression: Expression,
  inputs: readonly Input[],
): ReadonlyMap<string, string> | null {
  if (known.inputs.length !== inputs.length) return null;
  const names = namesOf(expression);
  const own = known.expression;
  if (own === null || !mayStandFor(known, inputs)) return null;
  const letters = new Map<string, string>();
  for (const { name, quantity } of inputs) {
    const letter = known.inputs.find((input) => input.quantity === quantity && quantity !== "scale")?.name;
    if (letter === undefined || [...letters.values()].includes(letter)) continue;
    if (letter !== name && names.includes(letter)) return null;
    letters.set(name, letter);
  }
  const lettered = substitute(expression, new Map([...letters].map(([from, to]) => [from, called(to)])));
  const found = sameFormula(own, lettered, {
    a: known.inputs.map(({ name }) => name),
    b: inputs.map(({ name }) => letters.get(name) ?? name),
  });
  if (found === null) return null;
  const back = new Map([...letters].map(([from, to]) => [to, from]));
  return new Map([...found].map(([own, name]) => [own, back.get(name) ?? name]));
}

const called = (name: string): Expression => ({ kind: "name", name });

/**
 * A law of rates bounds its parameters by 0 and 1, which a formula of the same shape for other values must not take over:
 * it is meant only where the formula has that law's own inputs.
 */
const mayStandFor = (known: Law, inputs: readonly Input[]): boolean =>
  known.output.quantity !== "fraction" ||
  known.inputs.every(({ name }) => inputs.some((input) => input.name === name));

function renamed(
  known: Law,
  renaming: ReadonlyMap<string, string>,
  inputs: readonly Input[],
  text: string,
): Law {
  const isSame = [...renaming].every(([from, to]) => from === to);
  if (isSame) return known;
  const own = known.expression as Expression;
  const name = (original: string) => renaming.get(original) ?? original;
  const quantityOf = (original: string) =>
    inputs.find((input) => input.name === name(original))?.quantity ?? "scale";
  // Columns that are not known to be parameters and tokens have no budget to split.
  const keepsQuantities = known.inputs.every((input) => quantityOf(input.name) === input.quantity);
  return {
    ...known,
    id: CUSTOM_ID,
    title: `${known.title}, under other names`,
    route: null,
    formula: text,
    // The catalogue's own form under the new names, so that it is recognised and fitted in the same way.
    expression: substitute(own, new Map([...renaming].map(([from, to]) => [from, called(to)]))),
    coordinates: known.coordinates === null ? null : renamedCoordinates(known.coordinates, known, name),
    inputs: known.inputs.map((input) => ({
      ...input,
      name: name(input.name),
      quantity: quantityOf(input.name),
      reads: [name(input.name)],
    })),
    parameters: known.parameters.map(
      (parameter): LawParameter => ({
        ...parameter,
        name: name(parameter.name),
        start: parameter.start === undefined ? undefined : renamedStart(parameter.start, name, name),
      }),
    ),
    presets: [],
    aliases: [],
    answers: [],
    starts: null,
    variants: [],
    allocation:
      known.allocation === null || !keepsQuantities ? null : underNames(known.allocation, known, name),
    isCustom: true,
  };
}

/**
 * The same variables of a law under other names. A variable's own name is no matter of the formula's: it gets one that
 * no formula can have.
 */
function renamedCoordinates(
  { formula, variables, parameters }: SearchCoordinates,
  known: Law,
  name: (own: string) => string,
): SearchCoordinates {
  const own = (variable: string) => `~${variable}`;
  const names = new Map([
    ...variables.map((variable) => [variable.name, called(own(variable.name))] as const),
    ...known.inputs.map((input) => [input.name, called(name(input.name))] as const),
    ...known.inputs.map((input) => [`${input.name}0`, called(`${name(input.name)}0`)] as const),
  ]);
  return {
    formula: formula === null ? null : substitute(formula, names),
    variables: variables.map((variable) => ({
      ...variable,
      name: own(variable.name),
      start: variable.start === undefined ? undefined : renamedStart(variable.start, name, own),
    })),
    parameters: new Map([...parameters].map(([of, text]) => [name(of), substitute(text, names)])),
  };
}

function renamedStart(
  start: StartRange,
  input: (own: string) => string,
  parameter: (own: string) => string,
): StartRange {
  if ("within" in start) return { ...start, within: input(start.within) };
  return "term" in start ? { ...start, of: input(start.of), to: parameter(start.to) } : start;
}

/** Closed forms of a law whose parameters have other names. */
function underNames(forms: AllocationForms, known: Law, name: (own: string) => string): AllocationForms {
  const own = (c: Coefficients): Coefficients =>
    Object.fromEntries(known.parameters.map((parameter) => [parameter.name, c[name(parameter.name)]]));
  return {
    optimum: (c, nd) => forms.optimum(own(c), nd),
    productForLoss: (c, loss) => forms.productForLoss(own(c), loss),
    tokensFor: (c, N) => forms.tokensFor(own(c), N),
    paramsFor: (c, D) => forms.paramsFor(own(c), D),
  };
}
