/** What `scalefit inspect` does: logs -> the document of what is in them, and the tables that it writes. */

import { constantInputs } from "../fit/identifiability.js";
import { lawById } from "../laws/index.js";
import { type CleanTable, cleanTable } from "../logs/clean-table.js";
import { computeByRule } from "../logs/compute-by-rule.js";
import { inspectTable, recognisedWarnings } from "../logs/inspection.js";
import { Resolver } from "../logs/resolve.js";
import { parquetOf } from "../logs/write-parquet.js";
import type { InspectDocument, InspectedRun, Table } from "../objects.js";
import { csvText } from "../report/csv.js";
import { inspectView } from "../report/inspect-view.js";
import { escapeText } from "../text.js";
import type { Invocation, Outcome, RawFlags } from "./command.js";
import { shownName } from "./files.js";
import { textFlag } from "./flags.js";
import { type OpenedLog, possibleFor, withRuns } from "./logs.js";
import { requireWritable, writeWhole } from "./written-files.js";

export async function inspectFiles(invocation: Invocation): Promise<Outcome> {
  const { args, flags } = invocation;
  for (const output of outputsIn(flags)) requireWritable(output, args);
  const isEnough = ["join", "convert", "flopsRule"].every((name) => textFlag(flags, name) === undefined);
  const measured = { quantity: "loss", reads: [], ofCounts: false };
  return withRuns(args, flags, measured, { isEnough, counted: true }, (log) => inspectLog(log, invocation));
}

async function inspectLog(log: OpenedLog, { args, flags, width, global }: Invocation): Promise<Outcome> {
  const resolver = new Resolver(log.table, log.recognised);
  const clean = cleanTable(log.table, log.recognised, resolver);
  const found = inspectTable(log.table, log.recognised, resolver, clean.count);
  const document: InspectDocument = {
    schema: "scalefit/inspect@1",
    files: log.files,
    ...found,
    mixture: (log.mixture?.names ?? []).map((name) => escapeText(name, 200)),
    compute: computeByRule(log.table, log.recognised, resolver, clean),
    laws: inOrder(possibleFor(log), found.runs.list),
    dropped: log.dropped,
    warnings: [...log.warnings, ...recognisedWarnings(log.recognised), ...clean.warnings],
  };
  const written = await writeTables(flags, log, clean);
  const text = global.json
    ? ""
    : inspectView(document, { width, listRuns: flags.rows === true, named: args, written });
  return { text, document, warnings: document.warnings, exitCode: 0 };
}

/** As `fit` takes them: where only one of params and tokens varies, the law of that one alone comes first. */
function inOrder(laws: string[], runs: readonly InspectedRun[]): string[] {
  const sizes = (["N", "D"] as const).map((scale) => {
    const values = Float64Array.from(runs, (run) => run[scale] ?? Number.NaN);
    return [scale, values.filter((x) => x > 0)] as const;
  });
  const isOfBoth =
    lawById(laws[0] ?? "")
      ?.inputs.map(({ name }) => name)
      .join() === "N,D";
  if (!isOfBoth || constantInputs({ inputs: new Map(sizes) }).length !== 1) return laws;
  return ["power-floor", ...laws.filter((id) => id !== "power-floor")];
}

const outputsIn = (flags: RawFlags): string[] =>
  ["output", "convert"].flatMap((name) => textFlag(flags, name) ?? []);

/** Writes what is asked for; gives back what was written, in words. */
async function writeTables(flags: RawFlags, { table }: OpenedLog, clean: CleanTable): Promise<string[]> {
  const written: string[] = [];
  const output = textFlag(flags, "output");
  if (output !== undefined) {
    writeWhole(output, csvText(clean.header, clean.rows()));
    written.push(`${clean.count} clean rows in ${escapeText(shownName(output))}`);
  }
  const convert = textFlag(flags, "convert");
  if (convert !== undefined) {
    writeWhole(convert, /\.parquet$/i.test(convert) ? await parquetOf(table) : wholeTable(table));
    written.push(`all ${table.rows} rows in ${escapeText(shownName(convert))}`);
  }
  return written;
}

function wholeTable(table: Table): string {
  const rows = Array.from({ length: table.rows }, (_, row) =>
    table.columns.map((column) => column.text(row)),
  );
  return csvText(
    table.columns.map(({ name }) => name),
    rows,
  );
}
