/**
 * The framing of TensorFlow's record files: length (8 bytes, little endian), its checksum, data, their checksum. A
 * checksum is a CRC-32C turned by 15 bits plus a constant, so that data which hold checksums keep theirs apart.
 *
 * @see tensorflow/tensorflow, tensorflow/core/lib/io/record_writer.h
 */
import { InputError } from "../../errors.js";
import { crc32c } from "./crc32c.js";

const LENGTH_BYTES = 12;
const CHECKSUM_BYTES = 4;
const MASK_DELTA = 0xa282ead8;
/** Bytes that one record may have: more is a fault, whatever its checksum says. */
const MAX_LENGTH = 2 ** 30;

/** One record; `data` is null when they do not fit their checksum. */
export interface TfRecord {
  /** From 1. */
  number: number;
  /** Where in the file it begins. */
  offset: number;
  data: Uint8Array | null;
}

/** Where a file ends inside a record. */
export interface CutRecord {
  number: number;
  offset: number;
}

/** Whether a file begins with a record: its first twelve bytes are a length that fits its checksum. */
export function beginsWithRecord(bytes: Uint8Array): boolean {
  return bytes.length >= LENGTH_BYTES && isLengthSound(Buffer.from(bytes.subarray(0, LENGTH_BYTES)));
}

/**
 * Reads records one by one. Data that do not fit their checksum are one lost record: the length before them has a
 * checksum of its own, so that the next record is found all the same. A length that does not fit ends the reading,
 * because where the next record begins is then unknown.
 *
 * @param onCut  called when the file ends inside a record
 * @throws InputError  for a length that does not fit its checksum
 */
export async function* tfRecords(
  bytes: AsyncIterable<Uint8Array>,
  file: string,
  onCut: (cut: CutRecord) => void,
): AsyncGenerator<TfRecord> {
  let parts: Uint8Array[] = [];
  let held = 0;
  let wanted = LENGTH_BYTES;
  let [number, offset] = [1, 0];
  for await (const chunk of bytes) {
    parts.push(chunk);
    held += chunk.length;
    if (held < wanted) continue;
    const buffer = Buffer.concat(parts, held);
    let at = 0;
    wanted = LENGTH_BYTES;
    while (buffer.length - at >= LENGTH_BYTES) {
      const length = lengthAt(buffer.subarray(at, at + LENGTH_BYTES), { number, offset }, file);
      const size = LENGTH_BYTES + length + CHECKSUM_BYTES;
      if (buffer.length - at < size) {
        wanted = size;
        break;
      }
      const data = buffer.subarray(at + LENGTH_BYTES, at + LENGTH_BYTES + length);
      const isSound = masked(crc32c(data)) === buffer.readUInt32LE(at + LENGTH_BYTES + length);
      yield { number, offset, data: isSound ? data : null };
      at += size;
      offset += size;
      number++;
    }
    parts = at < buffer.length ? [buffer.subarray(at)] : [];
    held = buffer.length - at;
  }
  if (held > 0) onCut({ number, offset });
}

function lengthAt(head: Buffer, { number, offset }: CutRecord, file: string): number {
  const length = Number(head.readBigUInt64LE(0));
  if (isLengthSound(head) && length <= MAX_LENGTH) return length;
  throw new InputError({
    code: "checksum",
    message: `record ${number}, which begins at byte ${offset}, has a length that does not fit its checksum`,
    why: "the file is damaged there, and where the next record begins cannot be known",
    hint: `copy the file again; if it is damaged at its source, keep the first ${offset} bytes (head -c ${offset})`,
    file,
    line: number,
  });
}

function isLengthSound(head: Buffer): boolean {
  return masked(crc32c(head.subarray(0, 8))) === head.readUInt32LE(8);
}

function masked(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + MASK_DELTA) >>> 0;
}
