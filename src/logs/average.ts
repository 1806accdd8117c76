import type { Warning } from "../objects.js";
import { quoteText } from "../text.js";
import type { LastRows } from "./last-rows.js";
import type { Resolved } from "./resolve.js";

/**
 * The measured value of a run as the mean of its last checkpoints: less of the noise of a single evaluation, and a little
 * of the slope of the curve. What is not finite among them does not count.
 *
 * @param measured its values are replaced in place, at the last rows only
 * @param count checkpoints; a run with fewer gives all it has
 */
export function averageLast(measured: Resolved | null, last: LastRows | null, count: number): Warning[] {
  if (measured === null || count < 2) return [];
  if (last === null || last.inOrder.size === 0) {
    const message = `--average ${count}: no run has several rows with a step, so there is nothing to average`;
    return [{ code: "nothing-to-average", message }];
  }
  let short = 0;
  for (const [row, inOrder] of last.inOrder) {
    const tail = inOrder.slice(-count).map((one) => measured.values[one]!);
    const known = tail.filter(Number.isFinite);
    if (known.length < count) short++;
    if (known.length > 0 && Number.isFinite(measured.values[row]!))
      measured.values[row] = known.reduce((sum, value) => sum + value, 0) / known.length;
  }
  const fewer = short === 0 ? "" : `; ${short} ${short === 1 ? "run has" : "runs have"} fewer`;
  const message = `${quoteText(measured.title, 40)} of a run is the mean of its last ${count} checkpoints${fewer}`;
  return [{ code: "averaged", message }];
}
