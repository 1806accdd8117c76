/**
 * PyTorch Lightning's `metrics.csv`: a table with the columns `epoch` and `step` in which each call of the logger has a
 * row of its own, with the cells of all other metrics empty. Rows of one step are put together.
 */
import { readCsv } from "./csv.js";
import type { RowSink } from "./csv-rows.js";
import type { Head, LogFormat } from "./format.js";

/** Columns of tables that hold several runs: Lightning writes one file a run. */
const OF_SEVERAL_RUNS = /^(?:run|run_?id|run_?name|name|id|params|n_params|tokens|seed)$/i;

export const lightning: LogFormat = {
  id: "lightning",
  title: "PyTorch Lightning's metrics.csv",
  kinds: ["table"],
  matches: isLightning,
  async read(source) {
    const { table, head } = source;
    table.setForFile(table.column("run"), head.run);
    const rows = new JoinedRows(table);
    await readCsv(source, rows);
    rows.end();
  },
};

/** By the header, and by rows with cells left empty: a full table of steps is just a table. */
function isLightning(head: Head): boolean {
  const lines = head.text.split("\n", 50);
  const names = (lines[0] ?? "").split(",").map((name) => name.trim());
  if (names.length < 3 || !names.includes("epoch") || !names.includes("step")) return false;
  if (names.some((name) => OF_SEVERAL_RUNS.test(name))) return false;
  return lines.slice(1).some((line) => /^,|,,|,$/.test(line));
}

/** Passes rows on to a table, those of one step that do not contradict each other as one. */
class JoinedRows implements RowSink {
  readonly #table: RowSink;
  readonly #step: number;
  /** The row at hand, and the one before it that it may belong to; by column. */
  readonly #cells = new Map<number, string>();
  readonly #kept = new Map<number, string>();
  #line = 0;

  constructor(table: RowSink) {
    this.#table = table;
    this.#step = table.column("step");
  }

  column(name: string, occurrence?: number): number {
    return this.#table.column(name, occurrence);
  }

  numericShare(column: number): number {
    return this.#table.numericShare(column);
  }

  set(column: number, text: string): boolean {
    const isNew = !this.#cells.has(column);
    if (text.trim() !== "") this.#cells.set(column, text);
    return isNew;
  }

  endRow(line: number): void {
    if (!this.#isOfKept()) {
      this.end();
      this.#line = line;
    }
    for (const [column, text] of this.#cells) this.#kept.set(column, text);
    this.#cells.clear();
  }

  #isOfKept(): boolean {
    const step = this.#cells.get(this.#step);
    if (step === undefined || step !== this.#kept.get(this.#step)) return false;
    return [...this.#cells].every(([column, text]) => (this.#kept.get(column) ?? text) === text);
  }

  /** Hands on the last row. */
  end(): void {
    if (this.#kept.size === 0) return;
    for (const [column, text] of this.#kept) this.#table.set(column, text);
    this.#table.endRow(this.#line);
    this.#kept.clear();
  }
}
