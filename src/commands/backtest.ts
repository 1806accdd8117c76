import type { CommandDefinition } from "./command.js";
import { FLOPS_RULE_FLAG, FORMAT_FLAG, MAP_FLAG, PATTERN_FLAG, UNIT_FLAG } from "./shared-flags.js";

/** `scalefit backtest`: flags -> log -> cuts of scale -> view and scalefit.backtest.json. */
export const backtestCommand: CommandDefinition = {
  name: "backtest",
  summary: "hide the largest runs, predict them from the smaller ones, and say how far off that was",
  arguments: [{ name: "<files...>", description: "the log, as for fit; several are pooled" }],
  flags: [
    {
      flags: "--law <id>",
      description: "the law; several with commas are tried side by side (default: by the columns)",
    },
    { flags: "--cuts <n>", description: "cuts of scale to try, at most (default: 20)" },
    {
      flags: "--runs <n,...>",
      description: "also fit so few of the runs below each cut, drawn five times: 8,16,32",
    },
    {
      flags: "--checkpoints",
      description: "every checkpoint of a run is fitted and predicted (default: the last row of each run)",
    },
    {
      flags: "--average <n>",
      description: "the measured value of a run is the mean of its last n checkpoints",
    },
    {
      flags: "--target <number>",
      description:
        "the error to expect there: training FLOPs for laws of params and tokens, else in the unit of the scale",
    },
    MAP_FLAG,
    UNIT_FLAG,
    FLOPS_RULE_FLAG,
    FORMAT_FLAG,
    PATTERN_FLAG,
    {
      flags: "--where <condition>",
      description: 'only rows for which it holds: "loss<3.4" (repeat: and)',
      repeats: true,
    },
    { flags: "--join <column>", description: "put the files side by side by this key" },
    { flags: "--y <column>", description: "the measured value (default: the loss column)" },
    { flags: "--group-by <column>", description: "each group of rows by itself" },
    {
      flags: "--pool",
      description:
        "with --group-by: what families of runs gain by taking from each other; --runs are then the smallest that a family is given (default: 1,2,3,5,8,12,20)",
    },
    {
      flags: "--cluster <column>",
      description: "rows with the same value are hidden together (default: the run)",
    },
    { flags: "--weight <column>", description: "precision weight of each row (1/variance)" },
    { flags: "--noise <noise>", description: "known standard deviation of the measured value, as for fit" },
    { flags: "--formula <text>", description: 'a law of your own, "E + A/N^alpha"' },
    { flags: "--param <name=start>", description: "start and bounds of a parameter (repeat)", repeats: true },
    { flags: "--fix <name=value>", description: "hold a parameter at a value (repeat)", repeats: true },
    { flags: "--tie <name=expression>", description: "tie a parameter to others (repeat)", repeats: true },
    { flags: "--objective <name>", description: "as for fit (default: the law's own, else huber-log)" },
    { flags: "--delta <number>", description: "Huber threshold, or auto (default: auto)" },
    {
      flags: "--bootstrap <n>",
      description: "resamples behind the interval at each cut (default: 200, fewer for many rows)",
    },
    { flags: "--level <share>", description: "of the intervals whose coverage is counted (default: 0.9)" },
    { flags: "--workers <n>", description: "threads (default: as many as pay)" },
    { flags: "--seed <n>", description: "seed of the resamples and draws (default: 1)" },
    {
      flags: "-o, --output <file>",
      description: "where it is saved for plan to quote (default: scalefit.backtest.json)",
    },
    { flags: "--no-save", description: "do not save it" },
  ],
  examples: [
    {
      command: "scalefit backtest examples/char-lm/runs.csv",
      does: "hide, predict, print, save scalefit.backtest.json",
    },
    {
      command:
        "scalefit backtest examples/char-lm/runs.csv --law chinchilla,power-floor --target 1e13 --no-save",
      does: "two laws, and the error to expect at 1e13 FLOPs",
    },
    {
      command: "scalefit backtest examples/char-lm/runs.csv --runs 12,24 --bootstrap 0 --no-save",
      does: "what fewer runs would have told",
    },
    {
      command: "scalefit backtest examples/families/runs.csv --group-by corpus --pool --runs 1,3",
      does: "what a family of 1 or 3 runs gains from the others",
    },
  ],
  run: async (invocation) =>
    invocation.flags.pool === true
      ? (await import("./backtest-pool.js")).backtestPoolFiles(invocation)
      : (await import("./backtest-files.js")).backtestFiles(invocation),
};
