/**
 * An order statistic of a long column without a copy of it: rows are counted by the leading bits of their values, which
 * says in which narrow band the k-th smallest lies, and only that band's values are sorted.
 */

/** Under so many values a sorted copy is quicker. */
const FEW = 10_000;
/** Bits left out of the upper half of a number: a band is 1/32 of an octave, and a few per cent of most columns. */
const DROPPED_BITS = 15;
const BANDS = 2 ** (32 - DROPPED_BITS);
/** What is no number comes after all others, as when they are sorted. */
const LAST_BAND = BANDS - 1;

/** A number and its bits. */
const NUMBER = new Float64Array(1);
const WORDS = new Uint32Array(NUMBER.buffer);
/** The upper half (sign, exponent, 20 bits of the fraction) is word UPPER. */
const UPPER = new Uint8Array(Uint16Array.of(1).buffer)[0];

function bandOf(value: number): number {
  if (Number.isNaN(value)) return LAST_BAND;
  NUMBER[0] = value;
  return WORDS[UPPER] >>> DROPPED_BITS;
}

/**
 * The k-th smallest of `count` values, k from 0. Cost: two looks at each value, and memory for a few per cent of them.
 *
 * @param valueAt a number >= 0 (the bits of these are in their order), or none
 */
export function kthSmallest(count: number, k: number, valueAt: (i: number) => number): number {
  if (count <= FEW) return sortedWhere(count, count, valueAt, () => true)[k];
  const counts = new Uint32Array(BANDS);
  for (let i = 0; i < count; i++) counts[bandOf(valueAt(i))]++;
  let band = 0;
  let before = 0;
  while (before + counts[band] <= k) before += counts[band++];
  return sortedWhere(count, counts[band], valueAt, (value) => bandOf(value) === band)[k - before];
}

/** The values that are chosen, `length` of `count`, in order. */
function sortedWhere(
  count: number,
  length: number,
  valueAt: (i: number) => number,
  isChosen: (value: number) => boolean,
): Float64Array {
  const chosen = new Float64Array(length);
  let found = 0;
  for (let i = 0; i < count; i++) {
    const value = valueAt(i);
    if (isChosen(value)) chosen[found++] = value;
  }
  return chosen.sort();
}
