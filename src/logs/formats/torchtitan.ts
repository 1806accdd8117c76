/**
 * torchtitan's console: `[titan] <time> - root - INFO - step: 10  loss:  7.1  grad_norm: 1.2  memory: 2.4GiB(3.12%)
 * tps: 3,502  tflops: 1.90  mfu: 0.19%`, in colours, and `validate step: 10  loss: 7.2 ...`.
 */
import type { LogFormat, LogSource } from "./format.js";
import {
  type Cell,
  grouped,
  isLines,
  type LineReader,
  readStepLog,
  type StepRows,
  withoutColours,
  withoutThousands,
} from "./step-log.js";

const STEP = /(?:^|\s)(validate )?step:\s{0,20}(\d+)\s{1,20}(.*)$/;
/** Both of a model's size: with `size:` in one version, without in others. */
const SIZE = /\bsize: ([\d,]+) total parameters/;
const SETTINGS: readonly (readonly [name: string, pattern: RegExp])[] = [
  ["config.local batch size", /\blocal batch size (\d+)/],
  ["config.global batch size", /\bglobal batch size (\d+)/],
  ["config.sequence length", /\bsequence length (\d+)/],
  ["config.total steps", /\btotal steps (\d+)/],
  ["config.warmup steps", /\(warmup (\d+)\)/],
];

export const torchtitan: LogFormat = {
  id: "torchtitan",
  title: "a torchtitan log",
  matches: (head) =>
    isLines(head) &&
    /\bstep:\s{0,20}\d+\s{1,20}loss:\s{0,20}\S{1,40}\s{1,20}[^\n]{0,200}\b(?:memory|tps|wps|mfu):/.test(
      withoutColours(head.text),
    ),
  read: (source) =>
    readStepLog(source, { of: "torchtitan", step: "step" }, (rows) => new TitanReader(source, rows)),
};

class TitanReader implements LineReader {
  readonly #source: LogSource;
  readonly #rows: StepRows;
  /** The rank that is read: others print the same steps. */
  #rank: string | null = null;
  #ofOtherRanks = 0;

  constructor(source: LogSource, rows: StepRows) {
    this.#source = source;
    this.#rows = rows;
  }

  line(text: string, number: number): boolean {
    const match = STEP.exec(text);
    if (match === null) return this.#takeSettings(text);
    const [, validate, step, rest] = match;
    const cells = cellsOf(rest!, validate === undefined ? "train" : "val");
    if (cells.length === 0) return false;
    const rank = /^\s*\[(?:rank|default)?(\d+)\]/.exec(text)?.[1] ?? "";
    this.#rank ??= rank;
    if (rank !== this.#rank) this.#ofOtherRanks++;
    else this.#rows.add(step!, number, cells);
    return true;
  }

  #takeSettings(text: string): boolean {
    const size = SIZE.exec(text)?.[1];
    if (size !== undefined) this.#rows.setting("total parameters", withoutThousands(size));
    let isOfUse = size !== undefined;
    if (!text.includes("batch size")) return isOfUse;
    for (const [name, pattern] of SETTINGS) {
      const value = pattern.exec(text)?.[1];
      if (value === undefined) continue;
      this.#rows.setting(name, value);
      isOfUse = true;
    }
    return isOfUse;
  }

  end(): void {
    if (this.#ofOtherRanks === 0) return;
    this.#source.warnings.push({
      code: "other-ranks",
      message: `${grouped(this.#ofOtherRanks)} lines are of the same steps on other ranks: rank ${this.#rank} is read`,
      file: this.#source.head.name,
    });
  }
}

/** `loss:  7.1  grad_norm: 1.2`; what is measured beside a validation keeps its own columns. */
function cellsOf(text: string, set: "train" | "val"): Cell[] {
  const cells: Cell[] = [];
  const words = text.split(/\s+/);
  for (let i = 0; i + 1 < words.length; i++) {
    const name = words[i]!;
    if (!name.endsWith(":") || name.length < 2) continue;
    cells.push(cellOf(name.slice(0, -1), words[++i]!, set));
  }
  return cells;
}

function cellOf(name: string, value: string, set: "train" | "val"): Cell {
  if (name === "loss") return [`${set}_loss`, value];
  const column = set === "val" ? `validate ${name}` : name;
  const memory = /^([\d.]+)GiB\b/.exec(value);
  return memory === null ? [column, withoutThousands(value)] : [`${column}_gib`, memory[1]!];
}
