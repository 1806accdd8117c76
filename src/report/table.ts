/**
 * Tables for the terminal: aligned columns without frames. A table too wide for the terminal drops its least
 * important columns; it never wraps.
 */
import chalk from "chalk";
import CliTable from "cli-table3";

export interface TableColumn {
  header: string;
  align?: "left" | "right";
  /** Columns of the highest rank are dropped first; rank 0 always stays. */
  rank?: number;
}

const GAP = 2;
/** Rows drawn at once: the time of the table library grows with their square (20,000 rows took a minute). */
const SLICE = 200;
const NO_FRAME = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: " ".repeat(GAP),
};

/** Characters as a terminal counts them, without colour codes. */
function visibleLength(text: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes begin with the escape character
  return Array.from(text.replace(/\u001b\[[0-9;]*m/g, "")).length;
}

/**
 * @param rows cells in the order of the columns
 * @param width characters a line may have
 * @param indent blanks before each line
 */
export function table(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  width: number,
  indent = 2,
): string {
  const widths = columns.map((column, j) =>
    rows.reduce((most, row) => Math.max(most, visibleLength(row[j])), visibleLength(column.header)),
  );
  const kept = fitting(columns, widths, width - indent);
  const drawn: string[] = [];
  for (let from = 0; from === 0 || from < rows.length; from += SLICE) {
    const slice = new CliTable({
      chars: NO_FRAME,
      style: { "padding-left": 0, "padding-right": 0, head: [], border: [], compact: true },
      colAligns: kept.map((j) => columns[j].align ?? "left"),
      head: from === 0 ? kept.map((j) => padded(chalk.dim(columns[j].header), widths[j], columns[j])) : [],
    });
    for (const row of rows.slice(from, from + SLICE))
      slice.push(kept.map((j) => padded(row[j], widths[j], columns[j])));
    drawn.push(slice.toString());
  }
  const lines = drawn
    .join("\n")
    .split("\n")
    .map((line) => `${" ".repeat(indent)}${line}`.trimEnd());
  return `${lines.join("\n")}\n`;
}

/** A cell as wide as its column, so that all slices of a table line up. */
function padded(text: string, width: number, { align }: TableColumn): string {
  const blanks = " ".repeat(Math.max(0, width - visibleLength(text)));
  return align === "right" ? blanks + text : text + blanks;
}

/** Indices of the columns that fit, in order. */
function fitting(columns: readonly TableColumn[], widths: readonly number[], width: number): number[] {
  let kept = columns.map((_, j) => j);
  const total = () => kept.reduce((sum, j) => sum + widths[j] + GAP, -GAP);
  while (total() > width) {
    const worst = kept.reduce((a, b) => ((columns[b].rank ?? 0) >= (columns[a].rank ?? 0) ? b : a));
    if ((columns[worst].rank ?? 0) === 0) break;
    kept = kept.filter((j) => j !== worst);
  }
  return kept;
}
