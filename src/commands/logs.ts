/**
 * From files to groups of observations for a law: the road that fit, predict and check share.
 */
import { DataError } from "../errors.js";
import { lawFromFormula, quantityOfLetter } from "../laws/from-formula.js";
import { laws } from "../laws/index.js";
import type { Law } from "../laws/law.js";
import { type BoundLaw, bindInputs, canGive, lawForColumns } from "../laws/routing.js";
import { columnCalled, missingColumn, type Recognised, recognise } from "../logs/columns.js";
import { type LogsRead, readLogs } from "../logs/read.js";
import { type ObservedGroup, observe } from "../logs/runs.js";
import { parseWhere } from "../logs/where.js";
import type { Dropped, Table, Warning } from "../objects.js";
import { escapeText, lineList } from "../text.js";
import type { RawFlags } from "./command.js";
import { shownName } from "./files.js";
import { columnMap, listFlag, textFlag } from "./flags.js";

export interface ReadLog {
  bound: BoundLaw;
  groups: ObservedGroup[];
  warnings: Warning[];
  /** The column behind each input of the law, and behind `loss`, in words. */
  columns: Map<string, string>;
  sources: { name: string; sha256: string }[];
  recognised: Recognised;
}

/** The law that is asked for: one of the catalogue, a formula, or whichever fits the columns. */
export type WantedLaw = { law: Law } | { formula: string } | "by-columns";

/**
 * Reads files and binds the law (or the one that fits the columns) to them.
 *
 * @param measured what every row must have: a measured value above 0, any measured value, or none
 * @param quantities what each input of the law was read from before, for a law that is already fitted
 */
export async function readObservations(
  files: readonly string[],
  flags: RawFlags,
  wanted: WantedLaw,
  measured: "positive" | "any" | "optional",
  quantities?: ReadonlyMap<string, string>,
): Promise<ReadLog> {
  const log = withShownNames(await readLogs([...files]));
  const map = columnMap(listFlag(flags, "map"));
  const y = textFlag(flags, "y");
  const recognised = recognise(log.table, { map, y });
  const found = new Set<string>([...recognised.quantities.keys(), ...recognised.ambiguous.keys()]);
  const { law, equals } = lawOf(wanted, log.table, recognised, found);
  const bound = bind(law, found, quantities);
  if (bound === null) throw missingInputs(log.table, recognised, law, found);
  const result = observe(log.table, recognised, {
    inputs: [...bound.from].map(([name, from]) => ({ name, from, positive: !bound.law.isCustom })),
    measured: measured === "optional" ? null : { from: "loss", positive: measured === "positive" },
    where: listFlag(flags, "where").map((text) => parseWhere(text)),
    groupBy: textFlag(flags, "groupBy"),
    cluster: textFlag(flags, "cluster"),
    weight: textFlag(flags, "weight"),
    readDropped: log.dropped,
  });
  return {
    bound,
    groups: result.groups,
    warnings: [
      ...log.warnings,
      ...(equals === null ? [] : [equalLaw(equals)]),
      ...result.warnings,
      ...result.unassigned.map((dropped) => droppedWarning(dropped, null)),
      ...result.groups.flatMap((group) => [...group.warnings, ...droppedWarnings(group)]),
    ],
    columns: columnsRead(bound, recognised),
    sources: log.sources.map(({ name, sha256 }) => ({ name, sha256 })),
    recognised,
  };
}

/** The log with its files called as documents call them. */
function withShownNames({ table, warnings, dropped, sources }: LogsRead): LogsRead {
  const renamed = <T extends { file?: string }>(entry: T): T =>
    entry.file === undefined ? entry : { ...entry, file: shownName(entry.file) };
  return {
    table: { ...table, files: table.files.map(shownName), source: (row) => renamed(table.source(row)) },
    warnings: warnings.map(renamed),
    dropped: dropped.map(renamed),
    sources: sources.map((source) => ({ ...source, name: shownName(source.name) })),
  };
}

function columnsRead(bound: BoundLaw, recognised: Recognised): Map<string, string> {
  const describe = (quantity: string): string => {
    const found = recognised.quantities.get(quantity);
    if (found === undefined) return COMPUTED[quantity] ?? quantity;
    return `${escapeText(found.column.name, 60)}${found.factor === 1 ? "" : ` x ${found.factor}`}`;
  };
  const columns = new Map([...bound.from].map(([name, from]) => [name, describe(from)]));
  return columns.set("loss", describe("loss"));
}

const COMPUTED: Readonly<Record<string, string>> = { N: "C / (6 D)", D: "C / (6 N)", C: "6 N D" };

/** Codes of rows left out on purpose: counted in the document, no trouble. */
const INTENDED = new Set(["where", "not-last"]);

function droppedWarnings({ group, dropped }: ObservedGroup): Warning[] {
  return dropped.filter(({ code }) => !INTENDED.has(code)).map((entry) => droppedWarning(entry, group));
}

function droppedWarning({ code, count, reason, lines, file }: Dropped, group: string | null): Warning {
  return {
    code,
    message: `${escapeText(file, 200)}: ${lineList(lines, count)}: ${count} ${count === 1 ? "row" : "rows"} not used: ${reason}`,
    file,
    lines,
    ...(group === null ? {} : { group }),
  };
}

/** The law, where one is asked for; the names of a formula that are columns or quantities are its inputs. */
function lawOf(
  wanted: WantedLaw,
  table: Table,
  recognised: Recognised,
  found: ReadonlySet<string>,
): { law: Law | null; equals: Law | null } {
  if (wanted === "by-columns") return { law: null, equals: null };
  if ("law" in wanted) return { law: wanted.law, equals: null };
  return lawFromFormula(wanted.formula, (name) => {
    if (canGive(found, name)) return quantityOfLetter(name);
    const column = columnCalled(table, name);
    if (column === null) return null;
    // A column that holds a quantity in its own unit stands for it; one in millions does not.
    const known = [...recognised.quantities].find(
      ([, read]) => read.column.name === column.name && read.factor === 1,
    );
    return quantityOfLetter(known?.[0] ?? "");
  });
}

const equalLaw = ({ id, formula }: Law): Warning => ({
  code: "equals-law",
  message: `the formula equals ${id}, ${formula}: it takes that law's bounds and gives the same numbers`,
});

function bind(
  wanted: Law | null,
  found: ReadonlySet<string>,
  quantities?: ReadonlyMap<string, string>,
): BoundLaw | null {
  if (wanted === null) return lawForColumns(found);
  // A formula's inputs were found by their names already.
  if (wanted.isCustom) return { law: wanted, from: new Map(wanted.inputs.map(({ name }) => [name, name])) };
  const bound = bindInputs(wanted, found);
  return bound === null || quantities === undefined ? bound : { law: wanted, from: quantities };
}

/** The columns are not enough for the law: which quantity is missing, and what else could be fitted. */
function missingInputs(
  table: Parameters<typeof missingColumn>[0],
  recognised: Recognised,
  wanted: Law | null,
  found: ReadonlySet<string>,
): Error {
  const needed = wanted?.inputs.map((input) => input.name) ?? ["N", "D"];
  const missing = needed.find((name) => !found.has(name)) ?? "N";
  const error = missingColumn(table, recognised, missing === "x" ? "N" : missing);
  const possible = laws
    .filter((law) => law !== wanted && bindInputs(law, found) !== null)
    .map((law) => law.id);
  if (wanted === null || possible.length === 0) return error;
  return new DataError({
    code: "missing-input",
    message: `the law "${wanted.id}" needs ${needed.join(" and ")}: ${error.message}`,
    why: error.why,
    hint: `${error.hint ?? ""}${error.hint === undefined ? "" : "; "}with these columns --law ${possible.join(" or --law ")} can be fitted`,
    ...error.place,
  });
}
