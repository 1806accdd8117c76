/**
 * Akima's interpolation: a cubic between each two points, whose slopes at the points are weighted means of their
 * neighbours' that ignore a single bent one; it does not swing as splines do.
 *
 * @see H. Akima, J. ACM 17 (1970), 589; end slopes and ties as in SciPy's Akima1DInterpolator
 */
interface Cubic {
  from: number;
  width: number;
  /** y = c0 + c1 t + c2 t^2 + c3 t^3, t = x - from. */
  c: readonly [number, number, number, number];
}

/** Weights this small against the largest are ties: the slope is then the mean of its two neighbours. */
const TIE = 1e-9;

/** @param x rising, at least two points */
function akimaCubics(x: readonly number[], y: readonly number[]): Cubic[] {
  const inner = x.slice(1).map((value, i) => (y[i + 1] - y[i]) / (value - x[i]));
  const extended = withEnds(inner);
  const bends = extended.slice(1).map((slope, i) => Math.abs(slope - extended[i]));
  const weights = x.map((_, i) => bends[i + 2] + bends[i]);
  const largest = Math.max(...weights);
  const slopes = x.map((_, i) =>
    weights[i] > TIE * largest
      ? (bends[i + 2] * extended[i + 1] + bends[i] * extended[i + 2]) / weights[i]
      : (extended[i + 3] + extended[i]) / 2,
  );
  return inner.map((slope, i) => {
    const width = x[i + 1] - x[i];
    const [left, right] = [slopes[i], slopes[i + 1]];
    const c2 = (3 * slope - 2 * left - right) / width;
    const c3 = (left + right - 2 * slope) / width ** 2;
    return { from: x[i], width, c: [y[i], left, c2, c3] };
  });
}

/** Two slopes more at either end, each continuing the change of the two before it. */
function withEnds(inner: readonly number[]): number[] {
  const grown = (slopes: readonly number[]): number[] => {
    const [first, second = first] = slopes;
    const before = 2 * first - second;
    return [2 * before - first, before, ...slopes];
  };
  return grown(grown(inner).reverse()).reverse();
}

export interface Minimum {
  x: number;
  y: number;
  /** Whether it is at neither end. */
  isInside: boolean;
}

/**
 * The least point of the interpolation through given points, exactly: at a point or where a cubic's slope is 0.
 *
 * @param x rising, at least two points
 */
export function akimaMinimum(x: readonly number[], y: readonly number[]): Minimum {
  const last = x.length - 1;
  let best: Minimum = { x: x[0], y: y[0], isInside: false };
  const offer = (at: number, value: number, isInside: boolean) => {
    if (value < best.y) best = { x: at, y: value, isInside };
  };
  akimaCubics(x, y).forEach(({ from, width, c }, i) => {
    for (const t of turns(c)) {
      if (t > 0 && t < width) offer(from + t, c[0] + t * (c[1] + t * (c[2] + t * c[3])), true);
    }
    offer(x[i + 1], y[i + 1], i + 1 < last);
  });
  return best;
}

/** Where the slope of a cubic is 0. */
function turns([, c1, c2, c3]: Cubic["c"]): number[] {
  if (c3 === 0) return c2 === 0 ? [] : [-c1 / (2 * c2)];
  const discriminant = c2 * c2 - 3 * c1 * c3;
  if (discriminant < 0) return [];
  // Added to the part of its own sign: no digits are lost where c3 is small.
  const sum = -(c2 + Math.sign(c2 || 1) * Math.sqrt(discriminant));
  return sum === 0 ? [0] : [sum / (3 * c3), c1 / sum];
}
