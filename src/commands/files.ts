/**
 * Reading and writing the small files of the program: saved fits, documents. Files are written whole or not at all.
 */
import { readFileSync, realpathSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, isAbsolute, relative } from "node:path";
import { sync as writeAtomically } from "write-file-atomic";
import { InputError, UsageError } from "../errors.js";
import { sharedFolder } from "../logs/shared-folder.js";
import { escapeText } from "../text.js";

/** Saved fits of 10,000 draws take some MB; what is larger than this is something else. */
const LARGEST_DOCUMENT = 256 * 1024 * 1024;

const codeOf = (thrown: unknown): string =>
  thrown instanceof Error && "code" in thrown ? String(thrown.code) : "unknown";

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EACCES: "there is no permission",
  EPERM: "it is not permitted",
  EISDIR: "it is a folder",
  ENOTDIR: "a part of the path is no folder",
  ENOSPC: "the device is full",
  EFBIG: "the file may not grow so large",
  EROFS: "the file system is read-only",
  ENAMETOOLONG: "the name is too long",
  ELOOP: "its links lead in a circle",
  EIO: "the device reported an error",
  EMFILE: "too many files are open",
};

/** Why a call on the file system failed, in words. */
export function reasonOf(thrown: unknown): string {
  const code = codeOf(thrown);
  return REASONS[code] ?? `the system says ${code}`;
}

/** Whether a name is that of a file that can be read again: no pipe, no device, not standard input. */
export function isRegularFile(path: string): boolean {
  return path !== "-" && statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

/** The text of a small file. @throws InputError */
export function readText(path: string, hint: string): string {
  try {
    const { size } = statSync(path);
    if (size > LARGEST_DOCUMENT) {
      throw new InputError({
        code: "too-large",
        message: "the file is too large to be a document of scalefit",
        file: path,
        hint,
      });
    }
    return readFileSync(path, "utf8");
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    throw new InputError({
      code: "unreadable",
      message: `cannot be read: ${reasonOf(cause)}`,
      file: path,
      hint,
      cause,
    });
  }
}

/**
 * How documents call a file: as it was named, but never by an absolute path. Such a file is called by its path from
 * here, or by its name alone where it lies elsewhere.
 */
export function shownName(path: string): string {
  if (!isAbsolute(path)) return path;
  const fromHere = relative(workingFolder() ?? path, path);
  return fromHere === "" || fromHere.startsWith("..") || isAbsolute(fromHere) ? basename(path) : fromHere;
}

/**
 * The same of several files. Those that would be called by their names alone are told apart by their paths from the
 * folder that they share.
 */
export function shownNames(paths: readonly string[]): Map<string, string> {
  const shown = new Map(paths.map((path) => [path, shownName(path)]));
  const elsewhere = paths.filter((path) => isAbsolute(path) && shown.get(path) === basename(path));
  const shared = sharedFolder(elsewhere.map((path) => dirname(path))) || "/";
  for (const path of elsewhere) shown.set(path, relative(shared, path));
  return shown;
}

/** The working folder, or null where it has been deleted. */
function workingFolder(): string | null {
  try {
    return process.cwd();
  } catch {
    return null;
  }
}

/** Whether a file is there (whatever it is). */
export function exists(path: string): boolean {
  try {
    statSync(path);
    return true;
  } catch (thrown) {
    return codeOf(thrown) !== "ENOENT";
  }
}

/**
 * Refuses an output that would destroy an input, or that cannot be written, before any work is done.
 *
 * @throws UsageError
 */
export function requireWritable(output: string, inputs: readonly string[]): void {
  const real = (path: string): string | null => {
    try {
      return realpathSync(path);
    } catch {
      return null;
    }
  };
  const target = real(output);
  if (target !== null && inputs.some((input) => real(input) === target)) {
    throw new UsageError({
      code: "output-is-input",
      message: `--output ${escapeText(output)} is the same file as an input: it would overwrite the log`,
      hint: "name another file, for example --output scalefit.json",
    });
  }
  if (target !== null && statSync(target).isDirectory()) {
    throw new UsageError({
      code: "output-is-folder",
      message: `--output ${escapeText(output)} is a folder`,
      hint: "name a file in it",
    });
  }
  if (target === null && !exists(dirname(output))) {
    throw new UsageError({
      code: "no-such-folder",
      message: `--output ${escapeText(output)}: the folder ${escapeText(dirname(output))} does not exist`,
      hint: "make it first, or name a file in a folder that is there",
    });
  }
}

/** Writes a whole file: a temporary one beside it, flushed to the device, then renamed. @throws InputError */
export function writeWhole(path: string, content: string | Uint8Array): void {
  try {
    if (isSpecial(path)) writeFileSync(path, content);
    else writeAtomically(path, typeof content === "string" ? content : Buffer.from(content), { fsync: true });
  } catch (cause) {
    throw new InputError({
      code: "unwritable",
      message: `cannot be written: ${reasonOf(cause)}`,
      file: path,
      hint: "nothing was changed; name another file with --output, or use --no-save",
      cause,
    });
  }
}

/** A device or a pipe is written to as it is: a rename would replace it by a file. */
function isSpecial(path: string): boolean {
  try {
    const stat = statSync(path);
    return !stat.isFile() && !stat.isDirectory();
  } catch {
    return false;
  }
}
