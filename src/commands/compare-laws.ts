/**
 * `scalefit compare runs.csv --law a,b,c`: a log and several laws, or formulas of one's own -> which the rows ask for -> what
 * taking another would do.
 */
import { UsageError } from "../errors.js";
import { contestOf } from "../evidence/choose-law.js";
import type { Candidate } from "../evidence/common-rows.js";
import { compareLaws, type JudgedFit } from "../evidence/compare-laws.js";
import { type Judgement, judgeLaw, type Unfitted } from "../evidence/judge-law.js";
import { startFit } from "../fit/fit-law.js";
import { accountFor } from "../fit/fit-observed.js";
import type { FitOptions } from "../fit/options.js";
import type { Law } from "../laws/law.js";
import { keyOf } from "../laws/law-key.js";
import { lawsAsked, type SeveralAsked } from "../laws/laws-asked.js";
import type { BoundLaw } from "../laws/routing.js";
import type { ObservedGroup } from "../logs/runs.js";
import type { CompareLawsDocument, Warning } from "../objects.js";
import { lawsComparedView } from "../report/laws-compared-view.js";
import { candidatesOf, measuredByFlag } from "./candidates.js";
import { checkpointWarnings, stepsAsked } from "./checkpoints.js";
import type { Invocation, Outcome, RawFlags } from "./command.js";
import { scalesFlag, withoutResamples } from "./compare-recipes.js";
import { drawEach } from "./draw-pool.js";
import { inFile, measureFor, uniqueWarnings } from "./fit-group.js";
import { fitOptions, workersFlag } from "./fit-options.js";
import { listFlag, textFlag } from "./flags.js";
import { judgeAll } from "./judge-pool.js";
import {
  areLastRowsEnough,
  bindLog,
  measuredBy,
  type OpenedLog,
  observeLaw,
  type ReadLog,
  withRuns,
} from "./logs.js";
import { ThreadPool } from "./thread-pool.js";

/** Whether flags ask for several laws. */
export function areLawsAsked(flags: RawFlags): boolean {
  const law = textFlag(flags, "law");
  return (
    listFlag(flags, "formula").length > 0 || (law !== undefined && (law.includes(",") || law === "auto"))
  );
}

export async function compareLawsOf({ args, flags, width, global }: Invocation): Promise<Outcome> {
  const asked = fitOptions(flags);
  if (asked.bootstrap === 0) throw withoutResamples();
  const scales = scalesFlag(flags);
  const contested = await lawsOver(args, flags, asked);
  const pool = new ThreadPool(workersFlag(flags));
  const warnings: Warning[] = [...contested.warnings];
  const comparisons: CompareLawsDocument["comparisons"] = [];
  try {
    for (const group of contested.groups) {
      const settled = await settledGroup(contested, group, { flags, asked, pool }).catch((error: unknown) => {
        throw inFile(error, args);
      });
      comparisons.push(compareLaws(group, settled.choice, settled.judged, scales));
    }
  } finally {
    await pool.close();
  }
  const document: CompareLawsDocument = {
    schema: "scalefit/compare@1",
    mode: "laws",
    measured: contested.reads[0].columns.get("loss") ?? "loss",
    comparisons,
    warnings: uniqueWarnings(warnings),
  };
  return {
    text: global.json ? "" : lawsComparedView(document, width),
    document,
    warnings: document.warnings,
    exitCode: 0,
  };
}

/** The laws over the log; rows that stand for their runs are enough, but for formulas of cells that are no quantity. */
function lawsOver(files: readonly string[], flags: RawFlags, options: FitOptions): Promise<Contested> {
  const id = textFlag(flags, "law");
  const measured =
    id === undefined ? measuredBy("by-columns") : measuredByFlag(severalOf(id), textFlag(flags, "y"));
  const steps = stepsAsked(flags);
  return withRuns(files, flags, measured, { isEnough: areLastRowsEnough(flags) }, (log) =>
    contestedLaws(log, flags, options, steps),
  );
}

function severalOf(id: string): SeveralAsked {
  const asked = lawsAsked(id);
  return "law" in asked ? { among: [asked.law], asked: id } : asked;
}

/** The laws over the log, and those that cannot be tried. */
interface Contested {
  reads: ReadLog[];
  refused: Unfitted[];
  asked: string;
  groups: (string | null)[];
  warnings: Warning[];
}

/** @throws UsageError for one law alone, or a law named twice */
function contestedLaws(
  log: OpenedLog,
  flags: RawFlags,
  options: FitOptions,
  steps: "last" | "all",
): Contested {
  const id = textFlag(flags, "law");
  const formulas = listFlag(flags, "formula");
  const found = id === undefined ? { bound: [], refused: [] } : candidatesOf(log, severalOf(id));
  const said: Warning[] = [];
  const own = formulas.map((formula, k): BoundLaw => {
    const bound = bindLog(log, { formula });
    said.push(...bound.said);
    return { ...bound.bound, law: numbered(bound.bound.law, k, formulas.length) };
  });
  // One formula alone is held against the law that the columns ask for.
  const usual = id === undefined && own.length === 1 ? [bindLog(log, "by-columns").bound] : [];
  const measured = found.bound[0]?.measured ?? usual[0]?.measured ?? own[0].measured;
  const all = [...found.bound, ...usual, ...own].map((bound) => ({ ...bound, measured }));
  requireApart(all.map(({ law }) => law));
  const reads = all.map((bound) => observeLaw(log, bound, measureFor(bound.law, options), steps));
  if (steps === "all") said.push(...reads.flatMap(checkpointWarnings));
  return {
    reads,
    refused: found.refused,
    asked: [id, ...formulas].filter((text) => text !== undefined).join(","),
    groups: reads[0].groups.map(({ group }) => group),
    warnings: [...said, ...reads.flatMap(({ warnings }) => warnings)],
  };
}

/** Several formulas are told apart by a number. */
const numbered = (law: Law, k: number, of: number): Law =>
  law.isCustom && of > 1 ? { ...law, id: `${law.id}-${k + 1}` } : law;

function requireApart(laws: readonly Law[]): void {
  const keys = laws.map(keyOf);
  const twice = keys.find((key, i) => keys.indexOf(key) < i);
  if (twice === undefined) return;
  throw new UsageError({
    code: "flags",
    message: `the law ${twice} is asked for twice`,
    why: "a formula that equals a law of the catalogue is that law",
    hint: "name each law once",
  });
}

interface HowSettled {
  flags: RawFlags;
  asked: FitOptions;
  pool: ThreadPool;
}

/** The choice among the laws over one group of rows, and each of them fitted to the rows that all can use. */
async function settledGroup(
  { reads, refused, asked: names }: Contested,
  name: string | null,
  { flags, asked, pool }: HowSettled,
) {
  const own = reads.map(({ groups }) => groups.find(({ group }) => group === name) as ObservedGroup);
  const candidates = reads.map(
    ({ bound: { law, from } }, k): Candidate => ({ law, from, observations: own[k].observations }),
  );
  const { contestants, contest, settle } = contestOf(candidates, refused, {
    asked: names,
    objective: flags.objective === undefined ? null : asked.objective,
    options: asked,
  });
  // A formula of one's own has no name by which another thread could find it.
  const isKnown = contestants.every(({ law }) => !law.isCustom);
  const results = isKnown
    ? await judgeAll(contestants, contest, pool)
    : contestants.map(({ law, observations }) => judgeLaw(law, observations, contest));
  const { choice } = settle(results);
  const fitted = results.filter((result): result is Judgement => !("reason" in result));
  const started = fitted.map(({ law }) => {
    const { observations } = contestants[results.findIndex((result) => result.law === law)];
    return { law, observations, fit: startFit(law, observations, { ...asked, ...contest.objective }) };
  });
  const draws = await drawEach(
    started.map(({ fit }) => fit),
    pool,
  );
  const judged = started.map(({ law, observations, fit }, k): JudgedFit => {
    const place = candidates.findIndex((candidate) => candidate.law === law);
    const { columns } = reads[place];
    const used = observations.measured.length;
    const observed = { ...own[place], observations, used, columns };
    return {
      law,
      observations,
      fit: accountFor(law, observed, candidates[place].from, fit.finish(draws[k])),
    };
  });
  return { choice, judged };
}
