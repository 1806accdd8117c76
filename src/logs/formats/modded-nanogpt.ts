/**
 * modded-nanogpt: `step:125/3125 val_loss:4.6392 train_time:17612ms step_avg:153.15ms`, after a listing of the source
 * and of the machine.
 */
import type { LogFormat, LogSource } from "./format.js";
import { type Cell, isLines, type LineReader, readStepLog, type StepRows, shifted } from "./step-log.js";

const STEP = /^step:(\d+)\/(\d+)((?: [a-z_]+:\S+)+)$/;

export const moddedNanogpt: LogFormat = {
  id: "modded-nanogpt",
  title: "a modded-nanogpt log",
  // the listing may fill the head: then the line that prints the steps is in it
  matches: (head) =>
    isLines(head) &&
    (/^step:\d+\/\d+ (?:train_loss|val_loss|train_time):/m.test(head.text) ||
      (head.text.includes("val_loss:{") && head.text.includes("step_avg:{"))),
  read: (source) =>
    readStepLog(
      source,
      { of: "modded-nanogpt", step: "step", restated: ["seconds", "step_avg_ms"] },
      (rows) => new ModdedReader(source, rows),
    ),
};

class ModdedReader implements LineReader {
  readonly #source: LogSource;
  readonly #rows: StepRows;
  #seconds = 0;
  readonly #restarts: { step: string; line: number }[] = [];

  constructor(source: LogSource, rows: StepRows) {
    this.#source = source;
    this.#rows = rows;
  }

  line(text: string, number: number): boolean {
    const match = STEP.exec(text);
    if (match === null) return false;
    const [, step, planned, rest] = match;
    const cells = rest!.trim().split(" ").map(cellOf);
    const seconds = Number(cells.find(([name]) => name === "seconds")?.[1] ?? Number.NaN);
    if (seconds < this.#seconds) this.#restarts.push({ step: step!, line: number });
    if (!Number.isNaN(seconds)) this.#seconds = seconds;
    this.#rows.add(step!, number, [...cells, ["total_steps", planned!]]);
    return true;
  }

  end(): void {
    const [first] = this.#restarts;
    if (first === undefined) return;
    const times = this.#restarts.length === 1 ? "" : ` and ${this.#restarts.length - 1} times more`;
    this.#source.warnings.push({
      code: "time-restarts",
      message: `the time starts again at step ${first.step}${times}: the column "seconds" leaves out what was before (the first steps are not counted by this trainer)`,
      file: this.#source.head.name,
      lines: this.#restarts.slice(0, 20).map(({ line }) => line),
    });
  }
}

/** Times come in milliseconds, and as `nanms` where there is none. */
function cellOf(text: string): Cell {
  const colon = text.indexOf(":");
  const name = text.slice(0, colon);
  const value = text.slice(colon + 1);
  if (!value.endsWith("ms")) return [name, value];
  const time = value.slice(0, -2);
  if (time === "nan") return [name, ""];
  return name === "train_time" ? ["seconds", shifted(time, -3)] : [`${name}_ms`, time];
}
