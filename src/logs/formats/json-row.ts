import type { LogSource } from "./format.js";
import { type JsonFault, type JsonRead, readFlatObject } from "./json-flat.js";

/** Puts JSON objects as rows into a table: one column a path, made when first met. */
export class JsonRows {
  readonly #source: LogSource;
  #rows = 0;

  constructor(source: LogSource) {
    this.#source = source;
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
    const result = readFlatObject(text, start, (path, value) => {
      const column = table.column(path);
      touched.push(column);
      // equal keys, and {"a.b": 1, "a": {"b": 2}}, which has one path twice
      if (!table.set(column, value)) twice.push(path);
    });
    const fault = "fault" in result ? result : checkEnd(result.end);
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

  get isEmpty(): boolean {
    return this.#rows === 0;
  }
}
