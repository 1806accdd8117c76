import { UsageError } from "../errors.js";
import type { PlanDocument, PlannedLaw, Warning } from "../objects.js";
import type { PlanResult } from "../plan/allocate.js";
import type { LossWeights } from "../plan/plan-mixture.js";
import { quoteText } from "../text.js";
import type { CommandDefinition, Invocation, Outcome, RawFlags } from "./command.js";
import {
  BUDGET_FLAGS,
  COST_FLAGS,
  HARDWARE_FLAGS,
  LIMIT_FLAGS,
  MEASURED_COST_FLAGS,
  SETTINGS_FLAGS,
} from "./plan-flag-list.js";
import type { PlansMade } from "./plan-register.js";
import { flagCalled, LOG_FLAGS, LOG_OPTIONS, SOURCE_FLAGS } from "./shared-flags.js";
import type { Sources } from "./source.js";

/** `scalefit plan`: coefficients and a question -> allocation -> view. */
export const planCommand: CommandDefinition = {
  name: "plan",
  summary: "split a training budget: parameters, tokens and loss, each with its interval",
  arguments: [
    {
      name: "[files...]",
      description: "with --sensitivity: the log to refit (default: the files that the saved fit names)",
    },
  ],
  flags: [
    ...BUDGET_FLAGS,
    { flags: "--params <number>", description: "fix the model size, 7B" },
    { flags: "--tokens <number>", description: "fix the training tokens, 2T" },
    { flags: "--ratio <number>", description: "fix the tokens per parameter, 20" },
    { flags: "--target-loss <number>", description: "the compute that reaches this loss" },
    {
      flags: "--target-task <value>",
      description: "the compute that reaches this value of a task through a chain of laws: acc=60%",
    },
    {
      flags: "--confidence <share>",
      description: "of a target: the compute that reaches it in this share of the resamples, 90%",
    },
    {
      flags: "--least <what>",
      description: "of a target: least cost, or least time of training (default: cost)",
    },
    {
      flags: "--risk <measure>",
      description:
        "split the budget for the least mean, worst or quantile (90%) of the loss over the resamples",
    },
    {
      flags: "--at <K=V,...>",
      description: "the law's other inputs, at which the budget is planned: U=25e9",
    },
    {
      flags: "--weights <K=W,...>",
      description:
        'of a mixture: how much each fitted loss counts, by its group, "Github=2,*=1", JSON text, or @file.json (default: all alike)',
    },
    {
      flags: "--backtest <file>",
      description:
        "a saved backtest of the fit's log, for the error to expect (default: scalefit.backtest.json beside the fit)",
    },
    {
      flags: "--sensitivity",
      description: "refit under other objectives, rows and laws, and say which choice moves the plan",
    },
    { flags: "--table <from..to>", description: "the best split of every decade of budgets, 1e20..1e26" },
    {
      flags: "--frontier [from..to]",
      description:
        "the least cost of each loss within all limits, what less loss costs, and where limits begin to bind (default: about the budget, or beyond the data)",
    },
    { flags: "--explain", description: "say how each number came about" },
    { flags: "--csv", description: "print the budgets as CSV" },
    { flags: "--markdown", description: "print the plan as Markdown" },
    ...HARDWARE_FLAGS,
    ...LIMIT_FLAGS,
    ...COST_FLAGS,
    ...MEASURED_COST_FLAGS,
    ...SETTINGS_FLAGS,
    ...SOURCE_FLAGS,
    ...LOG_FLAGS,
    {
      flags: "--save <file>",
      description:
        "register the plan with date and hash of its fit, for check --against to hold the run against",
    },
  ],
  examples: [
    { command: "scalefit plan --flops 1e22", does: "the best split of 1e22 FLOPs" },
    {
      command: "scalefit plan --flops 1e22 --params 7B",
      does: "the same budget on a model of 7B parameters",
    },
    {
      command: "scalefit plan --flops 1e22 --ratio 20",
      does: "the same budget at 20 tokens per parameter",
    },
    {
      command: "scalefit plan --dollars 1M --hardware h100 --count 512 --price 2.5 --deadline 30d",
      does: "a million dollars on 512 H100, within 30 days",
    },
    {
      command: "scalefit plan --flops 1e23 --unique-tokens 200B --serve-memory 80GB",
      does: "with 200B unique tokens, for one accelerator of 80 GB",
    },
    {
      command: "scalefit plan --flops 1e23 --serve-memory 80GB --serve-context 32k --serve-batch 16",
      does: "with room for the cache of 16 long sequences",
    },
    {
      command: "scalefit plan --target-loss 2.0 --inference-tokens 2T",
      does: "least cost of training and of serving 2T tokens",
    },
    {
      command: "scalefit plan --flops 1e22 --flops-rule exact --context 8k --vocab 128k --kv-heads 8",
      does: "FLOPs counted with attention and the output matrix",
    },
    {
      command: "scalefit plan --flops 1e22 --serve-memory 80GB --frontier",
      does: "the frontier of cost against loss about a budget",
    },
    {
      command: "scalefit plan --frontier 1e20..1e22 --risk 90%",
      does: "what the loss stays below in 90 % of resamples",
    },
    {
      command: "scalefit plan --preset ladder-hellaswag --target-task acc=80%",
      does: "the least compute for 80 % on a task",
    },
    {
      command: "scalefit plan --target-loss 2.0 --confidence 90%",
      does: "what to spend to be 90 % sure of a loss",
    },
    {
      command: "scalefit plan --params 100M --gpu-hours 6 --throughput 25000 --batch 131072",
      does: "a class of six hours: tokens by the speed measured",
    },
    {
      command: "scalefit plan --gpu-hours 2 --throughput examples/char-lm/runs.csv:seconds",
      does: "two hours, each size at its own measured speed",
    },
    {
      command: "scalefit plan --fit scalefit.json --cost-fit cost.json --days 30",
      does: "30 days under a cost fitted to measured seconds",
    },
    {
      command: "scalefit plan --flops 1e22 --lr-preset steplaw",
      does: "with learning rate and batch by a published law",
    },
    { command: "scalefit plan --table 1e20..1e26 --csv", does: "a ladder of budgets for a spreadsheet" },
    {
      command: "scalefit plan examples/char-lm/runs.csv --flops 2e13 --sensitivity",
      does: "fit these runs, plan, and try other choices",
    },
    {
      command: "scalefit plan --target-loss 2.0 --preset besiroglu",
      does: "the least compute that reaches a loss of 2.0",
    },
    {
      command:
        'scalefit plan --law mixture-power --coefficients "c=2.8,a=0.7,s=0.55,t=[0.6,-0.4,-0.2]" --at "cap=[1,0.5,0.5]"',
      does: "the best mixture of three domains, two at most half",
    },
  ],
  run,
};

async function run({ args, flags, width, global }: Invocation): Promise<Outcome> {
  const { areOfMixture, planFor, planMixture, POINT_WORDS, questionOf, sourcesFrom } = await import(
    "./plan-parts.js"
  );
  const question = await questionOf(flags);
  const refits = flags.sensitivity === true ? await refitsFor(args, flags) : null;
  if (refits === null) requireNoLog(args, flags);
  const found: Pick<Sources, "sources" | "warnings" | "fit" | "groupBy"> = refits ?? sourcesFrom(flags);
  const { sources, warnings, fit } = found;
  const weights = await lossWeights(flags);
  const isMixture = areOfMixture(sources);
  if (weights !== null && !isMixture) throw withoutMixture();
  const splits = isMixture
    ? [planMixture(sources, question, weights)]
    : sources.map((source) => planFor(source, question, POINT_WORDS));
  const results = await withSettings(splits, flags);
  const planned = results.map((result) => result.plan);
  const quoted = isMixture ? { plans: planned, warnings: [] } : await withBacktest(planned, flags, fit);
  const document: PlanDocument = {
    schema: "scalefit/plan@1",
    plans: refits === null ? quoted.plans : await refits.besideChoices(quoted.plans, question),
    warnings: [...warnings, ...results.flatMap((result) => result.warnings), ...quoted.warnings],
  };
  const saved = await register(flags, { ...found, plans: planned, at: question.at, fit });
  return {
    text: global.json ? "" : (await textOf(document, flags, width)) + saved,
    document,
    warnings: document.warnings,
    exitCode: 0,
  };
}

/** The plan as text, CSV or Markdown. @throws UsageError for both of these */
async function textOf(document: PlanDocument, flags: RawFlags, width: number): Promise<string> {
  const { pageAsked, planView } = await import("./plan-parts.js");
  const page = pageAsked(flags);
  if (page === "text") return planView(document, width);
  const { planCsv, planMarkdown } = await import("../report/plan-tables.js");
  return page === "csv" ? planCsv(document) : planMarkdown(document);
}

/** Registers the plans where `--save` asks for it; a line that says so. */
async function register({ save }: RawFlags, made: PlansMade): Promise<string> {
  return typeof save === "string" ? (await import("./plan-register.js")).savePlans(save, made) : "";
}

/** The plans with the best learning rate and batch size, where a law of these is given. */
async function withSettings(results: PlanResult[], flags: RawFlags): Promise<PlanResult[]> {
  if (flags.lrFit === undefined && flags.lrPreset === undefined) return results;
  const { hyperparametersOf, withHyperparameters } = await import("./hyperparameter-flags.js");
  const asked = hyperparametersOf(flags);
  return results.map((result) => withHyperparameters(result, asked));
}

/** The plans with what a saved backtest lets expect of them. @throws UsageError for a backtest without a fit */
async function withBacktest(
  plans: PlannedLaw[],
  { backtest }: RawFlags,
  fit: Sources["fit"],
): Promise<{ plans: PlannedLaw[]; warnings: Warning[] }> {
  const asked = typeof backtest === "string" ? backtest : undefined;
  if (fit === undefined) {
    if (asked === undefined) return { plans, warnings: [] };
    throw new UsageError({
      code: "flags",
      message: "--backtest says how far a fit's predictions were off, and there is no fit here",
      hint: "make one with scalefit fit runs.csv, or leave --backtest out",
    });
  }
  const { withExpectedErrors } = await import("./plan-parts.js");
  return withExpectedErrors(plans, fit, asked);
}

async function refitsFor(files: readonly string[], flags: RawFlags) {
  const { refitsOf } = await import("./plan-sensitivity.js");
  return refitsOf(files, flags);
}

/** A log is read for refits only. */
function requireNoLog(files: readonly string[], flags: RawFlags): void {
  const option = LOG_OPTIONS.find((name) => flags[name] !== undefined);
  if (files.length === 0 && option === undefined) return;
  throw new UsageError({
    code: "flags",
    message: `${files.length === 0 ? flagCalled(option as string) : `the argument ${quoteText(files[0])}`} is for a log, and plan reads one only with --sensitivity`,
    hint: "make a fit first: scalefit fit runs.csv; or add --sensitivity",
  });
}

/** What `--weights` gives; null where it is not there. */
async function lossWeights(flags: RawFlags): Promise<LossWeights | null> {
  const { weights } = flags;
  if (typeof weights !== "string") return null;
  const { readText, weightsFlag } = await import("./plan-parts.js");
  return weightsFlag(weights, (path) => readText(path, "a JSON object of weights is needed"));
}

const withoutMixture = (): UsageError =>
  new UsageError({
    code: "flags",
    message: "--weights is for laws of a mixture, whose losses are weighed against each other",
    hint: "leave it out",
  });
