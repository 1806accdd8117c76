/** Files that are packed, told by their first bytes, and how each kind is unpacked. */
import { gunzip } from "./gzip.js";
import { unzstd } from "./zstd.js";

/** A kind of compression that is undone before a format is looked for. */
export interface Packing {
  /** As messages call it. */
  title: string;
  /** Endings of file names that promise it. */
  endings: RegExp;
  matches(head: Uint8Array): boolean;
  /** The content, chunk by chunk. @throws InputError when the data are cut or damaged */
  unpack(name: string, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array>;
}

const startsWith =
  (...signature: number[]) =>
  (head: Uint8Array): boolean =>
    signature.every((byte, i) => head[i] === byte);

const isZstd = startsWith(0x28, 0xb5, 0x2f, 0xfd);
/** A frame that holds no content and may stand before the first (parallel compressors write one). */
const isSkippable = (head: Uint8Array): boolean =>
  head.length >= 4 && head[0]! >> 4 === 5 && head[1] === 0x2a && head[2] === 0x4d && head[3] === 0x18;

export const PACKINGS: readonly Packing[] = [
  { title: "gzip", endings: /\.t?gz$/i, matches: startsWith(0x1f, 0x8b), unpack: gunzip },
  {
    title: "zstd",
    endings: /\.t?zst$/i,
    matches: (head) => isZstd(head) || isSkippable(head),
    unpack: unzstd,
  },
];
