import type { LogSource } from "./format.js";
import { type JsonFault, type JsonRead, readFlatObject } from "./json-flat.js";

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
    const cells = new Map<string, string>();
    const set = (name: string, value: string) => {
      const column = table.column(name);
      touched.push(column);
      // equal keys, and {"a.b": 1, "a": {"b": 2}}, which has one path twice
      if (!table.set(column, value)) twice.push(name);
      if (this.#shape?.complete !== undefined) cells.set(name, value);
    };
    const emit = this.#shape === undefined ? set : this.#shaped(this.#shape, set);
    const result = readFlatObject(text, start, emit);
    const fault = "fault" in result ? result : checkEnd(result.end);
    if (fault === null) for (const [name, value] of this.#shape?.complete?.(cells) ?? []) set(name, value);
    const name = twice[0] ?? ("end" in result ? result.duplicates[0] : undefined);
    if (fault === null && name === undefined) {
      this.#rows++;
      table.endRow(line);
      return result;
    }
    table.dropRow(touched);
    if (fault !== null) return fault;
    dropped.add(head.name, line, "duplicate-key", "the same key stands twice in the object", name);
    return result;
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
