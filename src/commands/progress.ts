/** A bar on stderr while long logs are read: on a terminal only, and not where notes are unwanted. */
import { statSync } from "node:fs";
import type { SingleBar } from "cli-progress";

/** Shorter readings are over before a bar would help. */
const LEAST_BYTES = 50e6;
const LEAST_MS = 500;

type Stream = NodeJS.WritableStream & { isTTY?: boolean };

/** Counts the bytes read of some files; the bar appears when the reading turns out to be long. */
export class ReadingProgress {
  readonly #total: number;
  readonly #stream: Stream;
  readonly #least: number;
  readonly #start = performance.now();
  #bar: SingleBar | "loading" | null = null;
  #bytes = 0;
  #isOver = false;

  /** @param least  bytes and time below which there is no bar */
  constructor(
    files: readonly string[],
    isQuiet: boolean,
    stream: Stream = process.stderr,
    least = { bytes: LEAST_BYTES, ms: LEAST_MS },
  ) {
    this.#stream = stream;
    const total = files.reduce((sum, file) => sum + sizeOf(file), 0);
    this.#total = !isQuiet && stream.isTTY === true && total >= least.bytes ? total : 0;
    this.#least = least.ms;
  }

  /** Bytes that were read. */
  add(bytes: number): void {
    if (this.#total === 0) return;
    this.#bytes += bytes;
    if (this.#bar === null && performance.now() - this.#start >= this.#least) void this.#show();
    else if (this.#bar !== null && this.#bar !== "loading")
      this.#bar.update(Math.min(this.#bytes, this.#total));
  }

  async #show(): Promise<void> {
    this.#bar = "loading";
    const { SingleBar, Presets } = await import("cli-progress");
    if (this.#isOver) return;
    const format = "reading {bar} {percentage} %, {eta_formatted} left";
    const options = { format, stream: this.#stream, clearOnComplete: true, hideCursor: false, fps: 5 };
    this.#bar = new SingleBar(options, Presets.shades_classic);
    this.#bar.start(this.#total, this.#bytes);
  }

  /** Takes the bar away; to be called however the reading ends. */
  end(): void {
    this.#isOver = true;
    if (this.#bar !== null && this.#bar !== "loading") this.#bar.stop();
  }
}

/** NaN for what has no size: then there is no share of it to show. */
function sizeOf(file: string): number {
  const stat = file === "-" ? undefined : statSync(file, { throwIfNoEntry: false });
  return stat?.isFile() === true ? stat.size : Number.NaN;
}
