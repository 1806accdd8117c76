/**
 * How far a plan moves with choices that a researcher might as well have made: another objective, other rows, another law,
 * one at a time, and other objectives without the outliers, since these two act together. Every variation is one refit
 * without resamples: it says where the plan goes, the plan's own intervals say what noise alone would do.
 */
import type { ParameterChoices } from "../fit/layout.js";
import type { ObjectiveName } from "../fit/objective.js";
import type { Law } from "../laws/law.js";
import { keyOf } from "../laws/law-key.js";
import type {
  Observations,
  PlannedLaw,
  Sensitivity,
  SensitivityCause,
  SensitivityKind,
  SensitivityVariation,
} from "../objects.js";
import type { Coefficients } from "../plan/source.js";
import { taken } from "./common-rows.js";
import { type DecidingRows, decidingRows, type Look, residualsOf } from "./deciding-rows.js";
import {
  numbersOf,
  numbersUnder,
  type ObjectiveAsked,
  orReason,
  type Planned,
  type Refit,
  refitted,
  type Thoroughness,
} from "./point-plan.js";
import { scaleOf } from "./scale.js";
import { sensitivityInWords } from "./sensitivity-words.js";

/** A plan with all that it takes to make it again in another way. */
export interface PlanMade extends Planned {
  plan: PlannedLaw;
  law: Law;
  coefficients: Coefficients;
  observations: Observations;
  /** What each input was read from. */
  from: ReadonlyMap<string, string>;
  asked: ObjectiveAsked;
  choices: ParameterChoices;
  /** The rows with those that were left out on purpose, and by what; null where none were. */
  whole: { observations: Observations; where: string } | null;
  /** Rows that the fit's own diagnosis says the answer hangs on. */
  influential: readonly { file: string; line: number }[];
  /** Other laws of the same inputs, over the rows that they can use. */
  others: readonly { law: Law; observations: Observations }[];
}

/** Objectives that are in use; the first is the robust one by which rows are judged. */
const ON_LOGS: readonly ObjectiveAsked[] = [
  { objective: "huber-log", delta: "auto" },
  { objective: "huber-log", delta: 1e-3 },
  { objective: "squares-log", delta: "auto" },
];
const ON_VALUES: readonly ObjectiveAsked[] = [
  { objective: "huber", delta: "auto" },
  { objective: "squares", delta: "auto" },
];
/** Their noise is no choice: it follows from the counts, or from the law. */
const OF_COUNTS: readonly ObjectiveName[] = ["binomial", "law-likelihood"];
/** A law is as reasonable as the one taken where its mean error on the rows is at most this many times as large. */
const WORSE = 1.1;

export function sensitivityOf(made: PlanMade): Sensitivity {
  const objectives = objectivesFor(made);
  const rows = outlyingRows(made, objectives);
  const without = taken(made.observations, rows.others);
  const others = objectives.filter((asked) => !isSame(asked, made.asked));
  const named = plural(rows.outliers.length, "outlier");
  const variations = [
    ...others.map((asked) => varied(made, { kind: "objective", ...objectiveWords(asked) }, { asked })),
    ...rowVariations(made, rows, without),
    ...made.others.map((other) => lawVariation(made, other)),
    ...(rows.outliers.length === 0 ? [] : others).map((asked) => {
      const { name, changed } = objectiveWords(asked);
      const words = { name: `${name}, without ${named}`, changed: `${changed} and without ${named}` };
      return varied(made, { kind: "objective-and-rows", ...words }, { asked, observations: without });
    }),
  ];
  const watched = watchedOf(made.plan, variations);
  const causes = causesOf(made.plan, variations, watched);
  const outliers = rows.outliers.map((i) => ({
    ...made.observations.source(i),
    label: made.observations.label(i),
  }));
  const found: Omit<Sensitivity, "text"> = {
    watched,
    variations,
    outliers,
    causes,
    interaction:
      others.length === 0 || outliers.length === 0 ? null : interactionOf(made.plan, variations, watched),
  };
  return { ...found, text: sensitivityInWords(found, made.plan) };
}

/** Nothing could be refitted, and why. */
export const withoutRefits = (reason: string): Sensitivity => ({
  watched: "tokensPerParameter",
  variations: [],
  outliers: [],
  causes: [],
  interaction: null,
  text: `no other choice was tried: ${reason}`,
});

/** Of weighted rows the precision is known on one scale, and delta counts in units of their noise. */
function objectivesFor({ observations: { measured, weight }, asked }: PlanMade): ObjectiveAsked[] {
  if (OF_COUNTS.includes(asked.objective)) return [];
  const hasLogs = measured.every((y) => y > 0);
  const all = [...(hasLogs ? ON_LOGS : []), ...ON_VALUES];
  if (weight === null) return all;
  const isLog = asked.objective.endsWith("-log");
  return all.filter(({ objective, delta }) => objective.endsWith("-log") === isLog && delta === "auto");
}

const isSame = (a: ObjectiveAsked, b: ObjectiveAsked): boolean =>
  a.objective === b.objective && (!a.objective.startsWith("huber") || a.delta === b.delta);

function objectiveWords({ objective, delta }: ObjectiveAsked): { name: string; changed: string } {
  if (delta === "auto") return { name: objective, changed: `--objective ${objective}` };
  const threshold = delta.toExponential();
  return { name: `${objective} ${threshold}`, changed: `--objective ${objective} --delta ${threshold}` };
}

const plural = (n: number, one: string): string => `${n} ${one}${n === 1 ? "" : "s"}`;

/** The fit of the plan with some of it changed. */
function refitOf({ law, observations, asked, choices }: PlanMade, change: Partial<Refit>): Refit {
  return { law, observations, asked, choices, ...change };
}

function varied(
  made: PlanMade,
  words: { kind: SensitivityKind; name: string; changed: string },
  change: Partial<Refit>,
): SensitivityVariation {
  const refit = refitOf(made, change);
  const planned = orReason(() => {
    // The search that compares laws elsewhere: the whole one takes a second for some.
    const coefficients = refitted(refit, refit.law === made.law ? "whole" : "quick");
    return { numbers: numbersUnder(refit.law, coefficients, made), coefficients };
  });
  const rows = refit.observations.measured.length;
  const common = { ...words, rows };
  if ("reason" in planned)
    return { ...common, optimum: null, outsideInterval: [], counts: false, reason: planned.reason };
  const reason = refit.law === made.law ? null : worse(made, refit, planned.coefficients);
  return {
    ...common,
    optimum: planned.numbers,
    outsideInterval: outside(made.plan, planned.numbers),
    counts: reason === null,
    ...(reason === null ? {} : { reason }),
  };
}

/** Which numbers lie outside of the plan's intervals. */
function outside({ optimum, flops }: PlannedLaw, numbers: Readonly<Record<string, number>>): string[] {
  const intervals = { ...optimum, ...(flops === undefined ? {} : { flops }) };
  return Object.entries(intervals).flatMap(([name, { low, high }]) =>
    low !== null && high !== null && (numbers[name] < low || numbers[name] > high) ? [name] : [],
  );
}

/** Why another law is none that might as well have been taken; null where it is one. */
function worse(made: PlanMade, { law, observations }: Refit, coefficients: Coefficients): string | null {
  const own = meanSize(residualsOf(made.law, made.coefficients, made.observations));
  const others = meanSize(residualsOf(law, coefficients, observations));
  if (others <= WORSE * own) return null;
  return `its mean error on these rows is ${Number((others / own).toPrecision(3))} times as large`;
}

const meanSize = (values: Float64Array): number =>
  values.reduce((sum, value) => sum + Math.abs(value), 0) / values.length;

function outlyingRows(made: PlanMade, objectives: readonly ObjectiveAsked[]): DecidingRows {
  const { observations, law } = made;
  if (OF_COUNTS.includes(made.asked.objective))
    return { outliers: [], others: Int32Array.from(observations.measured.keys()) };
  const [robust] = objectives;
  const look = (rows: Observations): Look | null => {
    const fits = objectives.map((asked) => pointUnder(made, { asked, observations: rows }, "quick"));
    const judge = fits[objectives.indexOf(robust)];
    if (judge === null) return null;
    const planned = fits.flatMap((fit) => (fit === null ? [] : [fit.numbers]));
    return { coefficients: judge.coefficients, disagreement: disagreementOf(planned) };
  };
  return decidingRows(law, observations, look);
}

function pointUnder(made: PlanMade, change: Partial<Refit>, search: Thoroughness) {
  const refit = refitOf(made, change);
  const found = orReason(() => {
    const coefficients = refitted(refit, search);
    return { coefficients, numbers: numbersUnder(refit.law, coefficients, made) };
  });
  return "reason" in found ? null : found;
}

/** ln of greatest over least of the first number that differs at all. */
function disagreementOf(planned: readonly Readonly<Record<string, number>>[]): number {
  const watched = mostTelling(planned);
  return Math.log(factorOf(planned.map((numbers) => numbers[watched])));
}

/** Numbers by which plans are compared, the most telling first; what a question fixes is the same in all. */
const TELLING = ["tokensPerParameter", "flops", "N", "D"];

function mostTelling(planned: readonly Readonly<Record<string, number>>[]): string {
  const names = Object.keys(planned[0] ?? {});
  const ordered = [
    ...TELLING.filter((name) => names.includes(name)),
    ...names.filter((name) => name !== "loss"),
    "loss",
  ];
  const differs = (name: string) => factorOf(planned.map((numbers) => numbers[name])) > 1 + 1e-9;
  return ordered.find(differs) ?? ordered[0];
}

const factorOf = (values: readonly number[]): number => Math.max(...values) / Math.min(...values);

const watchedOf = (plan: PlannedLaw, variations: readonly SensitivityVariation[]): string =>
  mostTelling([numbersOf(plan), ...variations.flatMap(({ optimum }) => (optimum === null ? [] : [optimum]))]);

/** Other rows that might as well have been fitted. */
function rowVariations(
  made: PlanMade,
  { outliers }: DecidingRows,
  without: Observations,
): SensitivityVariation[] {
  const { observations, whole } = made;
  const all = Int32Array.from(observations.measured.keys());
  const rest = (keep: (i: number) => boolean) => taken(observations, all.filter(keep));
  const vary = (name: string, changed: string, rows: Observations) =>
    varied(made, { kind: "rows", name, changed }, { observations: rows });
  const sourceOf = (i: number) => {
    const { file, line } = observations.source(i);
    return `${file}:${line}`;
  };
  const hung = new Set(made.influential.map(({ file, line }) => `${file}:${line}`));
  const isOutlier = new Set(outliers.map(sourceOf));
  const hasNews =
    hung.size > 0 && !(hung.size === isOutlier.size && [...hung].every((row) => isOutlier.has(row)));
  const scale = scaleOf([made]);
  return [
    ...(outliers.length === 0
      ? []
      : [
          vary(
            `without ${plural(outliers.length, "outlier")}`,
            `without ${outliers.map((i) => observations.label(i)).join(", ")}`,
            without,
          ),
        ]),
    ...(hasNews
      ? [
          vary(
            `without ${hung.size} influential`,
            `without ${[...hung].join(", ")}, on which the fit says that its answer hangs`,
            rest((i) => !hung.has(sourceOf(i))),
          ),
        ]
      : []),
    ...(scale === null ? [] : quarters(scale, vary, rest)),
    ...(whole === null
      ? []
      : [vary("rows left out, back in", `without --where ${whole.where}`, whole.observations)]),
  ];
}

/** The rows without the quarter of the least, and of the greatest scale. */
function quarters(
  { name, values }: { name: string; values: Float64Array },
  vary: (name: string, changed: string, rows: Observations) => SensitivityVariation,
  rest: (keep: (i: number) => boolean) => Observations,
): SensitivityVariation[] {
  const sorted = values.slice().sort();
  const low = sorted[Math.floor(sorted.length / 4)];
  const high = sorted[Math.ceil((3 * sorted.length) / 4) - 1];
  const of = (side: string, keep: (i: number) => boolean) =>
    vary(`without ${side} quarter`, `without the quarter of the rows of ${side} ${name}`, rest(keep));
  return [of("smallest", (i) => values[i] >= low), of("largest", (i) => values[i] <= high)];
}

function lawVariation(
  made: PlanMade,
  { law, observations }: { law: Law; observations: Observations },
): SensitivityVariation {
  const name = keyOf(law);
  return varied(made, { kind: "law", name, changed: `--law ${name}: ${law.formula}` }, { law, observations });
}

const KINDS: readonly SensitivityCause["kind"][] = ["objective", "rows", "law"];

function causesOf(
  plan: PlannedLaw,
  variations: readonly SensitivityVariation[],
  watched: string,
): SensitivityCause[] {
  const own = { name: "as fitted", numbers: numbersOf(plan) };
  return KINDS.flatMap((kind) => {
    const moved = variations.flatMap(({ kind: other, name, optimum, counts }) =>
      other === kind && counts && optimum !== null ? [{ name, numbers: optimum }] : [],
    );
    return moved.length === 0 ? [] : [causeOf(kind, [own, ...moved], watched)];
  }).sort((a, b) => b.factor - a.factor);
}

function causeOf(
  kind: SensitivityCause["kind"],
  choices: readonly { name: string; numbers: Readonly<Record<string, number>> }[],
  watched: string,
): SensitivityCause {
  const valuesOf = (name: string) => choices.map(({ numbers }) => numbers[name]);
  const ranges = Object.fromEntries(
    Object.keys(choices[0].numbers)
      .filter((name) => valuesOf(name).every(Number.isFinite))
      .map((name): [string, [number, number]] => [
        name,
        [Math.min(...valuesOf(name)), Math.max(...valuesOf(name))],
      ]),
  );
  const [least, greatest] = ranges[watched];
  const nameOf = (value: number) => choices[valuesOf(watched).indexOf(value)].name;
  return { kind, ranges, factor: greatest / least, least: nameOf(least), greatest: nameOf(greatest) };
}

/** The objectives' factor with all rows, and without the outliers. */
function interactionOf(
  plan: PlannedLaw,
  variations: readonly SensitivityVariation[],
  watched: string,
): Sensitivity["interaction"] {
  const valuesOf = (kind: SensitivityKind) =>
    variations.flatMap(({ kind: other, optimum }) =>
      other === kind && optimum !== null ? [optimum[watched]] : [],
    );
  const cleaned = variations.find(({ kind }) => kind === "rows")?.optimum ?? null;
  if (cleaned === null) return null;
  return {
    withOutliers: factorOf([numbersOf(plan)[watched], ...valuesOf("objective")]),
    withoutOutliers: factorOf([cleaned[watched], ...valuesOf("objective-and-rows")]),
  };
}
