import type { PlanDocument } from "../objects.js";
import type { Question } from "../plan/question.js";
import type { CommandDefinition, Invocation, Outcome, RawFlags } from "./command.js";
import { SOURCE_FLAGS } from "./shared-flags.js";

/** `scalefit plan`: coefficients and a question -> allocation -> view. */
export const planCommand: CommandDefinition = {
  name: "plan",
  summary: "split a training budget: parameters, tokens and loss, each with its interval",
  flags: [
    { flags: "--flops <number>", description: "training budget, 1e22 or 22ZFLOP" },
    { flags: "--params <number>", description: "fix the model size, 7B" },
    { flags: "--tokens <number>", description: "fix the training tokens, 2T" },
    { flags: "--target-loss <number>", description: "the compute that reaches this loss" },
    {
      flags: "--at <K=V,...>",
      description: "the law's other inputs, at which the budget is planned: U=25e9",
    },
    ...SOURCE_FLAGS,
  ],
  examples: [
    { command: "scalefit plan --flops 1e22", does: "the best split of 1e22 FLOPs" },
    {
      command: "scalefit plan --flops 1e22 --params 7B",
      does: "the same budget on a model of 7B parameters",
    },
    {
      command: "scalefit plan --target-loss 2.0 --preset besiroglu",
      does: "the least compute that reaches a loss of 2.0",
    },
  ],
  run,
};

async function run({ flags, width, global }: Invocation): Promise<Outcome> {
  const question = await questionOf(flags);
  const { sourcesFrom } = await import("./source.js");
  const { planFor } = await import("../plan/plan-for.js");
  const { POINT_WORDS } = await import("./predict-rows.js");
  const { sources, warnings } = sourcesFrom(flags);
  const results = sources.map((source) => planFor(source, question, POINT_WORDS));
  const document: PlanDocument = {
    schema: "scalefit/plan@1",
    plans: results.map((result) => result.plan),
    warnings: [...warnings, ...results.flatMap((result) => result.warnings)],
  };
  const { planView } = await import("../report/plan-view.js");
  return {
    text: global.json ? "" : planView(document, width),
    document,
    warnings: document.warnings,
    exitCode: 0,
  };
}

async function questionOf(flags: RawFlags): Promise<Question> {
  const { positiveFlag } = await import("./flags.js");
  const { requireQuestion } = await import("../plan/question.js");
  const { pointAt } = await import("./predict-rows.js");
  const at = Object.fromEntries(pointAt(flags));
  const question: Question = {
    flops: positiveFlag(flags, "flops", "flops"),
    params: positiveFlag(flags, "params", "params"),
    tokens: positiveFlag(flags, "tokens", "tokens"),
    targetLoss: positiveFlag(flags, "targetLoss", "loss"),
    ...(Object.keys(at).length === 0 ? {} : { at }),
  };
  requireQuestion(question);
  return question;
}
