/** TensorBoard event files: scalars by step, hyperparameters as settings of the whole file. */
import { InputError } from "../../errors.js";
import type { LogFormat, LogSource } from "./format.js";
import { readFlatObject } from "./json-flat.js";
import { StepPoints } from "./step-points.js";
import { type TfDecoders, type TfEvent, type TfValue, tfDecoders } from "./tf-events.js";
import { beginsWithRecord, type CutRecord, type TfRecord, tfRecords } from "./tf-records.js";
import { scalarOf } from "./tf-tensor.js";

export const tensorboard: LogFormat = {
  id: "tensorboard",
  title: "TensorBoard events",
  isBinary: true,
  kinds: [],
  // the first record names the version of the events; damage there is still told to be damage of such a file
  matches: ({ bytes }) =>
    beginsWithRecord(bytes) || Buffer.from(bytes.subarray(0, 64)).includes("brain.Event:"),
  async read(source) {
    const reader = new EventReader(source, await tfDecoders());
    for await (const record of tfRecords(source.bytes(), source.head.name, (cut) => reader.noteCut(cut)))
      reader.add(record);
    reader.end();
  },
};

class EventReader {
  readonly #source: LogSource;
  readonly #decoders: TfDecoders;
  readonly #points = new StepPoints();
  /** Entries that are no scalars, by what they are. */
  readonly #skipped = new Map<string, number>();
  /** The plugin of a tag is written with its first value only. */
  readonly #plugins = new Map<string, string>();
  readonly #settings = new Map<string, string>();
  #start: number | null = null;

  constructor(source: LogSource, decoders: TfDecoders) {
    this.#source = source;
    this.#decoders = decoders;
  }

  add({ number, offset, data }: TfRecord): void {
    if (data === null) {
      this.#drop(number, "checksum", "the record does not fit its checksum, it begins at", `byte ${offset}`);
      return;
    }
    const event = this.#decode(data);
    if (event === null)
      this.#drop(number, "bad-record", "the record is no event, it begins at", `byte ${offset}`);
    else this.#addEvent(event, number);
  }

  #decode(data: Uint8Array): TfEvent | null {
    try {
      return this.#decoders.event(data);
    } catch {
      return null;
    }
  }

  #drop(record: number, code: string, reason: string, place: string): void {
    this.#source.dropped.add(this.#source.head.name, record, code, reason, place);
  }

  #addEvent(event: TfEvent, record: number): void {
    this.#start ??= event.wallTime;
    for (const [field, what] of NOT_SUMMARIES) if (Object.hasOwn(event, field)) this.#skip(what);
    const step = String(event.step);
    const seconds = Math.round((event.wallTime - this.#start) * 1e6) / 1e6;
    for (const value of event.summary?.value ?? []) {
      const text = this.#scalar(value);
      if (text !== null) this.#points.add(value.tag, step, seconds, text, record);
    }
  }

  /** The number of a value that is one; others are read as settings or counted. */
  #scalar(value: TfValue): string | null {
    if (Object.hasOwn(value, "simpleValue")) return String(value.simpleValue);
    const plugin = value.metadata?.pluginData?.pluginName || this.#plugins.get(value.tag) || "";
    if (plugin !== "") this.#plugins.set(value.tag, plugin);
    if (plugin === "hparams") this.#readHparams(value);
    else if (value.tensor && (plugin === "scalars" || plugin === "")) {
      const text = scalarOf(value.tensor);
      if (text !== null) return text;
      this.#skip("tensor of several values");
    } else if (plugin === "text" && this.#readSettings(value)) return null;
    else this.#skip(plugin === "" ? kindOf(value) : singular(plugin));
    return null;
  }

  #readHparams(value: TfValue): void {
    const content = value.metadata?.pluginData?.content;
    try {
      if (content === undefined) throw new TypeError("an entry without content");
      const start = this.#decoders.hparams(content).sessionStart;
      for (const [name, setting] of Object.entries(start?.hparams ?? {})) {
        const kind = (["number", "text", "flag"] as const).find((one) => Object.hasOwn(setting, one));
        if (kind !== undefined) this.#settings.set(name, String(setting[kind]));
      }
    } catch {
      // what the plugin wrote is not what its description says
      this.#skip("hparams entry that cannot be read");
    }
  }

  /** Hugging Face's trainer logs its arguments as a text that is one JSON object. */
  #readSettings({ tag, tensor }: TfValue): boolean {
    const text = Buffer.from(tensor?.strings[0] ?? []).toString("utf8");
    if (!/^\s*\{/.test(text)) return false;
    const found = new Map<string, string>();
    const prefix = tag.replace(/\/text_summary$/, "");
    const result = readFlatObject(text, text.indexOf("{"), (path, setting) =>
      found.set(`${prefix}.${path}`, setting),
    );
    if ("fault" in result) return false;
    for (const [path, setting] of found) this.#settings.set(path, setting);
    return true;
  }

  #skip(what: string): void {
    this.#skipped.set(what, (this.#skipped.get(what) ?? 0) + 1);
  }

  noteCut({ number, offset }: CutRecord): void {
    this.#source.warnings.push({
      code: "cut",
      message: `the file ends inside record ${number}, which begins at byte ${offset}: the run is still being logged or was stopped; all before it is read`,
      file: this.#source.head.name,
      lines: [number],
    });
  }

  end(): void {
    const { table, warnings, head } = this.#source;
    const skipped = [...this.#skipped].map(([what, count]) => `${what} (${count})`).join(", ");
    if (this.#points.count === 0) throw noScalars(head.name, skipped);
    const run = table.column("run");
    this.#points.write(table);
    table.setForFile(run, head.run);
    for (const [name, setting] of this.#settings) table.setForFile(table.column(name), setting);
    if (skipped === "") return;
    warnings.push({
      code: "skipped-records",
      message: `entries that are no scalars are passed over: ${skipped}`,
      file: head.name,
    });
  }
}

const NOT_SUMMARIES: readonly (readonly [keyof TfEvent, string])[] = [
  ["graphDef", "graph"],
  ["metaGraphDef", "meta graph"],
  ["taggedRunMetadata", "run metadata"],
  ["logMessage", "log message"],
];

function kindOf(value: TfValue): string {
  if (Object.hasOwn(value, "image")) return "image";
  if (Object.hasOwn(value, "audio")) return "audio";
  if (Object.hasOwn(value, "histogram") || Object.hasOwn(value, "oldHistogram")) return "histogram";
  return "entry without a value";
}

/** `histograms` -> `histogram`: plugins of many things are called by their plural. */
function singular(plugin: string): string {
  return plugin.replaceAll("_", " ").replace(/s$/, "");
}

function noScalars(file: string, skipped: string): InputError {
  return new InputError({
    code: "no-rows",
    message: "there are no scalars in this event file",
    why: skipped === "" ? "it has no values at all" : `it has only: ${skipped}`,
    hint: "name the event file that the training loop wrote its losses to",
    file,
  });
}
