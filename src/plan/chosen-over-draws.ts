/** A plan that is chosen over all draws at once (`risk.ts`), beside the plain one by the estimate. */
import { DataError, UsageError } from "../errors.js";
import type { Split } from "../laws/law.js";
import type { PlannedConfidence, PlannedRisk } from "../objects.js";
import { percentText } from "../text.js";
import { designerFor, lossOf } from "./design.js";
import { ENDLESS } from "./floor.js";
import type { Problem } from "./problem.js";
import type { Question } from "./question.js";
import { type RiskForms, type RiskMeasure, riskForms } from "./risk.js";
import { usdPerFlop } from "./run-cost.js";

export interface ChosenOverDraws {
  design: Split;
  account: { risk: PlannedRisk } | { confidence: PlannedConfidence };
}

/** Why such a design has no interval. */
export const CHOSEN_REASON = "chosen over all resamples at once, the same under each";

/**
 * @returns null where neither a risk nor a confidence is asked for, or no design is within the limits
 * @throws UsageError without draws or without a choice, DataError for a target that is out of reach so surely
 */
export function chosenOverDraws(problem: Problem, question: Question): ChosenOverDraws | null {
  const { risk, confidence } = question;
  if (confidence !== undefined) {
    requireDraws(problem, "--confidence");
    return reachedSurely(problem, confidence);
  }
  if (risk === undefined) return null;
  requireDraws(problem, "--risk");
  requireSplit(problem);
  return splitByRisk(problem, risk);
}

function requireDraws({ source }: Problem, flag: string): void {
  if (source.draws.length >= 2) return;
  throw new UsageError({
    code: "no-draws",
    message: `${flag} is over the resamples of a fit, and there are none here`,
    why: source.withoutDraws ?? "the fit has its intervals from the covariance",
    hint: "fit the runs with resamples: scalefit fit runs.csv --bootstrap 1000",
  });
}

/** Only a free split leaves a choice. */
function requireSplit({ asked }: Problem): void {
  const { params, tokens, ratio } = asked;
  const flag =
    params !== undefined
      ? "the size"
      : tokens !== undefined
        ? "--tokens"
        : ratio !== undefined
          ? "--ratio"
          : null;
  if (flag === null) return;
  throw new UsageError({
    code: "flags",
    message: `--risk chooses how a budget is split, and ${flag} leaves nothing to choose`,
    hint: "leave out one of them",
  });
}

function splitByRisk(problem: Problem, measure: RiskMeasure): ChosenOverDraws | null {
  const { source, forms, asked } = problem;
  const flops = asked.flops as number;
  const over = riskForms(problem, measure);
  const [design, plain] = [over.optimum(flops), forms.optimum(source.estimate, flops)];
  if (design === null || plain === null) return null;
  const lossAt = (split: Split) => lossOf(source, source.estimate, split);
  return {
    design,
    account: {
      risk: {
        ...(typeof measure === "number" ? { measure: "quantile", share: measure } : { measure }),
        resamples: source.draws.length,
        value: over.risk(design),
        plain: { ...plain, value: over.risk(plain) },
        extraLoss: Math.max(0, lossAt(design) - lossAt(plain)),
      },
    },
  };
}

function reachedSurely(problem: Problem, share: number): ChosenOverDraws | null {
  const { source, aimForms, aim, cost, asked, hardware } = problem;
  const plain = designerFor(source, aimForms, aim, asked)(source.estimate);
  if (plain === null) return null;
  const over = riskForms(problem, share === 1 ? "worst" : share);
  const flops = over.flopsToReach(aim.flops(plain));
  const design = flops === null ? null : over.optimum(flops);
  if (design === null) throw outOfReach(problem, over, share);
  const extraFlops = cost.flops(design) - cost.flops(plain);
  const price = usdPerFlop(hardware);
  return {
    design,
    account: {
      confidence: {
        share,
        resamples: source.draws.length,
        reached: over.shareReached(design),
        plain: { ...plain, flops: cost.flops(plain), reached: over.shareReached(plain) },
        extraFlops,
        ...(price === null ? {} : { extraUsd: price * extraFlops }),
      },
    },
  };
}

function outOfReach({ asked, source }: Problem, over: RiskForms, share: number): DataError {
  const most = over.optimum(ENDLESS);
  const reached = most === null ? null : over.shareReached(most);
  const isBent = reached !== null && reached >= share;
  return new DataError({
    code: "unreachable-loss",
    message: `a loss of ${asked.targetLoss?.toPrecision(5)} cannot be reached with a confidence of ${percentText(share, 6)}`,
    why: isBent
      ? "if the law bends on as the largest runs do, no compute reaches this loss"
      : reached === null
        ? "no design within the limits reaches it"
        : `in ${percentText(1 - reached, 3)} of the ${source.draws.length} resamples no compute reaches it within the limits: it lies below the floor`,
    hint: "ask for a higher loss or less confidence; more runs tell more of the floor",
  });
}
