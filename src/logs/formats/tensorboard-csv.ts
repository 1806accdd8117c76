/** One scalar of one run as TensorBoard's download link gives it: `Wall time,Step,Value`; the file's name says of what. */
import { runNameOf } from "../run-name.js";
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
    const { run, tag } = namesIn(source.head.name);
    source.table.setForFile(source.table.column("run"), run);
    await readCsv(source, tag === null ? source.table : renaming(source, tag));
  },
};

/** `run-small_train-tag-loss_val.csv`: characters that a file cannot have are `_` in both. */
function namesIn(file: string): { run: string; tag: string | null } {
  const match = /(?:^|\/)run-(.+?)-tag-(.+)$/.exec(runNameOf(file));
  return match === null ? { run: runNameOf(file), tag: null } : { run: match[1]!, tag: match[2]! };
}

function renaming({ table }: LogSource, tag: string): RowSink {
  return {
    column: (name, occurrence) => table.column(name === "Value" ? tag : name, occurrence),
    set: (column, text) => table.set(column, text),
    endRow: (line) => table.endRow(line),
    numericShare: (column) => table.numericShare(column),
  };
}
