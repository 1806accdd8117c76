/** The catalogue: every law, by id. A new law is one file and one line here. */
import { bahri, bahriMixed } from "./bahri.js";
import { bcrit } from "./bcrit.js";
import { bnsl } from "./bnsl.js";
import { chinchilla } from "./chinchilla.js";
import { chinchillaGamma } from "./chinchilla-gamma.js";
import { choiceAccuracy, choiceMass } from "./choice-mass.js";
import { computeSigmoid } from "./compute-sigmoid.js";
import { dataConstrained } from "./data-constrained.js";
import {
  dataFiltering,
  dataFilteringCode,
  dataFilteringEffective,
  dataFilteringPools,
} from "./data-filtering.js";
import { deepseekAlloc } from "./deepseek-alloc.js";
import { distillation } from "./distillation.js";
import { expData } from "./exp-data.js";
import { farseer } from "./farseer.js";
import { isoflop } from "./isoflop.js";
import { isoflopFrontier, isoflopFrontierLoss } from "./isoflop-frontier.js";
import { kaplanAlloc, kaplanLc } from "./kaplan-compute.js";
import { kaplanNd } from "./kaplan-nd.js";
import { kaplanSteps, kaplanStepsBatch } from "./kaplan-steps.js";
import type { Law } from "./law.js";
import { linearCost } from "./linear-cost.js";
import { logisticLogC } from "./logistic-logc.js";
import { lossError } from "./loss-error.js";
import { lrBatch, lrBatchCompute } from "./lr-batch.js";
import { lrBatchBowl } from "./lr-batch-bowl.js";
import { lrBatchEdge } from "./lr-batch-edge.js";
import { m1, m2, m3, m4 } from "./m1-to-m4.js";
import { mixtureBimix } from "./mixture-bimix.js";
import { mixtureDcpt } from "./mixture-dcpt.js";
import { mixtureExp } from "./mixture-exp.js";
import { mixturePower } from "./mixture-power.js";
import { moeFineGrained } from "./moe-fine-grained.js";
import { moeFloor } from "./moe-floor.js";
import { moeJoint } from "./moe-joint.js";
import { moeRouting } from "./moe-routing.js";
import { moeSparsity } from "./moe-sparsity.js";
import { nmt } from "./nmt.js";
import { observational } from "./observational.js";
import { overtrain } from "./overtrain.js";
import { parscale } from "./parscale.js";
import { betaBinomial, passAtK, passAtKBeta, passAtKEstimator } from "./pass-at-k.js";
import { passUntil, passUntilEstimator } from "./passuntil.js";
import { power } from "./power.js";
import { powerFloor } from "./power-floor.js";
import { powerProduct } from "./power-product.js";
import { precision } from "./precision.js";
import { projektorProjection } from "./projektor-projection.js";
import { qFamily } from "./q-family.js";
import { quadraticCost } from "./quadratic-cost.js";
import { regmix } from "./regmix.js";
import { repetitionOverfit } from "./repetition-overfit.js";
import { roofline } from "./roofline.js";
import { saturatingPower } from "./saturating-power.js";
import { sftRectified } from "./sft-rectified.js";
import { shapeVit } from "./shape-vit.js";
import { stackedLaw } from "./stacked.js";
import {
  lossLogSigmoid,
  lossSigmoid,
  taskLadder,
  taskLadderCompute,
  taskLadderLogSigmoid,
  taskLoglinear,
  taskOneStep,
} from "./task-ladder.js";
import { transfer, transferLoss } from "./transfer.js";
import { uQuadratic, uShape } from "./u-shape.js";
import { vocabulary, vocabularyApproach1, vocabularyApproach2, vocabularyTokens } from "./vocabulary.js";
import { widthDepth, widthDepthParams } from "./width-depth.js";

export const laws: readonly Law[] = [
  // Pre-training.
  chinchilla,
  powerFloor,
  power,
  widthDepth,
  widthDepthParams,
  nmt,
  chinchillaGamma,
  qFamily,
  farseer,
  overtrain,
  kaplanNd,
  kaplanLc,
  kaplanAlloc,
  kaplanSteps,
  kaplanStepsBatch,
  bcrit,
  isoflop,
  isoflopFrontier,
  isoflopFrontierLoss,
  deepseekAlloc,
  bnsl,
  m1,
  m2,
  m3,
  m4,
  saturatingPower,
  expData,
  bahri,
  bahriMixed,
  vocabulary,
  vocabularyTokens,
  vocabularyApproach1,
  vocabularyApproach2,
  // Data, mixtures, transfer.
  sftRectified,
  dataConstrained,
  repetitionOverfit,
  dataFiltering,
  dataFilteringCode,
  dataFilteringEffective,
  dataFilteringPools,
  mixtureExp,
  mixturePower,
  regmix,
  mixtureBimix,
  mixtureDcpt,
  projektorProjection,
  transfer,
  transferLoss,
  // Architecture and numbers.
  moeRouting,
  moeFloor,
  moeFineGrained,
  moeJoint,
  moeSparsity,
  parscale,
  precision,
  shapeVit,
  distillation,
  // Tasks and test time.
  lossError,
  lossSigmoid,
  lossLogSigmoid,
  taskLadder,
  taskLadderLogSigmoid,
  taskLadderCompute,
  taskLoglinear,
  taskOneStep,
  logisticLogC,
  choiceAccuracy,
  choiceMass,
  observational,
  passAtK,
  passAtKBeta,
  passAtKEstimator,
  betaBinomial,
  passUntil,
  passUntilEstimator,
  computeSigmoid,
  uQuadratic,
  uShape,
  // Hyper-parameters.
  lrBatch,
  lrBatchCompute,
  lrBatchBowl,
  lrBatchEdge,
  // Measured costs.
  powerProduct,
  roofline,
  linearCost,
  quadraticCost,
];

/**
 * The law with this id, or undefined; names such as `constructor` are not found. `bnsl:2` is the member of size 2 of a
 * family, `task-ladder.acc` the stage of a chain that gives `acc`, `bahri.resolution+variance` two of them over stacked rows.
 */
export function lawById(id: string): Law | undefined {
  const [, name, size, output] = /^([^:.]*)(?::(\d{1,4}))?(?:\.(\w+(?:\+\w+)*))?$/.exec(id) ?? [];
  const law = laws.find((one) => one.id === name);
  if (law === undefined || (size === undefined && output === undefined)) return law;
  if (output !== undefined) return stageOf(law, output.split("+"));
  const { family } = law;
  const [least, most] = family?.limits ?? [1, 0];
  return Number(size) >= least && Number(size) <= most ? family?.of(Number(size)) : undefined;
}

/** The stage that gives an output; of several outputs their stages as one law. */
function stageOf(chain: Law, outputs: readonly string[]): Law | undefined {
  const stages = chain.stages.filter((stage) => outputs.includes(stage.output.name));
  if (stages.length !== outputs.length) return undefined;
  return stages.length > 1 ? stackedLaw(chain, stages) : stages[0];
}

/** The laws that a formula of one's own may be: those that a choice would take, and none of costs. */
export const formulaLaws = (): readonly Law[] =>
  laws.filter(({ isCandidate, topic }) => isCandidate && topic !== "costs");
