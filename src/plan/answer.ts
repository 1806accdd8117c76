/**
 * A law asked backwards: the input that gives a value, the least cost of a target, an equivalent size, each with its
 * interval from the same draws as every other number.
 */
import { DataError, UsageError } from "../errors.js";
import { fromAlias } from "../laws/inputs.js";
import type { Law, LawAnswer, Point } from "../laws/law.js";
import type { Prediction } from "../objects.js";
import { nearest, quoteText } from "../text.js";
import { derive, estimateOf } from "./intervals.js";
import type { Source } from "./source.js";

/** The inverse of a law that is called so. @throws UsageError with the names there are */
export function answerCalled(law: Law, name: string): LawAnswer {
  const inverses = law.answers.filter(({ kind }) => kind === "inverse");
  const found = inverses.find((answer) => answer.name === name);
  if (found !== undefined) return found;
  const names = inverses.map((answer) => answer.name);
  const near = nearest(name, names);
  throw new UsageError({
    code: "unknown-answer",
    message: `--solve: the law "${law.id}" cannot be solved for ${quoteText(name)}`,
    hint:
      names.length === 0
        ? "it can only be evaluated at its inputs"
        : near.length > 0
          ? `did you mean ${near.join(" or ")}?`
          : `it can be solved for ${names.join(", ")}`,
  });
}

/** What an answer needs, from what is given. @throws UsageError for what is missing or of no use */
export function givenFor(law: Law, answer: LawAnswer, point: ReadonlyMap<string, number>): Point {
  const aliases = new Map(
    law.inputs.flatMap((input) =>
      input.aliases.map((alias) => [alias.name, { input: input.name, alias }] as const),
    ),
  );
  const known: Record<string, number> = { ...answer.defaults };
  const used = new Set<string>();
  for (const [name, value] of point) {
    const { input, alias } = aliases.get(name) ?? { input: name, alias: { name } };
    if (!answer.given.includes(input)) continue;
    known[input] = fromAlias(alias, value);
    used.add(name);
  }
  const missing = answer.given.find((name) => known[name] === undefined);
  const asked = answer.kind === "optimum" ? "a plan" : `--solve ${answer.name}`;
  if (missing !== undefined) {
    throw new UsageError({
      code: "missing-input",
      message: `${asked} of the law "${law.id}" also needs ${missing}`,
      hint:
        answer.kind === "optimum" && missing === "C"
          ? "give the budget with --flops"
          : `give ${answer.given.map((name) => `${name}=...`).join(",")} with --at`,
    });
  }
  const stray = [...point.keys()].find((name) => !used.has(name));
  if (stray === undefined) return known;
  throw new UsageError({
    code: "unknown-input",
    message: `${asked} of the law "${law.id}" has no use for ${quoteText(stray)}`,
    hint: `it takes ${answer.given.join(", ")}`,
  });
}

/**
 * @param given everything the answer needs, by name
 * @throws DataError where there is no finite answer
 */
export function solveAt(source: Source, answer: LawAnswer, given: Point): Prediction {
  const { law } = source;
  const solved = derive(source, (c) => answer.solve(c, given));
  const hasAnswer = solved !== null && answer.gives.every((name) => Number.isFinite(solved.estimate[name]));
  if (solved === null || !hasAnswer) {
    throw new DataError({
      code: "no-answer",
      message: `the law "${law.id}" has no finite ${answer.name} at ${Object.entries(given)
        .map(([name, value]) => `${name}=${value}`)
        .join(", ")}`,
      why: answer.meaning,
      hint: "the value asked for may lie beyond a floor or a ceiling of the law",
    });
  }
  const estimates = answer.gives.map(
    (name) => [name, estimateOf(source, solved, (numbers) => numbers[name])] as const,
  );
  return {
    group: source.group,
    law: law.id,
    at: { ...given },
    value: estimates[0][1],
    newRun: { low: null, high: null, reason: "solved for, not measured" },
    ...(estimates.length > 1 ? { values: Object.fromEntries(estimates) } : {}),
    solved: answer.gives[0],
    extrapolation: { decades: null, shift: 0, shiftScale: source.residualScale },
  };
}
