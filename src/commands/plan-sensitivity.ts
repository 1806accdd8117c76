/**
 * `plan --sensitivity`: the log behind a fit is found or given, the rows of the fit are read from it again, and every plan
 * gets what other objectives, rows and laws would have planned.
 */
import { dirname, join } from "node:path";
import { InputError, UsageError } from "../errors.js";
import { type PlanMade, sensitivityOf, withoutRefits } from "../evidence/sensitivity.js";
import { OBJECTIVE_NAMES, type ObjectiveName } from "../fit/objective.js";
import type { Law } from "../laws/law.js";
import { lawOfFit } from "../laws/law-of-fit.js";
import type { BoundLaw } from "../laws/routing.js";
import type { ObservedGroup } from "../logs/runs.js";
import { parseWhere } from "../logs/where.js";
import type { FittedLaw, Observations, PlannedLaw, SavedFit, Sensitivity, Warning } from "../objects.js";
import { byEstimate, type Question } from "../plan/question.js";
import { escapeText, listOf, quoteText } from "../text.js";
import { lawsBeside } from "./candidates.js";
import type { RawFlags } from "./command.js";
import { exists, readText } from "./files.js";
import { fitOf } from "./fit-files.js";
import { measureFor } from "./fit-group.js";
import { deltaFlag } from "./fit-options.js";
import { listFlag, textFlag } from "./flags.js";
import { parameterChoices } from "./formula-flags.js";
import { type BoundLog, bindLog, measuredBy, type OpenedLog, observeLaw, openLog } from "./logs.js";
import { POINT_WORDS } from "./point-flags.js";
import { parseSavedFit } from "./saved-fit.js";
import { flagCalled, LOG_OPTIONS } from "./shared-flags.js";
import { fromSaved, SAVED, type Sources } from "./source.js";

/** A fit, the log it was made from, and how that is read. */
interface Refits extends Sources {
  /** The plans, in the order of the sources, each with what other choices would have planned. */
  besideChoices(plans: readonly PlannedLaw[], question: Question): Promise<PlannedLaw[]>;
}

/**
 * The fit whose plan is varied: of the files by the flags of plan, or a saved one with its files.
 *
 * @throws UsageError where coefficients without a log are given, InputError where the log is not the one of the fit
 */
export async function refitsOf(files: readonly string[], given: RawFlags): Promise<Refits> {
  requireLog(given);
  const { saved, log, flags, from, warnings } =
    files.length > 0 && given.fit === undefined ? await fresh(files, given) : kept(files, given);
  const sources = fromSaved(saved, from);
  return {
    ...sources,
    warnings: [...sources.warnings, ...warnings],
    async besideChoices(plans, question) {
      const reader = new LogReader(log, flags);
      const result: PlannedLaw[] = [];
      for (const [i, plan] of plans.entries())
        result.push({
          ...plan,
          sensitivity: await sensitivityFor(
            saved,
            saved.fits[i],
            reader,
            plan,
            byEstimate(question, plan.asked),
          ),
        });
      return result;
    },
  };
}

interface FitWithLog {
  saved: SavedFit;
  log: readonly string[];
  /** The flags of `scalefit fit` by which it was made. */
  flags: RawFlags;
  from: string;
  warnings: Warning[];
}

const NO_ROWS = ["preset", "coefficients"];

function requireLog(flags: RawFlags): void {
  const flag = NO_ROWS.find((name) => flags[name] !== undefined);
  if (flag === undefined) return;
  throw new UsageError({
    code: "flags",
    message: `--sensitivity and --${flag} contradict each other`,
    why: "it refits rows, and published coefficients come without them",
    hint: "give the log: scalefit plan runs.csv --flops 1e22 --sensitivity",
  });
}

/** Options that plan has in common with fit. */
const OF_A_LOG = ["law", ...LOG_OPTIONS];

/** A fit of its own, with the flags that plan has in common with fit. */
async function fresh(files: readonly string[], given: RawFlags): Promise<FitWithLog> {
  const flags = Object.fromEntries(
    OF_A_LOG.flatMap((name) => (given[name] === undefined ? [] : [[name, given[name]]])),
  );
  const { saved } = await fitOf(files, flags);
  const names = saved.made.inputs.map(({ name }) => escapeText(name, 200));
  return { saved, log: files, flags, from: `fit of ${listOf(names)}`, warnings: saved.warnings };
}

/** A saved fit, whose log is looked for where it was and beside the fit. */
function kept(files: readonly string[], given: RawFlags): FitWithLog {
  const stray = OF_A_LOG.find((name) => given[name] !== undefined);
  if (stray !== undefined) {
    throw new UsageError({
      code: "flags",
      message: `${flagCalled(stray)} is for a log that plan fits itself; a saved fit has its own`,
      hint: "give the log without --fit: scalefit plan runs.csv --flops 1e22 --sensitivity",
    });
  }
  const file = textFlag(given, "fit") ?? SAVED;
  if (given.fit === undefined && !exists(file)) {
    throw new UsageError({
      code: "no-log",
      message: `--sensitivity refits the rows of a log, and there is no log and no ${SAVED} here`,
      hint: "give the log: scalefit plan runs.csv --flops 1e22 --sensitivity",
    });
  }
  const saved = parseSavedFit(readText(file, "make one with: scalefit fit runs.csv"), file);
  if (saved.fits.some(({ pooled }) => pooled !== undefined)) throw pooledFit(file);
  const log = files.length > 0 ? files : (saved.made?.inputs ?? []).map(({ name }) => found(name, file));
  if (log.length === 0) throw lostLog("the saved fit names no log", file);
  return { saved, log, flags: flagsOf(saved), from: `fit ${escapeText(file, 200)}`, warnings: [] };
}

function found(name: string, fit: string): string {
  const place = [name, join(dirname(fit), name)].find((path) => name !== "-" && exists(path));
  if (place !== undefined) return place;
  throw lostLog(`the log ${quoteText(name, 200)} of the saved fit is not here`, fit);
}

const pooledFit = (file: string): UsageError =>
  new UsageError({
    code: "flags",
    message: `--sensitivity refits the rows of one family, and the fit ${quoteText(file, 200)} rests on other families too`,
    hint: "leave --sensitivity out, or give the log alone: scalefit plan runs.csv --flops 1e22 --sensitivity",
  });

const lostLog = (message: string, file: string): InputError =>
  new InputError({
    code: "no-log",
    message,
    why: "--sensitivity refits its rows",
    hint: `give the log: scalefit plan runs.csv --fit ${file} --flops 1e22 --sensitivity`,
    file,
  });

/** The options that a fit was made with, as flags. */
function flagsOf({ made }: SavedFit): RawFlags {
  const flag = (value: unknown): RawFlags[string] => {
    if (typeof value === "number") return String(value);
    if (typeof value === "string" || typeof value === "boolean") return value;
    return Array.isArray(value) ? value.map(String) : undefined;
  };
  return Object.fromEntries(Object.entries(made?.options ?? {}).map(([name, value]) => [name, flag(value)]));
}

/** The log, opened once for each law that reads it. */
class LogReader {
  readonly #known = new Map<string, Promise<OpenedLog>>();
  constructor(
    readonly files: readonly string[],
    readonly flags: RawFlags,
  ) {}

  open(law: Law): Promise<OpenedLog> {
    const measured = measuredBy({ law });
    const key = JSON.stringify(measured);
    const opened = this.#known.get(key) ?? openLog(this.files, this.flags, measured);
    this.#known.set(key, opened);
    return opened;
  }
}

async function sensitivityFor(
  saved: SavedFit,
  fit: SavedFit["fits"][number],
  reader: LogReader,
  plan: PlannedLaw,
  question: Question,
): Promise<Sensitivity> {
  const law = lawOfFit(fit);
  const reason = notRefitted(law, fit, reader.flags);
  if (reason !== null) return withoutRefits(reason);
  const before = new Map(fit.inputs.map(({ name, quantity }) => [name, quantity]));
  const opened = await reader.open(law);
  requireSameLog(saved, opened);
  const log = bindLog(opened, { law }, before);
  const { observations } = groupIn(log, log.bound, fit);
  requireSameRows(fit, observations, reader.files);
  const choices = parameterChoices(log.flags, law);
  const isHeld = ["param", "fix", "tie", "formula"].some((name) => log.flags[name] !== undefined);
  const made: PlanMade = {
    plan,
    question,
    words: POINT_WORDS,
    law,
    coefficients: Object.fromEntries(
      Object.entries(fit.parameters).map(([name, { estimate }]) => [name, estimate]),
    ),
    observations,
    from: before,
    asked: { objective: objectiveOf(fit), delta: deltaFlag(log.flags) },
    choices,
    whole: wholeLog(log, fit),
    influential: fit.diagnosis.find(({ code }) => code === "influential")?.rows ?? [],
    others: isHeld
      ? []
      : lawsBeside(law, log.bound.measured, log).map((bound) => ({
          law: bound.law,
          observations: groupIn(log, bound, fit).observations,
        })),
  };
  return sensitivityOf(made);
}

const objectiveOf = ({ objective: { name } }: Pick<FittedLaw, "objective">): ObjectiveName =>
  [...OBJECTIVE_NAMES, "law-likelihood" as const].find((one) => one === name) ?? "huber-log";

/** Why a fit cannot be made again from rows of one law; null where it can. */
function notRefitted(law: Law, { optima }: FittedLaw, flags: RawFlags): string | null {
  if (law.stages.length > 0) return `${law.id} is a chain of laws, each with rows of its own`;
  if (law.simplex.length > 0) return "a mixture is planned by several losses at once";
  if (optima !== undefined) return "its line goes through the optima of budgets, not through runs";
  if (/[*,]/.test(textFlag(flags, "y") ?? "")) return "the fit is one of several measured columns";
  return null;
}

/** The rows of the fit's group. */
function groupIn(log: OpenedLog, bound: BoundLaw, { group, objective }: FittedLaw): ObservedGroup {
  const measured = measureFor(bound.law, { objective: objectiveOf({ objective }) });
  const found = observeLaw(log, bound, measured).groups.find((one) => one.group === group);
  if (found !== undefined) return found;
  throw new InputError({
    code: "not-the-log",
    message: `the log has no group called ${quoteText(group ?? "")}`,
    hint: "give the log that the fit was made from, or make the fit again",
    file: log.sources[0]?.name,
  });
}

/**
 * The group with the rows that a cut-off of `--where` left out (`loss<3.4`, `status!=failed`); null without one. Conditions
 * of equality say which runs are meant, which is no choice of a fit.
 */
function wholeLog(log: BoundLog, fit: FittedLaw): PlanMade["whole"] {
  const all = listFlag(log.flags, "where");
  const cuts = all.filter((text) => parseWhere(text).readings.some(({ operator }) => operator !== "="));
  if (cuts.length === 0) return null;
  const where = all.filter((text) => !cuts.includes(text));
  const { observations } = groupIn({ ...log, flags: { ...log.flags, where } }, log.bound, fit);
  if (observations.measured.length === fit.data.used) return null;
  return { observations, where: cuts.map((text) => quoteText(text)).join(" and ") };
}

/** The files are those of the fit, whatever they are called now. */
function requireSameLog(saved: SavedFit, { sources }: OpenedLog): void {
  const known = new Set(saved.made?.inputs.map(({ sha256 }) => sha256));
  const other = sources.find(({ sha256 }) => known.size > 0 && !known.has(sha256));
  if (other !== undefined) throw notTheLog(other.name, "its bytes are not those that were fitted");
}

function requireSameRows({ data }: FittedLaw, { measured }: Observations, files: readonly string[]): void {
  if (measured.length === data.used) return;
  throw notTheLog(files[0], `it has ${measured.length} rows to fit, and the fit used ${data.used}`);
}

const notTheLog = (file: string, why: string): InputError =>
  new InputError({
    code: "not-the-log",
    message: "this is not the log that the fit was made from",
    why,
    hint: "make the fit again: scalefit fit runs.csv; or let plan do so: leave --fit out and give the log",
    file,
  });
