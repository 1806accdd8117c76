/**
 * Groups of rows that choose their law: every candidate is observed, the choice is made group by group, and the chosen law
 * is fitted to all rows that it can use.
 */
import { InputError, ScalefitError } from "../errors.js";
import { contestOf } from "../evidence/choose-law.js";
import type { Candidate } from "../evidence/common-rows.js";
import { type StartedFit, startFit } from "../fit/fit-law.js";
import { accountFor } from "../fit/fit-observed.js";
import { type FitOptions, optionsFor } from "../fit/options.js";
import type { Candidates } from "../laws/candidates.js";
import type { SeveralAsked } from "../laws/laws-asked.js";
import type { ObservedGroup } from "../logs/runs.js";
import type { Warning } from "../objects.js";
import { candidatesOf } from "./candidates.js";
import { type Group, type Groups, measureFor, type Started, uniqueWarnings } from "./fit-group.js";
import { judgeAll, threadsFor } from "./judge-pool.js";
import { type OpenedLog, observeLaw, type ReadLog, type WantedMeasure } from "./logs.js";
import type { ThreadPool } from "./thread-pool.js";

/** @throws DataError where no law that was asked for finds its columns */
export function choiceGroups(
  log: OpenedLog,
  wanted: SeveralAsked,
  options: FitOptions,
  threads: ThreadPool,
): Groups {
  const { bound, refused } = candidatesOf(log, wanted);
  threads.warm(threadsFor(bound.length, threads));
  const reads: ReadLog[] = [];
  const known = new Map<string, ReadLog>();
  for (const one of bound) {
    try {
      const measured = measureFor(one.law, ownOptions(log, one, options));
      const key = readingOf(log, one, measured);
      const alike = key === null ? undefined : known.get(key);
      // Most laws are of one variable, and the same one: what is read for one is read for all.
      const read = alike === undefined ? observeLaw(log, one, measured) : { ...alike, bound: one };
      if (key !== null) known.set(key, read);
      reads.push(read);
    } catch (error) {
      // A column that holds no numbers: the law that reads it is not the only one.
      if (!(error instanceof InputError) || bound.length === 1) throw error;
      refused.push({ law: one.law, reason: error.message });
    }
  }
  const names = reads[0]?.groups.map(({ group }) => group) ?? [null];
  const groups = names.map(
    (name): Group => ({
      name,
      start: (warnings, pool) =>
        chosenFit(log, { reads, refused }, name, { wanted: wanted.asked, options, warnings, pool }),
    }),
  );
  return { groups, warnings: [], sources: log.sources };
}

/** What is read of a log for a law, as a key; null where that is not told by its inputs and its output alone. */
function readingOf({ flags }: OpenedLog, bound: ReadLog["bound"], asked: WantedMeasure): string | null {
  const { law, from, measured, constants } = bound;
  if (flags.noise !== undefined || law.isCustom || law.rules.length > 0 || law.simplex.length > 0)
    return null;
  const inputs = law.inputs.map(({ name, range, zero }) => [name, range.map(String), zero, from.get(name)]);
  return JSON.stringify([inputs, measured, law.output.range.map(String), asked, [...constants]]);
}

const ownOptions = ({ flags }: OpenedLog, { law }: ReadLog["bound"], options: FitOptions): FitOptions =>
  flags.objective === undefined ? optionsFor(law, options) : options;

/** A group of rows with the law that it chose, ready for its resamples. */
async function chosenFit(
  log: OpenedLog,
  { reads, refused }: { reads: readonly ReadLog[]; refused: Candidates["refused"] },
  name: string | null,
  {
    wanted,
    options,
    warnings,
    pool,
  }: { wanted: string; options: FitOptions; warnings: Warning[]; pool: ThreadPool },
): Promise<Started> {
  const own = reads.map(({ groups }) => groups.find(({ group }) => group === name) as ObservedGroup);
  const candidates = reads.map(
    ({ bound: { law, from } }, k): Candidate => ({ law, from, observations: own[k].observations }),
  );
  const objective = log.flags.objective === undefined ? null : options.objective;
  const { contestants, contest, settle, leader } = contestOf(candidates, refused, {
    asked: wanted,
    objective,
    options,
  });
  const fits = new Map<number, StartedFit>();
  const fitted = (k: number): StartedFit => {
    const { bound } = reads[k];
    const made = fits.get(k) ?? startFit(bound.law, own[k].observations, ownOptions(log, bound, options));
    fits.set(k, made);
    return made;
  };
  const results = await judgeAll(contestants, contest, pool, (known) => {
    // Most often that law stays in front; otherwise its fit was made in vain.
    const law = leader(known);
    const place = candidates.findIndex((one) => one.law === law);
    try {
      if (place >= 0) fitted(place);
    } catch (error) {
      // It is said when the law is chosen.
      if (!(error instanceof ScalefitError)) throw error;
    }
  });
  const { index, choice } = settle(results);
  const { bound, columns, warnings: said } = reads[index];
  const ofGroup = said.filter(({ group }) => group === undefined || group === name);
  const known = new Set(warnings.map((warning) => JSON.stringify(warning)));
  warnings.push(...uniqueWarnings(ofGroup).filter((warning) => !known.has(JSON.stringify(warning))));
  const { law, from } = bound;
  const fit = fitted(index);
  return {
    tasks: fit.tasks,
    finish: (draws) => ({ ...accountFor(law, { ...own[index], columns }, from, fit.finish(draws)), choice }),
  };
}
