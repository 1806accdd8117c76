import type { CommandDefinition } from "./command.js";

/** `scalefit compare`: which metric of small runs to decide by. */
export const compareCommand: CommandDefinition = {
  name: "compare",
  summary:
    "say which metric of small runs to decide by: signal, noise, and whether its order holds at a larger scale",
  arguments: [
    { name: "<files...>", description: "results of evaluations: a column a metric, or a row a task" },
  ],
  flags: [
    {
      flags: "--metrics [names]",
      description:
        'compare metrics: names with commas, patterns "arc*", or task=COLUMN of a table with a row a task (default: every column that is a result)',
    },
    { flags: "--group-by <column>", description: "the recipes that are decided between" },
    { flags: "--y <column>", description: "the values of a table with a row a task" },
    {
      flags: "--target <metric>",
      description: "the metric that large runs are judged by (default: each metric by itself)",
    },
    { flags: "--checkpoints <k>", description: "last checkpoints of each run that count (default: 5)" },
    {
      flags: "--accuracy <share>",
      description: "the decision accuracy that averaging checkpoints or seeds is to reach (default: 90%)",
    },
    {
      flags: "--lower-is-better <pattern>",
      description: "metrics of which less is better, beside those whose names say so",
    },
    {
      flags: "--map <name=column>",
      description: "read a quantity from this column, NAME=COLUMN[:FACTOR] (repeat)",
      repeats: true,
    },
    {
      flags: "--where <condition>",
      description: "only rows for which it holds (repeat: and)",
      repeats: true,
    },
    { flags: "--join <column>", description: "put the files side by side by this key" },
    { flags: "--level <share>", description: "confidence level (default: 0.95)" },
  ],
  examples: [
    {
      command: "scalefit compare examples/decide-metrics/evals.csv --metrics",
      does: "every metric of the table, the best to decide by first",
    },
    {
      command: "scalefit compare examples/decide-metrics/evals.csv --metrics --target qa_acc",
      does: "which metric of small runs tells qa_acc of large ones",
    },
  ],
  run: async (invocation) => (await import("./compare-metrics.js")).compareMetrics(invocation),
};
