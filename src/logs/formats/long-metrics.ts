/**
 * Tables of one metric value a row, as Comet, Neptune and the tables of MLflow's database give them: run, metric, step,
 * value -> a row a run and step, a column a metric. A value without a step holds for the whole run. As a table of text, as
 * JSON (lines, a list, MLflow's answer with a list in it) or as Parquet.
 */
import { InputError } from "../../errors.js";
import type { Table } from "../../objects.js";
import { plainName } from "../names.js";
import { TableBuilder } from "../table.js";
import { csvHeader, readCsv } from "./csv.js";
import type { RowSink } from "./csv-rows.js";
import type { Head, LogFormat, LogSource } from "./format.js";
import { json } from "./json.js";
import { JsonError, Reader } from "./json-flat.js";
import { jsonLines, keysOfFirstLine } from "./json-lines.js";
import { StepPoints } from "./step-points.js";

/** Names of the columns by what they hold; of several runs' names the first is taken. */
const ROLES = {
  metric: ["metric_name", "metric", "metric_key", "attribute_path", "attribute", "tag", "key"],
  value: ["metric_value", "value", "float_value"],
  step: ["step", "global_step", "iteration"],
  run: [
    "run_name",
    "experiment_name",
    "sys_name",
    "run",
    "name",
    "run_id",
    "experiment_key",
    "experiment_id",
    "experiment",
    "sys_id",
    "custom_run_id",
    "run_uuid",
  ],
  time: ["timestamp", "time", "wall_time", "datetime", "date"],
} as const;
type Role = keyof typeof ROLES;
/** Columns that such a table may have besides. */
const OTHERS = [
  "epoch",
  "context",
  "run_context",
  "project",
  "project_id",
  "project_name",
  "workspace",
  "attribute_type",
  "type",
  "is_nan",
];

const hasRole = (name: string, role: Role): boolean => (ROLES[role] as readonly string[]).includes(name);

const isKnown = (name: string): boolean =>
  OTHERS.includes(name) || (Object.keys(ROLES) as Role[]).some((role) => hasRole(name, role));

/** The place of the column of a role; -1 where there is none. */
function placeOf(names: readonly string[], role: Role): number {
  const name = ROLES[role].find((one) => names.includes(one));
  return name === undefined ? -1 : names.indexOf(name);
}

/**
 * Whether columns are those of such a table. With a column more it may be results of an evaluation by task, which are
 * decided by as they are.
 */
export function isLong(columns: readonly string[]): boolean {
  const names = columns.map(plainName);
  const isOne = (role: Role) => names.filter((name) => hasRole(name, role)).length === 1;
  return isOne("metric") && isOne("value") && isOne("step") && names.every(isKnown);
}

export const longMetrics: LogFormat = {
  id: "long-metrics",
  title: "a table of one metric value a row",
  kinds: ["table", "json"],
  matches: (head) => isLong(csvHeader(head) ?? []) || isLong(keysOfFirstRecord(head)),
  async read(source) {
    const { head } = source;
    if (isLong(csvHeader(head) ?? [])) {
      const pivot = new Pivot(source, (csvHeader(head) ?? []).map(plainName));
      await readCsv(source, pivot);
      pivot.end();
    } else await readLong(source, (rows) => (json.matches(head) ? json : jsonLines).read(rows));
  },
};

/** Reads such a table with the reader of another format. */
export async function readLong(source: LogSource, read: (rows: LogSource) => Promise<void>): Promise<void> {
  const rows = new TableBuilder();
  rows.beginFile(source.head.name);
  await read({ ...source, table: rows, reduce: undefined });
  pivotRows(source, rows.finish());
}

function pivotRows(source: LogSource, table: Table): void {
  const { columns } = table;
  const pivot = new Pivot(
    source,
    columns.map(({ name }) => plainName(name)),
  );
  for (const _ of columns) pivot.column();
  for (let row = 0; row < table.rows; row++) {
    for (const [place, column] of columns.entries()) {
      const text = column.text(row);
      // as JSON and its writers say that there is none
      if (text !== "" && text !== "null") pivot.set(place, text);
    }
    pivot.endRow(table.source(row).line);
  }
  pivot.end();
}

/** The keys of the first object of a list or of lines of JSON; of an object with one list in it those of the list's. */
function keysOfFirstRecord(head: Head): string[] {
  const start = /^\s*(?:\[|\{[^[{}]*\[)\s*(?=\{)/.exec(head.text)?.[0].length;
  if (start === undefined) return keysOfFirstLine(head) ?? [];
  try {
    return new Reader(head.text, start, () => {}).members().map(({ key }) => key);
  } catch (error) {
    if (error instanceof JsonError) return [];
    throw error;
  }
}

interface PivotedRun {
  points: StepPoints;
  /** Values without a step. */
  settings: Map<string, string>;
  line: number;
  start: number;
}

/** Takes the rows of the file, and puts those of the runs into the table. */
class Pivot implements RowSink {
  readonly #source: LogSource;
  readonly #places: Record<Role, number>;
  /** Columns that are none of such a table, and so of what the list stands in: settings of the run. */
  readonly #others: { name: string; place: number }[];
  readonly #runs = new Map<string, PivotedRun>();
  #columns = 0;
  #cells: string[] = [];
  #values = 0;

  /** @param names  of the columns, in their plain form */
  constructor(source: LogSource, names: readonly string[]) {
    this.#source = source;
    this.#others = names.flatMap((name, place) => (isKnown(name) ? [] : [{ name, place }]));
    const of = (role: Role) => placeOf(names, role);
    this.#places = {
      metric: of("metric"),
      value: of("value"),
      step: of("step"),
      run: of("run"),
      time: of("time"),
    };
  }

  column(): number {
    return this.#columns++;
  }

  set(column: number, text: string): boolean {
    this.#cells[column] = text;
    return true;
  }

  /** Cells too many in a row cannot be placed: names may hold anything. */
  numericShare(): number {
    return 0;
  }

  endRow(line: number): void {
    const cell = (role: Role) => (this.#cells[this.#places[role]] ?? "").trim();
    const [name, value, step] = [cell("metric"), cell("value"), cell("step")];
    const run = this.#runFor(cell("run"), line, secondsOf(cell("time")));
    for (const other of this.#others) {
      const text = this.#cells[other.place];
      if (text !== undefined && !run.settings.has(other.name)) run.settings.set(other.name, text);
    }
    this.#cells = [];
    if (name === "" || value === "") {
      const what = name === "" ? "no metric is named" : "the metric has no value";
      this.#source.dropped.add(this.#source.head.name, line, "no-value", what);
      return;
    }
    this.#values++;
    if (step === "") run.settings.set(name, value);
    else run.points.add(name, step, run.seconds, value, line);
  }

  #runFor(name: string, line: number, time: number): PivotedRun & { seconds: number } {
    const known = this.#runs.get(name);
    const run = known ?? { points: new StepPoints(), settings: new Map(), line, start: time };
    if (known === undefined) this.#runs.set(name, run);
    if (Number.isNaN(run.start)) run.start = time;
    return { ...run, seconds: time - run.start };
  }

  /** @throws InputError when no row has a value */
  end(): void {
    const { table, head } = this.#source;
    if (this.#values === 0)
      throw new InputError({
        code: "no-rows",
        message: "no metric has a value in any row",
        hint: "export the metrics again",
        file: head.name,
        line: 1,
      });
    for (const [name, { points, settings, line }] of this.#runs) {
      const own = new Map([["run", name === "" ? head.run : name], ...settings]);
      if (points.count > 0) points.write(table, own);
      else if (settings.size > 0) {
        for (const [column, text] of own) table.set(table.column(column), text);
        table.endRow(line);
      }
    }
  }
}

/** A time in seconds: ISO text, seconds or milliseconds since 1970; NaN for anything else. */
function secondsOf(text: string): number {
  const number = text === "" ? Number.NaN : Number(text);
  if (Number.isNaN(number)) return text === "" ? Number.NaN : Date.parse(text) / 1000;
  // seconds pass this in the year 5138
  return number > 1e11 ? number / 1000 : number;
}
