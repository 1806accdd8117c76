/** Quantities that two others, or one, give: data, not code. */
import type { Quantity } from "./numbers.js";

export interface Derivation {
  quantity: string;
  from: readonly string[];
  kind: Quantity;
  /** As it is said: `C = 6 N D`. */
  formula: string;
  /** What it takes for granted. */
  note?: string;
  compute(...values: number[]): number;
}

/** No batch has so many sequences, and few have fewer tokens. */
export const LEAST_TOKENS = 65_536;

/** Whether a batch is one of tokens by the name of its column (`batch_tokens`). */
export const countsTokens = (name: string): boolean => /token/i.test(name);

/** In the order in which they are tried; a quantity that has a column of its own is never derived. */
export const DERIVATIONS: readonly Derivation[] = [
  { quantity: "C", from: ["N", "D"], kind: "flops", formula: "C = 6 N D", compute: (N, D) => 6 * N * D },
  {
    quantity: "D",
    from: ["N", "C"],
    kind: "tokens",
    formula: "D = C / (6 N)",
    compute: (N, C) => C / (6 * N),
  },
  {
    quantity: "N",
    from: ["D", "C"],
    kind: "params",
    formula: "N = C / (6 D)",
    compute: (D, C) => C / (6 * D),
  },
  {
    quantity: "U",
    from: ["D", "epochs"],
    kind: "tokens",
    formula: "U = D / epochs",
    compute: (D, e) => D / e,
  },
  { quantity: "ratio", from: ["D", "N"], kind: "plain", formula: "M = D / N", compute: (D, N) => D / N },
  {
    quantity: "sparsity",
    from: ["active_params", "N"],
    kind: "plain",
    formula: "sparsity = 1 - active / N",
    compute: (active, N) => 1 - active / N,
  },
  {
    quantity: "N",
    from: ["width", "depth", "vocabulary"],
    kind: "params",
    formula: "N = 12 depth width^2 + vocabulary width",
    note: "a dense transformer, its embedding tied",
    compute: (d, layers, V) => 12 * layers * d * d + V * d,
  },
  {
    // 2001.08361, eq. 2.1, with d_attn = d and d_ff = 4 d
    quantity: "N",
    from: ["width", "depth"],
    kind: "params",
    formula: "N = 12 depth width^2",
    note: "a dense transformer without its embeddings",
    compute: (d, layers) => 12 * layers * d * d,
  },
  {
    quantity: "D",
    from: ["step", "batch", "sequence"],
    kind: "tokens",
    formula: "D = step x batch x sequence",
    note: `a batch of ${LEAST_TOKENS} and more is one of tokens, not of sequences`,
    compute: (step, batch, sequence) => step * batch * (batch < LEAST_TOKENS ? sequence : 1),
  },
  {
    quantity: "loss",
    from: ["perplexity"],
    kind: "loss",
    formula: "loss = ln perplexity",
    compute: (perplexity) => Math.log(perplexity),
  },
  {
    quantity: "error",
    from: ["accuracy"],
    kind: "plain",
    formula: "error = 1 - accuracy",
    compute: (a) => 1 - a,
  },
  {
    quantity: "accuracy",
    from: ["error"],
    kind: "plain",
    formula: "accuracy = 1 - error",
    compute: (e) => 1 - e,
  },
];

/** Steps of a batch that is one of tokens by its name: the length of a sequence is in it already. */
export const STEPS_OF_TOKENS: Derivation = {
  quantity: "D",
  from: ["step", "batch"],
  kind: "tokens",
  formula: "D = step x batch",
  compute: (step, batch) => step * batch,
};

/**
 * How a quantity comes from others that were found; null where it does not.
 *
 * @param columnOf the name of a quantity's column
 */
export function derivationOf(
  quantity: string,
  has: (name: string) => boolean,
  columnOf: (name: string) => string = () => "",
): Derivation | null {
  if (quantity === "D" && has("step") && countsTokens(columnOf("batch"))) {
    const other = DERIVATIONS.find((one) => one.quantity === "D" && one.from.every(has));
    // From compute and size, where they are logged, as ever.
    if (other === undefined || other.from.includes("batch")) return STEPS_OF_TOKENS;
  }
  const direct = DERIVATIONS.find((one) => one.quantity === quantity && one.from.every(has));
  if (direct !== undefined) return direct;
  // Of N, D and C two give the third, and that may give a ratio.
  const canHave = (name: string) =>
    has(name) || DERIVATIONS.some((one) => one.quantity === name && isCompute(name) && one.from.every(has));
  return DERIVATIONS.find((one) => one.quantity === quantity && one.from.every(canHave)) ?? null;
}

/** The same of recognised columns, whose names tell too. */
export const derivationIn = (
  { quantities }: { quantities: ReadonlyMap<string, { column: { name: string }; isCounted?: true }> },
  quantity: string,
): Derivation | null =>
  derivationOf(
    quantity,
    (name) => quantities.has(name) && !quantities.get(name)?.isCounted,
    (name) => quantities.get(name)?.column.name ?? "",
  );

/** The formula with what it takes for granted. */
export const inWords = ({ formula, note }: Derivation): string =>
  note === undefined ? formula : `${formula} (${note})`;

const isCompute = (name: string): boolean => name === "N" || name === "D" || name === "C";

/** Whether a quantity is found or follows from what is. */
export const canHave = (quantity: string, has: (name: string) => boolean): boolean =>
  has(quantity) || derivationOf(quantity, has) !== null;
