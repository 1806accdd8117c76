/** `check --against plan.json`: the runs of a log that are outcomes of registered plans, each with its prediction. */
import { movedToRun, planOf, SAME_RUN } from "../checks/against-plan.js";
import { DataError } from "../errors.js";
import { evaluateLaw } from "../laws/evaluate-law.js";
import type { CheckDocument, Prediction, Warning } from "../objects.js";
import { count, plural } from "../report/format.js";
import type { RawFlags } from "./command.js";
import { exists } from "./files.js";
import { type PlanRegister, sha256Of, sourcesOfRegister } from "./plan-register.js";
import { type PredictedRows, predictFiles, requireGroups } from "./predict-rows.js";

interface Outcomes extends PredictedRows {
  against: NonNullable<CheckDocument["against"]>;
}

/** @throws DataError where no run is the outcome of a plan, or no limit was registered and none is given */
export async function outcomesOf(
  files: readonly string[],
  flags: RawFlags,
  register: PlanRegister,
): Promise<Outcomes> {
  const found = sourcesOfRegister(register);
  requireGroups(found, flags);
  const rows = await predictFiles(files, flags, found, "required");
  const outcomes: Outcomes = {
    predictions: [],
    places: [],
    warnings: [...rows.warnings, ...otherFit(register)],
    against: { registered: register.registered, fit: register.fit, plans: register.plans.length },
  };
  rows.predictions.forEach((prediction, i) => {
    const run = sizesOf(prediction, register);
    const plan = run === null ? null : planOf(register.plans, prediction.group, run);
    if (plan === null) return;
    const source = found.sources[register.plans.indexOf(plan)];
    const at = { ...prediction.at, ...plan.at };
    outcomes.predictions.push(movedToRun(plan, prediction, evaluateLaw(source.law, source.estimate, at)));
    outcomes.places.push(rows.places[i]);
  });
  const others = rows.predictions.length - outcomes.predictions.length;
  if (outcomes.predictions.length === 0) throw noOutcome(register, others);
  if (others > 0)
    outcomes.warnings.push({
      code: "not-planned",
      message: `${plural(others, "run")} of the log ${others === 1 ? "is" : "are"} more than ${percentApart} from every plan in size or tokens, and not judged`,
    });
  return outcomes;
}

const percentApart = `${Math.round(100 * (SAME_RUN - 1))} %`;

/** Parameters and tokens of a run, by what the law's inputs were read from. */
function sizesOf({ at, group }: Prediction, { plans }: PlanRegister): { N: number; D: number } | null {
  const { inputs } = plans.find((plan) => plan.group === group) ?? plans[0];
  const of = (quantity: string) => at[inputs.find((input) => input.quantity === quantity)?.name ?? quantity];
  const [N, D] = [of("N"), of("D")];
  return N > 0 && D > 0 ? { N, D } : null;
}

function noOutcome({ plans }: PlanRegister, runs: number): DataError {
  const wanted = plans
    .slice(0, 3)
    .map(({ planned: { N, D } }) => `${count(N)} parameters on ${count(D)} tokens`);
  return new DataError({
    code: "no-rows",
    message: `none of the ${runs} runs of the log is an outcome of the registered plan: ${wanted.join("; ")}${plans.length > 3 ? "; ..." : ""}`,
    why: `a run counts as one within ${percentApart} of its size and its tokens`,
    hint: "give the log of the run that was planned; to hold any run against the fit: --against scalefit.json",
  });
}

/** The fit has changed since; the registered numbers count all the same. */
function otherFit({ fit }: PlanRegister): Warning[] {
  if (fit === null || !exists(fit.name) || sha256Of(fit.name) === fit.sha256) return [];
  return [
    {
      code: "other-fit",
      message: `the fit ${fit.name} is no longer the one that the plan was made from; the registered prediction counts`,
    },
  ];
}
