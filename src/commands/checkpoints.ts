/** `--checkpoints`: every row of a run takes part, not its last alone. */
import { DataError, UsageError } from "../errors.js";
import { countRuns } from "../fit/clusters.js";
import type { Warning } from "../objects.js";
import type { RawFlags } from "./command.js";
import type { ReadLog } from "./logs.js";

/** Which rows of a run with steps take part. @throws UsageError where the last ones are averaged too */
export function stepsAsked(flags: RawFlags): "last" | "all" {
  if (flags.checkpoints !== true) return "last";
  if (flags.average === undefined) return "all";
  throw new UsageError({
    code: "flags",
    message:
      "--checkpoints and --average contradict each other: one takes every checkpoint as it is, the other the mean of the last",
    hint: "give one of them",
  });
}

/**
 * The warnings of a log of which every checkpoint is taken: whether it has any.
 *
 * @throws DataError where they tell nothing
 */
export function checkpointWarnings(read: ReadLog): Warning[] {
  requireMoving(read);
  if (read.groups.some(({ observations }) => observations.measured.length > countRuns(observations)))
    return [];
  return [
    {
      code: "no-checkpoints",
      message: "--checkpoints changes nothing: every run of the log has one usable row",
    },
  ];
}

/** Checkpoints of a run tell nothing where none of a law's inputs moves within it. @throws DataError */
function requireMoving({ bound, groups }: ReadLog): void {
  for (const { observations, group } of groups) {
    const { run, inputs } = observations;
    if (run === null) continue;
    const first = new Map<number, number>();
    for (let i = 0; i < run.length; i++) if (!first.has(run[i])) first.set(run[i], i);
    const moves = [...inputs.values()].some((column) =>
      column.some((value, i) => value !== column[first.get(run[i]) as number]),
    );
    if (moves) continue;
    throw new DataError({
      code: "checkpoints",
      message: `--checkpoints: ${[...inputs.keys()].join(", ")} of the law "${bound.law.id}" ${inputs.size === 1 ? "is" : "are"} the same in all rows of a run${group === null ? "" : ` (${group})`}`,
      why: "checkpoints at different losses would count as one point",
      hint: "name the column of tokens seen so far with --map tokens=COLUMN, or leave --checkpoints out",
    });
  }
}
