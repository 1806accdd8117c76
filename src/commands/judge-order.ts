/** The errors of one law on rows held back, from plain values. */
import { type Contest, type Judgement, judgeLaw } from "../evidence/judge-law.js";
import { lawById } from "../laws/index.js";
import type { Law } from "../laws/law.js";
import type { Observations } from "../objects.js";

export interface JudgeOrder {
  kind: "judge";
  /** As `lawById` knows it. */
  law: string;
  observations: Omit<Observations, "label" | "source">;
  contest: Contest;
}

/** What a law made of the rows, or why it made nothing of them. */
export type LawErrors = Omit<Judgement, "law"> | { reason: string };

export function judgeOrdered({ law, observations, contest }: JudgeOrder): LawErrors {
  const named: Observations = { ...observations, label: String, source: (line) => ({ file: "", line }) };
  const { law: _judged, ...errors } = judgeLaw(lawById(law) as Law, named, contest);
  return errors;
}
