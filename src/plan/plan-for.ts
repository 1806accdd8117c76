/**
 * A plan under any law: the split of a budget where the law has parameters and tokens (its other inputs held where they
 * are given), or the optimum that the law itself knows, in its own variables.
 */
import { DataError, UsageError } from "../errors.js";
import { expanded } from "../laws/coefficients.js";
import { evaluateOutputs } from "../laws/evaluate-law.js";
import { isInRange, type PointWords, rangeWords } from "../laws/inputs.js";
import type { Law, LawAnswer, LawInput, Point } from "../laws/law.js";
import { lawAt } from "../laws/law-at.js";
import type { Estimate, PlannedLaw, Warning } from "../objects.js";
import { quoteText } from "../text.js";
import { allocate, assumptionsOf, type PlanResult } from "./allocate.js";
import { givenFor } from "./answer.js";
import { besideNext } from "./beside-next.js";
import { computeClassOf } from "./compute-class.js";
import { type Designer, designerFor } from "./design.js";
import { decadesBeyond } from "./extrapolation.js";
import { frontierAlone } from "./frontier-range.js";
import { derive, estimateOf } from "./intervals.js";
import { allocateMeasured } from "./measured-plan.js";
import { allocationOf } from "./numeric-allocation.js";
import { problemOf } from "./problem.js";
import { type Aimed, byEstimate, hasBudget, type Question } from "./question.js";
import type { Source } from "./source.js";
import { computeForTask, knowsComputeAlone } from "./task-compute.js";
import { lossForTask, type TaskTarget, taskTargetOf } from "./task-target.js";
import { withUniqueTokens } from "./unique-tokens.js";

/**
 * @param words how the values of `at` are given, for messages
 * @throws UsageError for values that the law lacks or cannot use, DataError where no plan exists
 */
export function planFor(source: Source, question: Question, words: PointWords): PlanResult {
  const result = planUnder(source, question, words);
  const { choice } = source;
  if (choice === null) return result;
  const plain = byEstimate(question, result.plan.asked);
  return besideNext(result, choice, (next) => planUnder(next, plain, words));
}

function planUnder(source: Source, question: Question, words: PointWords): PlanResult {
  const { law } = source;
  const { at, ...others } = question;
  const given = expanded(law, new Map(Object.entries(at ?? {})));
  const asked = splitOf(law) !== null && asksNothing(others) ? frontierAlone(source, others) : others;
  if (law.outputs.some(({ name }) => name === "lr")) throw ofSettings(law);
  if (splitOf(law) !== null) {
    if (asksNothing(asked)) throw withoutBudget();
    const held = repeatedAt(heldAt(source, given, words), asked, given);
    const measuredCost = asked.measuredCost ?? (law.stages.length > 0 ? null : computeClassOf(asked));
    if (measuredCost !== null) return allocateMeasured(held, asked, measuredCost);
    if (law.stages.length > 0) return planChain(held, asked);
    // Says that the law is no chain.
    if (asked.targetTask !== undefined) taskTargetOf(law, null, asked.targetTask);
    return allocate(held, asked);
  }
  const optimum = law.answers.find(({ kind }) => kind === "optimum");
  if (asked.targetTask !== undefined && knowsComputeAlone(law)) {
    const { targetTask, ...rest } = asked;
    requirePlain(law, rest);
    requireNothingFixed(law, rest);
    return computeForTask(source, targetTask);
  }
  // Says that the law splits no budget, whatever is asked.
  if (optimum === undefined) {
    if (allocationOf(law) !== null && asksNothing(asked)) throw withoutBudget();
    return allocate(source, asked);
  }
  requireAnswered(law, optimum, asked);
  requirePlain(law, asked);
  const known = new Map(given);
  if (asked.flops !== undefined) known.set("C", asked.flops);
  if (asked.params !== undefined) known.set("N", asked.params);
  if (asked.tokens !== undefined) known.set("D", asked.tokens);
  return optimumOf(source, optimum, known, question);
}

/** Whether there is neither a budget nor a size, tokens or a loss. */
const asksNothing = (asked: Question): boolean =>
  !hasBudget(asked) &&
  [asked.params, asked.tokens, asked.targetLoss, asked.targetTask].every((one) => one === undefined);

/** The source with the unique tokens that are asked for. */
function repeatedAt(source: Source, { uniqueTokens }: Question, given: ReadonlyMap<string, number>): Source {
  if (uniqueTokens === undefined) return source;
  if (!given.has("U")) return withUniqueTokens(source, uniqueTokens);
  throw new UsageError({
    code: "flags",
    message: "--unique-tokens and U in --at contradict each other: both are the unique tokens",
    hint: "give one of them",
  });
}

/** What a question may fix besides the budget: its flag, and the law's name for it. */
const FIXED = [
  ["targetLoss", "--target-loss", "L"],
  ["params", "--params", "N"],
  ["tokens", "--tokens", "D"],
  ["ratio", "--ratio", "D/N"],
] as const;

/** An optimum in a law's own variables is of a budget or of nothing; the rest is the law asked backwards. */
function requireAnswered({ id, answers }: Law, { given }: LawAnswer, asked: Question): void {
  const fixed = FIXED.find(([key, , name]) => asked[key] !== undefined && !given.includes(name));
  if (fixed === undefined) return;
  const [, flag, name] = fixed;
  const inverse = answers.find((answer) => answer.kind === "inverse" && answer.given.includes(name));
  throw new UsageError({
    code: "flags",
    message: `${flag} is not answered by a plan of the law "${id}"`,
    why: "its optimum is that of a budget or a mixture",
    hint:
      inverse === undefined
        ? "leave it out; laws of N and D such as chinchilla plan with it"
        : `ask scalefit predict --solve ${inverse.name} --at ${inverse.given.map((one) => `${one}=...`).join(",")}`,
  });
}

/** Where compute alone is known, no size and no tokens follow from it. */
function requireNothingFixed({ id }: Law, asked: Question): void {
  const fixed = FIXED.find(([key]) => asked[key] !== undefined);
  if (fixed === undefined) return;
  throw new UsageError({
    code: "flags",
    message: `${fixed[1]} is not answered by a plan of the law "${id}": it knows compute alone`,
    hint: "leave it out; a chain of N and D such as task-ladder plans with it",
  });
}

/** An optimum in a law's own variables has no design to be priced. */
export function requirePlain({ id }: Law, asked: Question): void {
  const {
    flops: _flops,
    params: _params,
    tokens: _tokens,
    targetLoss: _loss,
    ratio: _ratio,
    ...others
  } = asked;
  const stray = Object.entries(others).find(([, value]) => value !== undefined);
  if (stray === undefined) return;
  throw new UsageError({
    code: "flags",
    message: `the law "${id}" plans in its own variables: ${stray[0]} is not answered`,
    hint: "give the budget with --flops; laws of N and D such as chinchilla plan under costs and limits",
  });
}

const withoutBudget = (): UsageError =>
  new UsageError({
    code: "no-question",
    message: "plan needs a budget",
    hint: "for example scalefit plan --flops 1e22, or --target-loss 2.0",
  });

/** A law of the best settings says no loss: a plan "under" it would make the learning rate least. */
const ofSettings = ({ id }: Law): UsageError =>
  new UsageError({
    code: "no-allocation",
    message: `the law "${id}" says the best learning rate and batch size, not a loss: it splits no budget`,
    hint: "give it beside a fit of the loss: scalefit plan --flops 1e22 --fit loss.json --lr-fit lr.json; or ask it: scalefit predict --params ... --tokens ...",
  });

/** The inputs that are a model size and tokens; null where the law lacks one of them. */
function splitOf(law: Law): { N: LawInput; D: LawInput } | null {
  const N = law.inputs.find(({ quantity }) => quantity === "params");
  const D = law.inputs.find(({ quantity }) => quantity === "tokens");
  return N === undefined || D === undefined ? null : { N, D };
}

/** The source with all inputs but size and tokens held where they are given, or at their neutral values. */
export function heldAt(source: Source, given: ReadonlyMap<string, number>, words: PointWords): Source {
  const split = splitOf(source.law);
  const others = source.law.inputs.filter((input) => input !== split?.N && input !== split?.D);
  const held: Record<string, number> = {};
  const used = new Set<string>();
  for (const input of others) held[input.name] = heldValue(source.law, input, given, used, words);
  const stray = [...given.keys()].find((name) => !used.has(name));
  if (stray !== undefined) {
    throw new UsageError({
      code: "unknown-input",
      message: `${words.flag}: the law "${source.law.id}" has no input called ${quoteText(stray)} to be held while it is planned`,
      hint:
        others.length === 0
          ? "its inputs are planned; give the budget with --flops"
          : `it can be given ${others.map(({ name }) => name).join(", ")}`,
    });
  }
  return { ...source, law: lawAt(source.law, held), held, free: source };
}

function heldValue(
  law: Law,
  input: LawInput,
  given: ReadonlyMap<string, number>,
  used: Set<string>,
  words: PointWords,
): number {
  for (const { name, factor } of [{ name: input.name, factor: 1 }, ...input.aliases]) {
    const value = given.get(name);
    if (value === undefined) continue;
    used.add(name);
    const inUnits = value * (factor ?? 1);
    if (isInRange(input, inUnits)) return inUnits;
    throw new UsageError({
      code: "flag",
      message: `${words.place(name)} ${rangeWords(input)}, not ${value}`,
      why: `${input.meaning} of the law "${law.id}"`,
    });
  }
  if (input.neutral !== undefined) return input.neutral;
  throw new UsageError({
    code: "missing-input",
    message: `to plan under the law "${law.id}" it must be known at which ${input.name}: ${input.meaning}`,
    hint: `give it with --at ${input.name}=...`,
  });
}

/** A chain is planned by its first stage of size and tokens; what follows from that loss comes along. */
function planChain(source: Source, question: Question): PlanResult {
  const stage = source.law.stages.find((one) => splitOf(one) !== null);
  const target =
    question.targetTask === undefined ? null : taskTargetOf(source.law, stage ?? null, question.targetTask);
  if (stage === undefined) return allocate(source, question);
  const planned = { ...source, law: stage };
  const asked = target === null ? question : aimedAt(source, stage, target, question);
  const result = allocate(planned, asked);
  const { aimForms, aim, asked: picked } = problemOf(planned, asked);
  const { N, D } = result.plan.optimum;
  // A design that is chosen over all draws is the same under each.
  const isChosen = result.plan.risk !== undefined || result.plan.confidence !== undefined;
  const designer: Designer = isChosen
    ? () => ({ N: N.estimate, D: D.estimate })
    : designerFor(planned, aimForms, aim, picked);
  const outputs = derive(source, (c) => {
    const split = designer(c);
    return split === null ? null : evaluateOutputs(source.law, c, { ...split });
  });
  if (outputs === null) return result;
  const optimum = { ...result.plan.optimum };
  for (const { name } of source.law.outputs) {
    if (name !== stage.output.name) optimum[name] = estimateOf(source, outputs, (all) => all[name]);
  }
  const { targetLoss, ...others } = result.plan.asked;
  return {
    ...result,
    plan: {
      ...result.plan,
      law: source.law.id,
      ...(target === null ? {} : { asked: { ...others, targetTask: target.value }, target }),
      optimum,
    },
  };
}

/** The question with the loss that gives the task its value, under each set of coefficients. */
function aimedAt(source: Source, stage: Law, target: TaskTarget, question: Question): Aimed {
  const lossFor = lossForTask(source, stage, target);
  const targetLoss = lossFor(source.estimate);
  if (targetLoss !== null) return { ...question, targetLoss, lossFor };
  throw new DataError({
    code: "no-optimum",
    message: `no loss gives ${target.output}=${target.value} under these coefficients of ${source.law.id}`,
    hint: "look at the parameters of the chain: one of its stages no longer changes with the loss",
  });
}

/** How far a budget lies beyond those of the fit; null where the law has no budget, or no data. */
function decadesOf({ range }: Source, { C }: Point): number | null {
  return C === undefined || range?.C === undefined ? null : decadesBeyond(C, range.C[0], range.C[1]);
}

/** The optimum in the law's own variables. */
function optimumOf(
  source: Source,
  answer: LawAnswer,
  given: ReadonlyMap<string, number>,
  question: Question,
): PlanResult {
  const { law } = source;
  const known: Point = givenFor(law, answer, given);
  const solved = derive(source, (c) => answer.solve(c, known));
  const isKnown = solved !== null && answer.gives.every((name) => Number.isFinite(solved.estimate[name]));
  if (solved === null || !isKnown) {
    throw new DataError({
      code: "no-optimum",
      message: `no finite optimum exists under these coefficients of ${source.law.id}`,
      why: answer.meaning,
      hint: "look at the parameters: one of the terms has vanished, or its exponent has the wrong sign",
    });
  }
  const optimum: Record<string, Estimate> = Object.fromEntries(
    answer.gives.map((name) => [name, estimateOf(source, solved, (numbers) => numbers[name])]),
  );
  const plan: PlannedLaw = {
    group: source.group,
    law: source.law.id,
    source: source.from,
    asked: Object.fromEntries(given),
    budget: { flops: question.flops ?? null },
    optimum,
    extrapolation: { decades: decadesOf(source, known), shift: 0, shiftScale: source.residualScale },
    assumptions: {
      ...assumptionsOf(source, { of: "loss", shift: 0 }),
      optimum: answer.meaning,
      // A line of optima against compute holds whatever its compute counts.
      ...(law.inputs.some(({ name }) => name === "C")
        ? { compute: "C counted as in the fitted budgets" }
        : {}),
    },
    neighbours: [],
    offOptimum: [],
  };
  return { plan, warnings: beyondBudgets(source, plan) };
}

/** Distances worth a word: a tenth of a decade. */
const FAR = 0.05;

function beyondBudgets({ group }: Source, { extrapolation: { decades } }: PlannedLaw): Warning[] {
  if (decades === null || Math.abs(decades) < FAR) return [];
  const where = decades > 0 ? "beyond the largest" : "below the smallest";
  return [
    {
      code: "extrapolation",
      group: group ?? undefined,
      message: `this budget is an extrapolation, ${Math.abs(decades).toFixed(1)} decades ${where} budget fitted: the intervals cover the scatter of the budgets' optima about their line, not a line that bends out there`,
    },
  ];
}
