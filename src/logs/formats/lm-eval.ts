/**
 * Results of lm-evaluation-harness: one row a file, metrics as `<task>/<metric>`. Old files write `acc` and
 * `acc_stderr`, newer ones `acc,none` and `acc_stderr,none` (the filter behind the comma).
 * Source: EleutherAI/lm-evaluation-harness, lm_eval/evaluator.py and lm_eval/loggers/evaluation_tracker.py.
 */
import { InputError } from "../../errors.js";
import type { Head, LogFormat } from "./format.js";
import { isOneObject, JsonDocument } from "./json-document.js";
import type { JsonValue } from "./json-flat.js";

/** Members with one value a task, and what they are called beside its metrics. */
const BY_TASK: ReadonlyMap<string, string> = new Map([
  ["versions", "version"],
  ["n-shot", "n-shot"],
]);
/** Members that hold nothing to compare models by: samples, texts of prompts, the machine. */
const SETTINGS = ["config"];

export const lmEval: LogFormat = {
  id: "lm-eval",
  title: "results of lm-evaluation-harness",
  matches: looksLikeResults,
  async read(source) {
    const { table, head, warnings } = source;
    const document = await JsonDocument.read(source);
    const members = new Map(document.members().map(({ key, value }) => [key, value]));
    const cells = new Map<string, string>();
    const config = configOf(document, members);
    const unread: string[] = [];
    for (const [key, value] of members) {
      const byTask = BY_TASK.get(key);
      if (key === "results" || key === "groups") metricsOf(document, value, cells);
      else if (byTask !== undefined) {
        for (const [task, text] of document.flat(value)) cells.set(`${task}/${byTask}`, text);
      } else if (SETTINGS.includes(key)) continue;
      else if (value.kind === "object" || value.kind === "list") unread.push(key);
      else if (document.textOf(value) !== "") cells.set(key, document.textOf(value));
    }
    if (cells.size === 0) throw noResults(head.name);
    for (const [key, text] of config) cells.set(`config.${key}`, text);
    const model = modelOf(cells);
    cells.set("run", model.name ?? head.run);
    if (model.step !== null && !cells.has("step")) cells.set("step", model.step);
    for (const [name, text] of cells) table.set(table.column(name), text);
    table.endRow(1);
    if (unread.length === 0) return;
    const message = `${unread.length} parts beside the results are not read: ${unread.join(", ")}`;
    warnings.push({ code: "keys-not-read", message, file: head.name });
  },
};

function looksLikeResults(head: Head): boolean {
  if (!isOneObject(head) || !/"results"\s*:\s*\{/.test(head.text)) return false;
  return /"[^"\n]+_stderr(?:,[^"\n]*)?"\s*:|"[\w-]+,[\w-]+"\s*:\s*[-\d"N]/.test(head.text);
}

function metricsOf(document: JsonDocument, results: JsonValue, cells: Map<string, string>): void {
  for (const { key: task, value } of document.members(results)) {
    if (value.kind !== "object") continue;
    for (const [name, text] of document.flat(value)) {
      if (name === "alias" || text === "N/A") continue;
      cells.set(`${task}/${name.replace(/,none$/, "")}`, text);
    }
  }
}

function configOf(document: JsonDocument, members: ReadonlyMap<string, JsonValue>): Map<string, string> {
  const config = members.get("config");
  return config?.kind === "object" ? document.flat(config) : new Map();
}

/** The model as the file names it, and the step where its revision is one (`revision=step143000`). */
function modelOf(cells: ReadonlyMap<string, string>): { name: string | null; step: string | null } {
  const args = cells.get("config.model_args") ?? "";
  // newer files may write the arguments as an object
  const argument = (name: string) =>
    cells.get(`config.model_args.${name}`) ?? new RegExp(`(?:^|,)${name}=([^,]+)`).exec(args)?.[1] ?? null;
  const revision = argument("revision") ?? cells.get("model_revision") ?? "";
  const name = argument("pretrained") ?? cells.get("model_name") ?? null;
  const step = /^step[-_]?(\d+)$/.exec(revision)?.[1] ?? null;
  const isBranch = revision !== "" && revision !== "main" && step === null;
  return { name: name === null || !isBranch ? name : `${name}@${revision}`, step };
}

function noResults(file: string): InputError {
  return new InputError({
    code: "no-rows",
    message: "there are no results in the file",
    hint: "run the evaluation again with --output_path",
    file,
    line: 1,
  });
}
