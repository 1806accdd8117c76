/**
 * Tables of one metric value a row, as Comet, Neptune and the tables of MLflow's database give them: run, metric, step,
 * value -> a row a run and step, a column a metric. A value without a step holds for the whole run.
 */
import { InputError } from "../../errors.js";
import { plainName } from "../names.js";
import { csvHeader, readCsv } from "./csv.js";
import type { RowSink } from "./csv-rows.js";
import type { LogFormat, LogSource } from "./format.js";
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

/** The place of the column of a role; -1 where there is none. */
function placeOf(names: readonly string[], role: Role): number {
  const name = ROLES[role].find((one) => names.includes(one));
  return name === undefined ? -1 : names.indexOf(name);
}

export const longMetrics: LogFormat = {
  id: "long-metrics",
  title: "a table of one metric value a row",
  kinds: ["table"],
  matches(head) {
    const names = (csvHeader(head) ?? []).map(plainName);
    const roles = Object.keys(ROLES) as Role[];
    const isOne = (role: Role) => names.filter((name) => hasRole(name, role)).length === 1;
    const isKnown = (name: string) => OTHERS.includes(name) || roles.some((role) => hasRole(name, role));
    // with a column more it may be results of an evaluation by task, which are decided by as they are
    return isOne("metric") && isOne("value") && isOne("step") && names.every(isKnown);
  },
  async read(source) {
    const pivot = new Pivot(source, (csvHeader(source.head) ?? []).map(plainName));
    await readCsv(source, pivot);
    pivot.end();
  },
};

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
  readonly #runs = new Map<string, PivotedRun>();
  #columns = 0;
  #cells: string[] = [];
  #values = 0;

  constructor(source: LogSource, names: readonly string[]) {
    this.#source = source;
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
