import { root } from "./root.js";

/**
 * Where a smooth function is least within an interval: at an end, or where its slope goes from below 0 to above it, to
 * the last bits. Minima narrower than a cell of the grid are not seen.
 *
 * @returns null where the function has no finite value
 */
export function leastAt(
  f: (x: number) => number,
  slope: (x: number) => number,
  low: number,
  high: number,
  cells = 100,
): number | null {
  const places = [low, high];
  let left = low;
  let atLeft = slope(low);
  for (let i = 1; i <= cells; i++) {
    const right = low + ((high - low) * i) / cells;
    const atRight = slope(right);
    if (atLeft <= 0 && atRight > 0) places.push(root(slope, left, atLeft, right, atRight));
    left = right;
    atLeft = atRight;
  }
  const finite = places.filter((x) => Number.isFinite(f(x)));
  return finite.length === 0 ? null : finite.reduce((a, b) => (f(b) < f(a) ? b : a));
}
