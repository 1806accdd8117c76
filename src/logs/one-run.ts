/** Whether a file is the log of one run, so that what lies beside it is of that run too. */
import { ALIASES, type QuantityName } from "./aliases.js";
import { matchHeader } from "./match-header.js";
import { headerNameOf } from "./names.js";
import type { TableBuilder } from "./table.js";

/** One name in its column of runs, or steps without such a column. */
export function isOfOneRun(table: TableBuilder): boolean {
  const names = table.namesInFile();
  const runs = names.filter((name) => isCalled(name, "run"));
  if (runs.length > 0) return runs.some((name) => table.isOneInFile(name));
  return names.some((name) => isCalled(name, "step"));
}

function isCalled(header: string, quantity: QuantityName): boolean {
  const aliases = ALIASES.find((one) => one.quantity === quantity);
  return aliases !== undefined && matchHeader(header, headerNameOf(header), aliases) !== null;
}
