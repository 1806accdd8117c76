import type { Warning } from "../objects.js";
import { quoteText } from "../text.js";
import type { LastRows } from "./last-rows.js";
import type { Resolved } from "./resolve.js";

/**
 * Inputs that a log of steps writes once a run (the params at step 0, say) and leaves empty where the run ends: if a
 * run has one value of it in all, that is filled in.
 *
 * @param inputs  their values are completed in place, at the last rows only
 */
export function fillConstants(inputs: readonly Resolved[], last: LastRows): Warning[] {
  const warnings: Warning[] = [];
  for (const { values, columns, title } of inputs) {
    const column = columns.length === 1 ? columns[0]! : null;
    let filled = 0;
    for (const [row, members] of last.members) {
      if (!Number.isNaN(values[row]!) || column === null || column.text(row).trim() !== "") continue;
      const known = new Set(members.map((member) => values[member]!).filter((value) => !Number.isNaN(value)));
      if (known.size !== 1) continue;
      values[row] = [...known][0]!;
      filled++;
    }
    if (filled === 0) continue;
    const runs = filled === 1 ? "a run" : `${filled} runs`;
    const message = `${quoteText(title, 40)} stands on other rows of ${runs} than the last: its one value there is used`;
    warnings.push({ code: "run-constant", message });
  }
  return warnings;
}
