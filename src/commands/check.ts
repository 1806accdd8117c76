import { DataError, UsageError } from "../errors.js";
import type { CheckDocument } from "../objects.js";
import type { CommandDefinition, Invocation, Outcome } from "./command.js";
import { RUN_FLAGS } from "./shared-flags.js";

/** `scalefit check`: finished runs against a saved fit; exit 1 when one leaves the line. */
export const checkCommand: CommandDefinition = {
  name: "check",
  summary: "hold finished runs against a fit; exit 1 when one is off the predicted line",
  arguments: [{ name: "<files...>", description: "a log of finished runs" }],
  flags: [
    { flags: "--against <file>", description: "the saved fit (default: scalefit.json in this folder)" },
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
  const { shareFlag } = await import("./flags.js");
  const tolerance = shareFlag(flags, "tolerance") ?? null;
  const { sourcesFrom } = await import("./source.js");
  const { exists } = await import("./files.js");
  if (flags.against === undefined && !exists("scalefit.json")) {
    throw new UsageError({
      code: "no-fit",
      message: "check needs a saved fit to hold the runs against",
      hint: "give --against FILE, or make one here with: scalefit fit runs.csv",
    });
  }
  const found = sourcesFrom({ fit: flags.against ?? "scalefit.json" });
  const { predictFiles, requireGroups } = await import("./predict-rows.js");
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
  const rows = await predictFiles(args, flags, found, "required");
  const { checks } = await import("../checks/index.js");
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
  const document: CheckDocument = { schema: "scalefit/check@1", passed, findings, warnings: rows.warnings };
  const { checkView } = await import("../report/check-view.js");
  const { annotations } = await import("../report/annotations.js");
  return {
    text: global.json ? "" : checkView(document, width),
    annotations: process.env.GITHUB_ACTIONS ? annotations(findings) : "",
    document,
    warnings: rows.warnings,
    exitCode: passed ? 0 : 1,
  };
}
