/**
 * What stands in for the catalogue in the quick program (`quick.ts`): the laws that plans and predictions are mostly made
 * under, none of which the others are needed for. To ask for any other ends the quick program, and the whole one takes over.
 */
import { InternalError } from "../errors.js";
import { chinchilla } from "./chinchilla.js";
import { chinchillaGamma } from "./chinchilla-gamma.js";
import { dataConstrained } from "./data-constrained.js";
import { kaplanNd } from "./kaplan-nd.js";
import type { Law } from "./law.js";
import { power } from "./power.js";
import { powerFloor } from "./power-floor.js";

export const laws: readonly Law[] = [
  chinchilla,
  powerFloor,
  power,
  chinchillaGamma,
  kaplanNd,
  dataConstrained,
];

export function lawById(id: string): Law {
  const law = laws.find((one) => one.id === id);
  if (law === undefined) throw notHeld(id);
  return law;
}

export function formulaLaws(): readonly Law[] {
  throw notHeld("a formula of one's own");
}

const notHeld = (what: string): InternalError =>
  new InternalError({ code: "not-held", message: `the quick program does not hold ${what}` });
