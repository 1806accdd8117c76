/**
 * Which law for which columns: the default when no law is asked for (last part of the catalogue's page).
 */
import { chinchilla } from "./chinchilla.js";
import type { Law } from "./law.js";
import { powerFloor } from "./power-floor.js";

/** A law with the quantity that each of its inputs is read from. */
export interface BoundLaw {
  law: Law;
  /** By input name: `N`, `D`, `C`, or the name of a mapped quantity. */
  from: ReadonlyMap<string, string>;
}

/** Of N, D, C any two give the third by C = 6 N D. */
export function canGive(found: ReadonlySet<string>, quantity: string): boolean {
  if (found.has(quantity)) return true;
  return ["N", "D", "C"].includes(quantity) && ["N", "D", "C"].filter((name) => found.has(name)).length >= 2;
}

/** The law for these quantities, or null when they are not enough for any. */
export function lawForColumns(found: ReadonlySet<string>): BoundLaw | null {
  if (canGive(found, "N") && canGive(found, "D")) return bindInputs(chinchilla, found);
  return oneVariable(powerFloor, found);
}

/** A one-variable law on `x` itself where it was mapped, else on C, N or D, in this order. */
function oneVariable(law: Law, found: ReadonlySet<string>): BoundLaw | null {
  const [input] = law.inputs;
  const from = ["x", "C", "N", "D"].find((name) => found.has(name));
  return from === undefined ? null : { law, from: new Map([[input.name, from]]) };
}

/** Binds a law that was asked for; null when the columns lack one of its inputs. */
export function bindInputs(law: Law, found: ReadonlySet<string>): BoundLaw | null {
  if (law.inputs.length === 1 && law.inputs[0].quantity === "scale") return oneVariable(law, found);
  if (!law.inputs.every((input) => canGive(found, input.name))) return null;
  return { law, from: new Map(law.inputs.map((input) => [input.name, input.name])) };
}

/** The one-variable law on a given quantity: what is left when the other input never varies. */
export function oneVariableOn(quantity: string): BoundLaw {
  return { law: powerFloor, from: new Map([[powerFloor.inputs[0].name, quantity]]) };
}
