/**
 * Recipes (architectures, data sets, optimisers) compared under one law: whether their curves differ, which is the lower
 * one at which scale and by how much, where they cross, and how much more compute one needs for what another reaches.
 */
import { countRuns } from "../fit/clusters.js";
import { makeObjective, type ObjectiveName } from "../fit/objective.js";
import type { Law } from "../laws/law.js";
import type {
  ComparedPair,
  CurvesApart,
  FitMemory,
  FittedLaw,
  Observations,
  RecipeAccount,
  RecipeComparison,
  RecipeTest,
} from "../objects.js";
import { decadesBeyond } from "../plan/extrapolation.js";
import { sourceFromFit } from "../plan/source.js";
import { type Curve, curveOf, rangeOfAll, scalesFor, valueOn } from "./curve.js";
import { type CurvePair, crossingOf, pairOf, pairOnSameRows, rowAt } from "./curve-pair.js";
import { withSharedShape } from "./one-shape.js";
import type { Account } from "./recipe-models.js";
import { testRecipes } from "./recipe-test.js";
import { regimesOf } from "./regimes.js";

/** One recipe: its rows, and the law fitted to them alone. */
export interface Recipe {
  group: string;
  observations: Observations;
  fit: FittedLaw & FitMemory;
}

export interface CompareOptions {
  /** Scales at which the curves are held against each other; empty for some over the data and beyond. */
  scales: readonly number[];
  seed: number;
  /** How far above its floor, as a share of it, a run counts as on the plateau. */
  margin: number;
  /** Draws behind each probability; as many as its digits need unless said otherwise. */
  testResamples?: number;
}

/** Up to so many recipes all pairs are compared; of more, each with the best. */
const MOST_ALL_PAIRS = 4;
/** A curve differs, or a shape does, below this probability. */
const SURE = 0.05;

/**
 * @param recipes two or more, under one law, by name
 * @throws UsageError for a law that is no curve along one scale
 */
export function compareRecipes(
  law: Law,
  recipes: readonly Recipe[],
  options: CompareOptions,
): RecipeComparison {
  const curves = recipes.map(({ group, fit, observations }) =>
    curveOf(sourceFromFit(law, { ...fit, group }, `the runs of ${group}`), observations),
  );
  const data = rangeOfAll(curves);
  const scales = options.scales.length > 0 ? [...options.scales] : scalesFor(curves);
  const tests = testsOf(law, recipes, options);
  const verdict = verdictOf(tests, recipes.length);
  const [first] = recipes;
  return {
    law: first.fit.law,
    formula: first.fit.formula,
    along: alongIn(first.fit, curves[0].along),
    measured: first.fit.measured.column,
    level: first.fit.level,
    groups: recipes.map(({ group, fit, observations }, k) => ({
      group,
      runs: countRuns(observations),
      rows: observations.measured.length,
      range: curves[k].range,
      parameters: fit.parameters,
      meanRelativeError: fit.metrics.meanRelativeError,
      regimes: regimesOf(
        law,
        fit,
        { ...curves[k], along: alongIn(fit, curves[k].along) },
        observations,
        options.margin,
      ),
    })),
    accounts: tests === null ? [] : tests.accounts,
    tests: tests === null ? null : { oneCurve: tests.same, oneShape: tests.shape },
    ...(tests === null ? { reason: "a recipe has no more rows than the law has parameters" } : {}),
    verdict,
    scales: scales.map((scale) => ({
      scale,
      decades: decadesBeyond(scale, data[0], data[1]),
      values: curves.map((curve) => ({
        group: curve.source.group as string,
        value: valueOn(curve, scale),
        decades: decadesBeyond(scale, curve.range[0], curve.range[1]),
      })),
    })),
    pairs: comparedPairs(law, recipes, curves, {
      scales,
      data,
      seed: options.seed,
      overall: tests?.same ?? null,
    }),
    ...(verdict.account !== "one-shape" || tests === null || tests.shaped === null
      ? {}
      : { oneShape: pairsOfOneShape(recipes, curves, tests.shaped, { scales, data, seed: options.seed }) }),
  };
}

/** What sets the recipes apart if their exponents are the same. */
function pairsOfOneShape(
  recipes: readonly Recipe[],
  curves: readonly Curve[],
  shaped: Account,
  { scales, data, seed }: Omit<PairsAsked, "overall">,
): NonNullable<RecipeComparison["oneShape"]> {
  const groups = recipes.map(({ observations }) => observations);
  const shared = withSharedShape(curves, groups, shaped, commonObjective(recipes), seed);
  return {
    draws: shared[0].source.draws.length,
    pairs: pairsAmong(curves, data[1]).map(([i, j]) => {
      // Both were drawn together: draws of one number belong to one refit.
      return apartAt(pairOnSameRows(shared[i], shared[j]), scales, data);
    }),
  };
}

/** Compute, or what the one input was read from: a quantity by its letter, any other column by its name. */
export function alongIn({ inputs }: Pick<FittedLaw, "inputs">, along: string): string {
  if (along === "C" || inputs.length !== 1) return along;
  const [{ quantity, column }] = inputs;
  return ["N", "D", "C"].includes(quantity) ? quantity : column;
}

interface PairsAsked {
  scales: readonly number[];
  data: readonly [number, number];
  seed: number;
  /** The test of all recipes, which is that of the pair where there are two. */
  overall: RecipeTest | null;
}

function comparedPairs(
  law: Law,
  recipes: readonly Recipe[],
  curves: readonly Curve[],
  { scales, data, seed, overall }: PairsAsked,
): ComparedPair[] {
  const pairs = pairsAmong(curves, data[1]);
  const p = pairs.map(([i, j]) =>
    recipes.length === 2
      ? (overall?.p ?? null)
      : (testsOf(law, [recipes[i], recipes[j]], { seed })?.same.p ?? null),
  );
  const corrected = holm(p);
  return pairs.map(([i, j], k) => {
    const { a, b, ...apart } = apartAt(pairOf(curves[i], curves[j]), scales, data);
    return { a, b, p: corrected[k], ...apart };
  });
}

/** What sets two curves apart at all scales, and where they cross. */
const apartAt = (
  pair: CurvePair,
  scales: readonly number[],
  data: readonly [number, number],
): CurvesApart => ({
  a: pair.a.source.group as string,
  b: pair.b.source.group as string,
  crossing: crossingOf(pair, data),
  rows: scales.map((scale) => rowAt(pair, scale)),
});

/** All pairs of few recipes; of many, the best at the largest scale of the data with each of the others. */
function pairsAmong(curves: readonly Curve[], largest: number): [number, number][] {
  const places = curves.map((_, k) => k);
  if (curves.length <= MOST_ALL_PAIRS)
    return places.flatMap((i) => places.slice(i + 1).map((j): [number, number] => [i, j]));
  const values = curves.map((curve) => curve.at(curve.source.estimate, largest));
  const best = places.reduce((a, b) => (values[b] < values[a] ? b : a));
  return places.filter((k) => k !== best).map((k) => [best, k]);
}

/** Probabilities corrected for how many there are (Holm, Scand. J. Statist. 6, 1979). */
export function holm(p: readonly (number | null)[]): (number | null)[] {
  const order = p
    .flatMap((value, k) => (value === null ? [] : [k]))
    .sort((a, b) => (p[a] as number) - (p[b] as number) || a - b);
  const corrected: (number | null)[] = p.map(() => null);
  let least = 0;
  order.forEach((k, rank) => {
    least = Math.min(1, Math.max(least, (p[k] as number) * (order.length - rank)));
    corrected[k] = least;
  });
  return corrected;
}

function testsOf(
  law: Law,
  recipes: readonly Recipe[],
  { seed, testResamples }: Pick<CompareOptions, "seed" | "testResamples">,
) {
  const groups = recipes.map(({ observations }) => observations);
  const parameters = law.parameters.filter(({ held }) => held === undefined).length;
  if (groups.some(({ measured }) => measured.length <= parameters)) return null;
  return testRecipes(law, groups, commonObjective(recipes), seed, testResamples);
}

/** One threshold for all recipes: the mean of theirs by rows, so that no recipe's outliers are another's noise. */
function commonObjective(recipes: readonly Recipe[]) {
  const name = recipes[0].fit.objective.name as ObjectiveName;
  const rows = recipes.reduce((sum, { observations }) => sum + observations.measured.length, 0);
  const deltas = recipes.map(
    ({ fit, observations }) => (fit.objective.delta ?? 0) * observations.measured.length,
  );
  const delta = deltas.reduce((sum, value) => sum + value, 0) / rows;
  return makeObjective(name, delta > 0 ? delta : null);
}

function verdictOf(
  tests: { accounts: RecipeAccount[]; same: RecipeTest; shape: RecipeTest | null } | null,
  recipes: number,
): RecipeComparison["verdict"] {
  if (tests === null)
    return { account: null, text: "whether the curves differ is not tested: a recipe has too few rows" };
  const { same, shape } = tests;
  const all = recipes === 2 ? "both recipes" : `all ${recipes} recipes`;
  if (same.p >= SURE)
    return {
      account: "one-curve",
      text: `these runs show no difference: one curve for ${all} fits as well (p = ${probability(same.p)})`,
    };
  if (shape !== null && shape.p >= SURE)
    return {
      account: "one-shape",
      text: `the curves differ (p = ${probability(same.p)}) in level: their exponents may be the same (p = ${probability(shape.p)})`,
    };
  return {
    account: "separate",
    text:
      shape === null
        ? `the curves differ (p = ${probability(same.p)})`
        : `the curves differ (p = ${probability(same.p)}), in their exponents too (p = ${probability(shape.p)}): which recipe is better depends on the scale`,
  };
}

const probability = (p: number): string => Number(p.toPrecision(2)).toString();
