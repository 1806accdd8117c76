/** `scalefit inspect`: says what was understood of logs, and writes them as one clean table. */
import type { CommandDefinition } from "./command.js";
import { FLOPS_RULE_FLAG, FORMAT_FLAG, MAP_FLAG, PATTERN_FLAG, UNIT_FLAG } from "./shared-flags.js";

export const inspectCommand: CommandDefinition = {
  name: "inspect",
  summary: "say what was understood of logs: format, columns, units, runs",
  arguments: [{ name: "<files...>", description: "logs, folders of logs, patterns; - is standard input" }],
  flags: [
    MAP_FLAG,
    UNIT_FLAG,
    FLOPS_RULE_FLAG,
    { flags: "--y <column>", description: "the measured value (default: the loss column)" },
    { flags: "--join <column>", description: "put the files side by side by this key" },
    FORMAT_FLAG,
    PATTERN_FLAG,
    { flags: "--rows", description: "list every run" },
    { flags: "-o, --output <file>", description: "write one clean row a run, as CSV" },
    {
      flags: "--convert <file>",
      description: "write all rows and columns as they were read, as CSV or (.parquet) Parquet",
    },
  ],
  examples: [
    { command: "scalefit inspect examples/char-lm/runs.csv", does: "what scalefit sees in a table of runs" },
    { command: "scalefit inspect examples/logs --rows", does: "a folder of logs, with every run" },
    {
      command: "scalefit inspect examples/logs --flops-rule exact",
      does: "compute counted from layers, width and sequence length",
    },
    {
      command: "scalefit inspect examples/logs -o clean.csv",
      does: "one clean table, which every command reads",
    },
  ],
  run: async (invocation) => {
    const { inspectFiles } = await import("./inspect-files.js");
    return inspectFiles(invocation);
  },
};
