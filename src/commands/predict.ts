import { DataError, UsageError } from "../errors.js";
import type { PredictDocument, Prediction, Warning } from "../objects.js";
import type { CommandDefinition, Invocation, Outcome, RawFlags } from "./command.js";
import { RUN_FLAGS, SOURCE_FLAGS } from "./shared-flags.js";

/** `scalefit predict`: coefficients and inputs (or a file of runs) -> values -> view. */
export const predictCommand: CommandDefinition = {
  name: "predict",
  summary: "the loss of one given run, or of every row of a file, with its interval",
  arguments: [
    { name: "[files...]", description: "a log of planned or finished runs; finished ones are scored" },
  ],
  flags: [
    { flags: "--params <number>", description: "model size, 7B" },
    { flags: "--tokens <number>", description: "training tokens, 2T" },
    {
      flags: "--flops <number>",
      description: "training compute; with one of the others it gives the third by C = 6ND",
    },
    { flags: "--at <K=V,...>", description: "the law's inputs by name: N=7e9,D=2e12" },
    {
      flags: "--solve <name>",
      description: "ask the law backwards: the input that gives a value (scalefit laws ID lists what it can)",
    },
    ...SOURCE_FLAGS,
    ...RUN_FLAGS,
  ],
  examples: [
    { command: "scalefit predict --params 7e9 --tokens 2e12", does: "one run" },
    {
      command: "scalefit predict --at N=7e9,D=2e12 --preset hoffmann-tex",
      does: "the same by another law's coefficients",
    },
    {
      command: 'scalefit predict examples/char-lm/runs.csv --where "budget>2e11"',
      does: "every row, with its error",
    },
  ],
  run,
};

async function run({ args, flags, width, global }: Invocation): Promise<Outcome> {
  const { sourcesFrom } = await import("./predict-parts.js");
  const found = sourcesFrom(flags);
  const asked = await import("./predict-parts.js");
  const warnings: Warning[] = [...found.warnings];
  let predictions: Prediction[];
  if (args.length > 0) {
    refusePoint(flags);
    const rows = await asked.predictFiles(args, flags, found, "optional");
    predictions = rows.predictions;
    warnings.push(...rows.warnings);
  } else {
    const { solve } = flags;
    // Some answers are of the coefficients alone.
    const { givenPoint, pointOf } = await import("./predict-parts.js");
    const point = solve === undefined ? pointOf(flags) : givenPoint(flags);
    predictions = found.sources.map((source) =>
      typeof solve === "string" ? asked.solvePoint(source, solve, point) : asked.predictPoint(source, point),
    );
  }
  if (predictions.length === 0) {
    throw new DataError({
      code: "no-rows",
      message: "no row is left to predict",
      hint: "look at --where and at the columns",
    });
  }
  warnings.push(...asked.extrapolationWarnings(predictions));
  const { scorePredictions } = await import("./predict-parts.js");
  const metrics = scorePredictions(predictions);
  const document: PredictDocument = {
    schema: "scalefit/predict@1",
    source: found.sources.map((source) => source.from).join("; "),
    level: found.sources[0].level,
    predictions,
    ...(metrics === null || metrics === undefined ? {} : { metrics }),
    warnings,
  };
  const { predictView } = await import("./predict-parts.js");
  return { text: global.json ? "" : predictView(document, width), document, warnings, exitCode: 0 };
}

function refusePoint(flags: RawFlags): void {
  const given = ["params", "tokens", "flops", "at", "solve"].find((name) => flags[name] !== undefined);
  if (given === undefined) return;
  throw new UsageError({
    code: "flags",
    message: `--${given} and a file contradict each other: the rows of the file say where to predict`,
    hint: "give one of them",
  });
}
