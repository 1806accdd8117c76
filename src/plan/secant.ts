/** Steps at most; a function that is nearly a line needs four. */
const STEPS = 40;

/**
 * x with f(x) = 0 for a function close to a rising line, such as the log of a power law over the log of its scale: by the
 * secant from a first guess; null where it has not settled.
 *
 * @param slope of f at x0, near enough
 * @param enough |f| that is as good as 0
 */
export function secantRoot(
  f: (x: number) => number,
  x0: number,
  slope: number,
  enough = 1e-9,
): number | null {
  let [x, y] = [x0, f(x0)];
  let rise = slope;
  for (let i = 0; i < STEPS; i++) {
    if (Math.abs(y) <= enough) return x;
    if (!(Math.abs(y) < Number.POSITIVE_INFINITY) || !(rise > 0)) return null;
    const next = x - y / rise;
    const at = f(next);
    rise = (at - y) / (next - x);
    [x, y] = [next, at];
  }
  return null;
}
