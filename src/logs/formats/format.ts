import type { Table, Warning } from "../../objects.js";
import type { DropLog } from "../drops.js";
import type { StepPlan } from "../step-reducer.js";
import type { TableBuilder } from "../table.js";

/** The beginning of a file, after decompression, by which its format is told. */
export interface Head {
  /** The file's name as the user gave it; content decides, the name only words messages. */
  name: string;
  /** The run that the file is the log of, if it is one run's: by its name and folder, never an absolute path. */
  run: string;
  bytes: Uint8Array;
  /** The same as text, line ends as `\n`, without a byte order mark; empty when the bytes are no text. */
  text: string;
  /** Whether the head is the whole file. */
  isWhole: boolean;
}

/** What a format's reader gets: the file from its first byte on, and where rows and troubles go. */
export interface LogSource {
  head: Head;
  /** The file as text, in chunks of any size, line ends as `\n`. Read once. */
  text(): AsyncIterable<string>;
  /** The file as bytes after decompression. Read once, instead of `text()`. */
  bytes(): AsyncIterable<Uint8Array>;
  table: TableBuilder;
  /** Whether step rows may be reduced to runs while they are read, and from how many rows on. */
  reduce?: { from: number; plan(table: Table): StepPlan | null };
  dropped: DropLog;
  warnings: Warning[];
}

/** One log format. To add one: a file beside this one, and a line in `index.ts`. */
export interface LogFormat {
  id: string;
  /** In words, for messages: `JSON lines`. */
  title: string;
  /** What the ending of a file's name may promise without a surprise; without this, JSON. */
  kinds?: readonly ("table" | "json" | "parquet")[];
  /** Whether its files are no text, so that nothing is to be said of their encoding. */
  isBinary?: boolean;
  matches(head: Head): boolean;
  /** Puts the rows of the file into `source.table`. @throws InputError for a file that cannot be used */
  read(source: LogSource): Promise<void>;
}

/** What the reader of a folder gets: one run, in several files. */
export interface FolderSource {
  /** The folder, as the user would name it. */
  name: string;
  /** What the run is called where its files do not say. */
  run: string;
  /** Its files, relative to it, by name. */
  files: readonly string[];
  /** A whole small file of it. @throws InputError */
  text(file: string): Promise<string>;
  table: TableBuilder;
  dropped: DropLog;
  warnings: Warning[];
}

/** A format in which a folder is one run. To add one: a file beside this one, and a line in `index.ts`. */
export interface FolderFormat {
  id: string;
  title: string;
  /** Told by the names of what lies directly in the folder. */
  claims(entries: ReadonlySet<string>): boolean;
  /** @throws InputError for a folder that cannot be used */
  read(source: FolderSource): Promise<void>;
}

/** Characters one record (a row, a JSON line) may have; a longer one is a fault of the file. */
export const MAX_RECORD = 8_000_000;
