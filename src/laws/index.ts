/** The catalogue: every law, by id. A new law is one file and one line here. */
import { chinchilla } from "./chinchilla.js";
import { choiceAccuracy, choiceMass } from "./choice-mass.js";
import { computeSigmoid } from "./compute-sigmoid.js";
import type { Law } from "./law.js";
import { logisticLogC } from "./logistic-logc.js";
import { lossError } from "./loss-error.js";
import { observational } from "./observational.js";
import { betaBinomial, passAtK, passAtKBeta, passAtKEstimator } from "./pass-at-k.js";
import { passUntil, passUntilEstimator } from "./passuntil.js";
import { power } from "./power.js";
import { powerFloor } from "./power-floor.js";
import {
  lossLogSigmoid,
  lossSigmoid,
  taskLadder,
  taskLadderCompute,
  taskLadderLogSigmoid,
  taskLoglinear,
  taskOneStep,
} from "./task-ladder.js";

export const laws: readonly Law[] = [
  chinchilla,
  powerFloor,
  power,
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
];

/**
 * The law with this id, or undefined; names such as `constructor` are not found. `bnsl:2` is the member of size 2 of a
 * family, `task-ladder.acc` the stage of a chain that gives `acc`.
 */
export function lawById(id: string): Law | undefined {
  const [, name, size, output] = /^([^:.]*)(?::(\d{1,4}))?(?:\.(\w+))?$/.exec(id) ?? [];
  const law = laws.find((one) => one.id === name);
  if (law === undefined || (size === undefined && output === undefined)) return law;
  if (output !== undefined) return law.stages.find((stage) => stage.output.name === output);
  const { family } = law;
  const [least, most] = family?.limits ?? [1, 0];
  return Number(size) >= least && Number(size) <= most ? family?.of(Number(size)) : undefined;
}

/** The id under which `lawById` finds this very law. */
export const keyOf = ({ id, family }: Law): string => (family === null ? id : `${id}:${family.size}`);
