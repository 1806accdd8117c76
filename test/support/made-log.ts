/**
 * Logs whose answer is known: runs from a law of our own choice with seeded noise, as the text of a file. Nothing in
 * them was measured.
 */
import { generator, normal } from "./random.js";
import { lossOf, type Truth } from "./sweeps.js";

/** The law behind every log made here, in nats per token. */
export const TRUTH: Truth = { E: 1.72, A: 380, alpha: 0.335, B: 1450, beta: 0.36 };

/** One row of a log. */
export type Row = Readonly<Record<string, string | number>>;

export interface MadeRun extends Row {
  run: string;
  params: number;
  tokens: number;
  loss: number;
}

export interface MadeLog {
  seed: number;
  /** Standard deviation of the noise on the log of the loss. */
  noise: number;
  sizes: readonly number[];
  tokensPerParameter: readonly number[];
  truth?: Truth;
  /** What the name of a run begins with. */
  prefix?: string;
}

/** One run for each size and each ratio of tokens to parameters. */
export function makeRuns({
  seed,
  noise,
  sizes,
  tokensPerParameter,
  truth = TRUTH,
  prefix = "run",
}: MadeLog): MadeRun[] {
  const random = generator(seed);
  const pairs = sizes.flatMap((params) =>
    tokensPerParameter.map((ratio) => [params, Math.round(params * ratio)] as const),
  );
  return pairs.map(([params, tokens], i) => ({
    run: `${prefix}-${String(i + 1).padStart(2, "0")}`,
    params,
    tokens,
    loss: Number((lossOf(truth, params, tokens) * Math.exp(noise * normal(random))).toFixed(4)),
  }));
}

/** 24 runs from 20M to 700M parameters: enough for tight intervals, few enough to read. */
export const smallRuns = (seed = 2026): MadeRun[] =>
  makeRuns({
    seed,
    noise: 0.003,
    sizes: [20e6, 45e6, 90e6, 180e6, 350e6, 700e6],
    tokensPerParameter: [5, 20, 60, 200],
  });

/** Rows as CSV (or with another separator) under a header: the columns of the first row, unless they are named. */
export function toCsv(rows: readonly Row[], separator = ",", columns = Object.keys(rows[0])): string {
  const lines = rows.map((row) => columns.map((name) => row[name]).join(separator));
  return `${[columns.join(separator), ...lines].join("\n")}\n`;
}

export const toJsonLines = (rows: readonly Row[]): string =>
  rows.map((row) => `${JSON.stringify(row)}\n`).join("");
