/** Flags that several commands have, worded once. */
import type { FlagDefinition } from "./command.js";

/** An option as it is typed: `groupBy` is `--group-by`. */
export const flagCalled = (name: string): string =>
  `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

export const MAP_FLAG: FlagDefinition = {
  flags: "--map <name=column>",
  description: "read a quantity from this column, NAME=COLUMN[:FACTOR] (repeat)",
  repeats: true,
};

export const UNIT_FLAG: FlagDefinition = {
  flags: "--unit <name=unit>",
  description: "the unit of a quantity's column: tokens=B, flops=PF-days, loss=bits (repeat)",
  repeats: true,
};

export const FLOPS_RULE_FLAG: FlagDefinition = {
  flags: "--flops-rule <rule>",
  description:
    "count compute from the architecture in the log, in place of its column: 6nd, kaplan, palm, chinchilla, deepseek, exact; what no column says behind it: exact,vocab=50k,context=2048",
};

export const FORMAT_FLAG: FlagDefinition = {
  flags: "--format <id>",
  description: "read the files as this format, whatever they look like",
};

export const PATTERN_FLAG: FlagDefinition = {
  flags: "--pattern <text>",
  description: 'read a log of lines by a pattern of your own: "step {step} | loss {loss}" (repeat)',
  repeats: true,
};

export const WHERE_FLAG: FlagDefinition = {
  flags: "--where <condition>",
  description: 'only rows for which it holds: "loss<3.4", "optimizer=adamw" (repeat: and)',
  repeats: true,
};

/** Where coefficients come from: plan and predict. */
export const SOURCE_FLAGS: readonly FlagDefinition[] = [
  { flags: "--fit <file>", description: "a saved fit (default: scalefit.json in this folder, if there)" },
  { flags: "--preset <name>", description: "a published set of coefficients" },
  { flags: "--law <id>", description: "the law of --coefficients" },
  {
    flags: "--coefficients <K=V,...>",
    description: "a law given outright: E=1.82,A=482,..., JSON text, or @file.json",
  },
];

/** How finished or planned runs are read against a fit: predict and check. */
export const RUN_FLAGS: readonly FlagDefinition[] = [
  MAP_FLAG,
  UNIT_FLAG,
  FLOPS_RULE_FLAG,
  FORMAT_FLAG,
  PATTERN_FLAG,
  {
    flags: "--where <condition>",
    description: "only rows of the file for which it holds (repeat: and)",
    repeats: true,
  },
  { flags: "--join <column>", description: "put the files side by side by this key" },
  { flags: "--mixture <columns>", description: "the columns that are shares of the training mixture" },
  { flags: "--y <column>", description: "the measured value in the file (default: the loss column)" },
  { flags: "--successes <column>", description: "counts of successes, for a law of rates" },
  { flags: "--trials <column>", description: "the trials behind them: a column, or one number" },
  { flags: "--group-by <column>", description: "the column that names the group of a grouped fit" },
];

/** The options of `LOG_FLAGS`, in their order. */
export const LOG_OPTIONS = ["map", "where", "groupBy", "y"] as const;

/** How the log of `plan --sensitivity` is read, where no saved fit says so. */
export const LOG_FLAGS: readonly FlagDefinition[] = [
  {
    flags: "--map <name=column>",
    description: "with a log: read a quantity from this column, NAME=COLUMN[:FACTOR] (repeat)",
    repeats: true,
  },
  {
    flags: "--where <condition>",
    description: "with a log: only rows for which it holds (repeat: and)",
    repeats: true,
  },
  { flags: "--group-by <column>", description: "with a log: fit and plan each group of rows by itself" },
  { flags: "--y <column>", description: "with a log: the measured value (default: the loss column)" },
];
