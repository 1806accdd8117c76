/** The table of runs that the Weights & Biases web interface exports as CSV: one run a row, named by `Name`. */
import { csvHeader, readCsv } from "./csv.js";
import type { Head, LogFormat } from "./format.js";

/** Columns that the interface has beside those that a project logs; two of them tell the table. */
const OWN_COLUMNS = [
  "State",
  "Created",
  "Runtime",
  "Updated",
  "Tags",
  "Notes",
  "Sweep",
  "Hostname",
  "User",
  "ID",
];

export const wandbExport: LogFormat = {
  id: "wandb-export",
  title: "a Weights & Biases table of runs",
  kinds: ["table"],
  matches(head) {
    const header = csvHeader(head);
    if (header === null || !header.includes("Name")) return false;
    return OWN_COLUMNS.filter((name) => header.includes(name)).length > 1 || isExportOfLogged(head, header);
  },
  read: (source) => readCsv(source),
};

/** With none of its own columns shown: all names quoted, and most of them paths. */
function isExportOfLogged(head: Head, header: readonly string[]): boolean {
  const isAllQuoted = head.text.trimStart().startsWith(`"${header.join('","')}"\n`);
  return isAllQuoted && header.filter((name) => /\w[./]\w/.test(name)).length * 2 > header.length;
}
