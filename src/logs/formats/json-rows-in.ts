/** Which part of a JSON object is a log of rows: a list of records, or lists of numbers side by side. */
import { plainName } from "../names.js";
import type { JsonDocument } from "./json-document.js";
import type { JsonValue } from "./json-flat.js";

/** A row in an object: its cells by column. */
export interface RowIn {
  line: number;
  cells: ReadonlyMap<string, string>;
}

/** The rows of an object, and the members that they were made of. */
export interface RowsIn {
  rows: Iterable<RowIn>;
  members: ReadonlySet<JsonValue>;
}

type Members = readonly { key: string; value: JsonValue }[];

/** Keys that say where in a training a record belongs. */
const STEP = /^(?:global_|train_|training_)?(?:steps?|iter|iters|iterations?|epochs?)$/;
const LOSS = /(?:^|_)(?:loss|nll|ce)(?:_|$)/;
/** Records looked at to tell what a list holds. */
const LOOKED_AT = 20;

/**
 * The rows in an object, or null when the object as a whole is one row: a list of records with a step (a history),
 * the only list of records of an object with nothing else but single values, or lists of numbers of one length of
 * which one is a step or a loss.
 */
export function rowsIn(document: JsonDocument, members: Members): RowsIn | null {
  const lists = members
    .filter(({ value }) => value.kind === "list")
    .map(({ key, value }) => ({ key, value }));
  const records = lists.filter(({ value }) => isRecords(document, value));
  const isNested = ({ value }: Members[number]) => value.kind === "object" || value.kind === "list";
  const history =
    records.find(({ value }) => hasSteps(document, value)) ??
    (members.filter(isNested).length === 1 ? records[0] : undefined);
  if (history !== undefined) {
    return { rows: recordsOf(document, history.value), members: new Set([history.value]) };
  }
  return columnsIn(document, lists);
}

function isRecords(document: JsonDocument, list: JsonValue): boolean {
  const items = document.items(list);
  return items.length > 1 && items.every(({ kind }) => kind === "object");
}

function hasSteps(document: JsonDocument, list: JsonValue): boolean {
  return document
    .items(list)
    .slice(0, LOOKED_AT)
    .every((item) => document.members(item).some(({ key }) => STEP.test(plainName(key))));
}

function* recordsOf(document: JsonDocument, list: JsonValue): Generator<RowIn> {
  for (const item of document.items(list)) yield { line: document.lineOf(item), cells: document.flat(item) };
}

/** `{"step": [100, 200], "loss": [4.1, 3.9]}` */
function columnsIn(document: JsonDocument, lists: Members): RowsIn | null {
  const columns = lists
    .map(({ key, value }) => ({ key, value, items: document.items(value) }))
    .filter(({ items }) => items.length > 1 && items.every(({ kind }) => kind === "other"));
  const wanted = columns.find(({ key }) => STEP.test(plainName(key)) || LOSS.test(plainName(key)));
  const alike = columns.filter(({ items }) => items.length === wanted?.items.length);
  if (wanted === undefined || alike.length < 2) return null;
  const rows = wanted.items.map((item, i) => ({
    line: document.lineOf(item),
    cells: new Map(alike.map(({ key, items }) => [key, document.textOf(items[i]!)] as const)),
  }));
  return { rows, members: new Set(alike.map(({ value }) => value)) };
}
