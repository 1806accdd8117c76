import type { CommandDefinition } from "./command.js";

/** `scalefit compare`: several groups of runs -> a fit each -> what sets them apart. */
export const compareCommand: CommandDefinition = {
  name: "compare",
  summary: "recipes against each other: which is better at which budget, where they cross, how sure that is",
  arguments: [
    { name: "<files...>", description: "one log with --group-by, or one log for each recipe" },
  ],
  flags: [
    { flags: "--group-by <column>", description: "the column that names the recipe (default: the file)" },
    { flags: "--law <id>", description: "the law that each recipe is fitted by (default: by the columns)" },
    {
      flags: "--by <scale>",
      description:
        "compare along this alone: params, tokens, flops, or any column such as accelerator hours (default: compute, split at its best)",
    },
    {
      flags: "--budgets <list>",
      description: "the scales to compare at, 1e20,1e22 (default: over the data, and 10 and 100 times beyond)",
    },
    {
      flags: "--map <name=column>",
      description: "read a quantity from this column, NAME=COLUMN[:FACTOR] (repeat)",
      repeats: true,
    },
    {
      flags: "--where <condition>",
      description: 'only rows for which it holds: "loss<3.4", "optimizer=adamw" (repeat: and)',
      repeats: true,
    },
    { flags: "--y <column>", description: "the measured value, lower is better (default: the loss column)" },
    { flags: "--cluster <column>", description: "rows with the same value share an error (default: the run)" },
    { flags: "--objective <name>", description: "as in scalefit fit (default: the law's own, else huber-log)" },
    { flags: "--delta <number>", description: "Huber threshold, or auto (default: auto)" },
    { flags: "--bootstrap <n>", description: "resamples behind the intervals (default: 1000)" },
    { flags: "--level <share>", description: "confidence level (default: 0.95)" },
    { flags: "--workers <n>", description: "threads for large bootstraps (default: as many as pay)" },
    { flags: "--seed <n>", description: "seed of the resamples (default: 1)" },
  ],
  examples: [
    {
      command: "scalefit compare examples/two-recipes/runs.csv --group-by recipe",
      does: "two recipes along compute",
    },
    {
      command: "scalefit compare examples/two-recipes/runs.csv --group-by recipe --by gpu_hours --budgets 100,1000",
      does: "the same along measured accelerator hours",
    },
  ],
  run: async (invocation) => (await import("./compare-recipes.js")).compareFiles(invocation),
};
