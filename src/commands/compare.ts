import { UsageError } from "../errors.js";
import { quoteText } from "../text.js";
import type { CommandDefinition, Invocation, Outcome, RawFlags } from "./command.js";
import {
  FLOPS_RULE_FLAG,
  FORMAT_FLAG,
  flagCalled,
  MAP_FLAG,
  PATTERN_FLAG,
  UNIT_FLAG,
  WHERE_FLAG,
} from "./shared-flags.js";

/** `scalefit compare`: groups of runs -> a fit each -> what sets them apart; or results of evaluations -> metrics to decide by. */
export const compareCommand: CommandDefinition = {
  name: "compare",
  summary:
    "recipes against each other, a fit against published ones, laws on one log; or metrics: which to decide by",
  arguments: [
    {
      name: "<files...>",
      description: "one log, with --group-by for recipes in it, or one log for each recipe",
    },
  ],
  flags: [
    { flags: "--group-by <column>", description: "the column that names the recipe (default: the file)" },
    {
      flags: "--law <id>",
      description:
        "the law that each recipe is fitted by (default: by the columns); several, a,b,c or auto: the laws against each other on one log",
    },
    {
      flags: "--formula <text>",
      description: "a law of your own among those compared; alone, against the law of the columns (repeat)",
      repeats: true,
    },
    {
      flags: "--preset <names>",
      description:
        "the fit of the log against published sets, besiroglu,muennighoff-c4: errors, curves, exponents, what each would plan",
    },
    {
      flags: "--axes <K=V,...>",
      description:
        "with --preset: what the log's numbers count, params=total (or non-embedding, active), loss=nats/token, compute=6ND|counted, tokenizer=NAME, data=NAME, bytes-per-token=4.3, characters-per-token=4.2, vocabulary=50257, embeddings=tied|untied",
    },
    {
      flags: "--by <scale>",
      description:
        "compare along this alone: params, tokens, flops, or any column such as accelerator hours (default: compute, split at its best)",
    },
    {
      flags: "--budgets <list>",
      description:
        "the scales to compare at, 1e20,1e22 (default: over the data, and 10 and 100 times beyond)",
    },
    {
      flags: "--margin <share>",
      description: "how far above its floor a run counts as on the plateau (default: 2%)",
    },
    {
      flags: "--pareto <cost,value>",
      description: "the rows that no other beats in both of two columns: gpu_hours,loss",
    },
    {
      flags: "--pool",
      description:
        "families of runs that take exponents, shape or all parameters from each other as the evidence says; for families of few runs",
    },
    {
      flags: "-o, --output <file>",
      description: "with --pool: save the fits, so that plan, predict and check take them with --fit",
    },
    {
      flags: "--metrics [names]",
      description:
        'after the files: which metric of small runs to decide by; names with commas, patterns "arc*", or task=COLUMN of a table with a row a task (default: every column that is a result)',
    },
    {
      flags: "--target <name>",
      description:
        "with --metrics: the metric that large runs are judged by (default: each metric by itself); with --pool: the family that is asked for (default: all)",
    },
    {
      flags: "--checkpoints [k]",
      description:
        "after the files: every checkpoint of a run is fitted (default: its last row); with --metrics and a number: last checkpoints of each run that count (default: 5)",
    },
    {
      flags: "--accuracy <share>",
      description:
        "with --metrics: the decision accuracy that averaging checkpoints or seeds is to reach (default: 90%)",
    },
    {
      flags: "--lower-is-better <pattern>",
      description: "with --metrics: those of which less is better, beside those whose names say so",
    },
    MAP_FLAG,
    UNIT_FLAG,
    FLOPS_RULE_FLAG,
    FORMAT_FLAG,
    PATTERN_FLAG,
    WHERE_FLAG,
    {
      flags: "--average <n>",
      description:
        "the measured value of a run is the mean of its last n checkpoints (default: the last one)",
    },
    { flags: "--join <column>", description: "put the files side by side by this key" },
    { flags: "--y <column>", description: "the measured value, lower is better (default: the loss column)" },
    {
      flags: "--cluster <column>",
      description: "rows with the same value share an error (default: the run)",
    },
    {
      flags: "--objective <name>",
      description: "as in scalefit fit (default: the law's own, else huber-log)",
    },
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
      command:
        "scalefit compare examples/two-recipes/runs.csv --group-by recipe --by gpu_hours --budgets 10,100",
      does: "the same along measured accelerator hours",
    },
    {
      command:
        "scalefit compare examples/two-recipes/runs.csv --group-by recipe --preset besiroglu --axes params=total,loss=nats/token",
      does: "the fit of each recipe against a published one",
    },
    {
      command: "scalefit compare examples/char-lm/runs.csv --law chinchilla,kaplan-nd --budgets 2e13",
      does: "two laws on one log, and what either would plan",
    },
    {
      command: "scalefit compare examples/two-recipes/runs.csv --group-by recipe --pareto gpu_hours,loss",
      does: "the efficient frontier of cost against loss",
    },
    {
      command: "scalefit compare examples/decide-metrics/evals.csv --metrics",
      does: "every metric of a table, the best to decide by first",
    },
    {
      command: "scalefit compare examples/decide-metrics/evals.csv --metrics --target qa_acc",
      does: "which metric of small runs tells qa_acc of large ones",
    },
    {
      command:
        "scalefit compare examples/families/runs.csv --group-by corpus --pool --target legal --bootstrap 300",
      does: "a family of three runs takes from four others",
    },
  ],
  run,
};

/** Flags that belong to one of the questions alone. */
const OF_METRICS = ["target", "accuracy", "lowerIsBetter"];
const OF_RECIPES = [
  "law",
  "formula",
  "by",
  "budgets",
  "margin",
  "cluster",
  "objective",
  "delta",
  "bootstrap",
  "workers",
  "seed",
];

const OF_PRESETS = ["axes"];

async function run(invocation: Invocation): Promise<Outcome> {
  const { flags } = invocation;
  if (flags.metrics !== undefined) {
    if (flags.checkpoints === true) throw withoutNumber();
    refuse(
      flags,
      ["pareto", "pool", "preset", "average", "output", ...OF_PRESETS, ...OF_RECIPES],
      (flag) => `${flag} and --metrics contradict each other`,
    );
    return (await import("./compare-metrics.js")).compareMetrics(invocation);
  }
  if (flags.pool === true) {
    refuse(
      flags,
      ["pareto", "margin", "checkpoints", ...OF_METRICS.slice(1)],
      (flag) => `${flag} and --pool contradict each other`,
    );
    return (await import("./compare-pool.js")).comparePoolFiles(invocation);
  }
  refuse(flags, ["output"], (flag) => `${flag} needs --pool`);
  refuse(flags, OF_METRICS, (flag) =>
    flag === "--target" ? "--target needs --metrics or --pool" : `${flag} needs --metrics`,
  );
  if (typeof flags.checkpoints === "string") throw ofMetrics(flags.checkpoints);
  if (flags.pareto !== undefined) {
    refuse(
      flags,
      ["y", "level", "preset", "checkpoints", ...OF_PRESETS, ...OF_RECIPES],
      (flag) => `${flag} and --pareto contradict each other`,
    );
    return (await import("./compare-pareto.js")).comparePareto(invocation);
  }
  const laws = await import("./compare-laws.js");
  if (flags.preset !== undefined) {
    if (laws.areLawsAsked(flags))
      refuse(flags, ["law"], (flag) => `--preset and several laws of ${flag} contradict each other`);
    refuse(flags, ["by", "margin", "formula"], (flag) => `${flag} and --preset contradict each other`);
    return (await import("./compare-presets.js")).comparePresets(invocation);
  }
  refuse(flags, OF_PRESETS, (flag) => `${flag} needs --preset`);
  if (laws.areLawsAsked(flags)) {
    refuse(flags, ["by", "margin"], (flag) => `${flag} and several laws contradict each other`);
    return laws.compareLawsOf(invocation);
  }
  return (await import("./compare-recipes.js")).compareFiles(invocation);
}

const withoutNumber = (): UsageError =>
  new UsageError({
    code: "flags",
    message:
      "--checkpoints needs a number with --metrics: that of the last checkpoints of each run that count",
    hint: "for example --checkpoints 5",
  });

const ofMetrics = (value: string): UsageError =>
  new UsageError({
    code: "flags",
    message: `--checkpoints takes no value for recipes, and ${quoteText(value)} stands after it`,
    why: "every checkpoint of a run takes part; a number of them is for --metrics",
    hint: "put it after the files; --average K takes the mean of the last K",
  });

/** @throws UsageError where one of these flags is there */
function refuse(flags: RawFlags, names: readonly string[], message: (flag: string) => string): void {
  const stray = names.find((name) => flags[name] !== undefined);
  if (stray === undefined) return;
  throw new UsageError({
    code: "flags",
    message: message(flagCalled(stray)),
    hint: `leave one of them out${flags.metrics === undefined ? "" : "; --metrics stands after the files"}`,
  });
}
