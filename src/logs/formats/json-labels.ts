/** What the records of a list are called, so that `results.c4_val.loss` stands for the list's second record. */
import type { JsonDocument } from "./json-document.js";
import type { JsonValue } from "./json-flat.js";

/** Members that name a record, the likeliest first. */
const NAMES = [
  "name",
  "task",
  "task_name",
  "label",
  "id",
  "dataset",
  "dataset_name",
  "val_data",
  "split",
  "metric",
];

/** One label a record: its name where each record has another one, else its number from 0. */
export function labelsOfRecords(document: JsonDocument, records: readonly JsonValue[]): string[] {
  const members = records.map(
    (record) => new Map(document.members(record).map(({ key, value }) => [key, value])),
  );
  for (const name of NAMES) {
    const texts = members.map((of) => nameOf(document, of.get(name)));
    if (texts.includes("")) continue;
    const folders = texts.map(folderOf);
    const labels = new Set(folders).size === texts.length ? folders : texts;
    if (new Set(labels).size === texts.length) return labels;
  }
  return records.map((_, i) => String(i));
}

/** A text, a number, or the only element of a list of them. */
function nameOf(document: JsonDocument, value: JsonValue | undefined): string {
  if (value === undefined || value.kind === "object") return "";
  if (value.kind !== "list") return document.textOf(value);
  const items = document.items(value);
  return items.length === 1 ? nameOf(document, items[0]) : "";
}

/** Of a path, the folder of the file: shards are called alike. */
function folderOf(text: string): string {
  const parts = text.split("/");
  return parts.length > 1 ? parts.at(-2)! : text;
}
