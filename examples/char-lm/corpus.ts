import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Random } from "./random.js";
import { encode } from "./vocabulary.js";

/** Characters a model sees at once; a window holds one more, so that each input has a character to predict. */
export const contextLength = 64;

/** Windows in the validation set: 1024 x 64 = 65,536 predicted characters, the same for every run. */
const validationWindows = 1024;
/** One document in this many is held out for validation. */
const validationShare = 12;
/** A document longer than this is never held out: it would dominate the validation set. */
const longestHeldOut = 100_000;
const shortestDocument = 200;
const shingleLines = 4;
const shingleCharacters = 60;
const orderSeed = 20240607;

/** The text as symbols, split by document. Buffers are shared, so that workers need no copy. */
export interface Corpus {
  readonly train: Uint8Array;
  /** `validationWindows` windows of `contextLength + 1` symbols, one after another. */
  readonly validation: Uint8Array;
  /** Characters left after de-duplication, training and held-out documents together. */
  readonly characters: number;
  /** SHA-256 of the training symbols followed by the validation symbols, in hexadecimal. */
  readonly sha256: string;
}

/**
 * Builds the corpus from every `*.d.ts` file under a folder, except those whose path relative to the folder
 * begins with one of `without`. Depends only on the files' paths and contents.
 */
export function buildCorpus(folder: string, without: readonly string[]): Corpus {
  const documents = thinDocuments(readDocuments(folder, without));
  const held = documents.filter(isHeldOut);
  const kept = documents.filter((document) => !isHeldOut(document));
  const train = shared(encode(shuffled(kept).join("\n")));
  const validation = shared(validationSet(encode(shuffled(held).join("\n"))));
  const sha256 = createHash("sha256").update(train).update(validation).digest("hex");
  const characters = documents.reduce((sum, document) => sum + document.length, 0);
  return { train, validation, characters, sha256 };
}

/** Texts of all declaration files, sorted by path, without those equal up to white space. */
function readDocuments(folder: string, without: readonly string[]): string[] {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".d.ts"))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !without.some((prefix) => path.startsWith(join(folder, prefix))))
    .sort();
  const seen = new Set<string>();
  const documents: string[] = [];
  for (const path of paths) {
    const text = readFileSync(path, "utf8").replaceAll("\r\n", "\n").replaceAll("\r", "\n");
    const key = digest(text.replace(/\s+/g, " "));
    if (!seen.has(key)) documents.push(text);
    seen.add(key);
  }
  return documents;
}

/**
 * Removes passages that occurred before: every run of `shingleLines` lines already met, in this or an
 * earlier document, is dropped. Otherwise a model could lower its loss by remembering copied passages.
 */
function thinDocuments(documents: readonly string[]): string[] {
  const seen = new Set<string>();
  return documents
    .map((document) => thinDocument(document, seen))
    .filter((document) => document.length >= shortestDocument);
}

function thinDocument(document: string, seen: Set<string>): string {
  const lines = document.split("\n");
  const trimmed = lines.map((line) => line.trim());
  const dropped = new Uint8Array(lines.length);
  for (let i = 0; i + shingleLines <= lines.length; i++) {
    const shingle = trimmed.slice(i, i + shingleLines).join("\n");
    if (shingle.length < shingleCharacters) continue;
    if (seen.has(shingle)) dropped.fill(1, i, i + shingleLines);
    seen.add(shingle);
  }
  return lines.filter((_, i) => dropped[i] === 0).join("\n");
}

function isHeldOut(document: string): boolean {
  if (document.length > longestHeldOut) return false;
  return Number.parseInt(digest(document).slice(0, 8), 16) % validationShare === 0;
}

function validationSet(symbols: Uint8Array): Uint8Array {
  const stride = contextLength + 1;
  const available = Math.floor(symbols.length / stride);
  if (available < validationWindows) throw new Error(`only ${available} windows to validate on`);
  const order = new Random(orderSeed).permutation(available);
  const result = new Uint8Array(validationWindows * stride);
  for (let i = 0; i < validationWindows; i++) {
    const start = order[i]! * stride;
    result.set(symbols.subarray(start, start + stride), i * stride);
  }
  return result;
}

function shuffled(documents: readonly string[]): string[] {
  return Array.from(new Random(orderSeed).permutation(documents.length), (i) => documents[i]!);
}

function shared(symbols: Uint8Array): Uint8Array {
  const copy = new Uint8Array(new SharedArrayBuffer(symbols.length));
  copy.set(symbols);
  return copy;
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** Hands out the training windows of one run in random order, each once: a run sees no character twice. */
export class WindowStream {
  private readonly order: Uint32Array;
  private next = 0;

  constructor(
    private readonly symbols: Uint8Array,
    seed: number,
  ) {
    this.order = new Random(seed).permutation(Math.floor((symbols.length - 1) / contextLength));
  }

  /** Fills a batch: `inputs` and `targets` each hold whole windows of `contextLength` symbols. */
  fill(inputs: Uint8Array, targets: Uint8Array): void {
    for (let at = 0; at < inputs.length; at += contextLength) {
      if (this.next >= this.order.length) throw new Error("the run would see the corpus twice");
      const start = this.order[this.next++]! * contextLength;
      inputs.set(this.symbols.subarray(start, start + contextLength), at);
      targets.set(this.symbols.subarray(start + 1, start + 1 + contextLength), at);
    }
  }
}
