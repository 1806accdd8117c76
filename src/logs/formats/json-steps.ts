/** Objects of a log whose step rows are reduced to runs while it is read: they go the way of lines of a table. */
import { type StepPlan, StepReducer } from "../step-reducer.js";
import type { TableBuilder } from "../table.js";
import { StepLines } from "./csv-steps.js";
import type { LogSource } from "./format.js";

/** Parts the cells of a line; an object with it in a text is kept as it is. */
const BETWEEN = "\u001f";

const hasSeparator = (text: string): boolean => text.includes(BETWEEN) || text.includes("\n");

export class JsonSteps {
  readonly #table: TableBuilder;
  readonly #width: number;
  readonly #lines: StepLines;
  readonly #reducer: StepReducer;

  private constructor({ table, head }: LogSource, width: number, plan: StepPlan) {
    this.#table = table;
    this.#width = width;
    this.#lines = new StepLines(BETWEEN, width, plan);
    this.#reducer = new StepReducer(head.name, BETWEEN, width, plan);
  }

  /** Null where rows are not to be reduced, or by nothing in them. */
  static begin(source: LogSource): JsonSteps | null {
    const table = source.table.snapshot();
    const plan = source.reduce?.plan(table) ?? null;
    return plan === null ? null : new JsonSteps(source, table.columns.length, plan);
  }

  /** @param cells  by the place of their columns in the table; places without one are empty */
  add(cells: readonly (string | undefined)[], line: number): void {
    const texts = Array.from(
      { length: Math.max(cells.length, this.#width) },
      (_, place) => cells[place] ?? "",
    );
    const keep = () => this.#reducer.keep(texts, line);
    const isLine = texts.length === this.#width && !texts.some(hasSeparator);
    if (isLine) this.#lines.read(`${texts.join(BETWEEN)}\n`, line, this.#reducer, keep);
    else keep();
  }

  /** Whether so many rows had to be kept that the rest is better read as it is. */
  get isFull(): boolean {
    return this.#reducer.isFull;
  }

  /** Puts the rows that stand for their runs into the table. */
  end(): void {
    const { rows, omitted, passed } = this.#reducer.finish((cell) => cell);
    for (const { cells, line } of rows) {
      for (const [place, text] of cells.entries()) if (text !== "") this.#table.set(place, text);
      this.#table.endRow(line);
    }
    this.#table.addOmitted(omitted, passed);
  }
}
