/** How each number of a plan came about, step by step, so that it can be followed with a pocket calculator. */
import type { Split } from "../laws/law.js";
import type { Explained } from "../objects.js";
import { lossOf } from "./design.js";
import type { Problem } from "./problem.js";
import { type Question, targetInWords } from "./question.js";

export const digits = (value: number, n = 5): string => {
  const text = value.toPrecision(n);
  return text.includes("e") || Math.abs(value) >= 1e6 ? value.toExponential(n - 1).replace("e+", "e") : text;
};

/** @param isMoved whether a limit of the loss was moved against a wrong law */
export function explain(problem: Problem, question: Question, design: Split, isMoved: boolean): Explained[] {
  const { risk, confidence, frontier } = question;
  const isChosen = risk !== undefined || confidence !== undefined;
  return [
    ...budgetsExplained(problem),
    lawExplained(problem),
    ...(question.targetTask === undefined ? [] : [targetExplained(problem, question)]),
    ...(isChosen ? [choiceExplained(problem, question)] : []),
    splitExplained(problem, design, isChosen),
    lossExplained(problem, design),
    intervalsExplained(problem, isMoved),
    ...(frontier === undefined ? [] : [frontierExplained(isChosen)]),
  ];
}

const frontierExplained = (isChosen: boolean): Explained => ({
  what: "frontier",
  how: isChosen
    ? "a row is the design of its budget with the least R, the mean, worst or quantile of the loss that is asked for; with the least R of all, F, within the limits, the next 1 % costs what takes R to R - 0.01 (R - F), the next 0.01 what takes it to R - 0.01; a limit binds from the budget on whose design without it takes just as much"
    : "a row is the best design of its budget; at a loss L above the floor F within the limits, the next 1 % costs what takes the best loss to L - 0.01 (L - F), the next 0.01 what takes it to L - 0.01; a limit binds from the budget on whose best design without it takes just as much",
});

/** The loss that gives a task its value. */
const targetExplained = ({ asked }: Problem, question: Question): Explained => ({
  what: "target",
  how: `${targetInWords(question).replace("--target-task ", "")} at a loss of ${digits(asked.targetLoss as number)}, where the later stages of the chain give it; under every resample at a loss of its own`,
});

/** What is made least over all draws. */
function choiceExplained({ source, asked }: Problem, { risk, confidence }: Question): Explained {
  const B = source.draws.length;
  const quantile = (share: number) => `the ${Number((100 * share).toPrecision(6))} % quantile`;
  const guard = "moved up beyond the data where the largest runs lie above the law fitted without them";
  if (confidence !== undefined)
    return {
      what: "confidence",
      how: `${confidence === 1 ? "the worst" : quantile(confidence)} of L(N, D) - ${asked.lossFor === undefined ? digits(asked.targetLoss as number) : "the loss that the task needs"} over ${B} resamples, ${guard}; the least budget at which the best N and D take it to 0`,
    };
  const what = typeof risk === "number" ? quantile(risk) : `the ${risk}`;
  const isUpper = risk === "worst" || (typeof risk === "number" && risk > 0.5);
  return {
    what: "risk",
    how: `${what} of L(N, D) over ${B} resamples${isUpper ? `, ${guard}` : ""}`,
  };
}

function budgetsExplained({ budgets, hardware, cost, asked }: Problem): Explained[] {
  const lines = budgets.map(({ flag, amount, unit, flops }): Explained => {
    if (hardware === null || unit === "flops") return { what: flag, how: `${digits(flops)} FLOPs, as given` };
    const { rate, usdPerHour, watts, pue, count, mfu, peak } = hardware;
    const hours = flops / rate / 3600;
    const speed =
      mfu === null || peak === null
        ? `${digits(rate)} FLOP/s`
        : `${digits(mfu, 3)} x ${digits(peak, 3)} FLOP/s`;
    const inHours: Readonly<Record<string, string>> = {
      usd: `${digits(amount)} dollars / ${usdPerHour} = ${digits(hours)} accelerator hours`,
      kwh: `${digits(amount)} kWh / (${watts} W / 1000 x ${pue}) = ${digits(hours)} accelerator hours`,
      days: `${digits(amount)} days x 24 x ${count} accelerators = ${digits(hours)} hours`,
      "gpu-hours": `${digits(hours)} accelerator hours`,
    };
    const part = cost.inferenceTokens > 0 && unit === "days" ? " for training alone" : "";
    return { what: flag, how: `${inHours[unit]}; x 3600 s x ${speed} = ${digits(flops)} FLOPs${part}` };
  });
  if (budgets.length > 1 && asked.flops !== undefined)
    lines.push({
      what: "budget",
      how: `the smallest${cost.inferenceTokens > 0 ? " of those for training and serving" : " of them"}, ${digits(asked.flops)} FLOPs`,
    });
  if (cost.inferenceTokens > 0)
    lines.push({
      what: "serving",
      how: `2 FLOPs x N x ${digits(cost.inferenceTokens)} tokens x price ${cost.inferencePrice}, paid from the same budget`,
    });
  return lines;
}

function lawExplained({ source }: Problem): Explained {
  const { law, estimate } = source;
  const values = law.parameters.map(({ name }) => `${name} = ${digits(estimate[name])}`).join(", ");
  const held = Object.entries(source.held ?? {})
    .filter(([, value]) => Number.isFinite(value))
    .map(([name, value]) => `, ${name} = ${digits(value)}`)
    .join("");
  return { what: "law", how: `L = ${law.formula} with ${values}${held}` };
}

function splitExplained(
  { cost, asked, box, source }: Problem,
  { N, D }: Split,
  isChosen: boolean,
): Explained {
  const fixed = asked.params ?? asked.tokens ?? asked.ratio;
  const isEdge = N >= box.N[1] * (1 - 1e-6) || D >= box.D[1] * (1 - 1e-6) || D <= box.D[0] * (1 + 1e-6);
  const way =
    fixed !== undefined
      ? "from what is fixed"
      : isEdge
        ? "at the limit: the loss would fall beyond it"
        : isChosen
          ? "where that is least along the designs that the budget pays for"
          : cost.linear !== null && source.law.allocation !== null
            ? "where a factor in N is worth as much as one in D: dL/dlnN = dL/dlnD, in closed form"
            : "where the loss stops falling along the designs that the budget pays for, by a root of its derivative";
  const serve = cost.inferenceTokens > 0 ? `, and ${digits(cost.serve(N))} of serving` : "";
  return {
    what: "split",
    how: `N = ${digits(N)} ${way}; D = ${digits(D)}: ${digits(cost.trainPerToken(N))} FLOPs a token x D = ${digits(cost.train({ N, D }))} FLOPs${serve}`,
  };
}

/** The loss as floor, what size leaves and what data leave: the law with the other one infinite. */
function lossExplained({ source }: Problem, { N, D }: Split): Explained {
  const at = (split: Split) => lossOf(source, source.estimate, split);
  const endless = Number.POSITIVE_INFINITY;
  const floor = at({ N: endless, D: endless });
  const loss = at({ N, D });
  const [size, data] = [at({ N, D: endless }) - floor, at({ N: endless, D }) - floor];
  const isSum = Math.abs(floor + size + data - loss) < 1e-9 * loss;
  return {
    what: "loss",
    how: isSum
      ? `${digits(floor)} floor + ${digits(size, 4)} left by the size + ${digits(data, 4)} left by the tokens = ${digits(loss)}`
      : `the law at N and D: ${digits(loss)}`,
  };
}

function intervalsExplained({ source }: Problem, isMoved: boolean): Explained {
  const { withoutDraws, draws, level, method } = source;
  if (withoutDraws !== null) return { what: "intervals", how: `none: ${withoutDraws}` };
  const how =
    method.kind === "covariance"
      ? "the covariance of the fit, by difference quotients of each number"
      : `${draws.length} resamples of the runs: each gives coefficients, each of these is planned in the same way, and the middle ${Number((100 * level).toPrecision(6))} % of every number is its interval (${method.kind})`;
  return {
    what: "intervals",
    how: `${how}${isMoved ? "; one limit of the loss is moved outwards, see backtest" : ""}`,
  };
}
