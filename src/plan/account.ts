/**
 * What a planned design costs beside its FLOPs: hours, days, dollars and energy on the hardware, the count of FLOPs against
 * 6ND, what serving takes, the limits and which of them bind.
 */
import type { Split } from "../laws/law.js";
import type { Estimate, PlannedLaw, PlannedRun, PlannedUse } from "../objects.js";
import { useOf } from "./critical-batch.js";
import { inferenceOf } from "./inference.js";
import { type Derived, estimateOf } from "./intervals.js";
import { limitsOf } from "./limits.js";
import type { Problem } from "./problem.js";
import type { Aimed, Question } from "./question.js";
import { regretOf } from "./regret.js";
import { type RunCost, runCost } from "./run-cost.js";
import { runOn } from "./run-on.js";
import { serveMemoryOf } from "./serve-memory.js";

type Account = Pick<
  PlannedLaw,
  "serveMemory" | "run" | "cost" | "inference" | "epochs" | "limits" | "regret" | "steps"
>;

/**
 * @param best  the best split of what the design takes
 * @param flops what the design takes, with its interval
 */
export function accountOf(
  problem: Problem,
  question: Question,
  design: Derived<Split>,
  best: Derived<Split>,
  flops: Estimate,
): Account {
  const { source, asked, cost } = problem;
  const unique = question.uniqueTokens ?? source.held?.U;
  const limits = limitsOf(problem, question, design);
  const isFree = [asked.params, asked.tokens, asked.ratio].every((v) => v === undefined);
  const spent = asked.flops ?? cost.flops(design.estimate);
  const regret = isFree ? regretOf(problem, design.estimate, best, spent) : null;
  const served = serveMemoryOf(question).partsOf(design.estimate.N);
  return {
    ...(problem.hardware === null ? {} : { run: runOf(problem, question, design, flops) }),
    ...(isCounted(question) ? { cost: countOf(problem, design) } : {}),
    ...(cost.inferenceTokens === 0 ? {} : { inference: inferenceOf(problem, design) }),
    ...(served === null ? {} : { serveMemory: served }),
    ...(unique === undefined || !Number.isFinite(unique)
      ? {}
      : { epochs: estimateOf(source, design, ({ D }) => D / unique) }),
    ...(question.batch === undefined ? {} : { steps: Math.floor(design.estimate.D / question.batch) }),
    ...(limits.length === 0 ? {} : { limits }),
    ...(regret === null ? {} : { regret }),
  };
}

/** Whether more than 6ND was asked of the count. */
const isCounted = ({ cost }: Question): boolean =>
  [cost?.rule, cost?.shape, cost?.recompute, cost?.activeShare].some((one) => one !== undefined);

/** The cost on the hardware; every number is that of the FLOPs times a constant, and so is its interval. */
function runOf(problem: Problem, question: Question, design: Derived<Split>, flops: Estimate): PlannedRun {
  const hardware = problem.hardware as NonNullable<Problem["hardware"]>;
  const per = runCost(hardware, 1);
  const { deadlineDays } = question;
  const bill = runOn(hardware, per, flops);
  return {
    ...bill,
    wallHours: problem.cost.inferenceTokens === 0 ? bill.wallHours : trainingHours(problem, design, per),
    ...usefulOf(problem, question, design),
    ...(deadlineDays === undefined || hardware.count !== null
      ? {}
      : {
          countForDeadline: Math.ceil(
            (problem.cost.train(design.estimate) * per.gpuHours) / (24 * deadlineDays),
          ),
        }),
  };
}

/** What the critical batch leaves of use, where a least batch is given. */
function usefulOf(
  { source, useful }: Problem,
  { hardware, leastBatch, targetLoss, lossFor, criticalBatch }: Aimed,
  design: Derived<Split>,
): { useful?: PlannedUse } {
  if (useful === null || leastBatch === undefined) return {};
  const most = hardware?.count ?? useful.count;
  return { useful: useOf(source, criticalBatch, design, useful, { most, leastBatch, targetLoss, lossFor }) };
}

/** Serving takes no time of the cluster before the model is there. */
const trainingHours = (
  { source, cost }: Problem,
  design: Derived<Split>,
  { wallHours }: RunCost,
): Estimate | null =>
  wallHours === null ? null : estimateOf(source, design, (split) => cost.train(split) * wallHours);

/** The count in use and what 6ND would say of the same design. */
function countOf({ source, cost }: Problem, design: Derived<Split>): NonNullable<PlannedLaw["cost"]> {
  const k = source.flopsPerParamToken;
  const shape = cost.shapeAt(design.estimate.N);
  return {
    rule: cost.rule,
    words: cost.words,
    flopsPerToken: estimateOf(source, design, ({ N }) => cost.trainPerToken(N)),
    over6nd: estimateOf(source, design, ({ N }) => cost.trainPerToken(N) / (k * N)),
    activeShare: cost.activeShare,
    shape: shape === null ? null : { ...shape },
  };
}

/** The count of FLOPs for the block of assumptions. */
export const costInWords = ({ cost }: Problem): string =>
  `${cost.words} (training FLOPs${cost.rule === "6nd" ? "; attention and embeddings not counted apart" : ""})`;
