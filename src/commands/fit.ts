import type { CommandDefinition } from "./command.js";
import {
  FLOPS_RULE_FLAG,
  FORMAT_FLAG,
  MAP_FLAG,
  PATTERN_FLAG,
  UNIT_FLAG,
  WHERE_FLAG,
} from "./shared-flags.js";

/** `scalefit fit`: flags -> log -> core -> view and scalefit.json. */
export const fitCommand: CommandDefinition = {
  name: "fit",
  summary: "fit a scaling law to the runs of a log, and say how sure the fit is",
  arguments: [
    {
      name: "<files...>",
      description: "CSV, TSV or JSON Lines, gzip too; - for standard input; several are pooled",
    },
  ],
  flags: [
    {
      flags: "--law <id>",
      description:
        "the law to fit; several with commas or auto: the one that best predicts rows held back (default: by the columns; scalefit laws lists them)",
    },
    {
      flags: "--estimator <name>",
      description:
        "of --law isoflop over several budgets, how the best sizes are found: parabola, akima or envelope of training curves (default: parabola)",
    },
    MAP_FLAG,
    UNIT_FLAG,
    FLOPS_RULE_FLAG,
    FORMAT_FLAG,
    PATTERN_FLAG,
    WHERE_FLAG,
    {
      flags: "--join <column>",
      description:
        "put the files side by side by this key (mixtures in one, losses in the other), not one below the other",
    },
    {
      flags: "--mixture <columns>",
      description:
        'the shares of the training mixture: names with commas or a pattern, "train_*" (default: columns that add up to 1)',
    },
    {
      flags: "--y <column>",
      description:
        "the measured value (default: the loss column); several with commas, or a pattern with *: one fit each",
    },
    {
      flags: "--successes <column>",
      description:
        "counts of successes: their rate is fitted by the binomial likelihood, zeros too (default for a law of rates: by the header)",
    },
    {
      flags: "--trials <column>",
      description: "the trials behind successes, or behind the rates of --y: a column, or one number",
    },
    {
      flags: "--average <n>",
      description:
        "the measured value of a run is the mean of its last n checkpoints (default: the last one)",
    },
    {
      flags: "--reduce <rule>",
      description:
        "what stands for a run with several rows: last, min, mean:5, ema:10, at:2B (tokens), all, or all:20% (all but the early ones); default: last",
    },
    { flags: "--group-by <column>", description: "fit each group of rows by itself" },
    {
      flags: "--cluster <column>",
      description: "rows with the same value share an error and are resampled together (default: the run)",
    },
    {
      flags: "--strata <column>",
      description: "resamples hold as many rows of each of its values as the log, such as of each budget",
    },
    {
      flags: "--weight <column>",
      description: "precision weight of each row (1/variance); rows without one above 0 are not used",
    },
    {
      flags: "--noise <noise>",
      description:
        "known standard deviation of the measured value: 0.5% (relative), 0.02 (in its unit), or a column of it; COLUMN:relative, COLUMN:absolute",
    },
    {
      flags: "--formula <text>",
      description: 'a law of your own, "E + A/N^alpha"; names that are no columns are parameters',
    },
    {
      flags: "--param <name=start>",
      description: 'start and bounds of a parameter, "b2=1e-4:[0,1]" (repeat)',
      repeats: true,
    },
    { flags: "--fix <name=value>", description: "hold a parameter at a value (repeat)", repeats: true },
    {
      flags: "--tie <name=expression>",
      description: 'tie a parameter to others, "beta=alpha" (repeat)',
      repeats: true,
    },
    {
      flags: "--objective <name>",
      description:
        "huber-log, huber, squares-log, squares, absolute-log, absolute, envelope-log, envelope, huber-likelihood-log, huber-likelihood with a fitted scale, or binomial for rates (default: the law's own, else huber-log)",
    },
    {
      flags: "--delta <number>",
      description:
        "Huber threshold, or auto (default: 1.345 robust standard deviations); in units of the noise with --noise or --weight",
    },
    {
      flags: "--bootstrap <n>",
      description: "resamples behind the intervals; 0 takes the covariance (default: 1000)",
    },
    {
      flags: "--interval <kind>",
      description:
        "percentile, bca (for a Huber objective with a given --delta), bootstrap-t, covariance or profile (default: percentile)",
    },
    {
      flags: "--covariance <kind>",
      description:
        "classical, or sandwich: HC3 for unequal noise, by cluster where rows share an error (default: classical)",
    },
    {
      flags: "--resample <what>",
      description:
        "cases (rows, or whole runs), residuals or parametric: new noise about the curve, for independent rows (default: cases; residuals for bootstrap-t)",
    },
    { flags: "--level <share>", description: "confidence level (default: 0.95)" },
    {
      flags: "--workers <n>",
      description: "threads for large bootstraps and for laws to choose among (default: as many as pay)",
    },
    { flags: "--seed <n>", description: "seed of the resamples (default: 1)" },
    { flags: "-o, --output <file>", description: "where the fit is saved (default: scalefit.json)" },
    { flags: "--no-save", description: "do not save the fit" },
  ],
  examples: [
    { command: "scalefit fit examples/char-lm/runs.csv", does: "fit, print, save scalefit.json" },
    {
      command: 'scalefit fit examples/char-lm/runs.csv --where "budget<2e11" -o small.json',
      does: "without the largest runs",
    },
    {
      command: "scalefit fit examples/char-lm/runs.csv --map loss=train_loss --json --no-save",
      does: "another measure, as JSON",
    },
    {
      command: 'scalefit fit examples/char-lm/runs.csv --y seconds --formula "k*N^a*D^b" -o cost.json',
      does: "what runs take, for plan --cost-fit",
    },
    {
      command: "scalefit fit examples/char-lm/runs.csv --law power-floor --map x=flops -o compute.json",
      does: "the loss against compute alone",
    },
    {
      command: "scalefit fit examples/char-lm/runs.csv --law isoflop -o optima.json",
      does: "the best size of each budget, and their line",
    },
    {
      command:
        "scalefit fit examples/repeated-sampling/problems.csv --successes correct --trials samples -o passes.json",
      does: "counts of correct samples, one row a problem",
    },
    {
      command: "scalefit fit examples/char-lm/runs.csv --law auto --bootstrap 0 -o chosen.json",
      does: "choose among all laws that fit the columns",
    },
  ],
  run: async (invocation) => (await import("./fit-files.js")).fitFiles(invocation),
};
