/** A measured cost in words: as an assumption, explained step by step, and what to be wary of. */
import type { Split } from "../laws/law.js";
import type { Explained, PlannedLaw, Warning } from "../objects.js";
import { digits } from "./explain.js";
import { inputsInWords, type MeasuredCost } from "./measured-cost.js";
import type { MeasuredProblem } from "./measured-problem.js";
import type { Hardware } from "./run-cost.js";
import type { Source } from "./source.js";
import type { Throughput } from "./throughput.js";

/** Half a decade beyond what was measured is worth a word. */
const FAR = 0.5;

export function costWarnings(
  source: Source,
  { measuredCost }: PlannedLaw,
  hardware: Hardware | null,
): Warning[] {
  if (measuredCost === undefined) return [];
  const { decades, input } = measuredCost.extrapolation;
  const group = source.group ?? undefined;
  const warnings: Warning[] = [];
  const { throughput } = measuredCost;
  if (throughput !== undefined) {
    const beyond = beyondThroughputs(decades ?? 0, throughput.measured);
    return beyond === null ? [] : [{ code: "cost-extrapolation", group, message: beyond }];
  }
  if (decades !== null && Math.abs(decades) >= FAR) {
    warnings.push({
      code: "cost-extrapolation",
      group,
      message: `the cost is an extrapolation, ${Math.abs(decades).toFixed(1)} decades ${decades > 0 ? "beyond" : "below"} the sizes it was measured at (in ${input === null ? "its inputs" : measuredCost.inputs[input]}): what changes there, such as a model that no longer fits one accelerator, is not in it`,
    });
  }
  const { mfu } = measuredCost;
  if (mfu !== null && mfu > 1 && hardware !== null) {
    warnings.push({
      code: "cost-above-peak",
      group,
      message: `the measured cost would take ${mfu.toPrecision(3)} times the peak of ${hardware.name}: look at --cost-unit (now ${measuredCost.unit}) and at --count`,
    });
  }
  return warnings;
}

/** Beyond the sizes measured no throughput is known; null inside them. */
function beyondThroughputs(decades: number, measured: readonly Throughput[]): string | null {
  if (Math.abs(decades) < ROUNDING) return null;
  const isAbove = decades > 0;
  const end = isAbove ? measured[measured.length - 1] : measured[0];
  return `the planned size is ${(10 ** Math.abs(decades)).toPrecision(3)} times ${isAbove ? "larger than the largest" : "smaller than the smallest"} whose throughput was measured (${digits(end.params, 3)} parameters): its tokens are those at the FLOPs a second of that one; measure the throughput at the planned size, or plan within the sizes measured with ${isAbove ? `--max-params ${digits(end.params, 3)}` : "more hours"}`;
}

/** A size so close, in decades, is the one measured. */
const ROUNDING = 1e-6;

/** Throughputs told one by one at most. */
const TOLD = 6;

/** What was measured, and what is taken where nothing was. */
function throughputsInWords(measured: readonly Throughput[]): string {
  const told = measured.length <= TOLD ? measured : [measured[0], measured[measured.length - 1]];
  const words = told.map((one) => `${digits(one.tokensPerSecond, 3)} at ${digits(one.params, 3)} parameters`);
  return `an accelerator hour makes 3600 times the tokens a second measured at the size of the model: ${words.join(measured.length <= TOLD ? ", " : " to ")} (${measured.length} sizes); between sizes on the line in logarithms, beyond them at the FLOPs (6ND) a second of the nearest`;
}

export const costInWords = (cost: MeasuredCost): string => {
  const { column, unit, source, throughputs } = cost.asked;
  if (throughputs !== undefined) return throughputsInWords(throughputs);
  const inputs = inputsInWords(cost);
  return `the cost is ${column} as measured${unit === "units" ? "" : ` (${unit})`}: ${source.law.formula}${inputs === "" ? "" : ` with ${inputs}`}, from ${source.from}; runs on the same set-up as those`;
};

export const valuesOf = (cost: MeasuredCost, source: Source): string =>
  cost.asked.source.law.parameters
    .map(({ name }, j) => `${name} = ${digits(source.estimate[cost.law.parameters[j].name])}`)
    .join(", ");

export function explained(problem: MeasuredProblem, { N, D }: Split, spent: number): Explained[] {
  const { source, cost, budgets, budget, intervals } = problem;
  const { unit, source: own, throughputs } = cost.asked;
  const inputs = inputsInWords(cost);
  return [
    ...budgets.map(({ flag, amount, buys }) => ({
      what: flag,
      how: `${digits(amount)} pays for ${digits(buys)} ${unit}`,
    })),
    ...(budgets.length > 1 && budget !== null
      ? [{ what: "budget", how: `the smallest of them, ${digits(budget)} ${unit}` }]
      : []),
    {
      what: "cost",
      how:
        throughputs !== undefined
          ? `hours = D / (3600 T) with T = ${digits(D / (3600 * spent))} tokens a second at N`
          : `y = ${own.law.formula} with ${valuesOf(cost, source)}${inputs === "" ? "" : `; ${inputs}`}`,
    },
    {
      what: "law",
      how: `L = ${source.law.formula} with ${Object.entries(source.estimate)
        .filter(([name]) => cost.law.parameters.every((one) => one.name !== name))
        .map(([name, value]) => `${name} = ${digits(value)}`)
        .join(", ")}`,
    },
    {
      what: "split",
      how: `N = ${digits(N)} and D = ${digits(D)}: of the designs that cost ${digits(spent)} ${unit} the one where the loss stops falling, (dL/dlnN) / (dy/dlnN) = (dL/dlnD) / (dy/dlnD)`,
    },
    { what: "intervals", how: intervals },
  ];
}
