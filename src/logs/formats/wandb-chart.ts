/** Columns of a Weights & Biases chart, one a run and metric -> rows, one a run and step. */
import { InputError } from "../../errors.js";
import type { RowSink } from "./csv-rows.js";
import type { LogSource } from "./format.js";

const BOUND = /__M(?:IN|AX)$/;

/** Whether a column holds the smallest or largest of the values that a point of the chart stands for. */
export const isBound = (name: string): boolean => BOUND.test(name);

/** What a column of the file is. */
interface ChartColumn {
  /** Null for the axis and for other columns that hold for all runs. */
  run: string | null;
  /** The name in the table. */
  metric: string;
  /** For a bound, the column of the value it is of; else null. */
  boundOf: string | null;
}

/** Takes the rows of the exported file, and puts into the table one row for each run with a value in it. */
export class WandbChart implements RowSink {
  readonly #source: LogSource;
  readonly #columns: ChartColumn[] = [];
  readonly #names: string[] = [];
  /** The cells of the row at hand by the column's place. */
  #cells = new Map<number, string>();
  #bounds = 0;
  #differing = 0;
  #rows = 0;

  constructor(source: LogSource) {
    this.#source = source;
  }

  column(name: string): number {
    this.#names.push(name);
    this.#columns.push(chartColumn(name));
    if (isBound(name)) this.#bounds++;
    return this.#columns.length - 1;
  }

  set(column: number, text: string): boolean {
    this.#cells.set(column, text);
    return true;
  }

  /** Cells too many in a row cannot be placed by the columns that hold numbers: all do. */
  numericShare(): number {
    return 1;
  }

  endRow(line: number): void {
    const common: [string, string][] = [];
    const runs = new Map<string, [string, string][]>();
    for (const [place, text] of this.#cells) {
      const { run, metric, boundOf } = this.#columns[place]!;
      if (boundOf !== null) this.#compare(boundOf, text);
      else if (run === null) common.push([metric, text]);
      else runs.set(run, [...(runs.get(run) ?? []), [metric, text]]);
    }
    this.#cells = new Map();
    const { table, dropped, head } = this.#source;
    if (runs.size === 0) dropped.add(head.name, line, "no-value", "no run has a value in the row");
    for (const [run, cells] of runs) {
      table.set(table.column("run"), run);
      for (const [name, text] of [...common, ...cells]) table.set(table.column(name), text);
      table.endRow(line);
      this.#rows++;
    }
  }

  #compare(of: string, text: string): void {
    const value = this.#cells.get(this.#names.indexOf(of));
    if (value !== undefined && value !== text) this.#differing++;
  }

  /** @throws InputError when no run has a value */
  end(): void {
    const { warnings, head } = this.#source;
    if (this.#rows === 0)
      throw new InputError({
        code: "no-rows",
        message: "no run has a value in any row of the chart",
        hint: "export the chart again",
        file: head.name,
        line: 1,
      });
    const what = `${this.#bounds} columns of smallest and largest values (__MIN, __MAX) are not read`;
    const cells =
      this.#differing === 1 ? "1 of their cells differs" : `${this.#differing} of their cells differ`;
    const difference =
      this.#differing === 0
        ? ", they are equal to the values"
        : `; ${cells} from the value: there a point is the mean of a group of runs, or of several steps`;
    warnings.push({ code: "bounds-not-read", message: what + difference, file: head.name });
  }
}

/** `run - metric`; a run's own name may have ` - ` in it, a metric's hardly ever. */
function chartColumn(name: string): ChartColumn {
  const boundOf = isBound(name) ? name.replace(BOUND, "") : null;
  const at = name.lastIndexOf(" - ");
  if (at < 0) return { run: null, metric: name, boundOf };
  return { run: name.slice(0, at), metric: name.slice(at + 3), boundOf };
}
