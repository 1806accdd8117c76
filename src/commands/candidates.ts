/**
 * The laws between which a log lets choose, each with what it is read from: all that fit the columns, or those that were
 * asked for.
 */
import {
  type Candidates,
  candidatesAmong,
  candidatesBeside,
  candidatesFor,
  ofTheSameInputs,
} from "../laws/candidates.js";
import { laws } from "../laws/index.js";
import type { Law } from "../laws/law.js";
import type { SeveralAsked } from "../laws/laws-asked.js";
import { type BoundLaw, lawsForColumns, type Offered } from "../laws/routing.js";
import { columnCalled, quantityCalled } from "../logs/columns.js";
import { canHave } from "../logs/derived.js";
import type { Measured } from "./counts.js";
import { textFlag } from "./flags.js";
import { bindAsked, missingInputs, type OpenedLog, ratesByColumns, tellingQuantities } from "./logs.js";

/** @throws DataError where no law finds its columns */
export function candidatesOf(log: OpenedLog, { among }: SeveralAsked): Candidates {
  if (among === "auto") {
    const bound = candidatesFor(choosable(log), measuredOf(log));
    if (bound.length === 0) throw missingInputs(log, null);
    return { bound, refused: [] };
  }
  const found = candidatesAmong(among, withoutStrayX(log, log.offered));
  // Says what is missing, and what else could be fitted.
  if (found.bound.length === 0) bindAsked(among[0], log);
  return found;
}

/** Ids of laws that `auto` would try besides the default, less what is a special case of it. */
export const othersThan = (fitted: Law, measured: string, log: OpenedLog): string[] => [
  ...new Set(othersBound(fitted, measured, log).map(({ law }) => law.id)),
];

/** Laws of the same inputs that could have been fitted instead. */
export const lawsBeside = (fitted: Law, measured: string, log: OpenedLog): BoundLaw[] =>
  ofTheSameInputs(fitted, othersBound(fitted, measured, log));

/** Of a cost only costs: it rises with what a loss falls with. */
const othersBound = (fitted: Law, measured: string, log: OpenedLog): BoundLaw[] =>
  candidatesBeside(fitted, choosable(log), measured).filter(
    ({ law }) => (law.topic === "costs") === (fitted.topic === "costs"),
  );

/** What is predicted by the laws to choose among; `--y` gives a column for it. */
export function measuredByFlag({ among }: SeveralAsked, y: string | undefined): Measured {
  if (among !== "auto") {
    const [{ output, objective }] = among;
    return { quantity: output.reads[0], reads: output.reads, ofCounts: objective === "binomial" };
  }
  const quantity = y === undefined ? null : quantityCalled(y);
  const isPredicted = laws.some(({ output }) => quantity !== null && output.reads.includes(quantity));
  return { quantity: isPredicted && quantity !== null ? quantity : "loss", reads: [], ofCounts: false };
}

/** What is measured: the column of `--y`, else what the default law of these columns predicts. */
function measuredOf(log: OpenedLog): string | null {
  if (log.counts !== null) return ratesByColumns(log)[0]?.measured ?? null;
  const y = textFlag(log.flags, "y");
  if (y !== undefined) return measuredByFlag({ among: "auto", asked: "auto" }, y).quantity;
  return lawsForColumns(log.telling)[0]?.measured ?? null;
}

/** What a default rests on and what follows from it, and columns of other names that differ between rows. */
function choosable(log: OpenedLog): Offered {
  const { table, recognised, offered } = log;
  const isTelling = tellingQuantities(recognised);
  return withoutStrayX(log, {
    has(name) {
      const quantity = quantityCalled(name);
      if (canHave(quantity ?? name, isTelling)) return true;
      const column = quantity === null ? columnCalled(table, name) : null;
      return column !== null && isVaried(column.numbers);
    },
    list: offered.list,
  });
}

/** Where compute is known, laws of one variable are compared on it, whatever a column called x may hold. */
function withoutStrayX({ telling }: OpenedLog, offered: Offered): Offered {
  const isStray = !telling.has("x") && offered.has("C");
  return { ...offered, has: (name) => !(isStray && name === "x") && offered.has(name) };
}

function isVaried(numbers: Float64Array): boolean {
  const first = numbers.find(Number.isFinite);
  return first !== undefined && numbers.some((value) => Number.isFinite(value) && value !== first);
}
