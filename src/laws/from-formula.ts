/**
 * A law of one's own, from the text of a formula. A formula that equals one of the catalogue takes that law's bounds,
 * meanings and closed forms, under the names it was written with.
 */
import { type Expression, namesOf, parseFormula, sameFormula, substitute } from "./expression/index.js";
import { laws } from "./index.js";
import type { AllocationForms, Coefficients, Law, LawParameter } from "./law.js";

/** The id under which a formula of one's own is saved. */
export const CUSTOM_ID = "formula";

const NO_BOUNDS = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] as const;

export interface FormulaLaw {
  law: Law;
  /** The catalogue's law that it equals, or null. */
  equals: Law | null;
}

/**
 * @param isInput whether a name of the formula is a column; the other names are parameters
 * @throws UsageError for text that is no formula
 */
export function lawFromFormula(text: string, isInput: (name: string) => boolean): FormulaLaw {
  const expression = parseFormula(text);
  const names = namesOf(expression);
  const inputs = names.filter(isInput);
  const parameters = names.filter((name) => !isInput(name));
  for (const known of laws) {
    const renaming = renamingOf(known, expression, inputs);
    if (renaming !== null) return { law: renamed(known, renaming, text), equals: known };
  }
  const law: Law = {
    id: CUSTOM_ID,
    title: "a formula of one's own",
    formula: text,
    expression,
    output: { name: "y", quantity: "loss", meaning: "the measured value" },
    inputs: inputs.map((name) => ({
      name,
      quantity: "scale",
      unit: "as in the log",
      meaning: "a column of the log",
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
    examples: [],
    isCustom: true,
  };
  return { law, equals: null };
}

/** From the known law's names to the formula's; null where they are not the same law. */
function renamingOf(
  known: Law,
  expression: Expression,
  inputs: readonly string[],
): ReadonlyMap<string, string> | null {
  const ownInputs = known.inputs.map(({ name }) => name);
  if (ownInputs.length !== inputs.length) return null;
  return sameFormula(known.expression, expression, { a: ownInputs, b: [...inputs] });
}

function renamed(known: Law, renaming: ReadonlyMap<string, string>, text: string): Law {
  const isSame = [...renaming].every(([from, to]) => from === to);
  if (isSame) return { ...known, formula: known.formula };
  const name = (own: string) => renaming.get(own) ?? own;
  const expressions = new Map(
    [...renaming].map(([from, to]): [string, Expression] => [from, { kind: "name", name: to }]),
  );
  return {
    ...known,
    id: CUSTOM_ID,
    title: `${known.title}, under other names`,
    formula: text,
    // The catalogue's own form under the new names, so that it is recognised and fitted in the same way.
    expression: substitute(known.expression, expressions),
    inputs: known.inputs.map((input) => ({ ...input, name: name(input.name) })),
    parameters: known.parameters.map(
      (parameter): LawParameter => ({ ...parameter, name: name(parameter.name) }),
    ),
    presets: [],
    aliases: [],
    allocation: known.allocation === null ? null : underNames(known.allocation, known, name),
    isCustom: true,
  };
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
