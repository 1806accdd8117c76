/** Names of runs where only the file tells them: `runs/small/metrics.csv` is the run `runs/small`. */

/** File names that programs give to every run; the folder tells the run apart. */
const GENERIC: ReadonlySet<string> = new Set([
  "checkpoint",
  "config",
  "events",
  "history",
  "log",
  "logs",
  "main",
  "metrics",
  "model",
  "output",
  "progress",
  "results",
  "run",
  "stderr",
  "stdout",
  "summary",
  "train",
  "trainer_state",
  "training",
  "training_log",
  "wandb_history",
  "wandb_summary",
]);

/** Endings that tell a format or a packing, not a run. */
const ENDINGS = /\.(?:csv|tsv|json|jsonl|ndjson|txt|log|out|err|parquet|gz|zst)$/i;

/**
 * The run that a file is the log of: its path without endings, and without a last part that every run has.
 *
 * @param file  as the user named it; `-` stays as it is
 */
export function runNameOf(file: string): string {
  let name = file;
  while (ENDINGS.test(name)) name = name.replace(ENDINGS, "");
  const parts = name.split("/").filter((part, i) => part !== "." && (part !== "" || i === 0));
  const last = parts.at(-1)?.toLowerCase() ?? "";
  const isGeneric = GENERIC.has(last) || /^(?:checkpoint-\d+$|events\.out\.tfevents\.)/.test(last);
  if (parts.length > 1 && isGeneric) parts.pop();
  return parts.join("/") || file;
}
