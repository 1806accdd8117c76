/** Names of runs where only the file tells them: `runs/small/metrics.csv` is the run `runs/small`. */
import { sharedFolder } from "./shared-folder.js";

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

/** Whether a file name without its ending says nothing of the run. */
const isGeneric = (name: string): boolean =>
  GENERIC.has(name) || name.startsWith("events.out.tfevents.") || /^checkpoint-\d+$/.test(name);

/**
 * The run that a file is the log of: its path without endings, and without a last part that every run has.
 *
 * @param file  as the user named it; `-` stays as it is
 */
function runNameOf(file: string): string {
  let name = file;
  while (ENDINGS.test(name)) name = name.replace(ENDINGS, "");
  const parts = name.split("/").filter((part, i) => part !== "." && (part !== "" || i === 0));
  const last = parts.at(-1)?.toLowerCase() ?? "";
  if (parts.length > 1 && isGeneric(last)) parts.pop();
  if (parts.length > 1 && WITHIN_RUN.test(parts.at(-1)!)) parts.pop();
  return parts.join("/") || file;
}

/**
 * What the runs of files are called, by file. Absolute paths count from the folder that they share, so that a name
 * does not tell where on a machine the log lies.
 */
export function runNames(files: readonly string[]): Map<string, string> {
  const absolute = files.filter((file) => file.startsWith("/"));
  const start = sharedFolder(absolute.map(folderAround)).length + 1;
  return new Map(files.map((file) => [file, runNameOf(file.startsWith("/") ? file.slice(start) : file)]));
}

/** The folder that a file lies in; of a run's generic file, the one above: the folder's name is the run's. */
function folderAround(file: string): string {
  const parts = file.split("/");
  const last = parts
    .pop()!
    .replace(/(?:\.[a-z]+)+$/i, "")
    .toLowerCase();
  if (isGeneric(last) && parts.length > 1) parts.pop();
  return parts.join("/");
}
