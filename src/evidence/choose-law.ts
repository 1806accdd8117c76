/**
 * Which of several laws to take: the simplest that no other beats on rows held back. One law beats another when it is closer
 * by more than a standard error on rows left out or at the largest scales, and not further off so on the others (the
 * one-standard-error rule of Breiman et al., Classification and Regression Trees, 1984, section 3.4.3, for two tests); with
 * more parameters it needs the lower AICc besides: refits from the fit to all rows keep something of the rows held back,
 * the more the more minima a law has.
 */
import { DataError } from "../errors.js";
import { isLog, type ObjectiveName } from "../fit/objective.js";
import { type FitOptions, optionsFor } from "../fit/options.js";
import { meanOf } from "../fit/quantiles.js";
import type { Law } from "../laws/law.js";
import { nameOf } from "../laws/law-key.js";
import type { ErrorDifference, LawChoice, RankedLaw } from "../objects.js";
import { reasonFor } from "./choice-words.js";
import { type Candidate, type CommonRows, commonRows } from "./common-rows.js";
import { type Difference, differencesOf, isCloser, scoreOf } from "./difference.js";
import { foldsOf, rowsBelow } from "./held-back.js";
import {
  beginJudging,
  type Contest,
  finishJudging,
  type Judgement,
  judgeLaw,
  SMALLEST,
  type Unfitted,
} from "./judge-law.js";

export interface LawAsked {
  /** `auto`, or the ids as given. */
  asked: string;
  /** What the user said of the objective; null takes the laws' own, where they agree. */
  objective: ObjectiveName | null;
  options: FitOptions;
}

export interface ChosenLaw {
  /** The chosen one among the candidates. */
  index: number;
  choice: LawChoice;
}

/** Folds of the rows below the largest scale, to see how much a prediction depends on them. */
const LEARNED_FOLDS = 5;

/** A law on the rows that all can use. */
export type Contestant = Pick<Candidate, "law" | "observations">;

/** A choice that lacks its judgements: each depends on its own law alone, so that they can be made anywhere. */
export interface OpenChoice {
  contestants: readonly Contestant[];
  contest: Contest;
  /**
   * Laws that were judged roughly and yet come in front are judged again, until none is.
   *
   * @param results of the contestants, in their order
   * @throws DataError where no law can be fitted
   */
  settle(results: readonly (Judgement | Unfitted)[]): ChosenLaw;
  /** The law that is in front by what is known of some of them; null where none was fitted. */
  leader(known: readonly (Judgement | Unfitted)[]): Law | null;
}

/**
 * @param candidates each law with the rows that it can use; they are compared on those that all can use
 * @param beforehand laws that were asked for and cannot be tried, with the reason
 */
export function contestOf(
  candidates: readonly Candidate[],
  beforehand: readonly Unfitted[],
  wanted: LawAsked,
): OpenChoice {
  const common = commonRows(candidates);
  const contest = contestOn(common, wanted.objective, wanted.options);
  return {
    contestants: common.candidates,
    contest,
    settle: (results) => settled(candidates, common, contest, results, beforehand, wanted.asked),
    leader: (known) => placesOf(known, runsOf(common)).placed[0]?.law ?? null,
  };
}

/** The first of the laws that can be judged, which sets the par for the others by the first half of its judgement. */
export interface Opened {
  /** Laws before it, which cannot. */
  unfitted: Unfitted[];
  /** Its second half; null where no law can be judged. */
  finish: (() => Judgement | Unfitted) | null;
  others: readonly Contestant[];
  /** The contest of the others. */
  rest: Contest;
}

export function openedBy(contestants: readonly Contestant[], contest: Contest): Opened {
  const unfitted: Unfitted[] = [];
  for (const [k, { law, observations }] of contestants.entries()) {
    const begun = beginJudging(law, observations, contest);
    if (!("reason" in begun))
      return {
        unfitted,
        finish: () => finishJudging(begun, contest),
        others: contestants.slice(k + 1),
        rest: { ...contest, par: begun.below },
      };
    unfitted.push(begun);
  }
  return { unfitted, finish: null, others: [], rest: contest };
}

/** What each law makes of the rows, in their order, one after the other. */
export function judgedInTurn({ unfitted, finish, others, rest }: Opened): (Judgement | Unfitted)[] {
  const opener = finish === null ? [] : [finish()];
  return [
    ...unfitted,
    ...opener,
    ...others.map(({ law, observations }) => judgeLaw(law, observations, rest)),
  ];
}

/**
 * The choice made at once, on this thread.
 *
 * @throws DataError where no law can be fitted
 */
export function chooseLaw(
  candidates: readonly Candidate[],
  beforehand: readonly Unfitted[],
  wanted: LawAsked,
): ChosenLaw {
  const { contestants, contest, settle } = contestOf(candidates, beforehand, wanted);
  return settle(judgedInTurn(openedBy(contestants, contest)));
}

function settled(
  candidates: readonly Candidate[],
  common: CommonRows,
  contest: Contest,
  first: readonly (Judgement | Unfitted)[],
  beforehand: readonly Unfitted[],
  asked: string,
): ChosenLaw {
  const run = runsOf(common);
  let results = first;
  let places = placesOf(results, run);
  while (places.front.some(({ isRough }) => isRough)) {
    const { front } = places;
    results = results.map((result, k) =>
      "isRough" in result && result.isRough && front.includes(result)
        ? judgeLaw(result.law, common.candidates[k].observations, contest)
        : result,
    );
    places = placesOf(results, run);
  }
  const unfitted = [
    ...results.filter((result): result is Unfitted => "reason" in result),
    ...common.leftOut,
    ...beforehand,
  ];
  const { placed, unbeaten, runnerUp } = places;
  const [chosen] = placed;
  if (chosen === undefined) throw noneFitted(unfitted);
  const ranking = [
    ...placed.map((law, i) => ranked(law, placed.slice(0, i), unbeaten.includes(law), run)),
    ...unfitted.map(({ law, reason }) => notCompared(law, reason)),
  ];
  const { scale } = common;
  const hidden =
    contest.hidden === null || scale === null
      ? null
      : {
          scale: scale.name,
          above: scale.values[contest.hidden.from - 1],
          rows: scale.values.length - contest.hidden.from,
        };
  const choice: Omit<LawChoice, "reason"> = {
    asked,
    rows: common.rows,
    folds: contest.folds.length,
    hidden,
    errors: contest.isLog ? "log" : "spread",
    objective: contest.objective.objective,
    ranking,
    runnerUp: runnerUp === null ? null : { ...nameOf(runnerUp.law), coefficients: runnerUp.coefficients },
  };
  return {
    index: candidates.findIndex(({ law }) => law === chosen.law),
    choice: { ...choice, reason: reasonFor(choice) },
  };
}

/** The run of each row that all laws see; null where every row is one. */
const runsOf = ({ candidates: [first] }: CommonRows): Int32Array | null => first?.observations.run ?? null;

interface Places {
  /** The chosen law, then the others by their errors. */
  placed: Judgement[];
  /** Laws that no other beats. */
  unbeaten: Judgement[];
  /** The best of the others that does not predict the same. */
  runnerUp: Judgement | null;
  /** All of which something is said: the chosen one, those that are as good, the next. */
  front: Judgement[];
}

function placesOf(results: readonly (Judgement | Unfitted)[], run: Int32Array | null): Places {
  const judged = results.filter((result): result is Judgement => !("reason" in result));
  if (judged.length === 0) return { placed: [], unbeaten: [], runnerUp: null, front: [] };
  const best = judged.reduce((a, b) => (scoreOf(b) < scoreOf(a) ? b : a));
  const unbeaten = judged.filter((law) => !judged.some((other) => beats(other, law, run)));
  const chosen = simplestOf(unbeaten.length === 0 ? [best] : unbeaten);
  const order = judged
    .filter((law) => law !== chosen)
    .sort((a, b) => scoreOf(a) - scoreOf(b) || judged.indexOf(a) - judged.indexOf(b));
  const placed = [chosen, ...order];
  const others = order.filter(
    (law, i) => !placed.slice(0, i + 1).some((other) => predictsTheSame(law, other)),
  );
  const runnerUp = others.find((law) => unbeaten.includes(law)) ?? others[0] ?? null;
  return {
    placed,
    unbeaten,
    runnerUp,
    front: [chosen, ...unbeaten, ...(runnerUp === null ? [] : [runnerUp])],
  };
}

/** How the laws are compared on these rows. */
function contestOn(common: CommonRows, asked: ObjectiveName | null, options: FitOptions): Contest {
  const [first] = common.candidates;
  const measured = first?.observations.measured ?? new Float64Array(0);
  const laws = common.candidates.map(({ law }) => law);
  const objective = asked ?? commonObjective(laws, options, measured);
  const { run = null, weight = null } = first?.observations ?? {};
  const fewest = Math.min(...laws.map(({ parameters }) => parameters.length));
  const from = common.scale === null ? null : rowsBelow(common.scale.values, fewest + 2);
  const folds = foldsOf(measured.length, run, options.seed);
  return {
    objective: { objective, delta: asked === null ? "auto" : options.delta },
    isLog: isLog(objective),
    spread: spreadOf(measured),
    inverseNoise: weight === null ? 1 : meanOf(weight.map(Math.sqrt)),
    folds,
    par: null,
    hidden:
      from === null
        ? null
        : { from, folds: foldsOf(from, run?.subarray(0, from) ?? null, options.seed, LEARNED_FOLDS) },
  };
}

/**
 * The laws' own objective where all have the same; else logs where all values have one and a law asks for them, else the
 * values as they are: every law can be fitted to these.
 */
function commonObjective(laws: readonly Law[], options: FitOptions, measured: Float64Array): ObjectiveName {
  const own = new Set(laws.map((law) => optionsFor(law, options).objective));
  const [only] = own;
  if (own.size === 1) return only;
  return [...own].some(isLog) && measured.every((value) => value > 0) ? "huber-log" : "huber";
}

function spreadOf(measured: Float64Array): number {
  const center = meanOf(measured);
  return Math.sqrt(meanOf(measured.map((value) => (value - center) ** 2))) || 1;
}

function beats(law: Judgement, other: Judgement, run: Int32Array | null): boolean {
  const isPaid = law.parameters <= other.parameters || isLower(law.aicc, other.aicc);
  return isPaid && isCloser(differencesOf(law, other, run));
}

const isLower = (a: number | null, b: number | null): boolean => a !== null && b !== null && a < b;

/** The law with the fewest parameters; of several the closest, and of those that predict the same the first. */
function simplestOf(laws: readonly Judgement[]): Judgement {
  const fewest = Math.min(...laws.map(({ parameters }) => parameters));
  const simplest = laws.filter(({ parameters }) => parameters === fewest);
  return simplest.reduce((a, b) => (scoreOf(b) < scoreOf(a) - SAME ? b : a));
}

/** @param above the laws before it in the ranking, the chosen one first; none for that one itself */
function ranked(
  law: Judgement,
  above: readonly Judgement[],
  isUnbeaten: boolean,
  run: Int32Array | null,
): RankedLaw {
  const [chosen] = above;
  const against = chosen === undefined ? null : differencesOf(law, chosen, run);
  const isEqual = above.some((other) => predictsTheSame(law, other));
  return {
    ...nameOf(law.law),
    formula: law.law.formula,
    parameters: law.parameters,
    leaveOutError: meanOf(law.leftOut),
    extrapolationError: law.hidden === null ? null : meanOf(law.hidden),
    heldOut: law.hidden === null ? meanOf(law.leftOut) : Math.sqrt(meanOf(law.leftOut) * meanOf(law.hidden)),
    difference:
      against === null
        ? null
        : {
            leaveOut: relative(against.leftOut),
            extrapolation: against.hidden === null ? null : relative(against.hidden),
          },
    aicc: law.aicc,
    bic: law.bic,
    ...(law.isRough ? { rough: true as const } : {}),
    verdict: against === null ? "chosen" : isEqual ? "equal" : isUnbeaten ? "as-good" : "worse",
  };
}

const relative = ({ d, standardError }: Difference): ErrorDifference => ({
  relative: Math.expm1(d),
  standardErrors: standardError > 0 ? Math.abs(d) / standardError : null,
});

/** Errors closer than this, a thousandth, are the same. */
const SAME = 1e-3;

/** Whether two laws err by the same on every row held back. */
function predictsTheSame(a: Judgement, b: Judgement): boolean {
  const closeness = (x: Float64Array, y: Float64Array) =>
    meanOf(x.map((value, i) => Math.abs(value - y[i]))) / (SMALLEST + meanOf(x));
  const left = closeness(a.leftOut, b.leftOut);
  const beyond = a.hidden === null || b.hidden === null ? 0 : closeness(a.hidden, b.hidden);
  return Math.max(left, beyond) < SAME;
}

const notCompared = (law: Law, reason: string): RankedLaw => ({
  ...nameOf(law),
  formula: law.formula,
  parameters: law.parameters.length,
  leaveOutError: null,
  extrapolationError: null,
  heldOut: null,
  difference: null,
  aicc: null,
  bic: null,
  verdict: "not-compared",
  reason,
});

function noneFitted(unfitted: readonly Unfitted[]): DataError {
  const reasons = unfitted.map(({ law, reason }) => `${law.id}: ${reason}`);
  return new DataError({
    code: "no-law",
    message:
      unfitted.length === 0
        ? "no law of the catalogue fits these columns"
        : `none of ${unfitted.length} laws can be compared on these rows: ${reasons.slice(0, 6).join("; ")}${reasons.length > 6 ? "; ..." : ""}`,
    hint: "add runs, or ask for one law with --law",
  });
}
