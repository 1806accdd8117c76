/** Rows with one cell too many, because a name holds a separator that is not quoted. */
import { plainNumber } from "../numbers.js";

/**
 * The row with two neighbouring cells joined, if exactly one way of joining texts leaves a number in every column of
 * numbers; else null. With one way only there is nothing to guess.
 *
 * @param row        one cell more than there are columns
 * @param isNumeric  whether a column (from 0) holds numbers in the other rows
 */
export function joinSurplus(
  row: readonly string[],
  isNumeric: (column: number) => boolean,
  delimiter: string,
): string[] | null {
  const ways: string[][] = [];
  for (let at = 0; at + 1 < row.length; at++) {
    if (isNumeric(at)) continue;
    const joined = [...row.slice(0, at), row[at] + delimiter + row[at + 1], ...row.slice(at + 2)];
    const fits = joined.every((cell, i) => !isNumeric(i) || !Number.isNaN(plainNumber(cell)));
    if (fits) ways.push(joined);
  }
  return ways.length === 1 ? ways[0]! : null;
}
