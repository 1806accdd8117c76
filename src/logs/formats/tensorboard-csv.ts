/** One scalar of one run as TensorBoard's download link gives it: `Wall time,Step,Value`; the file's name says of what. */
import { csvHeader, readCsv } from "./csv.js";
import type { RowSink } from "./csv-rows.js";
import type { LogFormat, LogSource } from "./format.js";

const HEADER = ["Wall time", "Step", "Value"];

export const tensorboardCsv: LogFormat = {
  id: "tensorboard-csv",
  title: "a scalar downloaded from TensorBoard",
  kinds: ["table"],
  matches: (head) => csvHeader(head)?.join("\n") === HEADER.join("\n"),
  async read(source) {
    const { run, tag } = namesIn(source.head.run);
    source.table.setForFile(source.table.column("run"), run);
    await readCsv(source, tag === null ? source.table : renaming(source, tag));
  },
};

/** `run-small_train-tag-loss_val.csv`: characters that a file cannot have are `_` in both. */
function namesIn(name: string): { run: string; tag: string | null } {
  const match = /(?:^|\/)run-(.+?)-tag-(.+)$/.exec(name);
  return match === null ? { run: name, tag: null } : { run: match[1]!, tag: match[2]! };
}

function renaming({ table }: LogSource, tag: string): RowSink {
  return {
    column: (name, occurrence) => table.column(name === "Value" ? tag : name, occurrence),
    set: (column, text) => table.set(column, text),
    endRow: (line) => table.endRow(line),
    numericShare: (column) => table.numericShare(column),
  };
}
