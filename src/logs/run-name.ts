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
  "wandb-history",
  "wandb-summary",
  "wandb_history",
  "wandb_summary",
]);

/** Folders that are parts of one run: a checkpoint of the Hugging Face Trainer, the files of a W&B run. */
const WITHIN_RUN = /^(?:checkpoint-\d+|files)$/i;

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
  if (parts.length > 1 && GENERIC.has(parts.at(-1)!.toLowerCase())) parts.pop();
  if (parts.length > 1 && WITHIN_RUN.test(parts.at(-1)!)) parts.pop();
  return parts.join("/") || file;
}
