/**
 * The `trainer_state.json` that the Hugging Face Trainer leaves in each checkpoint: its `log_history` is the log.
 * Source: huggingface/transformers, src/transformers/trainer_callback.py (TrainerState).
 */
import { InputError } from "../../errors.js";
import { listOf, quoteText } from "../../text.js";
import type { LogFormat, LogSource } from "./format.js";
import { isOneObject, JsonDocument } from "./json-document.js";
import type { JsonValue } from "./json-flat.js";

/** Keys of the state; two of them tell the file where the history is missing. */
const STATE_KEYS =
  /"(?:global_step|best_metric|best_model_checkpoint|is_world_process_zero|total_flos)"\s*:/g;

/** Sums at the end of the training: they hold for the last row where the entries do not give them. */
const AT_THE_END = ["num_input_tokens_seen", "total_flos"];
/** Of no use as a setting: the log itself, where the training stands (its entries say so), and flags of the process. */
const NOT_A_SETTING = /^(?:log_history|epoch|global_step|is_.*)$/;

/** Names that say less than the trainer's own loggers do, which write `train/loss`. */
const COLUMNS: ReadonlyMap<string, string> = new Map([
  ["loss", "train/loss"],
  // over the whole training, in the entry of its end
  ["train_loss", "train/loss_mean"],
]);

export const trainerState: LogFormat = {
  id: "trainer-state",
  title: "a Hugging Face trainer state",
  matches(head) {
    if (!isOneObject(head)) return false;
    return /"log_history"\s*:/.test(head.text) || new Set(head.text.match(STATE_KEYS)).size > 1;
  },
  async read(source) {
    const document = await JsonDocument.read(source);
    const state = new Map(document.members().map(({ key, value }) => [key, value]));
    const entries = historyOf(source, document, state.get("log_history"));
    setSettings(source, document, state);
    const rows = new StateRows(source);
    for (const entry of entries) {
      const line = document.lineOf(entry);
      if (entry.kind === "object") rows.add(document.flat(entry), line);
      else {
        const example = document.textOf(entry);
        source.dropped.add(source.head.name, line, "not-an-object", "a JSON value without names", example);
      }
    }
    rows.end(new Map(AT_THE_END.flatMap((key) => sumAtTheEnd(document, key, state.get(key)))));
  },
};

function historyOf(source: LogSource, document: JsonDocument, history: JsonValue | undefined): JsonValue[] {
  const refuse = (message: string, why: string) =>
    new InputError({
      code: "no-rows",
      message,
      why,
      hint: "name the trainer_state.json of the last checkpoint, or of the output folder",
      file: source.head.name,
      line: history === undefined ? 1 : document.lineOf(history),
    });
  if (history === undefined)
    throw refuse('the key "log_history" is missing', "a trainer state keeps its log there");
  if (history.kind !== "list")
    throw refuse('"log_history" is not a list', "a trainer state keeps a list of entries there");
  const entries = document.items(history);
  if (entries.length === 0) throw refuse('"log_history" is empty: nothing was logged', "there are no rows");
  return entries;
}

function setSettings(source: LogSource, document: JsonDocument, state: Map<string, JsonValue>): void {
  const { table, warnings, head } = source;
  const unread: string[] = [];
  for (const [key, value] of state) {
    const text = document.textOf(value);
    if (NOT_A_SETTING.test(key) || AT_THE_END.includes(key) || text === "") continue;
    if (value.kind === "object" || value.kind === "list") unread.push(key);
    else table.setForFile(table.column(key), text);
  }
  table.setForFile(table.column("run"), head.run);
  if (unread.length === 0) return;
  const what = unread.length === 1 ? "part of the state is" : `${unread.length} parts of the state are`;
  const message = `${what} not read: ${listOf(unread.map((key) => quoteText(key, 40)))}`;
  warnings.push({ code: "keys-not-read", message, file: head.name });
}

/** A sum of 0 is one that was not counted. */
function sumAtTheEnd(document: JsonDocument, key: string, value: JsonValue | undefined): [string, string][] {
  const text = value === undefined ? "" : document.textOf(value);
  return text === "" || Number(text) === 0 ? [] : [[key, text]];
}

/** Joins the entries of one step (training, each evaluation, the end) to one row. */
class StateRows {
  readonly #source: LogSource;
  #cells = new Map<string, string>();
  #line = 0;
  #entries = 0;
  #rows = 0;
  readonly #seen = new Set<string>();

  constructor(source: LogSource) {
    this.#source = source;
  }

  add(entry: ReadonlyMap<string, string>, line: number): void {
    this.#entries++;
    const cells = new Map([...entry].map(([key, value]) => [COLUMNS.get(key) ?? key, value]));
    if (!this.#belongs(cells)) this.#flush();
    if (this.#cells.size === 0) this.#line = line;
    for (const [key, value] of cells) {
      this.#cells.set(key, value);
      this.#seen.add(key);
    }
  }

  /** The same step, and nothing that is there already: the epoch is printed anew by each entry. */
  #belongs(cells: ReadonlyMap<string, string>): boolean {
    if (cells.get("step") !== this.#cells.get("step")) return false;
    return [...cells].every(([key, value]) => key === "epoch" || (this.#cells.get(key) ?? value) === value);
  }

  end(sums: ReadonlyMap<string, string>): void {
    for (const [key, value] of sums) if (!this.#seen.has(key)) this.#cells.set(key, value);
    this.#flush();
    if (this.#rows === 0) return;
    const { warnings, head } = this.#source;
    const message = `${this.#entries} entries of log_history are ${this.#rows} rows: what was logged at one step is one row`;
    if (this.#rows < this.#entries) warnings.push({ code: "entries-joined", message, file: head.name });
    if (this.#seen.has("num_input_tokens_seen") || sums.has("num_input_tokens_seen")) return;
    warnings.push({
      code: "tokens-not-counted",
      message:
        "the tokens were not counted in this training (num_input_tokens_seen is 0 or missing; include_num_input_tokens_seen in the training arguments counts them)",
      file: head.name,
    });
  }

  #flush(): void {
    if (this.#cells.size === 0) return;
    const { table } = this.#source;
    for (const [key, value] of this.#cells) table.set(table.column(key), value);
    table.endRow(this.#line);
    this.#rows++;
    this.#cells = new Map();
  }
}
