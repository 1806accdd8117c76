import Papa from "papaparse";

/** Characters that separate cells, the usual ones first; a blank only where nothing else does. */
const DELIMITERS = [",", "\t", ";", "|"] as const;
const ROWS_LOOKED_AT = 30;
const CHARACTERS_LOOKED_AT = 64_000;

/**
 * The delimiter of a text: the one under which most rows have as many cells as the first; with several such, the one
 * with the most cells. A text without any is one column.
 */
export function findDelimiter(text: string): string {
  let best = { delimiter: "", share: 0, cells: 1 };
  for (const delimiter of DELIMITERS) {
    const { share, cells } = consistency(text, delimiter);
    if (cells < 2) continue;
    if (share > best.share || (share === best.share && cells > best.cells))
      best = { delimiter, share, cells };
  }
  if (best.delimiter !== "") return best.delimiter;
  const blank = consistency(text, " ");
  return blank.cells > 1 && blank.share === 1 && blank.rows > 1 ? " " : ",";
}

function consistency(text: string, delimiter: string): { share: number; cells: number; rows: number } {
  const rows = firstRows(text, delimiter);
  const cells = rows[0]?.length ?? 0;
  const alike = rows.filter((row) => row.length === cells).length;
  return { share: rows.length === 0 ? 0 : alike / rows.length, cells, rows: rows.length };
}

function firstRows(text: string, delimiter: string): string[][] {
  const parser = new Papa.Parser({ delimiter, newline: "\n", preview: ROWS_LOOKED_AT });
  const rows: string[][] = parser.parse(text.slice(0, CHARACTERS_LOOKED_AT), 0, false).data;
  const whole = rows.length > 1 && rows.length < ROWS_LOOKED_AT ? rows.slice(0, -1) : rows;
  return whole.filter((row) => row.length > 1 || row[0]?.trim() !== "");
}
