/**
 * What the user names -> what is read: files as they are, folders walked, patterns such as `runs/*.csv` matched.
 * The order is by name (code units), whatever the file system's.
 */
import fs from "node:fs";
import { UsageError } from "../../errors.js";
import { quoteText } from "../../text.js";
import type { FolderFormat } from "./format.js";
import { FOLDER_FORMATS } from "./index.js";
import { isSettingsFile } from "./settings.js";

/** One thing to read: a file, or a folder whose files are one run. */
export interface LogUnit {
  /** The path, as the user would name it; `-` is standard input. */
  name: string;
  /** Whether a folder or a pattern brought it up: then what is no log is passed over, with a word. */
  isFound: boolean;
  /** For a folder that is one run: its format, and its files relative to it. */
  folder: { format: FolderFormat; files: string[] } | null;
  /** Files of settings that hold for its runs, nearest folder first. */
  settings: string[];
}

export interface Expanded {
  units: LogUnit[];
  /** Files that are no logs by their names, by ending. */
  passedOver: Map<string, number>;
  /** Folders that were walked. */
  folders: string[];
}

/** Folders deeper than this hold no logs that a person put there. */
const DEEPEST = 1000;
const MOST_FILES = 200_000;
/** Endings of logs; a packed log has a second ending. */
const LOG_ENDING = /\.(?:csv|tsv|json|jsonl|ndjson|log|out|err|txt|parquet)(?:\.(?:gz|zst))?$/i;
const EVENTS = /(?:^|\/)events\.out\.tfevents\./;
const NEVER_LOGS: ReadonlySet<string> = new Set(["node_modules", "__pycache__"]);
const isMagic = (name: string): boolean => /[*?[{]/.test(name);

/**
 * @param names  as the user gave them
 * @throws UsageError  where a pattern matches nothing, or a folder holds no log
 */
export async function expand(names: readonly string[]): Promise<Expanded> {
  const expanded: Expanded = { units: [], passedOver: new Map(), folders: [] };
  const beside = new SettingsBeside();
  for (const name of names) {
    if (name === "-") expanded.units.push(plainUnit(name));
    else if (isFolder(name)) walkInto(expanded, name);
    else if (isMagic(name) && !fs.existsSync(name)) await match(expanded, name, beside);
    else expanded.units.push({ ...plainUnit(name), settings: beside.of(name) });
  }
  return { ...expanded, units: once(expanded.units) };
}

const plainUnit = (name: string): LogUnit => ({ name, isFound: false, folder: null, settings: [] });

/** A file that is named twice by different ways is read once; named twice in full, it is what was asked for. */
function once(units: readonly LogUnit[]): LogUnit[] {
  const seen = new Set<string>();
  return units.filter(({ name, isFound }) => {
    const isKnown = seen.has(name);
    seen.add(name);
    return !isKnown || !isFound;
  });
}

function isFolder(name: string): boolean {
  try {
    return fs.statSync(name).isDirectory();
  } catch {
    return false;
  }
}

async function match(expanded: Expanded, pattern: string, beside: SettingsBeside): Promise<void> {
  const { glob } = await import("tinyglobby");
  const options = { expandDirectories: false, onlyFiles: false, dot: false } as const;
  const found = (await glob(pattern, options)).map((name) => name.replace(/\/$/, "")).sort(byCodeUnits);
  if (found.length === 0) {
    throw new UsageError({
      code: "no-match",
      message: `no file matches ${quoteText(pattern)}`,
      hint: "check the pattern; * stands for any part of a name, ** for any folders",
    });
  }
  for (const name of found) {
    if (isFolder(name)) walkInto(expanded, name);
    else expanded.units.push({ ...plainUnit(name), isFound: true, settings: beside.of(name) });
  }
}

const byCodeUnits = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function walkInto(expanded: Expanded, root: string): void {
  const before = expanded.units.length;
  expanded.folders.push(root);
  const top = root.length > 1 ? root.replace(/\/+$/, "") : root;
  walk(expanded, top, { depth: 0, settings: [], above: new Set() });
  if (expanded.units.length > before) return;
  throw new UsageError({
    code: "no-logs",
    message: `the folder ${quoteText(root)} holds no log`,
    why: passedWords(expanded.passedOver),
    hint: "logs end in .csv, .tsv, .json, .jsonl, .log, .out, .txt or .parquet; name other files themselves",
  });
}

/** What was passed over, in words: `3 files are no logs by their names (.md 2, .py 1)`. */
export function passedWords(passedOver: ReadonlyMap<string, number>): string | undefined {
  const entries = [...passedOver].sort(([a, m], [b, n]) => n - m || byCodeUnits(a, b));
  const count = entries.reduce((sum, [, n]) => sum + n, 0);
  if (count === 0) return undefined;
  const shown = entries.slice(0, 6).map(([ending, n]) => `${ending === "" ? "no ending" : ending} ${n}`);
  const more = entries.length > 6 ? ", ..." : "";
  return `${count} ${count === 1 ? "file is no log by its name" : "files are no logs by their names"} (${shown.join(", ")}${more})`;
}

interface Way {
  depth: number;
  settings: string[];
  /** The real folders on the way here: a link back to one of them is not followed. */
  above: ReadonlySet<string>;
}

function walk(expanded: Expanded, folder: string, { depth, settings, above }: Way): void {
  const real = realOf(folder);
  if (real === null || above.has(real) || depth > DEEPEST) return;
  const entries = entriesOf(folder);
  const names = entries.map(({ name }) => name);
  const format = FOLDER_FORMATS.find((candidate) => candidate.claims(new Set(names)));
  if (format !== undefined) {
    const files = filesBelow(folder, "", 0);
    expanded.units.push({ name: folder, isFound: true, folder: { format, files }, settings });
    return;
  }
  const own = names.filter(isSettingsFile).map((name) => join(folder, name));
  const below: Way = { depth: depth + 1, settings: [...own, ...settings], above: new Set([...above, real]) };
  for (const { name, isFolder: isBelow } of entries) {
    const path = join(folder, name);
    if (isBelow) walk(expanded, path, below);
    else if (isSettingsFile(name)) continue;
    else if (LOG_ENDING.test(name) || EVENTS.test(name)) addFile(expanded, path, below.settings);
    else countPassed(expanded.passedOver, name);
  }
}

function addFile(expanded: Expanded, name: string, settings: string[]): void {
  expanded.units.push({ name, isFound: true, folder: null, settings });
  if (expanded.units.length <= MOST_FILES) return;
  throw new UsageError({
    code: "too-many-files",
    message: `more than ${MOST_FILES} log files are named`,
    hint: "name fewer folders",
  });
}

function countPassed(passedOver: Map<string, number>, name: string): void {
  const ending = /\.[^.]+$/.exec(name)?.[0].toLowerCase() ?? "";
  passedOver.set(ending, (passedOver.get(ending) ?? 0) + 1);
}

const join = (folder: string, name: string): string =>
  folder.endsWith("/") ? folder + name : `${folder}/${name}`;

function realOf(folder: string): string | null {
  try {
    return fs.realpathSync(folder);
  } catch {
    return null;
  }
}

/** The visible entries of a folder by name; one that may not be read is empty. */
function entriesOf(folder: string): { name: string; isFolder: boolean }[] {
  let found: fs.Dirent[];
  try {
    found = fs.readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
  return found
    .filter(({ name }) => !name.startsWith(".") && !NEVER_LOGS.has(name))
    .map((entry) => ({
      name: entry.name,
      isFolder: entry.isDirectory() || (entry.isSymbolicLink() && isFolder(join(folder, entry.name))),
      isOther: !entry.isDirectory() && !entry.isFile() && !entry.isSymbolicLink(),
    }))
    .filter(({ isOther }) => !isOther)
    .sort((a, b) => byCodeUnits(a.name, b.name));
}

/** All files below a folder, relative to it. */
function filesBelow(folder: string, prefix: string, depth: number): string[] {
  if (depth > 8) return [];
  return entriesOf(prefix === "" ? folder : join(folder, prefix)).flatMap(({ name, isFolder: isBelow }) => {
    const path = prefix === "" ? name : `${prefix}/${name}`;
    return isBelow ? filesBelow(folder, path, depth + 1) : [path];
  });
}

/** Settings in the folders of files that are named by themselves; each folder is looked at once. */
class SettingsBeside {
  readonly #found = new Map<string, string[]>();

  of(name: string): string[] {
    const slash = name.lastIndexOf("/");
    if (isSettingsFile(name.slice(slash + 1))) return [];
    const folder = slash < 0 ? "" : name.slice(0, slash) || "/";
    const known = this.#found.get(folder) ?? settingsIn(folder);
    this.#found.set(folder, known);
    return known;
  }
}

/** @param folder empty for the working folder */
function settingsIn(folder: string): string[] {
  try {
    return fs
      .readdirSync(folder === "" ? "." : folder)
      .filter(isSettingsFile)
      .sort(byCodeUnits)
      .map((one) => (folder === "" ? one : join(folder, one)));
  } catch {
    return [];
  }
}
