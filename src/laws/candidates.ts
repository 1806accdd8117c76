/** The laws between which columns let choose. */
import { listOf } from "../text.js";
import type { Law } from "./law.js";
import { type BoundLaw, bindLaw, missingFor, type Offered, possibleLaws } from "./routing.js";

export interface Candidates {
  bound: BoundLaw[];
  /** Laws that were asked for and cannot be tried, with the reason. */
  refused: { law: Law; reason: string }[];
}

/**
 * The laws that use what is there and can be compared row by row, each member of a family whose size is not told by the
 * columns. A law that could only do without a column is the simpler law with parameters that nothing determines; a chain
 * has rows of several kinds.
 *
 * @param measured what all predict; null takes what the first of the catalogue does
 */
export function candidatesFor(offered: Offered, measured: string | null): BoundLaw[] {
  const possible = possibleLaws(offered).filter(({ law, constants }) => {
    return law.isCandidate && law.stages.length === 0 && constants.size === 0;
  });
  const predicted = measured ?? possible[0]?.measured;
  if (predicted === undefined) return [];
  return possible
    .flatMap(({ law }) => membersTried(law))
    .flatMap((law) => bindMeasured(law, offered, predicted) ?? []);
}

/** The candidates besides a law that is fitted already, less what is a special case of it. */
export const candidatesBeside = (fitted: Law, offered: Offered, measured: string | null): BoundLaw[] =>
  candidatesFor(offered, measured).filter(({ law }) => law.id !== fitted.id && !isTrivial(law, fitted));

/** Those that see what the fitted law sees, and so plan what it plans. */
export const ofTheSameInputs = (fitted: Law, others: readonly BoundLaw[]): BoundLaw[] =>
  others.filter(({ law }) => inputNames(law) === inputNames(fitted));

const inputNames = ({ inputs }: Law): string =>
  inputs
    .map(({ name }) => name)
    .sort()
    .join();

/** Whether a law sees one variable of several, or has a part of another's parameters. */
function isTrivial(law: Law, beside: Law): boolean {
  if (law.inputs.length === 1 && beside.inputs.length > 1) return true;
  const names = new Set(beside.parameters.map(({ name }) => name));
  return law.parameters.length < names.size && law.parameters.every(({ name }) => names.has(name));
}

/** The laws that were asked for, as far as they can be compared; all predict what the first of them does. */
export function candidatesAmong(laws: readonly Law[], offered: Offered): Candidates {
  const first = laws.map((law) => bindLaw(law, offered)).find((one) => one !== null)?.measured;
  const bound: BoundLaw[] = [];
  const refused: Candidates["refused"] = [];
  for (const law of laws) {
    const one = first === undefined || law.stages.length > 0 ? null : bindMeasured(law, offered, first);
    if (one !== null) bound.push(one);
    else refused.push({ law, reason: refusal(law, offered, first) });
  }
  return { bound, refused };
}

function refusal(law: Law, offered: Offered, measured: string | undefined): string {
  if (law.stages.length > 0)
    return `it is a chain of laws, each with rows of its own; a stage of it, such as ${law.stages[0].id}, can be compared`;
  const missing = missingFor(law, offered);
  if (missing.length > 0) return `no column for ${listOf(missing)}`;
  return `it predicts ${law.output.reads[0]}, and the others predict ${measured}`;
}

/** A law bound so that it predicts this measured quantity; null where it cannot. */
function bindMeasured(law: Law, offered: Offered, measured: string): BoundLaw | null {
  const bound = law.output.reads.includes(measured) ? bindLaw(law, offered) : null;
  if (bound === null || [...bound.from.values()].includes(measured)) return null;
  return { ...bound, measured };
}

/** The members of a family that a choice tries; the law itself where its columns tell its size. */
export const membersTried = (law: Law): Law[] =>
  law.family === null || law.family.columns !== null ? [law] : law.family.tried.map(law.family.of);
