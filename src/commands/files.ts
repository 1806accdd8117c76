/** Reading the small files of the program: saved fits, documents; and how files are called. */
import { readFileSync, statSync } from "node:fs";
import { basename, dirname, isAbsolute, relative } from "node:path";
import { InputError } from "../errors.js";
import { sharedFolder } from "../logs/shared-folder.js";

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
