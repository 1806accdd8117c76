/** A design under a law of N and D, its other inputs held where they are given. */
import { expanded } from "../laws/coefficients.js";
import type { PointWords } from "../laws/inputs.js";
import type { FitMemory } from "../objects.js";
import { requireTwoSizes } from "./design-law.js";
import { type DesignQuestion, requireDesignQuestion } from "./design-question.js";
import { type DesignResult, designRuns } from "./design-runs.js";
import { heldAt } from "./plan-for.js";
import type { GivenValues } from "./question.js";
import type { Source } from "./source.js";

export interface DesignFrom {
  source: Source;
  /** Of the fit's parameters; null without a fit. */
  covariance: FitMemory["covariance"];
  /** The law's other inputs by name, and how they are given, for messages. */
  at: GivenValues;
  words: PointWords;
}

/** @throws UsageError for a question that contradicts itself or inputs that are missing; DataError as `designRuns` */
export function designFor(from: DesignFrom, question: DesignQuestion): DesignResult & { source: Source } {
  requireDesignQuestion(question);
  const { law } = from.source;
  requireTwoSizes(law);
  const source = heldAt(from.source, expanded(law, new Map(Object.entries(from.at))), from.words);
  return { ...designRuns(source, from.covariance, question), source };
}
