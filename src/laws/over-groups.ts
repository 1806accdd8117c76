/**
 * One law over several groups of rows. A parameter that is not shared is written once a group and picked out by inputs
 * that are 1 in the rows of one group and 0 in all others,
 *
 *   p  ->  p_1 g_1 + p_2 g_2 + ...
 *
 * so that recipes compared with exponents in common are one fit like any other, not a special case of the core.
 */
import { type Expression, substitute } from "./expression/index.js";
import type { Law, LawParameter } from "./law.js";

export interface LawOverGroups {
  law: Law;
  /** Names of the inputs that pick out the groups. */
  marks: string[];
}

/** The name of a parameter of the law in a group, from 0, where it is the group's own. */
export const nameInGroup = (parameter: string, group: number): string => `${parameter}~${group + 1}`;

/**
 * @param shared names of the parameters that all groups have in common
 * @returns null for a law that is no formula
 */
export function lawOverGroups(law: Law, groups: number, shared: ReadonlySet<string>): LawOverGroups | null {
  const { expression } = law;
  if (expression === null) return null;
  const each = Array.from({ length: groups }, (_, k) => k);
  // No formula can have such names, so none is taken twice.
  const marks = each.map((k) => `group~${k + 1}`);
  const nameIn = (parameter: string, k: number) =>
    shared.has(parameter) ? parameter : nameInGroup(parameter, k);
  const own = law.parameters.filter(({ name }) => !shared.has(name));
  const picked = new Map(
    own.map(({ name }) => [name, sumOf(each.map((k) => product(nameIn(name, k), marks[k])))] as const),
  );
  const parameters = law.parameters.flatMap((parameter): LawParameter[] =>
    shared.has(parameter.name)
      ? [parameter]
      : each.map((k) => ({ ...parameter, name: nameIn(parameter.name, k), start: undefined })),
  );
  const [first] = law.inputs;
  const markInputs = marks.map((name) => ({
    ...first,
    name,
    quantity: "scale" as const,
    range: [0, 1] as const,
    zero: true,
    aliases: [],
    reads: [name],
    meaning: "1 in the rows of this group, else 0",
  }));
  return {
    law: {
      ...law,
      expression: substitute(expression, picked),
      coordinates: null,
      starts: null,
      parameters,
      inputs: [...law.inputs, ...markInputs],
    },
    marks,
  };
}

const named = (name: string): Expression => ({ kind: "name", name });

const product = (a: string, b: string): Expression => ({
  kind: "product",
  factors: [named(a), named(b)],
});

const sumOf = (terms: Expression[]): Expression => (terms.length === 1 ? terms[0] : { kind: "sum", terms });
