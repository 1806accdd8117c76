/**
 * Problems with their samples and the correct ones of each, one row a problem: the distribution of success rates over
 * them, from which coverages of any number of samples follow.
 */
import { DataError, UsageError } from "../errors.js";
import { sampledRange, startCountFit } from "../fit/fit-counts.js";
import { accountFor } from "../fit/fit-observed.js";
import type { FitOptions } from "../fit/options.js";
import { betaBinomial, passAtKBeta } from "../laws/pass-at-k.js";
import type { FoundCounts } from "../logs/count-columns.js";
import { escapeText } from "../text.js";
import type { Group, Groups } from "./fit-group.js";
import { parameterChoices } from "./formula-flags.js";
import { type OpenedLog, observeLaw, ratesByColumns, type WantedLaw } from "./logs.js";

/** A log of which the counts are those of single problems. */
export interface ProblemLog extends OpenedLog {
  counts: FoundCounts;
}

/**
 * Whether the rows are problems: the law is asked for and there is no k by which they could be points of a curve, or no
 * other law of rates fits the columns.
 *
 * @throws DataError where that law is asked for and there are no counts
 */
export function areProblems(log: OpenedLog, wanted: WantedLaw): log is ProblemLog {
  const { counts, offered } = log;
  const isAsked =
    wanted !== "by-columns" &&
    "law" in wanted &&
    (wanted.law === betaBinomial || (wanted.law === passAtKBeta && !offered.has("k")));
  if (isAsked && counts?.kind !== "successes") throw withoutCounts(log);
  if (isAsked) return true;
  const isDefault = wanted === "by-columns" && !offered.has("k") && !offered.has("N") && !offered.has("C");
  return isDefault && counts?.kind === "successes" && ratesByColumns(log).length === 0;
}

const withoutCounts = ({ table }: OpenedLog): DataError =>
  new DataError({
    code: "missing-input",
    message: `the law ${passAtKBeta.id} needs the samples of each problem and how many of them are correct, or coverages against k`,
    hint: "name the columns with --trials COLUMN and --successes COLUMN",
    file: table.files[0],
  });

/** @throws UsageError for an objective that counts do not have */
export function problemGroups(log: ProblemLog, asked: FitOptions): Groups {
  const { flags, counts } = log;
  if (flags.objective !== "binomial")
    throw new UsageError({
      code: "flags",
      message: `--objective ${flags.objective} is not for the counts of problems`,
      why: "their likelihood is the beta-binomial one",
      hint: "leave it out",
    });
  const from = new Map([
    ["n", counts.trials.name],
    ["c", counts.measured.name],
  ]);
  const bound = { law: betaBinomial, from, measured: counts.measured.name, constants: new Map() };
  // The counts are measured, not the rates.
  const plain = { ...log, flags: { ...flags, y: undefined, weight: undefined } };
  const read = observeLaw(plain, bound, "any");
  const column = `${escapeText(counts.measured.name, 60)} of ${escapeText(counts.trials.name, 60)}`;
  const groups = read.groups.map(
    (group): Group => ({
      name: group.group,
      start() {
        const fit = startCountFit(group.observations, asked, parameterChoices(flags, passAtKBeta));
        const observed = {
          ...group,
          range: sampledRange(group.observations),
          columns: new Map([
            ["k", escapeText(counts.trials.name, 60)],
            ["loss", column],
          ]),
        };
        return {
          tasks: fit.tasks,
          finish: (draws) => accountFor(passAtKBeta, observed, new Map(), fit.finish(draws)),
        };
      },
    }),
  );
  return { groups, warnings: read.warnings, sources: read.sources };
}
