/** A law as plain values, by which another thread finds or makes it again. */
import { lawFromFormula } from "../laws/from-formula.js";
import { lawById } from "../laws/index.js";
import type { Law, Quantity } from "../laws/law.js";
import { keyOf } from "../laws/law-key.js";

export type PlainLaw = { id: string } | { formula: string; inputs: { name: string; quantity: Quantity }[] };

export const plainLaw = (law: Law): PlainLaw =>
  law.isCustom
    ? { formula: law.formula, inputs: law.inputs.map(({ name, quantity }) => ({ name, quantity })) }
    : { id: keyOf(law) };

export function lawFromPlain(law: PlainLaw): Law {
  if ("formula" in law) {
    const quantities = new Map(law.inputs.map(({ name, quantity }) => [name, quantity]));
    return lawFromFormula(law.formula, (name) => quantities.get(name) ?? null).law;
  }
  return lawById(law.id) as Law;
}
