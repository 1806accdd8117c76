/**
 * What `scalefit compare` does with recipes: files -> a group of rows for each -> a fit each -> the comparison.
 */
import { DataError, UsageError } from "../errors.js";
import { compareRecipes, type Recipe } from "../evidence/compare-recipes.js";
import { startFit } from "../fit/fit-law.js";
import { accountFor } from "../fit/fit-observed.js";
import { type FitOptions, optionsFor } from "../fit/options.js";
import { requireLaw } from "../laws/require-law.js";
import { type BoundLaw, oneVariableOn } from "../laws/routing.js";
import { quantityCalled } from "../logs/columns.js";
import { parseNumber } from "../logs/numbers.js";
import type { ObservedGroup } from "../logs/runs.js";
import type { CompareDocument, Observations, RecipeComparison, Warning } from "../objects.js";
import { compareView } from "../report/compare-view.js";
import { unitOf } from "../report/curve-words.js";
import { quoteText } from "../text.js";
import { checkpointWarnings, stepsAsked } from "./checkpoints.js";
import type { Invocation, Outcome, RawFlags } from "./command.js";
import { drawEach } from "./draw-pool.js";
import { warningsOf } from "./fit-files.js";
import { measureFor, uniqueWarnings } from "./fit-group.js";
import { fitOptions, workersFlag } from "./fit-options.js";
import { listFlag, shareFlag, textFlag } from "./flags.js";
import {
  areLastRowsEnough,
  bindLog,
  measuredBy,
  type OpenedLog,
  observeLaw,
  type ReadLog,
  type WantedLaw,
  withRuns,
} from "./logs.js";
import { ThreadPool } from "./thread-pool.js";

/** Within so much of its floor a loss is taken to be on the plateau. */
const PLATEAU = 0.02;

export async function compareFiles({ args, flags: given, width, global }: Invocation): Promise<Outcome> {
  const flags = { ...given, groupBy: given.groupBy ?? groupedByFile(args) };
  const asked = fitOptions(flags);
  if (asked.bootstrap === 0) throw withoutResamples();
  const scales = scalesFlag(flags);
  const { read, options } = await readRecipes(args, flags, asked);
  const warnings: Warning[] = [...read.warnings];
  const recipes = await fitRecipes(read, options, flags, warnings);
  const row = stepsAsked(flags) === "all" ? "checkpoint" : "run";
  warnings.push(...sharedRuns(read.groups, row));
  const { law } = read.bound;
  const comparison = compareRecipes(law, recipes, {
    scales,
    seed: asked.seed,
    margin: shareFlag(flags, "margin") ?? PLATEAU,
  });
  const document: CompareDocument = {
    schema: "scalefit/compare@1",
    mode: "recipes",
    recipes: comparison,
    warnings: uniqueWarnings([...warnings, ...apart(recipes, comparison)]),
  };
  return {
    text: global.json ? "" : compareView(document, width),
    document,
    warnings: document.warnings,
    exitCode: 0,
  };
}

/** Each file is a recipe where there are several. @throws UsageError for one file that says nothing of recipes */
export function groupedByFile(files: readonly string[]): string {
  if (files.length > 1) return "file";
  throw new UsageError({
    code: "no-groups",
    message: "compare needs to know the recipes",
    why: "one log was given, and nothing says which of its rows belong to which",
    hint: "name the column with --group-by COLUMN, or give one log for each recipe",
  });
}

export const withoutResamples = (): UsageError =>
  new UsageError({
    code: "flags",
    message: "--bootstrap 0 leaves nothing to compare with: differences and crossings come from resamples",
    hint: "leave it out, or give a number such as 400",
  });

/** What `--budgets` gives, ascending. @throws UsageError */
export function scalesFlag(flags: RawFlags): number[] {
  const text = textFlag(flags, "budgets");
  if (text === undefined) return [];
  const scales = text.split(",").map((part) => {
    const parsed = parseNumber(part.trim(), "flops", "flag");
    if (!("fault" in parsed) && parsed.value > 0) return parsed.value;
    throw new UsageError({
      code: "flag",
      message: `--budgets: cannot use ${quoteText(part)}`,
      why: "fault" in parsed ? parsed.fault : "it must be above 0",
      hint: "numbers with commas between them: --budgets 1e20,1e22",
    });
  });
  return [...new Set(scales)].sort((a, b) => a - b);
}

interface RecipesRead {
  read: ReadLog;
  options: FitOptions;
}

export async function readRecipes(
  files: readonly string[],
  flags: RawFlags,
  asked: FitOptions,
): Promise<RecipesRead> {
  const by = textFlag(flags, "by");
  const quantity = by === undefined ? null : quantityCalled(by);
  const column = by !== undefined && quantity === null ? { map: [...listFlag(flags, "map"), `x=${by}`] } : {};
  const wanted = wantedLaw(flags, by);
  const steps = stepsAsked(flags);
  const isEnough = areLastRowsEnough(flags);
  return withRuns(files, { ...flags, ...column }, measuredBy(wanted), { isEnough }, (opened) =>
    recipesIn(opened, wanted, { quantity, column, asked, steps }),
  );
}

interface RecipesAsked {
  /** That of `--by`, null where it names a column or is not given. */
  quantity: ReturnType<typeof quantityCalled>;
  column: RawFlags;
  asked: FitOptions;
  steps: "last" | "all";
}

function recipesIn(
  opened: OpenedLog,
  wanted: WantedLaw,
  { quantity, column, asked, steps }: RecipesAsked,
): RecipesRead {
  const bound = bindLog(opened, quantity === null ? wanted : { law: requireLaw("power-floor") });
  const law: BoundLaw = quantity === null ? bound.bound : oneVariableOn(bound.bound, quantity);
  if (law.law.stages.length > 0)
    throw new UsageError({
      code: "no-curve",
      message: `curves of the chain "${law.law.id}" cannot be compared`,
      hint: "compare its first stage, or its output along one column with --by",
    });
  const options = optionsFor(law.law, asked);
  const log = { ...opened, flags: { ...opened.flags, ...column } };
  const read = observeLaw(log, law, measureFor(law.law, options), steps);
  if (read.groups.length < 2) throw oneGroup(String(opened.flags.groupBy), read.groups);
  const said = steps === "all" ? checkpointWarnings(read) : [];
  return { read: { ...read, warnings: [...read.warnings, ...said] }, options };
}

function wantedLaw(flags: RawFlags, by: string | undefined): WantedLaw {
  const id = textFlag(flags, "law");
  if (id !== undefined) return { law: requireLaw(id) };
  return by === undefined ? "by-columns" : { law: requireLaw("power-floor") };
}

const oneGroup = (column: string, groups: readonly ObservedGroup[]): DataError =>
  new DataError({
    code: "one-group",
    message: `nothing to compare: the column ${quoteText(column)} has ${groups.length === 1 ? `one value, ${quoteText(groups[0].group ?? "")}` : "no value"}`,
    hint: "give the column that tells the recipes apart with --group-by, or a second log",
  });

/** A fit for every recipe; one that cannot be fitted is named, and the others go on. */
async function fitRecipes(
  { bound, groups, columns }: ReadLog,
  options: FitOptions,
  flags: RawFlags,
  warnings: Warning[],
): Promise<Recipe[]> {
  const started = groups.flatMap((group) => {
    try {
      return [{ group, fit: startFit(bound.law, group.observations, options) }];
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      warnings.push({
        code: error.code,
        message: `not compared: ${error.message}`,
        group: group.group ?? undefined,
      });
      return [];
    }
  });
  if (started.length < 2) throw tooFew(warnings, groups.length);
  const pool = new ThreadPool(workersFlag(flags));
  const draws = await drawEach(
    started.map(({ fit }) => fit),
    pool,
  ).finally(() => pool.close());
  return started.map(({ group, fit }, k) => {
    const fitted = accountFor(bound.law, { ...group, columns }, bound.from, fit.finish(draws[k]));
    warnings.push(...warningsOf(fitted));
    return { group: group.group ?? "", observations: group.observations, fit: fitted };
  });
}

function tooFew(warnings: readonly Warning[], groups: number): DataError {
  const reasons = warnings.flatMap(({ group, message }) =>
    group !== undefined && message.startsWith("not compared") ? [`${group}: ${message.slice(14)}`] : [],
  );
  return new DataError({
    code: "too-few-groups",
    message: `fewer than two of the ${groups} recipes can be fitted`,
    why: reasons.slice(0, 4).join("; "),
    hint: "add runs to them, or compare along one scale with --by, which needs fewer",
  });
}

/** Runs, or checkpoints of them, that stand in two recipes: their error is in both, so that the curves look more alike than they are. */
function sharedRuns(groups: readonly ObservedGroup[], row: "run" | "checkpoint"): Warning[] {
  const seen = new Map<string, { group: string | null; line: number; file: string }>();
  const shared: { line: number; text: string }[] = [];
  for (const { group, observations } of groups) {
    for (let i = 0; i < observations.measured.length; i++) {
      const key = keyOf(observations, i);
      const { file, line } = observations.source(i);
      const other = seen.get(key);
      if (other === undefined) seen.set(key, { group, line, file });
      else if (other.group !== group)
        shared.push({
          line,
          text: `${other.group}, ${other.file}:${other.line} and ${group}, ${file}:${line}`,
        });
    }
  }
  if (shared.length === 0) return [];
  return [
    {
      code: "run-in-two-groups",
      message: `${shared.length === 1 ? `a ${row} stands` : `${shared.length} ${row}s stand`} in two recipes with the same values (${shared[0].text}${shared.length > 1 ? ", ..." : ""}); their errors are in both, so how sure the difference is cannot be told from them; leave them out of one with --where`,
      lines: shared.slice(0, 20).map(({ line }) => line),
    },
  ];
}

const keyOf = ({ inputs, measured }: Observations, i: number): string =>
  [...inputs.values()]
    .map((column) => column[i])
    .concat(measured[i])
    .join(" ");

/** Ranges that meet in one budget, but for rounding, have none in common. */
const ONE_POINT = 0.98;

/** Recipes whose data have no scale in common are compared by what their laws say beyond them. */
function apart(recipes: readonly Recipe[], { groups, along }: RecipeComparison): Warning[] {
  const areApart = (ranges: readonly (readonly [number, number])[], within = 1) =>
    Math.max(...ranges.map(([low]) => low)) > within * Math.min(...ranges.map(([, high]) => high));
  const names = Object.keys(recipes[0].fit.data.range).filter((name) =>
    areApart(recipes.map(({ fit }) => fit.data.range[name])),
  );
  const far =
    names.length === 0 &&
    areApart(
      groups.map(({ range }) => range),
      ONE_POINT,
    )
      ? [unitOf(along)]
      : names;
  if (far.length === 0) return [];
  return [
    {
      code: "no-common-range",
      message: `the recipes share no range of ${far.join(" and ")}: what sets them apart rests on their laws outside of their runs, not on runs side by side`,
    },
  ];
}
