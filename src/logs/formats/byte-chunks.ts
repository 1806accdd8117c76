import { InputError } from "../../errors.js";

/** Bytes that are kept of one file: beyond that, the file is to be split. */
const MAX_KEPT = 2 ** 31;

/** A stream of bytes that was read to its end, for formats that need to look at places of it; nothing is copied twice. */
export class ByteChunks {
  readonly byteLength: number;
  readonly #chunks: readonly Uint8Array[];
  readonly #starts: readonly number[];

  private constructor(chunks: readonly Uint8Array[]) {
    let size = 0;
    const starts: number[] = [];
    for (const chunk of chunks) {
      starts.push(size);
      size += chunk.length;
    }
    this.#chunks = chunks;
    this.#starts = starts;
    this.byteLength = size;
  }

  /** @throws InputError  when there are more than 2 GB */
  static async of(bytes: AsyncIterable<Uint8Array>, name: string): Promise<ByteChunks> {
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of bytes) {
      size += chunk.length;
      if (size > MAX_KEPT) throw tooLarge(name);
      chunks.push(chunk);
    }
    return new ByteChunks(chunks);
  }

  /** A copy of the bytes from `start` to before `end`; what lies outside is left out. */
  slice(start: number, end = this.byteLength): ArrayBuffer {
    const from = Math.max(0, Math.min(start, this.byteLength));
    const to = Math.max(from, Math.min(end, this.byteLength));
    const result = new Uint8Array(to - from);
    for (let i = this.#chunkOf(from); i < this.#chunks.length && this.#starts[i]! < to; i++) {
      const at = this.#starts[i]!;
      const part = this.#chunks[i]!.subarray(Math.max(0, from - at), to - at);
      result.set(part, Math.max(0, at - from));
    }
    return result.buffer;
  }

  /** The last chunk that begins at or before a place. */
  #chunkOf(place: number): number {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#starts[middle]! <= place) low = middle;
      else high = middle - 1;
    }
    return Math.max(0, low);
  }
}

function tooLarge(name: string): InputError {
  return new InputError({
    code: "too-large",
    message: `the file has more than ${MAX_KEPT / 2 ** 30} GB`,
    why: "a file of this format is held in memory while it is read",
    hint: "write the columns needed, or the final row of each run, to a smaller file",
    file: name,
  });
}
