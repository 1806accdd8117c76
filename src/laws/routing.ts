/**
 * Which law for which columns, and what each of its inputs is read from. The default when no law is asked for follows the
 * last part of the catalogue's page: every law that is a default anywhere carries a rank, and of those whose inputs are
 * all there the highest is taken.
 */
import { laws } from "./index.js";
import type { Law } from "./law.js";
import { powerFloor } from "./power-floor.js";

/** What a log offers, by the names of its quantities and columns. */
export interface Offered {
  /** Whether a quantity or column of this name is there, or follows from others. */
  has(name: string): boolean;
  /** The columns behind a list of inputs (`r`: the shares of a mixture); null where there are none. */
  list(name: string): readonly string[] | null;
}

/** A law with what each of its inputs and its output is read from. */
export interface BoundLaw {
  law: Law;
  /** By input name: `N`, `D`, `C`, or the name of a mapped quantity. */
  from: ReadonlyMap<string, string>;
  /** What the measured value is read from. */
  measured: string;
  /** Inputs that the log lacks and that can do without: their value everywhere. */
  constants: ReadonlyMap<string, number>;
}

/** Binds a law to what is offered; null when one of its inputs, or what it predicts, is not there. */
export function bindLaw(asked: Law, offered: Offered): BoundLaw | null {
  const law = memberFor(asked, offered);
  if (law === null) return null;
  const from = new Map<string, string>();
  const constants = new Map<string, number>();
  for (const input of law.inputs) {
    const read = readsOf(law, input.name, offered);
    if (read !== null) from.set(input.name, read);
    else if (input.neutral !== undefined) constants.set(input.name, input.neutral);
    else return null;
  }
  const measured = law.output.reads.find((name) => offered.has(name));
  return measured === undefined ? null : { law, from, measured, constants };
}

/** Inputs and the output that a log lacks, by name. */
export function missingFor(asked: Law, offered: Offered): string[] {
  const law = memberFor(asked, offered) ?? asked;
  const inputs = law.inputs.filter(
    ({ name, neutral }) => neutral === undefined && readsOf(law, name, offered) === null,
  );
  const isMeasured = law.output.reads.some((name) => offered.has(name));
  return [...inputs.map(({ reads }) => reads[0]), ...(isMeasured ? [] : [law.output.reads[0]])];
}

/** The member of a family whose size the columns tell. */
function memberFor(law: Law, offered: Offered): Law | null {
  const list = law.family?.columns ?? null;
  if (list === null || law.family === null) return law;
  const columns = offered.list(list);
  if (columns === null) return null;
  const [least, most] = law.family.limits;
  return columns.length < least || columns.length > most ? null : law.family.of(columns.length);
}

function readsOf(law: Law, name: string, offered: Offered): string | null {
  const input = law.inputs.find((one) => one.name === name);
  const list = law.family?.columns ?? null;
  if (list !== null && name.startsWith(list)) {
    const place = Number(name.slice(list.length));
    if (Number.isInteger(place) && place > 0) return offered.list(list)?.[place - 1] ?? null;
  }
  const names = [...(input?.reads ?? []), name, ...(isOfAnyScale(law) ? ANY_SCALE : [])];
  return names.find((one) => offered.has(one)) ?? null;
}

/** What a law of one variable is read from, where nothing is called as it says. */
const ANY_SCALE = powerFloor.inputs[0].reads;

/** Whether the law's one input is whatever grows: called x, not by what it is. */
const isOfAnyScale = ({ inputs }: Law): boolean => inputs.length === 1 && inputs[0].name === "x";

/** The laws that are a default for such columns, the one to take first. */
export function lawsForColumns(offered: Offered): BoundLaw[] {
  return laws
    .filter(({ route }) => route !== null)
    .sort((a, b) => (b.route as number) - (a.route as number))
    .flatMap((law) => {
      const bound = bindLaw(law, offered);
      // A default rests on columns that are there, not on what the law could do without.
      return bound === null || bound.constants.size > 0 ? [] : [bound];
    });
}

/** All laws of the catalogue whose inputs and output are there. */
export const possibleLaws = (offered: Offered): BoundLaw[] =>
  laws.flatMap((law) => {
    const bound = bindLaw(law, offered);
    return bound === null ? [] : [bound];
  });

/** A bound law of which all inputs but one never vary: the law of one variable on what is left. */
export function oneVariableOn({ measured }: BoundLaw, quantity: string): BoundLaw {
  return {
    law: powerFloor,
    from: new Map([[powerFloor.inputs[0].name, quantity]]),
    measured,
    constants: new Map(),
  };
}
