/**
 * The summary of one Weights & Biases run (`wandb-summary.json`): the last value of everything that was logged.
 * Source: wandb/wandb, files/wandb-summary.json of a run's folder; `_step`, `_runtime`, `_timestamp` are its own keys.
 */
import { listOf, quoteText } from "../../text.js";
import type { LogFormat } from "./format.js";
import { isOneObject, JsonDocument } from "./json-document.js";

export const wandbSummary: LogFormat = {
  id: "wandb-summary",
  title: "a Weights & Biases run summary",
  matches: (head) =>
    isOneObject(head) &&
    ["_step", "_runtime", "_timestamp"].filter((key) => hasKey(head.text, key)).length > 1,
  async read(source) {
    const { table, warnings, head } = source;
    const document = await JsonDocument.read(source);
    const media: string[] = [];
    const cells = new Map<string, string>();
    for (const { key, value } of document.members()) {
      if (key === "_wandb") continue;
      if (value.kind !== "object") cells.set(key, document.textOf(value));
      // histograms, pictures and tables
      else if (document.members(value).some((member) => member.key === "_type")) media.push(key);
      else for (const [path, text] of document.flat(value)) cells.set(`${key}.${path}`, text);
    }
    for (const [name, text] of cells) table.set(table.column(name), text);
    table.setForFile(table.column("run"), head.run);
    table.endRow(1);
    if (media.length === 0) return;
    const message = `${media.length} values that are histograms, tables or other media are not read: ${listOf(media.slice(0, 5).map((name) => quoteText(name, 40)))}${media.length > 5 ? " and others" : ""}`;
    warnings.push({ code: "keys-not-read", message, file: head.name });
  },
};

const hasKey = (text: string, key: string): boolean => text.includes(`"${key}"`);
