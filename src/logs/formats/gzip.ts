import { pipeline, Readable } from "node:stream";
import { InputError } from "../../errors.js";

/**
 * Decompresses a stream of one or more gzip members, chunk by chunk.
 *
 * @throws InputError  when the data are cut, damaged, or followed by something else
 */
export async function* gunzip(name: string, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const { createGunzip } = await import("node:zlib");
  const unzip = createGunzip({ chunkSize: 256 * 1024 });
  // the error reaches the loop below through the destroyed stream
  pipeline(Readable.from(bytes), unzip, () => {});
  try {
    for await (const chunk of unzip) yield chunk;
  } catch (error) {
    throw gzipFault(name, error);
  }
}

function gzipFault(name: string, error: unknown): unknown {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  if (typeof code !== "string" || !code.startsWith("Z_")) return error;
  const text = error instanceof Error ? error.message : "";
  return new InputError({ code: "gzip", ...wording(text), file: name, cause: error });
}

function wording(text: string): { message: string; why: string; hint: string } {
  if (text.includes("unexpected end")) {
    return {
      message: "the gzip file is truncated: it ends before its data do",
      why: "a download or a copy was cut short; the part that can be read is not the whole log",
      hint: "fetch the file again; test it with gzip -t",
    };
  }
  if (text.includes("incorrect header")) {
    return {
      message: "the gzip data are followed by bytes that are no gzip",
      why: "something was appended to the file, or a second part of it is damaged",
      hint: "unpack it with gunzip, look at the result, and read that file",
    };
  }
  return {
    message: "the gzip file is damaged",
    why: text.includes("data check")
      ? "the checksum at its end does not fit its content"
      : `unpacking failed: ${text}`,
    hint: "fetch the file again; test it with gzip -t",
  };
}
