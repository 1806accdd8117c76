/**
 * Tables for the terminal: aligned columns without frames. A table too wide for the terminal drops its least
 * important columns; it never wraps.
 */
import chalk from "chalk";

export interface TableColumn {
  header: string;
  align?: "left" | "right";
  /** Columns of the highest rank are dropped first; rank 0 always stays. */
  rank?: number;
}

const GAP = 2;
// biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes begin with the escape character
const COLOURS = /\u001b\[[0-9;]*m/g;
/** What takes two columns of a terminal (Unicode's East Asian Width, W and F, and emoji), and what takes none. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}|[\u{20000}-\u{3fffd}]/u;
const NO_WIDTH = /[\p{Mn}\p{Me}\p{Cf}]/u;

/** Columns of a terminal that a text takes, without colour codes. */
function visibleLength(text: string): number {
  const plain = text.replace(COLOURS, "");
  if (/^[ -~]*$/.test(plain)) return plain.length;
  return Array.from(plain).reduce((sum, one) => sum + (NO_WIDTH.test(one) ? 0 : WIDE.test(one) ? 2 : 1), 0);
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
  const line = (cells: readonly string[]): string =>
    `${" ".repeat(indent)}${kept.map((j) => padded(cells[j], widths[j], columns[j])).join(" ".repeat(GAP))}`.trimEnd();
  const head = columns.map(({ header }) => (header === "" ? "" : chalk.dim(header)));
  return [head, ...rows].map((cells) => `${line(cells)}\n`).join("");
}

/** A cell as wide as its column. */
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
