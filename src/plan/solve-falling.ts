/** Sizes and token counts beyond these are no answer. */
const SMALLEST = 1;
const LARGEST = 1e40;

/** x with f(x) = target for a falling f, by bisection of ln x to the last bits; null outside of the range. */
export function solveFalling(
  f: (x: number) => number,
  target: number,
  range: readonly [number, number] = [SMALLEST, LARGEST],
): number | null {
  let [low, high] = range.map(Math.log);
  if (!(f(range[0]) >= target && f(range[1]) < target)) return null;
  for (let i = 0; i < 200 && high - low > 1e-15 * high; i++) {
    const middle = (low + high) / 2;
    if (f(Math.exp(middle)) > target) low = middle;
    else high = middle;
  }
  return Math.exp((low + high) / 2);
}
