/** Bytes to text: encodings, byte order marks and line ends are settled here, so that no format has to. */
import type { Warning } from "../../objects.js";

/** What a text is encoded in. */
export type Encoding = "utf-8" | "utf-16le" | "utf-16be";

/** Share of control characters from which bytes are no text. */
const BINARY_SHARE = 0.1;

/** The encoding of a text that begins with these bytes, or null when they are no text. */
export function encodingOf(head: Uint8Array): Encoding | null {
  if (head[0] === 0xff && head[1] === 0xfe) return "utf-16le";
  if (head[0] === 0xfe && head[1] === 0xff) return "utf-16be";
  const zeros = zerosByParity(head);
  const half = head.length / 2;
  if (head.length >= 8 && zeros.even > half * 0.7 && zeros.odd < half * 0.1) return "utf-16be";
  if (head.length >= 8 && zeros.odd > half * 0.7 && zeros.even < half * 0.1) return "utf-16le";
  return isBinary(head) ? null : "utf-8";
}

function zerosByParity(bytes: Uint8Array): { even: number; odd: number } {
  const count = [0, 0];
  for (let i = 0; i < bytes.length; i++) if (bytes[i] === 0) count[i & 1]!++;
  return { even: count[0]!, odd: count[1]! };
}

function isBinary(bytes: Uint8Array): boolean {
  let controls = 0;
  for (const byte of bytes) if (byte < 9 || (byte > 13 && byte < 32 && byte !== 27)) controls++;
  return controls > bytes.length * BINARY_SHARE;
}

/**
 * Text chunks with `\n` as the only line end (CRLF and CR become one, so that physical lines stay countable), without
 * byte order mark. Bytes that are not in the encoding become U+FFFD, with one warning that names the first line.
 */
export async function* decode(
  bytes: AsyncIterable<Uint8Array>,
  encoding: Encoding,
  file: string,
  warnings: Warning[],
): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding);
  let line = 1;
  let isWarned = false;
  let heldReturn = "";
  for await (const chunk of bytes) {
    let text = heldReturn + decoder.decode(chunk, { stream: true });
    heldReturn = "";
    if (text.endsWith("\r")) {
      heldReturn = "\r";
      text = text.slice(0, -1);
    }
    const lines = withUnixLineEnds(text);
    if (!isWarned && lines.includes("\ufffd") && !hasReplacementBytes(chunk, encoding)) {
      isWarned = true;
      warnings.push(badBytes(file, line + countLineEnds(lines.slice(0, lines.indexOf("\ufffd")))));
    }
    if (!isWarned) line += countLineEnds(lines);
    yield lines;
  }
  yield withUnixLineEnds(heldReturn + decoder.decode());
}

/** Text with CRLF and CR turned into `\n`. */
export function withUnixLineEnds(text: string): string {
  return text.includes("\r") ? text.replace(/\r\n?/g, "\n") : text;
}

/** How many `\n` a text has. */
export function countLineEnds(text: string): number {
  let count = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) count++;
  return count;
}

/** Whether a U+FFFD was in the file itself and not made by decoding. */
function hasReplacementBytes(chunk: Uint8Array, encoding: Encoding): boolean {
  return encoding === "utf-8" && Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).includes("\ufffd");
}

function badBytes(file: string, line: number): Warning {
  return {
    code: "not-utf8",
    message: `not valid UTF-8 from line ${line} on: the characters concerned are shown as \ufffd, numbers are not affected`,
    file,
    lines: [line],
  };
}
