/**
 * llm.c: `main.log` (`s:10 trl:5.2`, `s:250 tel:4.9`) and what the program prints (`step 10/100 | loss 5.2 | ...`,
 * `val loss 4.9`, a table of settings).
 */
import type { LogFormat, LogSource } from "./format.js";
import {
  type Cell,
  isLines,
  type LineReader,
  readStepLog,
  type StepRows,
  tokensAfter,
  tokensComputed,
  withoutThousands,
} from "./step-log.js";

const LOGGED = /^s:(\d+)((?: [a-z]+:\S+)+)$/;
const PRINTED = /^step\s{1,20}(\d+)(?:\/(\d+))?\s{0,20}\|(.*)$/;
const EVALUATED = /^(val|validation|test) loss:? (\S+)$/;
const HELLASWAG = /^HellaSwag:? \d+\/\d+ = (\S+)$/i;

/** In tokens, whatever the size of the batches. */
const PER_STEP = "config.total batch size";

/** The abbreviations of the log, and the words of the table that mean the same. */
const NAMES: ReadonlyMap<string, string> = new Map([
  ["trl", "train_loss"],
  ["tel", "val_loss"],
  ["eval", "hellaswag"],
  ["loss", "train_loss"],
  ["lr", "learning_rate"],
  ["norm", "grad_norm"],
  ["tok/s", "tokens_per_second"],
  ["tok/sec", "tokens_per_second"],
  ["ms", "step_ms"],
  ["dt", "step_ms"],
]);

export const llmc: LogFormat = {
  id: "llmc",
  title: "an llm.c log",
  matches: (head) =>
    isLines(head) &&
    /^(?:s:\d+ (?:trl|tel|eval):|step\s{1,20}\d+(?:\/\d+)?\s{0,20}\| (?:train )?loss\b)/m.test(head.text),
  read: (source) =>
    readStepLog(source, { of: "llm.c", step: "step" }, (rows) => new LlmcReader(source, rows)),
};

class LlmcReader implements LineReader {
  readonly #source: LogSource;
  readonly #rows: StepRows;
  /** Evaluations before the first step: they are of the step before it. */
  #early: { cells: Cell[]; line: number } | null = null;

  constructor(source: LogSource, rows: StepRows) {
    this.#source = source;
    this.#rows = rows;
  }

  line(text: string, number: number): boolean {
    const logged = LOGGED.exec(text);
    if (logged !== null) {
      this.#rows.add(logged[1]!, number, logged[2]!.trim().split(" ").map(cellOf));
      return true;
    }
    const printed = PRINTED.exec(text);
    if (printed !== null) return this.#takeStep(printed[1]!, printed[2], printed[3]!, number);
    const evaluated = EVALUATED.exec(text);
    if (evaluated !== null) {
      const name = evaluated[1] === "test" ? "test_loss" : "val_loss";
      return this.#takeEvaluation([name, evaluated[2]!], number);
    }
    const hellaswag = HELLASWAG.exec(text);
    if (hellaswag !== null) return this.#takeEvaluation(["hellaswag", hellaswag[1]!], number);
    return this.#takeSetting(text);
  }

  #takeStep(step: string, planned: string | undefined, rest: string, number: number): boolean {
    const cells = rest.split("|").flatMap(measureOf);
    if (cells.length === 0) return false;
    if (this.#early !== null) {
      this.#rows.add(String(Math.max(0, Number(step) - 1)), this.#early.line, this.#early.cells);
      this.#early = null;
    }
    if (planned !== undefined) cells.push(["total_steps", planned]);
    cells.push(["tokens", tokensAfter(step, this.#rows.settingOf(PER_STEP))]);
    this.#rows.add(step, number, cells);
    return true;
  }

  #takeEvaluation(cell: Cell, number: number): boolean {
    const { step } = this.#rows;
    if (step !== null) this.#rows.add(step, number, [cell]);
    else {
      this.#early ??= { cells: [], line: number };
      this.#early.cells.push(cell);
    }
    return true;
  }

  /** `| num_layers L          | 12       |` */
  #takeSetting(text: string): boolean {
    const parts = text.split("|");
    if (parts.length !== 4 || parts[0] !== "" || parts[3] !== "") return false;
    const name = parts[1]!.trim().replace(/ [A-Za-z]{1,2}$/, "");
    const value = parts[2]!.trim();
    if (name === "" || value === "" || name.toLowerCase() === "parameter") return false;
    this.#rows.setting(`config.${name}`, withoutThousands(value));
    return true;
  }

  end(): void {
    if (this.#early !== null) this.#rows.add("0", this.#early.line, this.#early.cells);
    if (this.#rows.settingOf(PER_STEP) === undefined) return;
    this.#source.warnings.push(tokensComputed(this.#source.head.name, "total batch size"));
  }
}

function cellOf(text: string): Cell {
  const colon = text.indexOf(":");
  const name = text.slice(0, colon);
  return [NAMES.get(name) ?? name, text.slice(colon + 1)];
}

/** `loss 3.29 (+0.1z)`, `loss: 3.29`, `3021.31 ms`, `45.1% bf16 MFU`, `dt: 92.1ms`: a name and a number in either order. */
function measureOf(part: string): Cell[] {
  const words = part
    .replace(/\([^)]*\)/g, " ")
    .replace(/[:=]/g, " ")
    .split(/\s+/)
    .filter((word) => word !== "");
  const at = words.findIndex((word) => /^[+-]?(?:\d|\.\d|nan|inf)/i.test(word));
  if (at < 0 || words.length < 2) return [];
  const name = words.filter((_, i) => i !== at).join(" ");
  const value = words[at]!.replace(/ms$/, "");
  return [[NAMES.get(name) ?? (name === "train loss" ? "train_loss" : name), withoutThousands(value)]];
}
