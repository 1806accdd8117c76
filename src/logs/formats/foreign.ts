/** Files that are no logs, told by their first bytes, with what to do about each. */
import { InputError } from "../../errors.js";
import type { Head } from "./format.js";

interface Foreign {
  message: string;
  hint: string;
  matches(bytes: Uint8Array, text: string): boolean;
}

const startsWith =
  (...signature: number[]) =>
  (bytes: Uint8Array): boolean =>
    signature.every((byte, i) => bytes[i] === byte);

const FOREIGN: readonly Foreign[] = [
  {
    message: "this is a zip archive or a spreadsheet workbook (xlsx), not text",
    hint: "unpack it, or export the sheet as CSV",
    matches: startsWith(0x50, 0x4b, 0x03, 0x04),
  },
  {
    message: "this is an old spreadsheet workbook (xls), not text",
    hint: "export the sheet as CSV",
    matches: startsWith(0xd0, 0xcf, 0x11, 0xe0),
  },
  {
    message: "this is a PNG picture, not a log",
    hint: "name the log file",
    matches: startsWith(0x89, 0x50, 0x4e, 0x47),
  },
  {
    message: "this is a PDF document, not a log",
    hint: "name the log file",
    matches: startsWith(0x25, 0x50, 0x44, 0x46),
  },
  {
    message: "the file is packed with xz",
    hint: "unpack it with xz -d",
    matches: startsWith(0xfd, 0x37, 0x7a, 0x58, 0x5a),
  },
  {
    message: "the file is packed with bzip2",
    hint: "unpack it with bunzip2",
    matches: startsWith(0x42, 0x5a, 0x68),
  },
  {
    message: "the file is packed twice: inside is gzip again",
    hint: "unpack it once (gunzip, zstd -d) and read that file",
    matches: startsWith(0x1f, 0x8b),
  },
  {
    message: "the file is packed twice: inside is zstd again",
    hint: "unpack it once (gunzip, zstd -d) and read that file",
    matches: startsWith(0x28, 0xb5, 0x2f, 0xfd),
  },
  {
    message: "this is an encrypted Parquet file",
    hint: "write it again without encryption",
    matches: startsWith(0x50, 0x41, 0x52, 0x45),
  },
  {
    message: "this is a Git LFS pointer, not the log it stands for",
    hint: "run git lfs pull and try again",
    matches: (_, text) => text.startsWith("version https://git-lfs"),
  },
  {
    message: "this is an HTML page, not a log",
    hint: "a download probably met a sign-in or error page; fetch the file itself",
    matches: (_, text) => /^\s*<(!doctype\s+html|html|head|body)\b/i.test(text),
  },
  {
    message: "this is an XML document, not a log",
    hint: "export the runs as CSV or JSON lines",
    matches: (_, text) => /^\s*<\?xml\b/i.test(text),
  },
];

/** @throws InputError  when the file is known to be something other than a log */
export function refuseForeign(head: Head): void {
  const foreign = FOREIGN.find((kind) => kind.matches(head.bytes, head.text));
  if (foreign === undefined) return;
  throw new InputError({ code: "not-a-log", message: foreign.message, hint: foreign.hint, file: head.name });
}
