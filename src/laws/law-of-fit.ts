import { CUSTOM_ID, lawFromFormula, quantityOfLetter } from "./from-formula.js";
import type { Law } from "./law.js";
import { requireLaw } from "./require-law.js";

/** What a saved fit says of its law. */
export interface SavedLaw {
  law: string;
  /** Of a family the member that was fitted. */
  size?: number | undefined;
  formula: string;
  inputs?: readonly { name: string; quantity: string }[] | undefined;
}

/**
 * The law of a fit: of the catalogue, or read again from the text of its formula, with the limits that hold for any.
 *
 * @throws UsageError for an unknown law, or a formula that cannot be read
 */
export function lawOfFit({ law, size, formula, inputs }: SavedLaw): Law {
  if (law !== CUSTOM_ID) return sized(requireLaw(law), size);
  const quantities = new Map((inputs ?? []).map((input) => [input.name, quantityOfLetter(input.quantity)]));
  return lawFromFormula(formula, (name) => quantities.get(name) ?? null).law;
}

/** The member of a family that was fitted. */
export function sized(law: Law, size: number | undefined): Law {
  const [least, most] = law.family?.limits ?? [0, 0];
  return size === undefined || size < least || size > most ? law : (law.family?.of(size) ?? law);
}
