/** Markdown for pages: text in cells, and tables. */

/** Text that stands in a cell of Markdown. */
export const cellText = (text: string): string => text.replace(/[|\\`*_<>[\]]/g, (sign) => `\\${sign}`);

export function markdownTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cellText).join(" | ")} |\n`;
  return `${line(header)}|${" --- |".repeat(header.length)}\n${rows.map(line).join("")}`;
}
