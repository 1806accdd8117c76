/**
 * What Megatron-LM and its descendants (Megatron-DeepSpeed, GPT-NeoX) print: a dump of the arguments, a line of
 * `name: value` between bars every few iterations, and lines of evaluations.
 */
import type { Head, LogFormat, LogSource } from "./format.js";
import {
  type Cell,
  grouped,
  isLines,
  type LineReader,
  readStepLog,
  type StepRows,
  shifted,
  withoutPrefix,
} from "./step-log.js";

const ITERATION = /(?:^|[\s\]|])iteration\s{1,20}(\d+)\s{0,20}\/\s{0,20}(\d+)\s{0,20}\|/;
const DUMP = "- arguments -";

export const megatron: LogFormat = {
  id: "megatron",
  title: "a Megatron log",
  matches: isMegatron,
  read: (source) => readMegatron(source, "Megatron"),
};

/** Whether the head has lines of this family. */
export function isMegatron(head: Head): boolean {
  return (
    isLines(head) &&
    (head.text.includes(DUMP) || ITERATION.test(head.text) || /loss at iteration \d+ \|/.test(head.text))
  );
}

/** @throws InputError  when no line is of an iteration */
export function readMegatron(source: LogSource, of: string): Promise<void> {
  return readStepLog(source, { of, step: "iteration" }, (rows) => new MegatronReader(source, rows));
}

class MegatronReader implements LineReader {
  readonly #source: LogSource;
  readonly #rows: StepRows;
  readonly #params: Params;
  #isInDump = false;
  #skipped = 0;
  #nan = 0;
  #isComputed = false;

  constructor(source: LogSource, rows: StepRows) {
    this.#source = source;
    this.#rows = rows;
    this.#params = new Params();
  }

  line(text: string, number: number): boolean {
    if (this.#isInDump) return this.#takeArgument(text);
    if (text.includes(DUMP)) {
      this.#isInDump = true;
      return true;
    }
    return this.#takeIteration(text, number) || this.#takeEvaluation(text, number) || this.#params.take(text);
  }

  #takeArgument(text: string): boolean {
    if (text.includes("end of arguments")) {
      this.#isInDump = false;
      return true;
    }
    const match = /^([A-Za-z][\w-]*) \.* ?(.*)$/.exec(withoutPrefix(text));
    if (match === null) return false;
    // GPT-NeoX adds whether the value is the default
    const value = match[2]!.replace(/\.{2,64}(?:default|updated)$/, "").trim();
    if (value !== "None") this.#rows.setting(`args.${match[1]}`, value);
    return true;
  }

  #takeIteration(text: string, number: number): boolean {
    const match = ITERATION.exec(text);
    if (match === null) return false;
    const [whole, iteration, planned] = match;
    const before = withoutPrefix(text.slice(0, match.index));
    const cells = cellsBetweenBars(`${before}|${text.slice(match.index + whole.length)}`);
    if (cells.length === 0) return false;
    const tokens = this.#tokensOf(cells);
    if (tokens !== null) cells.push(["consumed tokens", tokens]);
    this.#skipped += numberOf(cells, "number of skipped iterations");
    this.#nan += numberOf(cells, "number of nan iterations");
    this.#rows.add(iteration!, number, [...cells, ["total iterations", planned!]]);
    return true;
  }

  /** Tokens seen so far, where the line only counts samples: all of one length, so that their tokens are known. */
  #tokensOf(cells: readonly Cell[]): string | null {
    const length = Number(this.#rows.settingOf("args.seq_length"));
    const samples = numberOf(cells, "consumed samples");
    const isCounted = cells.some(([name]) => name === "consumed tokens" || name === "actual seqlen");
    if (isCounted || !(length > 0 && samples > 0)) return null;
    this.#isComputed = true;
    return String(samples * length);
  }

  #takeEvaluation(text: string, number: number): boolean {
    const match = /\s(?:loss|results) at (iteration \d+|the end of training)\b([^|]{0,200})\|/.exec(text);
    if (match === null) return false;
    const set = setOf(withoutPrefix(text.slice(0, match.index)), match[1]!, match[2]!);
    const step = /\d+$/.exec(match[1]!)?.[0] ?? this.#rows.step;
    if (step === null) return false;
    const cells = cellsBetweenBars(text.slice(match.index + match[0].length)).map(([name, value]): Cell => {
      return [`${set}/${name.replace(/ value$/, "")}`, value];
    });
    if (cells.length === 0) return false;
    this.#rows.add(step, number, cells);
    return true;
  }

  end(): void {
    for (const [name, value] of this.#params.settings()) this.#rows.setting(name, value);
    const { warnings, head } = this.#source;
    const file = head.name;
    if (this.#params.isSummed) {
      const message =
        "the parameters are summed over the ranks of model parallelism: layers that each of them holds whole count more than once";
      warnings.push({ code: "params-by-rank", message, file });
    }
    if (this.#isComputed) {
      const message =
        'the log counts samples, not tokens: "consumed tokens" is consumed samples x seq_length';
      warnings.push({ code: "tokens-computed", message, file });
    }
    if (this.#skipped + this.#nan === 0) return;
    const message = `the log counts ${grouped(this.#skipped)} skipped iterations and ${grouped(this.#nan)} without a finite loss`;
    warnings.push({ code: "skipped-iterations", message, file });
  }
}

/** `lm loss: 2.1 | grad norm: 0.5 |` as cells. */
function cellsBetweenBars(text: string): Cell[] {
  const cells: Cell[] = [];
  for (const part of text.split("|")) {
    const colon = part.lastIndexOf(":");
    const name = part.slice(0, Math.max(0, colon)).trim();
    if (name !== "" && name.length <= 80) cells.push([name, part.slice(colon + 1).trim()]);
  }
  return cells;
}

const numberOf = (cells: readonly Cell[], name: string): number =>
  Number(cells.find((cell) => cell[0] === name)?.[1] ?? 0) || 0;

/**
 * Which data an evaluation is of. The passes after the training draw other batches than those within it, so they
 * have a column of their own.
 */
function setOf(kind: string, when: string, of: string): string {
  const set = /^\s*(?:on )?\[?([^\]]*?)\]?\s*$/.exec(of)?.[1] ?? "";
  if (/\btest\b/.test(kind) || /\btest\b/.test(set)) return "test";
  if (when.startsWith("the end") || set === "validation set") return `final ${kind}`;
  return set === "" ? kind : `${kind}/${set}`;
}

/** Counts of parameters, of which the most exact is taken. */
class Params {
  #exact: string | null = null;
  #estimated: string | null = null;
  #withoutEmbeddings: string | null = null;
  #rounded: string | null = null;
  readonly #byRank = new Map<string, number>();

  take(text: string): boolean {
    const total = /\bTOTAL_PARAMS=(\d+)/.exec(text);
    if (total !== null) this.#exact = total[1]!;
    const estimated = /\bestimated model parameters( without embeddings)?: (\d+\.?\d*)/.exec(text);
    if (estimated?.[1] !== undefined) this.#withoutEmbeddings = shifted(estimated[2]!, 9);
    else if (estimated !== null) this.#estimated = shifted(estimated[2]!, 9);
    const rank =
      /\bnumber of parameters on (?:\(tensor, pipeline\) )?model parallel rank ([^:]{1,40}): (\d+)/.exec(
        text,
      );
    if (rank !== null) this.#byRank.set(rank[1]!, Number(rank[2]));
    const rounded = /\bTotal number of parameters in billions: (\d+\.\d+)/.exec(text);
    if (rounded !== null) this.#rounded = `${rounded[1]}B`;
    return (total ?? estimated ?? rank ?? rounded) !== null;
  }

  get isSummed(): boolean {
    return this.#exact === null && this.#estimated === null && this.#byRank.size > 1;
  }

  settings(): Cell[] {
    const sum = [...this.#byRank.values()].reduce((a, b) => a + b, 0);
    const all = this.#exact ?? this.#estimated ?? (sum > 0 ? String(sum) : this.#rounded);
    const cells: Cell[] = all === null ? [] : [["parameters", all]];
    if (this.#withoutEmbeddings !== null) cells.push(["params without embeddings", this.#withoutEmbeddings]);
    return cells;
  }
}
