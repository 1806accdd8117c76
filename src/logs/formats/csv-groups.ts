/** Sheets kept by hand: rows that name a group of the rows below them, and hold no run. */
import type { Warning } from "../../objects.js";
import { lineList, listOf, quoteText } from "../../text.js";

/** Rows looked at. */
const ROWS = 2000;
/** Columns looked at, from the left. */
const COLUMNS = 64;
const LINES_SHOWN = 20;
const NAMES_SHOWN = 3;

/** Watches rows go by for a sheet whose first column only some rows fill. */
export class GroupRows {
  readonly #names: readonly string[];
  /** Lines by which columns are filled: one character a column. */
  readonly #lines = new Map<string, number[]>();
  #rows = 0;

  constructor(names: readonly string[]) {
    this.#names = names.slice(0, COLUMNS);
  }

  /** Whether so many rows were seen that no more are looked at. */
  get isFull(): boolean {
    return this.#rows >= ROWS;
  }

  add(cells: readonly string[], line: number): void {
    if (this.isFull) return;
    this.#rows++;
    const pattern = this.#names.map((_, i) => ((cells[i] ?? "").trim() === "" ? "0" : "1")).join("");
    const lines = this.#lines.get(pattern);
    if (lines === undefined) this.#lines.set(pattern, [line]);
    else lines.push(line);
  }

  /**
   * What is to be said when most rows are alike and leave the first column empty, and others fill columns at the left
   * that those leave empty but not what those hold: headers of groups. Else nothing.
   */
  warning(file: string): Warning | null {
    const [most] = [...this.#lines].sort(([, a], [, b]) => b.length - a.length);
    if (most === undefined || most[1].length * 2 < this.#rows || most[0][0] === "1") return null;
    const usual = most[0];
    const first = usual.indexOf("1");
    const groups = [...this.#lines].filter(
      ([pattern]) => pattern.slice(0, first).includes("1") && lacks(pattern, usual),
    );
    const lines = groups.flatMap(([, of]) => of).sort((a, b) => a - b);
    if (lines.length < 2) return null;
    const own = this.#named((i) => i < first && groups.some(([pattern]) => pattern[i] === "1"));
    const missing = this.#named((i) => usual[i] === "1" && groups.every(([pattern]) => pattern[i] === "0"));
    return {
      code: "group-rows",
      message: `${lines.length} rows (${lineList(lines)}) look like headers of groups: they fill ${own}, which the other rows leave empty, and have no ${missing}; they are rows like the others, and their cells are not carried down`,
      file,
      lines: lines.slice(0, LINES_SHOWN),
    };
  }

  #named(isMeant: (place: number) => boolean): string {
    const names = this.#names.filter((_, i) => isMeant(i));
    const shown = names.slice(0, NAMES_SHOWN).map((name) => quoteText(name, 40));
    return names.length > NAMES_SHOWN ? `${shown.join(", ")}, ...` : listOf(shown);
  }
}

/** Whether a row leaves empty at least half of what the usual rows fill. */
function lacks(pattern: string, usual: string): boolean {
  const filled = [...usual].flatMap((flag, i) => (flag === "1" ? [i] : []));
  return filled.filter((i) => pattern[i] === "0").length * 2 >= filled.length;
}
