/**
 * Files, pipes, devices and standard input as streams of bytes. Sizes told by the system are never trusted, nothing
 * is retried, and every fault of the file system becomes an `InputError` that names the file.
 */
import fs from "node:fs";
import { InputError } from "../../errors.js";

const CHUNK_BYTES = 256 * 1024;

/** What a failed system call means, and what to do about it. */
const SYSTEM_FAULTS: ReadonlyMap<string, [message: string, hint: string]> = new Map([
  ["ENOENT", ["there is no such file", "check the name and the folder"]],
  ["ENOTDIR", ["there is no such file: a part of its path is no folder", "check the path"]],
  ["EISDIR", ["this is a folder, not a log file", "name the files in it, for example with folder/*.csv"]],
  ["EACCES", ["no permission to read the file", "check its permissions with ls -l"]],
  ["EPERM", ["no permission to read the file", "check its permissions with ls -l"]],
  ["ENAMETOOLONG", ["the file name is longer than the system takes", "check the name"]],
  [
    "ELOOP",
    ["the link points to itself, directly or in a circle", "remove the link and name the file itself"],
  ],
  ["EMFILE", ["too many files are open", "raise the limit (ulimit -n) or read fewer files at once"]],
  ["ENFILE", ["too many files are open on this machine", "close other programs and try again"]],
  ["EIO", ["the device reports a read error", "copy the file to another disk and read it there"]],
  ["ENXIO", ["this is a socket or a device without a driver, not a file", "name a log file"]],
  ["EBADF", ["the input is closed", "name a file, or feed one in with < or |"]],
  ["EAGAIN", ["the input has nothing to read now", "name a file, or feed one in with < or |"]],
]);

/**
 * The bytes of a file, as the user named it; `-` is standard input.
 *
 * @throws InputError  for every fault of the file system
 */
export async function* readBytes(
  name: string,
  stdin: NodeJS.ReadableStream | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  signal?.throwIfAborted();
  if (name === "-") yield* streamBytes(name, () => stdin ?? process.stdin, signal);
  else yield* fileBytes(name, signal);
}

async function* fileBytes(name: string, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  const fd = attempt(name, () => openFile(name));
  let isOpen = true;
  try {
    const stat = attempt(name, () => fs.fstatSync(fd));
    if (stat.isDirectory()) throw systemFault(name, { code: "EISDIR" });
    if (stat.isFIFO()) {
      isOpen = false; // the socket closes it
      const { Socket } = await import("node:net");
      yield* streamBytes(name, () => new Socket({ fd, readable: true, writable: false }), signal);
    } else if (stat.isFile()) {
      yield* regularBytes(name, fd, signal);
    } else {
      yield* deviceBytes(name, fd, signal);
    }
  } finally {
    if (isOpen) closeQuietly(fd);
  }
}

/** Opens without waiting for the other end of a pipe: a blocked open could not be interrupted. */
function openFile(name: string): number {
  if (name === "")
    throw new InputError({ code: "no-file", message: "the file name is empty", hint: "name a log file" });
  return fs.openSync(name, fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0));
}

/** A regular file never makes a reader wait long, and synchronous reads start fastest; the loop gets its turn between chunks. */
async function* regularBytes(
  name: string,
  fd: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  for (let chunks = 0; ; chunks++) {
    if (chunks % 16 === 15) await new Promise((resume) => setImmediate(resume));
    signal?.throwIfAborted();
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    const count = attempt(name, () => fs.readSync(fd, chunk, 0, CHUNK_BYTES, null));
    if (count === 0) return;
    yield chunk.subarray(0, count);
  }
}

async function* deviceBytes(
  name: string,
  fd: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  for (;;) {
    signal?.throwIfAborted();
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    const count = await new Promise<number>((resolve, reject) => {
      fs.read(fd, chunk, 0, CHUNK_BYTES, null, (error, n) =>
        error === null ? resolve(n) : reject(systemFault(name, error)),
      );
    });
    if (count === 0) return;
    yield chunk.subarray(0, count);
  }
}

async function* streamBytes(
  name: string,
  open: () => NodeJS.ReadableStream,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const stream = attempt(name, open);
  const stop = () => {
    if ("destroy" in stream && typeof stream.destroy === "function") stream.destroy(signal?.reason);
  };
  signal?.addEventListener("abort", stop, { once: true });
  try {
    for await (const chunk of stream) yield typeof chunk === "string" ? Buffer.from(chunk) : chunk;
  } catch (error) {
    throw signal?.aborted ? signal.reason : systemFault(name, error);
  } finally {
    signal?.removeEventListener("abort", stop);
  }
}

function attempt<T>(name: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw systemFault(name, error);
  }
}

function systemFault(name: string, error: unknown): unknown {
  if (error instanceof InputError) return error;
  const code = typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
  const [message, hint] = SYSTEM_FAULTS.get(code) ?? [
    "the file cannot be read",
    "check the file and its name",
  ];
  const words = name === "-" ? message.replace(/the (file|input)/, "standard input") : message;
  return new InputError({
    code: "unreadable",
    message: words,
    why: SYSTEM_FAULTS.has(code) ? undefined : code || undefined,
    hint,
    file: name,
    cause: error,
  });
}

function closeQuietly(fd: number): void {
  try {
    fs.closeSync(fd);
  } catch {
    // everything wanted has been read: a failing close loses nothing
  }
}
