/**
 * Sheets kept by hand: a name that stands once for the rows below it, in a row of its own (a header of a group) or in the
 * first row of the group (a merged cell). It is carried down where it can mean nothing else.
 */
import type { Warning } from "../../objects.js";
import { lineList, listOf, quoteText } from "../../text.js";
import { plainName } from "../names.js";

/** Rows looked at; a longer table was written by a program. */
const ROWS = 2000;
/** Columns looked at, from the left. */
const COLUMNS = 64;
const LINES_SHOWN = 20;
const NAMES_SHOWN = 3;
/** Columns of which an empty cell says that there is nothing, or that would make one run of many rows, or steps of settings. */
const OWN_CELLS =
  /^(?:notes?|comments?|remarks?|tags?|state|status|(?:run|job|trial|exp|experiment)?_?(?:id|name)|run|trial|step|steps|seed)$/;

/** A text for the empty cells of a column in some rows, counted from the first row. */
export interface CarriedCell {
  column: number;
  text: string;
  first: number;
  end: number;
}

interface SheetRow {
  cells: string[];
  pattern: string;
  line: number;
}

/** Watches rows go by for a sheet whose first column only some rows fill. */
export class GroupRows {
  readonly #names: readonly string[];
  readonly #rows: SheetRow[] = [];
  #isLonger = false;

  constructor(names: readonly string[]) {
    this.#names = names.slice(0, COLUMNS);
  }

  /** Whether so many rows were seen that no more are looked at. */
  get isFull(): boolean {
    return this.#rows.length >= ROWS;
  }

  add(cells: readonly string[], line: number): void {
    if (this.isFull) {
      this.#isLonger = true;
      return;
    }
    const own = this.#names.map((_, i) => (cells[i] ?? "").trim());
    this.#rows.push({ cells: own, pattern: own.map((cell) => (cell === "" ? "0" : "1")).join(""), line });
  }

  /** How most rows are filled, where they leave the first column empty; else null. */
  #usual(): string | null {
    const counts = new Map<string, number>();
    for (const { pattern } of this.#rows) counts.set(pattern, (counts.get(pattern) ?? 0) + 1);
    // of two that are as many, the one that leaves more empty at the left
    const [most] = [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
    if (most === undefined || most[1] * 2 < this.#rows.length) return null;
    return most[0][0] === "1" || !most[0].includes("1") ? null : most[0];
  }

  /**
   * What is carried down, and what is to be said: when most rows are alike and leave columns at the left empty that a few
   * rows fill, beginning with the first.
   *
   * @param canCarry  whether the rows are in the table one behind the other
   */
  finish(file: string, canCarry: boolean): { carried: CarriedCell[]; warning: Warning | null } {
    const usual = this.#usual();
    if (usual === null) return { carried: [], warning: null };
    const first = usual.indexOf("1");
    const isFilled = ({ pattern }: SheetRow) => pattern.slice(0, first).includes("1");
    const headers = this.#rows.filter((row) => isFilled(row) && lacks(row.pattern, usual));
    const isRegular = headers.length > 1 || this.#isMerged(usual, first);
    const carried = canCarry && !this.#isLonger && isRegular ? this.#carriedBefore(first) : [];
    if (headers.length < 2 && carried.length === 0) return { carried, warning: null };
    const warning =
      headers.length > 1
        ? this.#headerWarning(file, usual, headers, carried)
        : this.#mergedWarning(file, carried);
    return { carried, warning };
  }

  /** Whether each filled cell at the left stands in a row that is like the others, with rows below that leave it empty. */
  #isMerged(usual: string, first: number): boolean {
    const tops = this.#rows.flatMap(({ pattern }, i) => (pattern.slice(0, first).includes("1") ? [i] : []));
    const isOfGroup = (i: number) =>
      this.#rows[i]!.pattern.slice(first) === usual.slice(first) && this.#rows[i + 1]?.pattern === usual;
    return tops.length > 1 && tops[0] === 0 && tops.every(isOfGroup);
  }

  /** Cells of the columns before `first`, each down to the next in its column or in one to the left of it. */
  #carriedBefore(first: number): CarriedCell[] {
    const carried: CarriedCell[] = [];
    const open = new Map<number, CarriedCell>();
    const close = (column: number, end: number) => {
      const cell = open.get(column);
      open.delete(column);
      if (cell !== undefined && end > cell.first) carried.push({ ...cell, end });
    };
    for (const [row, { cells }] of this.#rows.entries()) {
      for (let column = 0; column < first; column++) {
        const text = cells[column]!;
        if (text === "" || OWN_CELLS.test(plainName(this.#names[column]!))) continue;
        for (let right = column; right < first; right++) close(right, row);
        open.set(column, { column, text, first: row + 1, end: 0 });
      }
    }
    for (const column of [...open.keys()]) close(column, this.#rows.length);
    return carried;
  }

  #headerWarning(
    file: string,
    usual: string,
    headers: readonly SheetRow[],
    carried: readonly CarriedCell[],
  ): Warning {
    const lines = headers.map(({ line }) => line);
    const first = usual.indexOf("1");
    const own = this.#named((i) => i < first && headers.some(({ pattern }) => pattern[i] === "1"));
    const missing = this.#named(
      (i) => usual[i] === "1" && headers.every(({ pattern }) => pattern[i] === "0"),
    );
    const down = carried.length === 0 ? "their cells are not carried down" : this.#carriedWords(carried);
    return {
      code: "group-rows",
      message: `${lines.length} rows (${lineList(lines)}) look like headers of groups: they fill ${own}, which the other rows leave empty, and have no ${missing}; they are rows like the others, and ${down}`,
      file,
      lines: lines.slice(0, LINES_SHOWN),
    };
  }

  #mergedWarning(file: string, carried: readonly CarriedCell[]): Warning {
    const lines = [...new Set(carried.map(({ first }) => this.#rows[first - 1]!.line))];
    const own = this.#named((i) => carried.some(({ column }) => column === i));
    return {
      code: "merged-cells",
      message: `${own} ${own.includes(" and ") ? "stand" : "stands"} once for several rows (${lineList(lines)}), as merged cells do: ${this.#carriedWords(carried)}`,
      file,
      lines: lines.slice(0, LINES_SHOWN),
    };
  }

  #carriedWords(carried: readonly CarriedCell[]): string {
    const own = this.#named((i) => carried.some(({ column }) => column === i));
    return `the cells of ${own} are carried down to the rows below, up to the next`;
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
