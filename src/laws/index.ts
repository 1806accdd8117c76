/** The catalogue: every law, by id. A new law is one file and one line here. */
import { chinchilla } from "./chinchilla.js";
import type { Law } from "./law.js";
import { power } from "./power.js";
import { powerFloor } from "./power-floor.js";

export const laws: readonly Law[] = [chinchilla, powerFloor, power];

/** The law with this id, or undefined; names such as `constructor` are not found. */
export function lawById(id: string): Law | undefined {
  return laws.find((law) => law.id === id);
}
