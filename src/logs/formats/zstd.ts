import { InputError } from "../../errors.js";

/**
 * Bytes handed to the unpacker at once. Four bytes can stand for 128 kB; what a piece unpacks to must fit in memory
 * before the limit on the whole is asked again.
 */
const PIECE = 1024;

/** The unpacker's own numbers of faults. */
const WINDOW_TOO_LARGE = 1;
const UNEXPECTED_END = 5;

/**
 * Decompresses a stream of one or more zstd frames, piece by piece. Checksums of the content are passed over: the
 * unpacker does not compute them.
 *
 * @throws InputError  when the data are cut, damaged, or followed by something else
 */
export async function* unzstd(name: string, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const { Decompress } = await import("fzstd");
  let unpacked: Uint8Array[] = [];
  const stream = new Decompress((data) => {
    if (data.length > 0) unpacked.push(data);
  });
  const push = (piece: Uint8Array, isLast: boolean): Uint8Array[] => {
    try {
      stream.push(piece, isLast);
    } catch (error) {
      throw zstdFault(name, error);
    }
    const ready = unpacked;
    unpacked = [];
    return ready;
  };
  for await (const chunk of bytes) {
    for (let at = 0; at < chunk.length; at += PIECE) yield* push(chunk.subarray(at, at + PIECE), false);
  }
  yield* push(new Uint8Array(0), true);
}

function zstdFault(name: string, error: unknown): InputError {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  return new InputError({ code: "zstd", ...wording(code, error), file: name, cause: error });
}

function wording(code: unknown, error: unknown): { message: string; why: string; hint: string } {
  if (code === UNEXPECTED_END) {
    return {
      message: "the zstd file is truncated: it ends before its data do",
      why: "a download or a copy was cut short; the part that can be read is not the whole log",
      hint: "fetch the file again; test it with zstd -t",
    };
  }
  if (code === WINDOW_TOO_LARGE) {
    return {
      message: "the zstd file needs more memory to unpack than there is",
      why: "it was packed with a window of more than 2 GB",
      hint: "unpack it with zstd -d --long=31, and read that file",
    };
  }
  return {
    message: "the zstd file is damaged, or followed by bytes that are no zstd",
    why: `unpacking failed: ${error instanceof Error ? error.message : String(error)}`,
    hint: "fetch the file again; test it with zstd -t",
  };
}
