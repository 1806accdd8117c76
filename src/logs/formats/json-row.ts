import type { LogSource } from "./format.js";
import { type JsonFault, type JsonRead, readFlatObject } from "./json-flat.js";
import { JsonSteps } from "./json-steps.js";

/** What a format makes of the values of its objects. */
export interface RowShape {
  /** The column of a value by its path; null for a value that is not read. */
  columnOf(path: string): string | null;
  /** Whether a text is an object of its own, written as text, whose values are wanted. */
  isWrapped?(path: string): boolean;
  /** Cells to add to a row, by its own cells. */
  complete?(cells: ReadonlyMap<string, string>): Iterable<readonly [column: string, text: string]>;
}

/** Puts JSON objects as rows into a table: one column a path, made when first met. */
export class JsonRows {
  readonly #source: LogSource;
  readonly #shape: RowShape | undefined;
  #rows = 0;
  /** Undefined before rows are reduced to runs, null afterwards. */
  #steps: JsonSteps | null | undefined;
  /** Rows at which it was last asked whether they can be. */
  #looked = 0;

  constructor(source: LogSource, shape?: RowShape) {
    this.#source = source;
    this.#shape = shape;
  }

  /**
   * Reads the object at `start` of `text` as one row. A row with a fault, or with a key twice, is not kept.
   *
   * @param line      the physical line the row is named by
   * @param checkEnd  says whether what follows the object is a fault
   */
  add(
    text: string,
    start: number,
    line: number,
    checkEnd: (end: number) => JsonFault | null = () => null,
  ): JsonRead | JsonFault {
    const { table, dropped, head } = this.#source;
    const touched: number[] = [];
    const twice: string[] = [];
    const steps = this.#steps ?? null;
    const own: string[] = [];
    const cells = new Map<string, string>();
    const set = (name: string, value: string) => {
      const column = table.column(name);
      touched.push(column);
      // equal keys, and {"a.b": 1, "a": {"b": 2}}, which has one path twice
      const isNew = steps === null ? table.set(column, value) : own[column] === undefined;
      if (!isNew) twice.push(name);
      if (steps !== null) own[column] = value;
      if (this.#shape?.complete !== undefined) cells.set(name, value);
    };
    const emit = this.#shape === undefined ? set : this.#shaped(this.#shape, set);
    const result = readFlatObject(text, start, emit);
    const fault = "fault" in result ? result : checkEnd(result.end);
    if (fault === null) for (const [name, value] of this.#shape?.complete?.(cells) ?? []) set(name, value);
    const name = twice[0] ?? ("end" in result ? result.duplicates[0] : undefined);
    if (fault === null && name === undefined) {
      this.#rows++;
      if (steps === null) table.endRow(line);
      else steps.add(own, line);
      this.#turn();
      return result;
    }
    if (steps === null) table.dropRow(touched);
    if (fault !== null) return fault;
    dropped.add(head.name, line, "duplicate-key", "the same key stands twice in the object", name);
    return result;
  }

  /** Begins to reduce rows when there are enough, and ends it when most have to be kept. */
  #turn(): void {
    const { reduce, table } = this.#source;
    if (this.#steps?.isFull) this.end();
    // what makes other rows of objects has to see them all
    if (this.#steps !== undefined || reduce === undefined || this.#shape !== undefined) return;
    if (table.rows < Math.max(reduce.from, 2 * this.#looked)) return;
    // columns come as objects have them: without a plan it is looked again at twice as many rows
    this.#looked = table.rows;
    this.#steps = JsonSteps.begin(this.#source) ?? undefined;
  }

  /** After the last object. */
  end(): void {
    this.#steps?.end();
    this.#steps = null;
  }

  #shaped(
    shape: RowShape,
    set: (name: string, value: string) => void,
  ): (path: string, value: string) => void {
    const emit = (path: string, value: string): void => {
      if (shape.isWrapped?.(path) === true && value.startsWith("{")) {
        readFlatObject(value, 0, (inner, text) => emit(`${path}.${inner}`, text));
        return;
      }
      const name = value === "null" ? null : shape.columnOf(path);
      if (name !== null) set(name, value);
    };
    return emit;
  }

  get isEmpty(): boolean {
    return this.#rows === 0;
  }
}
