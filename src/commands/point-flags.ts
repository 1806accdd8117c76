/** One point from the flags of predict, plan and design; apart from what reads files of rows, which takes long to load. */
import { UsageError } from "../errors.js";
import type { PointWords } from "../laws/inputs.js";
import type { RawFlags } from "./command.js";
import { readText } from "./files.js";
import { type Assigned, assignments, positiveFlag, textFlag } from "./flags.js";

/** The quantities of a point by letter, N, D and C, or by the law's own input names. */
export type GivenPoint = ReadonlyMap<string, Assigned>;

const LETTERS = [
  ["params", "N"],
  ["tokens", "D"],
  ["flops", "C"],
] as const;

/** What `--at` gives. @throws UsageError */
export function pointAt(flags: RawFlags): Map<string, Assigned> {
  const at = textFlag(flags, "at");
  if (at === undefined) return new Map();
  const quantities = { N: "params", D: "tokens", U: "tokens", C: "flops" } as const;
  return assignments(
    "--at",
    at,
    (name) => quantities[name as keyof typeof quantities] ?? "plain",
    (path) => readText(path, "a JSON object of inputs is needed"),
  );
}

/** What `--at` and the usual flags give. @throws UsageError for contradicting flags */
export function givenPoint(flags: RawFlags): Map<string, Assigned> {
  const point = pointAt(flags);
  for (const [flag, letter] of LETTERS) {
    const value = positiveFlag(flags, flag, flag);
    if (value === undefined) continue;
    if (point.has(letter))
      throw new UsageError({
        code: "flags",
        message: `--${flag} and --at both give ${letter}`,
        hint: "give one of them",
      });
    point.set(letter, value);
  }
  return point;
}

/** @throws UsageError for contradicting or missing flags */
export function pointOf(flags: RawFlags): GivenPoint {
  const point = givenPoint(flags);
  // Some answers need nothing but the coefficients; what others lack they say themselves.
  if (point.size > 0 || flags.solve !== undefined) return point;
  throw new UsageError({
    code: "no-point",
    message: "predict needs to know where: --params and --tokens, --at, or a file of runs",
    hint: "for example scalefit predict --params 7e9 --tokens 2e12",
  });
}

/** Inputs that have a flag of their own. */
const FLAG_OF: Readonly<Record<string, string>> = { N: "--params", D: "--tokens", C: "--flops" };

const WORD_OF: Readonly<Record<string, string>> = { N: "params (N)", D: "tokens (D)", C: "flops (C)" };

export const POINT_WORDS: PointWords = {
  flag: "--at",
  place: (name) => `--at: ${name}`,
  needed: ({ name }) => WORD_OF[name] ?? name,
  cure: ({ name }) =>
    FLAG_OF[name] === undefined
      ? `give it with --at ${name}=...`
      : `give it with ${FLAG_OF[name]}, or with --at ${name}=...`,
};
