/** The catalogue: every law, by id. A new law is one file and one line here. */
import { chinchilla } from "./chinchilla.js";
import type { Law } from "./law.js";
import { power } from "./power.js";
import { powerFloor } from "./power-floor.js";

export const laws: readonly Law[] = [chinchilla, powerFloor, power];

/**
 * The law with this id, or undefined; names such as `constructor` are not found. `bnsl:2` is the member of size 2 of a
 * family, `task-ladder.acc` the stage of a chain that gives `acc`.
 */
export function lawById(id: string): Law | undefined {
  const [, name, size, output] = /^([^:.]*)(?::(\d{1,4}))?(?:\.(\w+))?$/.exec(id) ?? [];
  const law = laws.find((one) => one.id === name);
  if (law === undefined || (size === undefined && output === undefined)) return law;
  if (output !== undefined) return law.stages.find((stage) => stage.output.name === output);
  const { family } = law;
  const [least, most] = family?.limits ?? [1, 0];
  return Number(size) >= least && Number(size) <= most ? family?.of(Number(size)) : undefined;
}

/** The id under which `lawById` finds this very law. */
export const keyOf = ({ id, family }: Law): string => (family === null ? id : `${id}:${family.size}`);
