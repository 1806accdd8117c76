/** Writing the files of the program: whole or not at all. Apart from reading, which every command does. */
import { realpathSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { sync as writeAtomically } from "write-file-atomic";
import { InputError, UsageError } from "../errors.js";
import { escapeText } from "../text.js";
import { exists, reasonOf } from "./files.js";

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
