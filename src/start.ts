/**
 * Starts the program. A plan or a prediction from a saved fit runs in the quick program (`quick.ts`), which is compiled when
 * the project is built: to compile it anew takes as long as the plan itself. Everything else, and what the quick program
 * does not hold, runs in the whole one.
 */
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { Script } from "node:vm";
import type { Finish } from "./program.js";
import type * as QuickProgram from "./quick.js";

/** Commands that the quick program may hold. */
const QUICK = new Set(["plan", "predict"]);

const SOURCE = join(__dirname, "quick.cjs");
const COMPILED = join(__dirname, "quick.compiled");
/** The length of the mark that the source and its compiled form share: a SHA-256 in hexadecimal, as a comment. */
const MARK = 2 + 64;
/** Bytes before the compiled form: the mark, and in the last word the checksum of what follows. */
const HEAD = 72;

/** A command whose functions are compiled beforehand: most are, whatever is planned. */
const SAMPLE = ["plan", "--flops", "1e22", "--fit"];

/** Sets the exit code once the program has run. */
export async function start(): Promise<void> {
  const argv = process.argv.slice(2);
  const finish = QUICK.has(argv[0]) && !argv.some(isReadOnce) ? await quickly(argv) : null;
  process.exitCode = await (finish === null ? (await import("./cli.js")).main(argv) : finish());
}

/** Whether a word of the command names a pipe or the like, which the whole program would find empty after the quick one. */
function isReadOnce(word: string): boolean {
  try {
    const found = statSync(word.replace(/^--?[\w-]+=/, ""), { throwIfNoEntry: false });
    return found !== undefined && !found.isFile() && !found.isDirectory();
  } catch {
    return false;
  }
}

/** What the quick program leaves to be written; null where it does not hold the command, or was not built. */
async function quickly(argv: readonly string[]): Promise<Finish | null> {
  if (!existsSync(SOURCE)) return null;
  return programOf(script(readFileSync(SOURCE, "latin1"))).prepare(argv);
}

/**
 * The quick program, from its compiled form where that belongs to this source. V8 leaves it aside where another version or
 * other flags made it, but takes a damaged one as it is.
 */
function script(source: string): Script {
  const file = existsSync(COMPILED) ? readFileSync(COMPILED) : null;
  const isSound =
    file !== null &&
    file.length > HEAD &&
    // A view of words needs them in place.
    (file.byteOffset + HEAD) % 4 === 0 &&
    file.toString("latin1", 0, MARK) === source.slice(0, MARK) &&
    file.readUInt32LE(HEAD - 4) === checksum(file.subarray(HEAD));
  return new Script(wrapped(source), {
    filename: SOURCE,
    cachedData: isSound ? file.subarray(HEAD) : undefined,
  });
}

/**
 * FNV-1a over the length and a word in every 256 bytes: a file that was cut short, or a block of which is lost or another's,
 * is found out. All words would take a tenth of the time that compiling saves.
 */
function checksum(bytes: Buffer): number {
  const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
  let hash = 0x811c9dc5 ^ bytes.length;
  for (let k = words.length - 1; k >= 0; k -= 64) hash = Math.imul(hash ^ words[k], 0x01000193);
  return hash >>> 0;
}

const wrapped = (source: string): string => `(function(exports,require,module){${source}\n})`;

function programOf(made: Script): typeof QuickProgram {
  const module = { exports: {} as typeof QuickProgram };
  made.runInThisContext()(module.exports, createRequire(SOURCE), module);
  return module.exports;
}

/**
 * Part of the build: marks the source of the quick program, and compiles what a plan from a saved fit runs of it.
 *
 * @param fit the path of a saved fit with resamples
 */
export async function compileQuick(fit: string): Promise<void> {
  const { createHash } = await import("node:crypto");
  const written = readFileSync(SOURCE, "latin1");
  const mark = `//${createHash("sha256").update(written).digest("hex")}`;
  const source = `${mark}\n${written}`;
  writeFileSync(SOURCE, source, "latin1");
  const made = new Script(wrapped(source), { filename: SOURCE });
  const ran = await programOf(made).prepare([...SAMPLE, fit]);
  if (ran === null) throw new Error("the quick program does not hold the plan that it is made for");
  const compiled = made.createCachedData();
  const head = Buffer.alloc(HEAD);
  head.write(mark, "latin1");
  head.writeUInt32LE(checksum(compiled), HEAD - 4);
  writeFileSync(COMPILED, Buffer.concat([head, compiled]));
}
