/**
 * Rows in the order of their values. A sort with a comparison reads values all over the columns, and for a million rows
 * takes as long as their fit. Here rows are dealt out by the leading bits of a value, three times (a radix sort),
 * and only those that agree in them are compared.
 */

/** Under so many rows a comparison is quicker. */
const FEW = 1000;
/** Bits that rows are dealt out by at a time, and where they stand in the upper half of a number. */
const BITS = 11;
const SHIFTS = [0, BITS, 2 * BITS];
/** The upper half (sign, exponent, 20 bits of the fraction) of number i is word 2 i + UPPER. */
const UPPER = new Uint8Array(Uint16Array.of(1).buffer)[0];

/** Rows, each with the upper half of its value beside it, so that dealing reads one after the other. */
class Hand {
  readonly rows: Int32Array;
  readonly uppers: Uint32Array;

  constructor(length: number) {
    this.rows = new Int32Array(length);
    this.uppers = new Uint32Array(length);
  }
}

/**
 * Indices of the rows by the first column, rows equal there by the next, and rows equal in all of them as they were.
 *
 * @param by columns of one length, of finite numbers above 0
 */
export function orderByValues(by: readonly Float64Array[]): Int32Array {
  const n = by[0]?.length ?? 0;
  const hand = new Hand(n);
  for (let i = 0; i < n; i++) hand.rows[i] = i;
  orderRange(hand, 0, n, by, 0, new Hand(n));
  return hand.rows;
}

/** Orders rows `from` to `to - 1` by the columns from `k` on; `other` is as long. */
function orderRange(
  hand: Hand,
  from: number,
  to: number,
  by: readonly Float64Array[],
  k: number,
  other: Hand,
): void {
  if (to - from < 2 || k === by.length) return;
  const { rows, uppers } = hand;
  if (to - from < FEW) {
    compareAll(rows, from, to, by, k);
    return;
  }
  const column = by[k];
  const words = new Uint32Array(column.buffer, column.byteOffset, 2 * column.length);
  for (let i = from; i < to; i++) uppers[i] = words[2 * rows[i] + UPPER];
  let [dealt, spare] = [hand, other];
  for (const shift of SHIFTS) {
    deal(dealt, spare, from, to, shift);
    [dealt, spare] = [spare, dealt];
  }
  for (let i = from; i < to; i++) {
    rows[i] = dealt.rows[i];
    uppers[i] = dealt.uppers[i];
  }
  for (let start = from; start < to; ) {
    const upper = uppers[start];
    let end = start + 1;
    let isOne = true;
    for (; end < to && uppers[end] === upper; end++)
      if (column[rows[end]] !== column[rows[start]]) isOne = false;
    if (isOne) orderRange(hand, start, end, by, k + 1, other);
    else compareAll(rows, start, end, by, k);
    start = end;
  }
}

/** Deals rows out by some bits of their upper halves, rows that agree in them as they were. */
function deal(hand: Hand, to: Hand, first: number, end: number, shift: number): void {
  const { rows, uppers } = hand;
  const mask = (1 << BITS) - 1;
  const next = new Int32Array(mask + 2);
  for (let i = first; i < end; i++) next[((uppers[i] >>> shift) & mask) + 1]++;
  next[0] = first;
  for (let digit = 1; digit <= mask; digit++) next[digit] += next[digit - 1];
  for (let i = first; i < end; i++) {
    const place = next[(uppers[i] >>> shift) & mask]++;
    to.rows[place] = rows[i];
    to.uppers[place] = uppers[i];
  }
}

/** The same by comparison; a few rows by insertion, which makes no copies. */
function compareAll(
  rows: Int32Array,
  from: number,
  to: number,
  by: readonly Float64Array[],
  k: number,
): void {
  if (to - from > 32) {
    rows.subarray(from, to).sort((a, b) => compare(a, b, by, k));
    return;
  }
  for (let i = from + 1; i < to; i++) {
    const row = rows[i];
    let place = i;
    for (; place > from && compare(rows[place - 1], row, by, k) > 0; place--) rows[place] = rows[place - 1];
    rows[place] = row;
  }
}

function compare(a: number, b: number, by: readonly Float64Array[], k: number): number {
  for (let j = k; j < by.length; j++) if (by[j][a] !== by[j][b]) return by[j][a] - by[j][b];
  return a - b;
}
