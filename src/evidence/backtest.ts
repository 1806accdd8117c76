/**
 * How far predictions of larger runs would have been off: for every cut of scale the runs below are fitted, those above
 * predicted, and the errors counted by how many times larger they are. A hidden run is predicted from several cuts, so
 * every number says how many distinct runs are behind it.
 */
import { DataError } from "../errors.js";
import { layoutOf, NO_CHOICES, type ParameterChoices, withHeld } from "../fit/layout.js";
import { type FitOptions, optionsFor } from "../fit/options.js";
import { randomStream } from "../fit/random.js";
import type { Law } from "../laws/law.js";
import { keyOf, nameOf } from "../laws/law-key.js";
import type {
  BacktestCut,
  BacktestErrors,
  BacktestedGroup,
  BacktestedLaw,
  Observations,
} from "../objects.js";
import { relativeTo } from "../relative.js";
import { type BeyondCut, type CutTask, predictBeyond } from "./beyond-cut.js";
import { type Candidate, commonRows } from "./common-rows.js";
import { type Cut, cutsOf, type Needed } from "./cuts.js";
import { expectedError } from "./expected-error.js";
import { unitsOf } from "./held-back.js";
import { errorsOf, type Predicted } from "./prediction-errors.js";

export interface BacktestOptions {
  /** Whether the objective is what was asked for, whatever the law's own is. */
  isObjectiveAsked: boolean;
  fit: FitOptions;
  /** At most. */
  cuts: number;
  /** Fits to so many of the runs below each cut; empty for none. */
  runs: readonly number[];
  /** A scale beyond the data. */
  target: number | null;
  choices?: ParameterChoices;
}

/** What is fitted and predicted: each piece depends on its own law and cut alone, so that they can be made anywhere. */
export interface CutWork {
  law: Law;
  observations: Observations;
  choices: ParameterChoices;
  task: CutTask;
}

export type CutAnswer = BeyondCut | { reason: string };

/** A backtest that lacks its predictions. */
export interface OpenBacktest {
  work: CutWork[];
  /** @param answers of the work, in its order */
  settle(answers: readonly CutAnswer[]): Settled;
}

/** What a backtest knows; who asked for it adds the names. */
export interface Settled {
  result: Omit<BacktestedGroup, "group" | "measured" | "observed">;
  errors: BacktestErrors[];
}

export const runCut = ({ law, observations, choices, task }: CutWork): CutAnswer =>
  predictBeyond(law, observations, choices, task);

/** Rows below a cut for each parameter: fits to fewer go through their rows' noise. */
const ROWS_A_PARAMETER = 2;
/** More rows are thinned, evenly by scale. */
const MOST_ROWS = 5000;
/** Resamples behind the intervals at each cut, and the rows times resamples that all cuts may take together. */
const RESAMPLES = 200;
const FEWEST_RESAMPLES = 60;
const MOST_WORK = 2e6;
/** Draws of each number of runs. */
const SUBSETS = 5;

/** Where bins of the scale-up begin. */
const BINS = [1, 2, 5, 10, 30, 100];

/**
 * @param candidates each law with the rows that it can use
 * @throws DataError where nothing tells small rows from large ones, or every cut leaves too few
 */
export function openBacktest(candidates: readonly Candidate[], options: BacktestOptions): OpenBacktest {
  const common = commonRows(candidates, MOST_ROWS);
  const { scale } = common;
  const tested = common.candidates;
  const [{ observations }] = tested;
  const { run } = observations;
  if (scale === null) throw withoutScale(tested);
  const choices = options.choices ?? NO_CHOICES;
  const parameters = Math.max(...tested.map(({ law }) => layoutOf(law, withHeld(law, choices)).free.length));
  // Rows of one run share its error: from five runs of many checkpoints each, 90 % intervals held 8 % of larger ones.
  const needed = { rows: ROWS_A_PARAMETER * parameters, runs: parameters + 1 };
  const { cuts, skipped, leftOut } = cutsOf(scale.values, run, needed, options.cuts);
  if (cuts.length === 0)
    throw withoutCut(skipped, needed, parameters, {
      rows: common.rows,
      runs: unitsOf(common.rows, run).length,
    });
  const resamples = resamplesFor(cuts, tested.length, options.fit);
  const subsets = cuts.map((cut, k) => subsetsOf(cut, run, scale.values, options, k));
  const work = cuts.flatMap((cut, k) =>
    tested.map(({ law, observations: own }) => ({
      law,
      observations: own,
      choices,
      task: {
        below: cut.below,
        above: cut.above,
        options: {
          ...(options.isObjectiveAsked ? options.fit : optionsFor(law, options.fit)),
          bootstrap: resamples,
        },
        subsets: subsets[k].map(({ rows }) => rows),
      },
    })),
  );
  const settle = (answers: readonly CutAnswer[]): Settled => {
    const at = (k: number, l: number): CutAnswer => answers[k * tested.length + l];
    const failed = [...skipped] as BacktestedGroup["skipped"];
    const all = tested.map(({ law }, l) =>
      cuts.map((cut, k) => {
        const answer = at(k, l);
        if ("reason" in answer) failed.push({ scale: cut.scale, law: keyOf(law), reason: answer.reason });
        return "reason" in answer
          ? null
          : predictedAt(cut, k, answer.isInside, observations, scale.values, answer.predicted);
      }),
    );
    if (all.every((ofLaw) => ofLaw.every((one) => one === null))) throw noneFitted(failed);
    const laws = tested.map(({ law }) => nameOf(law));
    const isCommon = cuts.map((_cut, k) => all.every((ofLaw) => ofLaw[k] !== null));
    const result = {
      scale: scale.name,
      rows: common.rows,
      runs: unitsOf(common.rows, run).length,
      range: [scale.values[0], scale.values[scale.values.length - 1]] as [number, number],
      level: options.fit.level,
      resamples,
      cuts: cuts.map((cut, k) =>
        summedUp(
          cut,
          scale.values,
          laws.flatMap((law, l) => summaryOf(law, all[l][k] ?? [])),
        ),
      ),
      skipped: failed,
      cutsLeftOut: leftOut,
      byScaleUp: binned(laws, all, isCommon),
      byRuns: countedByRuns(laws, options.runs, (l, runs) =>
        cuts.flatMap((cut, k) => {
          const answer = at(k, l);
          if ("reason" in answer) return [];
          if (runs === null) return [all[l][k] ?? []];
          return subsets[k].flatMap((subset, s) => {
            const predicted = answer.fromSubsets[s];
            if (subset.runs !== runs || predicted === null) return [];
            return [predictedAt(cut, k, null, observations, scale.values, predicted)];
          });
        }),
      ),
    };
    const errors = laws.map((law, l) =>
      columnsOf(
        law,
        all[l].flatMap((ofCut) => ofCut ?? []),
      ),
    );
    const { target } = options;
    const expected = (scaleUp: number) =>
      errors.map((own) => {
        const found = expectedError(own, scaleUp);
        return "reason" in found ? { ...nameIn(own), ...found } : found;
      });
    return {
      result: {
        ...result,
        target: target === null ? null : { scale: target, expected: expected(target / result.range[1]) },
      },
      errors,
    };
  };
  return { work, settle };
}

const nameIn = ({ law, size }: { law: string; size?: number }) => ({
  law,
  ...(size === undefined ? {} : { size }),
});

const summaryOf = (law: { law: string; size?: number }, all: readonly Predicted[]): BacktestedLaw[] =>
  all.length === 0 ? [] : [{ ...law, ...errorsOf(all) }];

/** As many as all cuts together can afford; without resamples the covariance is asked for. */
function resamplesFor(cuts: readonly Cut[], laws: number, { bootstrap }: FitOptions): number {
  if (bootstrap !== "auto") return bootstrap;
  const rows = laws * cuts.reduce((sum, { below }) => sum + below.length, 0);
  return Math.max(FEWEST_RESAMPLES, Math.min(RESAMPLES, Math.floor(MOST_WORK / rows)));
}

function predictedAt(
  cut: Cut,
  k: number,
  isInside: readonly (boolean | null)[] | null,
  { measured, run }: Observations,
  scale: Float64Array,
  predicted: Float64Array,
): Predicted[] {
  return Array.from(cut.above, (row, i) => ({
    run: run === null ? row : run[row],
    cut: k,
    scaleUp: scale[row] / cut.scale,
    relativeError: relativeTo(measured[row], predicted[i]) ?? Number.NaN,
    isInside: isInside?.[i] ?? null,
  }));
}

function summedUp(cut: Cut, scale: Float64Array, laws: BacktestedLaw[]): BacktestCut {
  const ups = Float64Array.from(cut.above, (row) => scale[row] / cut.scale).sort();
  return {
    scale: cut.scale,
    below: { rows: cut.below.length, runs: cut.runsBelow },
    above: { rows: cut.above.length, runs: cut.runsAbove },
    scaleUp: { median: ups[ups.length >> 1], largest: ups[ups.length - 1] },
    laws,
  };
}

function binned(
  laws: readonly { law: string; size?: number }[],
  all: readonly (readonly (Predicted[] | null)[])[],
  isCommon: readonly boolean[],
): BacktestedGroup["byScaleUp"] {
  return BINS.flatMap((from, b) => {
    const to = BINS[b + 1] ?? null;
    const isIn = ({ scaleUp }: Predicted) => scaleUp > from && (to === null || scaleUp <= to);
    const own = (l: number, isUsed: (k: number) => boolean) =>
      all[l].flatMap((ofCut, k) => (isUsed(k) ? (ofCut ?? []).filter(isIn) : []));
    const summaries = laws.flatMap((law, l) =>
      summaryOf(
        law,
        own(l, () => true),
      ),
    );
    if (summaries.length === 0) return [];
    const compared = laws.flatMap((law, l) =>
      summaryOf(
        law,
        own(l, (k) => isCommon[k]),
      ),
    );
    const best = compared
      .filter(({ mean }) => mean !== null)
      .sort((a, c) => (a.mean as number) - (c.mean as number));
    const name = best[0] === undefined || laws.length < 2 ? null : calledBy(best[0]);
    return [{ from, to, laws: summaries, best: name }];
  });
}

const calledBy = ({ law, size }: { law: string; size?: number }): string =>
  size === undefined ? law : `${law}:${size}`;

function countedByRuns(
  laws: readonly { law: string; size?: number }[],
  asked: readonly number[],
  fitsOf: (l: number, runs: number | null) => Predicted[][],
): BacktestedGroup["byRuns"] {
  if (asked.length === 0) return [];
  return [...asked, null].flatMap((runs) => {
    const fits = laws.map((_law, l) => fitsOf(l, runs));
    const summaries = laws.flatMap((law, l) => summaryOf(law, fits[l].flat()));
    return summaries.length === 0
      ? []
      : [{ runs, fits: Math.max(...fits.map(({ length }) => length)), laws: summaries }];
  });
}

/**
 * So many runs drawn from those below a cut, one of its largest scale among them, so that what lies above is as far away as
 * from all of them.
 */
function subsetsOf(
  { below }: Cut,
  run: Int32Array | null,
  scale: Float64Array,
  { runs, fit }: BacktestOptions,
  k: number,
): { runs: number; rows: Int32Array }[] {
  if (runs.length === 0) return [];
  const units = unitsOf(below.length, run === null ? null : below.map((row) => run[row])).map((unit) =>
    unit.map((i) => below[i]),
  );
  const sizeOf = (unit: readonly number[]) => unit.reduce((most, row) => Math.max(most, scale[row]), 0);
  const largest = units.reduce((a, b) => (sizeOf(b) > sizeOf(a) ? b : a));
  const others = units.filter((unit) => unit !== largest);
  return runs.flatMap((count) => {
    if (count >= units.length) return [];
    return Array.from({ length: SUBSETS }, (_, s) => {
      const stream = randomStream(fit.seed, 1000 * k + 10 * count + s);
      const pool = [...others];
      for (let i = 0; i < count - 1; i++) {
        const j = i + stream.below(pool.length - i);
        [pool[i], pool[j]] = [pool[j], pool[i]];
      }
      return { runs: count, rows: Int32Array.from([largest, ...pool.slice(0, count - 1)].flat()).sort() };
    });
  });
}

function columnsOf(law: { law: string; size?: number }, all: readonly Predicted[]): BacktestErrors {
  const judged = all.filter(({ relativeError }) => Number.isFinite(relativeError));
  const digits = (value: number) => Number(value.toPrecision(6));
  return {
    ...law,
    scaleUp: judged.map(({ scaleUp }) => digits(scaleUp)),
    relativeError: judged.map(({ relativeError }) => digits(relativeError)),
    run: judged.map(({ run }) => run),
  };
}

const withoutScale = (tested: readonly Pick<Candidate, "law">[]): DataError =>
  new DataError({
    code: "no-scale",
    message: `nothing here tells small runs from large ones: ${tested.map(({ law }) => keyOf(law)).join(", ")} sees no parameters, tokens or compute that differ between rows`,
    hint: "a backtest needs a law of scale, such as --law chinchilla",
  });

function withoutCut(
  skipped: readonly { scale: number; reason: string }[],
  needed: Needed,
  parameters: number,
  common: { rows: number; runs: number },
): DataError {
  const isOneRowARun = common.rows === common.runs;
  const below = isOneRowARun ? needed.rows : needed.runs;
  const what = isOneRowARun
    ? `${below} runs of at least 3 scales are needed below a cut`
    : `${below} runs with ${needed.rows} rows, of at least 3 scales, are needed below a cut`;
  const last = skipped[skipped.length - 1];
  return new DataError({
    code: "too-few-rows",
    message: `no cut of scale leaves enough runs to fit: here are ${common.runs} usable runs, and ${what} and one above, ${below + 1} in all`,
    why:
      last === undefined
        ? "all rows are of one scale"
        : `the law has ${parameters} parameters; the highest of ${skipped.length} cuts leaves ${last.reason}`,
    hint: "add runs of other sizes, or take a law with fewer parameters such as --law power-floor",
  });
}

function noneFitted(failed: BacktestedGroup["skipped"]): DataError {
  const last = failed[failed.length - 1];
  return new DataError({
    code: "no-fit",
    message: `no law could be fitted below any cut: ${last.law}: ${last.reason}`,
    hint: "scalefit fit says more about the rows; try another --law",
  });
}
