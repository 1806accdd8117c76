/** One law at one cut of a backtest, from plain values. */
import { type CutAnswer, type CutWork, runCut } from "../evidence/backtest.js";
import type { Observations } from "../objects.js";
import { lawFromPlain, type PlainLaw } from "./plain-law.js";

export interface CutOrder extends Omit<CutWork, "law" | "observations"> {
  kind: "cut";
  law: PlainLaw;
  observations: Omit<Observations, "label" | "source">;
}

export function cutOrdered({ law, observations, choices, task }: CutOrder): CutAnswer {
  const named: Observations = { ...observations, label: String, source: (line) => ({ file: "", line }) };
  return runCut({ law: lawFromPlain(law), observations: named, choices, task });
}
