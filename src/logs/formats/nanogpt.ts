/** nanoGPT: `step 250: train loss 2.1, val loss 2.2` and `iter 10: loss 2.3, time 12.10ms, mfu 3.00%`. */
import type { LogFormat, LogSource } from "./format.js";
import {
  isLines,
  type LineReader,
  readStepLog,
  type StepRows,
  tokensAfter,
  tokensComputed,
  withoutThousands,
} from "./step-log.js";

const NUMBER = String.raw`([+-]?(?:[\d.]+(?:e[+-]?\d+)?|nan|inf))`;
const STEP = new RegExp(`^step (\\d+): train loss ${NUMBER}, val loss ${NUMBER}$`);
const ITER = new RegExp(`^iter (\\d+): loss ${NUMBER}, time ${NUMBER}ms(?:, mfu ${NUMBER}%)?$`);

const PER_STEP = "tokens per iteration";

export const nanogpt: LogFormat = {
  id: "nanogpt",
  title: "a nanoGPT log",
  matches: (head) =>
    isLines(head) && /^(?:step \d+: train loss \S+, val loss |iter \d+: loss \S+, time )/m.test(head.text),
  read: (source) =>
    readStepLog(source, { of: "nanoGPT", step: "step" }, (rows) => new NanogptReader(source, rows)),
};

class NanogptReader implements LineReader {
  readonly #source: LogSource;
  readonly #rows: StepRows;

  constructor(source: LogSource, rows: StepRows) {
    this.#source = source;
    this.#rows = rows;
  }

  line(text: string, number: number): boolean {
    const step = STEP.exec(text);
    if (step !== null) {
      this.#rows.add(step[1]!, number, [
        ["train loss", step[2]!],
        ["val loss", step[3]!],
        ["tokens", this.#tokensAfter(step[1]!)],
      ]);
      return true;
    }
    const iter = ITER.exec(text);
    if (iter === null) return this.#takeSetting(text);
    // mfu is -100% until it is known
    const mfu = iter[4] === undefined || iter[4].startsWith("-") ? "" : `${iter[4]}%`;
    this.#rows.add(iter[1]!, number, [
      // of one batch, where `train loss` is a mean over many
      ["iter loss", iter[2]!],
      ["time_ms", iter[3]!],
      ["mfu", mfu],
      ["tokens", this.#tokensAfter(iter[1]!)],
    ]);
    return true;
  }

  #tokensAfter(step: string): string {
    return tokensAfter(step, this.#rows.settingOf(PER_STEP));
  }

  end(): void {
    if (this.#rows.settingOf(PER_STEP) === undefined) return;
    this.#source.warnings.push(tokensComputed(this.#source.head.name, PER_STEP));
  }

  #takeSetting(text: string): boolean {
    const said = /^(number of parameters|tokens per iteration)(?: will be)?: ([\d,.]+[kMB]?)$/.exec(text);
    if (said !== null) {
      this.#rows.setting(said[1]!, withoutThousands(said[2]!));
      return true;
    }
    const vocabulary = /^found vocab_size = (\d+)\b/.exec(text);
    if (vocabulary !== null) {
      this.#rows.setting("config.vocab_size", vocabulary[1]!);
      return true;
    }
    // the configuration file is printed as it is, before anything is trained
    const assigned = this.#rows.count > 0 ? null : /^(?:Overriding: )?([a-z]\w*) = ([^#]+)/.exec(text);
    if (assigned === null) return false;
    this.#rows.setting(`config.${assigned[1]}`, assigned[2]!.trim().replace(/^(["'])(.*)\1$/, "$2"));
    return true;
  }
}
