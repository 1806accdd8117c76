import { DataError, UsageError } from "../errors.js";
import type { CheckDocument } from "../objects.js";
import type { CommandDefinition, Invocation, Outcome, RawFlags } from "./command.js";
import type { PredictedRows } from "./predict-rows.js";
import { RUN_FLAGS } from "./shared-flags.js";

/** `scalefit check`: finished runs against a saved fit; exit 1 when one leaves the line. */
export const checkCommand: CommandDefinition = {
  name: "check",
  summary: "hold finished runs against a fit or a registered plan; exit 1 when one is off the predicted line",
  arguments: [{ name: "<files...>", description: "a log of finished runs" }],
  flags: [
    {
      flags: "--against <file>",
      description:
        "the saved fit, or plans registered with plan --save (default: scalefit.json in this folder)",
    },
    {
      flags: "--tolerance <share>",
      description: "allow this distance from the prediction, 2%, in place of its interval",
    },
    ...RUN_FLAGS,
  ],
  examples: [
    {
      command: "scalefit check examples/ci/new-runs.csv --against examples/ci/scalefit.json",
      does: "a line a run; exit 0 when all hold",
    },
    {
      command: "scalefit check examples/ci/new-runs.csv --against examples/ci/scalefit.json --tolerance 2%",
      does: "within 2 % of the prediction",
    },
  ],
  run,
};

async function run({ args, flags, width, global }: Invocation): Promise<Outcome> {
  const { shareFlag } = await import("./check-parts.js");
  const tolerance = shareFlag(flags, "tolerance") ?? null;
  const { exists } = await import("./check-parts.js");
  if (flags.against === undefined && !exists("scalefit.json")) {
    throw new UsageError({
      code: "no-fit",
      message: "check needs a saved fit to hold the runs against",
      hint: "give --against FILE, or make one here with: scalefit fit runs.csv",
    });
  }
  const { registerIn } = await import("./check-parts.js");
  const against = String(flags.against ?? "scalefit.json");
  const register = registerIn(against);
  const rows: PredictedRows & Pick<CheckDocument, "against"> =
    register === null
      ? await againstFit(args, flags, { against, tolerance })
      : await (await import("./check-parts.js")).outcomesOf(args, flags, register);
  requireLimits(rows, tolerance);
  const { checks } = await import("./check-parts.js");
  const findings = rows.predictions.flatMap((prediction, i) => {
    const { measured } = prediction;
    if (measured === undefined) return [];
    const checked = { prediction: { ...prediction, measured }, run: prediction.run ?? "", ...rows.places[i] };
    return checks.map((check) => check.judge(checked, { tolerance }));
  });
  if (findings.length === 0) {
    throw new DataError({
      code: "no-rows",
      message: "no run with a measured value is left to check",
      hint: "look at --where and at the columns",
    });
  }
  const passed = findings.every((finding) => finding.severity === "ok");
  const document: CheckDocument = {
    schema: "scalefit/check@1",
    passed,
    ...(rows.against === undefined ? {} : { against: rows.against }),
    findings,
    warnings: rows.warnings,
  };
  const { checkView } = await import("./check-parts.js");
  const { annotations } = await import("./check-parts.js");
  return {
    text: global.json ? "" : checkView(document, width),
    annotations: process.env.GITHUB_ACTIONS ? annotations(findings) : "",
    document,
    warnings: rows.warnings,
    exitCode: passed ? 0 : 1,
  };
}

/** Every row of the files with the fit's prediction. @throws DataError for a fit without an interval for new runs */
async function againstFit(
  files: readonly string[],
  flags: RawFlags,
  { against, tolerance }: { against: string; tolerance: number | null },
): Promise<PredictedRows> {
  const { sourcesFrom } = await import("./check-parts.js");
  const { predictFiles, requireGroups } = await import("./check-parts.js");
  const found = sourcesFrom({ fit: against });
  requireGroups(found, flags);
  if (
    tolerance === null &&
    found.sources.some((source) => source.residuals.length === 0 || source.withoutDraws !== null)
  ) {
    throw new DataError({
      code: "no-interval",
      message:
        "this fit has no interval for new runs: it has no more rows than parameters, or keeps no draws",
      hint: "fit more runs, or give --tolerance 2%",
    });
  }
  return predictFiles(files, flags, found, "required");
}

/** A plan from published coefficients was registered without limits. @throws DataError */
function requireLimits(
  { predictions, against }: PredictedRows & Pick<CheckDocument, "against">,
  tolerance: number | null,
): void {
  const bare = predictions.find(({ newRun }) => newRun.low === null);
  if (against === undefined || tolerance !== null || bare === undefined) return;
  throw new DataError({
    code: "no-interval",
    message: "the plan was registered without an interval for new runs",
    why: bare.newRun.reason ?? "its coefficients came without draws",
    hint: "give --tolerance 2%",
  });
}
