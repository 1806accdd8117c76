/** JSON files: a list of objects (a row each), or one object: a run with its settings, or with the log of its steps. */
import { plainName } from "../names.js";
import type { LogFormat, LogSource } from "./format.js";
import { isJsonList, readJsonList } from "./json-array.js";
import { isOneObject, JsonDocument, wholeText } from "./json-document.js";
import { type JsonValue, skipValue } from "./json-flat.js";
import { labelsOfRecords } from "./json-labels.js";
import { jsonLines, readJsonLines } from "./json-lines.js";
import { rowsIn } from "./json-rows-in.js";

/** Records of a list that become columns of their own; a longer list is kept as text. */
const MAX_RECORDS = 100;
const MAX_DEPTH = 20;

export const json: LogFormat = {
  id: "json",
  title: "JSON",
  // one object on one line is JSON lines as well: only with lists of objects in it is there more to read
  matches: (head) =>
    isJsonList(head) ||
    (isOneObject(head) && (/\n\s*\S/.test(head.text.trim()) || /\[\s*\{/.test(head.text))) ||
    // what begins like an object and is no line of its own is a broken one, not a table
    (/^\s*\{\s*"/.test(head.text) && !jsonLines.matches(head)),
  read: (source) => (isJsonList(source.head) ? readJsonList(source) : readObject(source)),
};

async function readObject(source: LogSource): Promise<void> {
  const text = await wholeText(source);
  if (isManyLines(source, text)) {
    await readJsonLines({ ...source, text: () => chunksOf(text) });
    return;
  }
  const document = JsonDocument.of(text, source.head.name);
  const members = document.members();
  const { table } = source;
  const log = rowsIn(document, members);
  const others = members.filter(({ value }) => log?.members.has(value) !== true);
  const cells = new Map<string, string>();
  for (const { key, value } of others)
    flatten(document, key, value, 0, (path, text) => cells.set(path, text));
  if (!others.some(({ key, value }) => namesTheRun(key, document.textOf(value))))
    table.setForFile(table.column("run"), source.head.run);
  if (log === null) {
    for (const [path, text] of cells) table.set(table.column(path), text);
    table.endRow(1);
    return;
  }
  for (const row of log.rows) {
    for (const [path, text] of row.cells) table.set(table.column(path), text);
    table.endRow(row.line);
  }
  for (const [path, text] of cells) table.setForFile(table.column(path), text);
}

/** Whether a first line longer than what was looked at is one object of several. */
function isManyLines({ head }: LogSource, text: string): boolean {
  const end = text.indexOf("\n");
  if (head.isWhole || end < head.text.length || text.slice(end).trim() === "") return false;
  return !("fault" in skipValue(text.slice(0, end), 0));
}

async function* chunksOf(text: string): AsyncGenerator<string> {
  yield text;
}

/** A name that is the path of something else (an output folder) does not tell runs apart. */
function namesTheRun(key: string, text: string): boolean {
  return (
    /^(?:run|run_?name|run_?id|exp_?name|experiment_?name|name)$/.test(plainName(key)) && !/^[/.]/.test(text)
  );
}

/** The values of a member: objects by their keys, lists of records by their labels, other lists as text. */
function flatten(
  document: JsonDocument,
  path: string,
  value: JsonValue,
  depth: number,
  emit: (path: string, text: string) => void,
): void {
  const isDeep = depth >= MAX_DEPTH;
  if (value.kind === "object" && !isDeep) {
    for (const member of document.members(value))
      flatten(document, `${path}.${member.key}`, member.value, depth + 1, emit);
    return;
  }
  const items = value.kind === "list" && !isDeep ? document.items(value) : [];
  if (items.length > 0 && items.length <= MAX_RECORDS && items.every(({ kind }) => kind === "object")) {
    const labels = labelsOfRecords(document, items);
    for (const [i, item] of items.entries())
      flatten(document, `${path}.${labels[i]!}`, item, depth + 1, emit);
    return;
  }
  const text = document.textOf(value);
  if (text !== "" && text !== "[]" && text !== "{}") emit(path, text);
}
