/**
 * Several laws fitted to the same rows, side by side: which of them the rows ask for is `choose-law`'s, here is what follows
 * from taking another. Their values and best splits at budgets, from which budget on they say different things, and how far
 * a plan moves between those that the rows do not tell apart.
 */
import { ScalefitError } from "../errors.js";
import type { Law } from "../laws/law.js";
import type {
  ComparedLaw,
  Estimate,
  FitMemory,
  FittedLaw,
  LawAtScale,
  LawChoice,
  LawParting,
  LawSpread,
  LawsComparison,
  Observations,
  RankedLaw,
} from "../objects.js";
import { decadesBeyond } from "../plan/extrapolation.js";
import { sourceFromFit } from "../plan/source.js";
import { type Curve, curveOf, scalesFor, splitOn, valueOn } from "./curve.js";
import { pairOnSameRows, rowAt } from "./curve-pair.js";
import { lawsInWords } from "./laws-words.js";

/** A law that was judged, fitted to the rows that all can use. */
export interface JudgedFit {
  law: Law;
  fit: FittedLaw & FitMemory;
  observations: Observations;
}

/** A law with its curve, where it has one along the scale of the chosen law. */
interface Entry {
  name: string;
  verdict: RankedLaw["verdict"];
  own: JudgedFit;
  curve: Curve | { reason: string };
}

type WithCurve = Omit<Entry, "curve"> & { curve: Curve };

/** `bnsl:2`, as `--law` takes it. */
const called = ({ law, size }: { law: string; size?: number }): string =>
  size === undefined ? law : `${law}:${size}`;

/**
 * @param judged laws of the ranking, in any order
 * @param at the scales to compare at; empty for some over the data and beyond
 */
export function compareLaws(
  group: string | null,
  choice: LawChoice,
  judged: readonly JudgedFit[],
  at: readonly number[],
): LawsComparison {
  const entries = choice.ranking.flatMap((ranked): Entry[] => {
    const own = judged.find(
      ({ fit, law }) => called(fit) === called(ranked) && law.formula === ranked.formula,
    );
    return own === undefined
      ? []
      : [{ name: called(ranked), verdict: ranked.verdict, own, curve: curveFor(own) }];
  });
  const chosen = entries[0];
  const curves = entries.filter(
    (entry): entry is WithCurve => alongOf(entry) === alongOf(chosen) && alongOf(entry) !== null,
  );
  const scales = curves.length === 0 ? [] : at.length > 0 ? at : scalesFor(curves.map(({ curve }) => curve));
  const rows = scales.map((scale) => ({
    scale,
    decades: decadesBeyond(scale, ...(curves[0].curve.range as [number, number])),
    laws: curves.map((entry) => atScale(entry, scale)),
  }));
  const comparison: Omit<LawsComparison, "text"> = {
    group,
    level: chosen.own.fit.level,
    choice,
    laws: entries.map((entry) => comparedLaw(entry, chosen)),
    along: alongOf(chosen),
    ...("reason" in chosen.curve ? { reason: chosen.curve.reason } : {}),
    scales: rows,
    // Laws that predict the same part nowhere.
    partings: curves
      .slice(1)
      .filter(({ verdict }) => verdict !== "equal")
      .map((entry) => partingOf(curves[0], entry, scales)),
    spreads: rows.flatMap(({ scale, laws }) => spreadsAt(scale, laws, curves)),
  };
  return { ...comparison, text: lawsInWords(comparison) };
}

function curveFor({ law, fit, observations }: JudgedFit): Entry["curve"] {
  try {
    return curveOf(sourceFromFit(law, fit, "the fit"), observations);
  } catch (error) {
    if (error instanceof ScalefitError) return { reason: error.message };
    throw error;
  }
}

const alongOf = ({ curve }: Entry): string | null => ("reason" in curve ? null : curve.along);

function comparedLaw(entry: Entry, chosen: Entry): ComparedLaw {
  const { name, verdict, own, curve } = entry;
  const along = alongOf(entry);
  const isOther = along !== null && along !== alongOf(chosen);
  return {
    name,
    formula: own.law.formula,
    verdict,
    parameters: own.fit.parameters,
    meanRelativeError: own.fit.metrics.meanRelativeError,
    along: isOther ? null : along,
    ...("reason" in curve ? { reason: curve.reason } : {}),
    ...(isOther
      ? { reason: `it is a curve along ${along}, the chosen law one along ${alongOf(chosen)}` }
      : {}),
  };
}

const atScale = ({ name, curve }: WithCurve, scale: number): LawAtScale => ({
  name,
  value: valueOn(curve, scale),
  optimum: splitOn(curve, scale),
});

/** Places a decade at which it is looked whether two laws have parted, to so far beyond the data. */
const A_DECADE = 3;
const BEYOND = 1000;

function partingOf(a: WithCurve, b: WithCurve, scales: readonly number[]): LawParting {
  const [low, high] = [a.curve.range[0], BEYOND * a.curve.range[1]];
  const count = Math.max(1, Math.ceil(A_DECADE * Math.log10(high / low)));
  const isApart = (scale: number) => areApart(valueOn(a.curve, scale), valueOn(b.curve, scale));
  let from: number | null = null;
  // Backwards from the far end: where they part and meet again, they have not parted yet.
  for (let i = count; i >= 0; i--) {
    const scale = low * (high / low) ** (i / count);
    if (!isApart(scale)) break;
    from = scale;
  }
  const pair = pairOnSameRows(a.curve, b.curve);
  return {
    a: a.name,
    b: b.name,
    from,
    range: { low, high },
    rows: scales.map((scale) => ({
      scale,
      difference: rowAt(pair, scale).difference,
      apart: isApart(scale),
    })),
  };
}

/** Whether each value lies outside of the other's interval. */
const areApart = (a: Estimate, b: Estimate): boolean => isOutside(a, b.estimate) && isOutside(b, a.estimate);

const isOutside = ({ low, high }: Estimate, value: number): boolean =>
  low !== null && high !== null && (value < low || value > high);

/** The numbers of a plan between the laws that might as well be taken, else between all. */
function spreadsAt(scale: number, laws: readonly LawAtScale[], curves: readonly WithCurve[]): LawSpread[] {
  const good = laws.filter((_law, k) => ["chosen", "as-good"].includes(curves[k].verdict));
  const [among, counted] = good.length > 1 ? (["as-good", good] as const) : (["all", laws] as const);
  const [chosen] = counted;
  if (counted.length < 2) return [];
  const numbersOf = ({ value, optimum }: LawAtScale): Record<string, Estimate> => ({
    loss: value,
    ...optimum,
  });
  return Object.entries(numbersOf(chosen)).flatMap(([of, own]) => {
    const values = counted.flatMap((law) => {
      const found = numbersOf(law)[of];
      return found === undefined || !Number.isFinite(found.estimate)
        ? []
        : [{ law: law.name, value: found.estimate }];
    });
    if (values.length < 2) return [];
    const least = values.reduce((a, b) => (b.value < a.value ? b : a));
    const greatest = values.reduce((a, b) => (b.value > a.value ? b : a));
    const outside = values.filter(({ value }) => isOutside(own, value)).map(({ law }) => law);
    return [{ scale, among, of, least, greatest, factor: greatest.value / least.value, outside }];
  });
}
