import type { CommandDefinition } from "./command.js";
import { LOG_FLAGS, SOURCE_FLAGS } from "./shared-flags.js";

/** `scalefit design`: a law and its uncertainty -> the runs that tell most of the large one -> view. */
export const designCommand: CommandDefinition = {
  name: "design",
  summary: "which small runs to train next, so that their fit tells most about the large one",
  arguments: [
    {
      name: "[files...]",
      description: "the log of the runs that exist; they are fitted, and new ones add to them",
    },
  ],
  flags: [
    { flags: "--flops <number>", description: "training FLOPs of all designed runs together" },
    { flags: "--target <number>", description: "the budget in FLOPs of the large run" },
    { flags: "--runs <n>", description: "how many runs, seeds counted one by one (default: 12)" },
    {
      flags: "--next <n>",
      description: "the next n runs after those that exist, with what each tells for its cost",
    },
    {
      flags: "--for <what>",
      description:
        "what the runs are to pin down: loss, N or D at the target, or the law's parameters (default: loss)",
    },
    {
      flags: "--sizes <N,...>",
      description:
        "model sizes that can be trained: 30M,100M,300M, or @FILE of scalefit shape --ladder (default: any)",
    },
    { flags: "--max-flops-per-run <number>", description: "no run costs more (default: --flops)" },
    {
      flags: "--min-flops-per-run <number>",
      description: "no run costs less (default: a thousandth of the dearest)",
    },
    {
      flags: "--min-ratio <number>",
      description: "tokens per parameter, at least (default: a 16th of the law's best)",
    },
    {
      flags: "--max-ratio <number>",
      description: "tokens per parameter, at most (default: 16 times the best)",
    },
    {
      flags: "--noise <noise>",
      description:
        "standard deviation of one run's loss, 0.5% or 0.01 (default: the scatter of the fit, else 0.5%)",
    },
    { flags: "--at <K=V,...>", description: "the law's other inputs, held at these values: U=25e9" },
    {
      flags: "--simulate",
      description:
        "play whole campaigns on the law: how far plans by these runs and by an isoFLOP grid are off",
    },
    {
      flags: "--truth <name>",
      description:
        "with --simulate: the law that is true, a preset or the file of a fit (default: the one in hand)",
    },
    { flags: "--campaigns <n>", description: "with --simulate: how many (default: 100)" },
    { flags: "--seed <n>", description: "seed of the search and of simulated noise (default: 1)" },
    ...SOURCE_FLAGS,
    ...LOG_FLAGS,
  ],
  examples: [
    {
      command: "scalefit design --flops 1e20 --runs 12 --target 1e23 --preset besiroglu",
      does: "twelve runs from nothing, by a published law",
    },
    {
      command: "scalefit design examples/char-lm/runs.csv --flops 2e12 --next 1 --target 1e14",
      does: "the next run after these, and what it tells",
    },
    {
      command:
        "scalefit design --flops 1e19 --runs 8 --target 1e21 --preset besiroglu --simulate --campaigns 20",
      does: "what such runs would plan, beside an isoFLOP grid",
    },
    {
      command:
        "scalefit design --flops 1e19 --runs 8 --target 1e21 --preset besiroglu --simulate --campaigns 20 --truth kaplan-nd-table2",
      does: "the same where another law is the true one",
    },
  ],
  run: async (invocation) => (await import("./design-files.js")).designFiles(invocation),
};
