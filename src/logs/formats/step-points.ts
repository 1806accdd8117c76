/**
 * Values that are logged one by one with their step -> rows, one a step. All values of a step share its row, wherever
 * they stand in the file; a name that comes again at a step (a resumed run) begins a new row of that step.
 */
import type { TableBuilder } from "../table.js";

const FIRST_POINTS = 1024;
/** Columns that every row has; a value of such a name is told apart. */
const OWN = new Set(["run", "step", "seconds"]);

interface StepRow {
  step: string;
  seconds: number;
  /** Record, or line, of its first value. */
  line: number;
  names: Set<number>;
}

export class StepPoints {
  readonly #rows: StepRow[] = [];
  /** The newest row of each step. */
  readonly #newest = new Map<string, number>();
  readonly #names = new Map<string, number>();
  #rowOf = new Uint32Array(FIRST_POINTS);
  #nameOf = new Uint32Array(FIRST_POINTS);
  #values = new Float64Array(FIRST_POINTS);
  /** Texts that a number would not print as. */
  readonly #texts = new Map<number, string>();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /**
   * @param seconds  since the first entry
   * @param text     the value, as a number prints
   * @param line     the record or line it stands in
   */
  add(name: string, step: string, seconds: number, text: string, line: number): void {
    const place = this.#names.get(name) ?? this.#names.size;
    if (place === this.#names.size) this.#names.set(name, place);
    if (this.#count === this.#values.length) this.#grow();
    const at = this.#count++;
    this.#rowOf[at] = this.#rowFor(place, step, seconds, line);
    this.#nameOf[at] = place;
    this.#values[at] = Number(text);
    if (String(this.#values[at]) !== text) this.#texts.set(at, text);
  }

  #rowFor(name: number, step: string, seconds: number, line: number): number {
    const known = this.#newest.get(step);
    if (known !== undefined && !this.#rows[known]!.names.has(name)) {
      this.#rows[known]!.names.add(name);
      return known;
    }
    this.#rows.push({ step, seconds, line, names: new Set([name]) });
    this.#newest.set(step, this.#rows.length - 1);
    return this.#rows.length - 1;
  }

  #grow(): void {
    const length = this.#values.length * 2;
    const grown = <T extends Uint32Array | Float64Array>(larger: T, from: T): T => {
      larger.set(from);
      return larger;
    };
    this.#rowOf = grown(new Uint32Array(length), this.#rowOf);
    this.#nameOf = grown(new Uint32Array(length), this.#nameOf);
    this.#values = grown(new Float64Array(length), this.#values);
  }

  /**
   * Puts the rows into a table, in the order of their first values.
   *
   * @param constant  cells that every row has besides
   */
  write(table: TableBuilder, constant: ReadonlyMap<string, string> = new Map()): void {
    const others = [...constant].map(([name, text]) => [table.column(name), text] as const);
    const step = table.column("step");
    const seconds = table.column("seconds");
    const columns = [...this.#names.keys()].map((name) =>
      table.column(OWN.has(name) ? `value ${name}` : name),
    );
    const order = this.#pointsByRow();
    let at = 0;
    for (const [index, row] of this.#rows.entries()) {
      for (const [column, text] of others) table.set(column, text);
      table.set(step, row.step);
      if (Number.isFinite(row.seconds)) table.setNumber(seconds, row.seconds);
      for (; at < this.#count && this.#rowOf[order[at]!] === index; at++) {
        const point = order[at]!;
        const column = columns[this.#nameOf[point]!]!;
        const text = this.#texts.get(point);
        if (text === undefined) table.setNumber(column, this.#values[point]!);
        else table.set(column, text);
      }
      table.endRow(row.line);
    }
  }

  /** Points sorted by their rows, by counting. */
  #pointsByRow(): Uint32Array {
    const next = new Uint32Array(this.#rows.length + 1);
    for (let point = 0; point < this.#count; point++) next[this.#rowOf[point]! + 1]!++;
    for (let row = 0; row < this.#rows.length; row++) next[row + 1]! += next[row]!;
    const order = new Uint32Array(this.#count);
    for (let point = 0; point < this.#count; point++) order[next[this.#rowOf[point]!]!++] = point;
    return order;
  }
}
