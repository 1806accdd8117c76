import Papa from "papaparse";

/** Rows as CSV: names first, lines end with `\n`, cells quoted where they need it. */
export const csvText = (header: readonly string[], rows: readonly (readonly string[])[]): string =>
  `${Papa.unparse({ fields: [...header], data: rows as string[][] }, { newline: "\n" })}\n`;
