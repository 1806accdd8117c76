/**
 * Stages of a chain as one law over stacked rows: an input says which stage a row is of, and the row has that stage's
 * value. What two stages have in common is then one parameter of one fit.
 */
import { InternalError } from "../errors.js";
import { call, type Expression, name, number } from "./expression/tree.js";
import type { Law, LawInput } from "./law.js";

/** The input that holds the place of a row's stage among those stacked, from 0. No parameter or column has a space. */
export const STAGE = "the stage";

const PLACE: LawInput = {
  name: STAGE,
  quantity: "count",
  unit: "place",
  meaning: "the stage that a row is of, from 0",
  reads: [],
  range: [0, Number.POSITIVE_INFINITY],
  zero: true,
  aliases: [],
};

/**
 * The law of some stages of a chain; its id is the chain's with their outputs, `bahri.resolution+variance`.
 *
 * @param stages two or more of the chain's, each with a formula, in their order
 */
export function stackedLaw(chain: Law, stages: readonly Law[]): Law {
  const inputs = new Map(
    stages.flatMap((stage) => stage.inputs.map((input) => [input.name, input] as const)),
  );
  const own = new Set(stages.flatMap(({ parameters }) => parameters.map((parameter) => parameter.name)));
  return {
    ...stages[0],
    id: `${chain.id}.${stages.map(({ output }) => output.name).join("+")}`,
    formula: stages.map(({ output, formula }) => `${output.name} = ${formula}`).join("; "),
    expression: stages
      .map(expressionOf)
      .reduceRight((rest, formula, k) => call("select", [name(STAGE), number(k), formula, rest])),
    compute: null,
    coordinates: null,
    starts: null,
    // Rows of a stage lack other stages' inputs, so that none of them is a size of all rows.
    inputs: [...[...inputs.values()].map((input) => ({ ...input, quantity: "count" as const })), PLACE],
    parameters: chain.parameters.filter((parameter) => own.has(parameter.name)),
    rules: [],
    allocation: null,
    answers: [],
  };
}

function expressionOf({ id, expression }: Law): Expression {
  if (expression !== null) return expression;
  throw new InternalError({
    code: "internal",
    message: `the stage ${id} has no formula, and shares a parameter with another`,
  });
}

/** Stages that share parameters, directly or by way of others, together; each group and the groups in the chain's order. */
export function linkedStages({ stages }: Law): number[][] {
  const groups: number[][] = [];
  stages.forEach(({ parameters }, k) => {
    const names = new Set(parameters.map((parameter) => parameter.name));
    const isLinked = (group: readonly number[]) =>
      group.some((other) => stages[other].parameters.some((parameter) => names.has(parameter.name)));
    const linked = groups.filter(isLinked);
    for (const group of linked) groups.splice(groups.indexOf(group), 1);
    groups.push([...linked.flat(), k].sort((a, b) => a - b));
  });
  return groups.sort(([a], [b]) => a - b);
}
