/**
 * How compute, parameters and tokens of a log hang together: which of them follow from the others by C = 6 N D, and how far
 * a column of compute is from 6 N D.
 */
import type { Column, ComputeRatio } from "../objects.js";
import { derivationOf } from "./derived.js";

/** What is known of N, D and C, and from what. */
export interface ComputeOfLog {
  /** Whether N and D are known apart from compute, so that 6 N D is known too. */
  hasProduct: boolean;
  /** Which of these quantities follow from compute by C = 6 N D, directly or by way of N or D: of them N and D. */
  fromCompute(quantities: Iterable<string>): string[];
}

/** @param has whether a quantity has a column of its own */
export function computeOfLog(has: (quantity: string) => boolean): ComputeOfLog {
  const partsOf = (quantity: string): readonly string[] =>
    has(quantity) ? [] : (derivationOf(quantity, has)?.from ?? []);
  const isKnown = (quantity: string) => has(quantity) || partsOf(quantity).length > 0;
  const derived = ["N", "D"].filter((quantity) => partsOf(quantity).includes("C"));
  return {
    hasProduct: derived.length === 0 && ["N", "D"].every(isKnown),
    fromCompute(quantities) {
      const read = [...quantities].flatMap((quantity) => [quantity, ...partsOf(quantity)]);
      return derived.filter((quantity) => read.includes(quantity));
    },
  };
}

/** Values of a row each; what is missing is not a number. */
type Values = ArrayLike<number>;

/** 6 N D of each row, as a column. */
export function productColumn(N: Values, D: Values): Column {
  const numbers = Float64Array.from({ length: N.length }, (_, row) => 6 * N[row]! * D[row]!);
  return { name: "6 N D", numbers, text: (row) => String(numbers[row]) };
}

/**
 * A column of compute over 6 N D.
 *
 * @returns null where no row holds all three
 */
export function computeRatio(column: string, C: Values, product: Values): ComputeRatio | null {
  const ratios = sortedRatios(Float64Array.from(C, (flops, row) => flops / product[row]!));
  if (ratios.length === 0) return null;
  const middle = ratios.length >> 1;
  const median = ratios.length % 2 === 1 ? ratios[middle]! : (ratios[middle - 1]! + ratios[middle]!) / 2;
  const [low, high] = [ratios[0]!, ratios.at(-1)!];
  return { column, rows: ratios.length, median, low, high, isProduct: low > 1 - SAME && high < 1 + SAME };
}

/** Ratios from the least to the greatest, without those that are none: of missing values, or by 0. */
export const sortedRatios = (ratios: Float64Array): Float64Array =>
  ratios.filter((ratio) => ratio > 0 && Number.isFinite(ratio)).sort();

/** The middle one of ratios in order, of two the greater. */
export const middleOf = (ordered: Float64Array): number => ordered[ordered.length >> 1]!;

/** Relative difference up to which compute counts as 6 N D: that of numbers printed with three digits. */
const SAME = 0.01;
