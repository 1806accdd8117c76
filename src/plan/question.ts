import { UsageError } from "../errors.js";

/** What is asked of a plan; plain units. */
export interface Question {
  flops?: number;
  params?: number;
  tokens?: number;
  targetLoss?: number;
  /** Tokens per parameter. */
  ratio?: number;
  /** The law's other inputs, by name (`U`, `P`, `d`). */
  at?: GivenValues;
}

/** Numbers by name, lists of a family, null for what is missing. */
export type GivenValues = Readonly<Record<string, number | readonly number[] | null>>;

const contradiction = (message: string, hint: string) => new UsageError({ code: "flags", message, hint });

/** Refuses a question that is none, or that contradicts itself. @throws UsageError */
export function requireQuestion(question: Question): void {
  const { flops, params, tokens, targetLoss, ratio } = question;
  const given = Object.entries({ flops, params, tokens, targetLoss, ratio }).filter(
    (entry): entry is [string, number] => entry[1] !== undefined,
  );
  for (const [name, value] of given) {
    if (value > 0 && Number.isFinite(value)) continue;
    throw new UsageError({
      code: "flag",
      message: `${name} must be a finite number above 0, not ${String(value).slice(0, 40)}`,
    });
  }
  if (flops !== undefined && targetLoss !== undefined) {
    throw contradiction(
      "--flops and --target-loss contradict each other: the one asks for the loss, the other for the compute",
      "give one of them",
    );
  }
  if (ratio !== undefined) requireBudgetFor(question);
  if (params !== undefined && tokens !== undefined && given.length > 2) {
    throw contradiction(
      "--params and --tokens together leave nothing to plan",
      "give one of them with --flops or --target-loss, or ask: scalefit predict --params ... --tokens ...",
    );
  }
}

/** Tokens per parameter are a line of designs, on which a budget or a loss picks one. */
function requireBudgetFor({ flops, params, tokens, targetLoss }: Question): void {
  if (params !== undefined || tokens !== undefined) {
    throw contradiction(
      `--ratio with --${params === undefined ? "tokens" : "params"} leaves nothing to plan: the one gives the other`,
      "give --ratio with --flops or --target-loss, or both sizes: --params ... --tokens ...",
    );
  }
  if (flops === undefined && targetLoss === undefined) {
    throw new UsageError({
      code: "no-question",
      message: "--ratio needs a budget or a loss",
      hint: "for example scalefit plan --flops 1e22 --ratio 20, or --target-loss 2.0 --ratio 20",
    });
  }
}
