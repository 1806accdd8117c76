/**
 * The least of a convex function of shares: r_1 + ... + r_M = 1 with 0 <= r_j <= cap_j.
 *
 * A barrier method (Boyd and Vandenberghe, Convex Optimization, 11.3): Newton's method on
 * f(r) - mu SUM (ln r_j + ln(cap_j - r_j)) for falling mu, whose minimum lies at most 2 M mu above the least of f. Then
 * the shares that have come to a limit are put on it, and Newton's method on f itself gives the rest to the last bits.
 */

/** A function of shares with its derivatives. */
export interface ShareFunction {
  value(r: Float64Array): number;
  /** @param hessian lower triangle, packed: (i, j), j <= i, at i (i + 1)/2 + j */
  expand(r: Float64Array, gradient: Float64Array, hessian: Float64Array): void;
}

/** The barrier's weight, relative to the size of f, from and to; and what it falls by. */
const FIRST = 1e-2;
const LAST = 1e-13;
const FALL = 0.1;
const MOST_STEPS = 40;
/** Shares this near to a limit, relative to the room there is, may have come to it; the conditions of a minimum decide. */
const NEAR_LIMIT = [1e-6, 1e-8, 1e-10];

/**
 * @param caps one a share, 0 or more; 1 for no cap
 * @returns the shares; null where the caps leave no room for a whole, or f has no finite value
 */
export function leastShares(f: ShareFunction, caps: readonly number[]): Float64Array | null {
  const room = caps.map((cap) => Math.min(cap, 1));
  const total = room.reduce((sum, cap) => sum + cap, 0);
  if (!(total >= 1 - 1e-12)) return null;
  const start = Float64Array.from(room, (cap) => cap / Math.max(total, 1));
  // With caps that add up to 1 there is nothing to choose.
  const free = [...room.keys()].filter((j) => room[j] > 0);
  if (total <= 1 + 1e-12 || free.length === 1) return Number.isFinite(f.value(start)) ? start : null;
  const search = new BarrierSearch(f, Float64Array.from(room), free);
  const inside = search.inside(start);
  return inside === null ? null : search.settled(inside);
}

class BarrierSearch {
  private readonly gradient: Float64Array;
  private readonly hessian: Float64Array;

  constructor(
    private readonly f: ShareFunction,
    private readonly caps: Float64Array,
    private readonly free: readonly number[],
  ) {
    const M = caps.length;
    this.gradient = new Float64Array(M);
    this.hessian = new Float64Array((M * (M + 1)) / 2);
  }

  /** The minimum to within the last barrier; null where f has no finite value. */
  inside(start: Float64Array): Float64Array | null {
    let r: Float64Array = start.slice();
    const size = Math.abs(this.f.value(r));
    if (!Number.isFinite(size)) return null;
    for (let mu = FIRST; mu >= LAST; mu *= FALL) r = this.centred(r, mu * (size || 1));
    return r;
  }

  /** Newton's method on f with a barrier of weight mu, along the plane of equal sums. */
  private centred(from: Float64Array, mu: number): Float64Array {
    const { f, caps, free } = this;
    const height = (r: Float64Array) =>
      free.reduce((sum, j) => sum - mu * (Math.log(r[j]) + Math.log(caps[j] - r[j])), f.value(r));
    let r = from;
    let now = height(r);
    for (let step = 0; step < MOST_STEPS; step++) {
      f.expand(r, this.gradient, this.hessian);
      const bend = (j: number) => mu / r[j] ** 2 + mu / (caps[j] - r[j]) ** 2;
      const pull = (j: number) => this.gradient[j] - mu / r[j] + mu / (caps[j] - r[j]);
      const move = this.planeStep(free, pull, bend);
      if (move === null) return r;
      const decrement = -free.reduce((sum, j, a) => sum + pull(j) * move[a], 0);
      if (!(decrement > 1e-3 * mu)) return r;
      let length = Math.min(1, 0.99 * roomAlong(r, caps, free, move));
      let next = moved(r, free, move, length);
      let then = height(next);
      while (!(then <= now - 1e-4 * length * decrement) && length > 1e-12) {
        length /= 2;
        next = moved(r, free, move, length);
        then = height(next);
      }
      if (!(then < now)) return r;
      r = next;
      now = then;
    }
    return r;
  }

  /** The shares that have come to a limit put on it, the others brought to the minimum of f with these held. */
  settled(near: Float64Array): Float64Array {
    const found = NEAR_LIMIT.map((width) => this.heldAtLimits(near, width)).map((r) => ({
      r,
      left: this.leftToGain(r),
    }));
    const best = found.reduce((one, other) => (other.left < one.left ? other : one));
    return Number.isFinite(best.left) ? best.r : near;
  }

  private heldAtLimits(near: Float64Array, width: number): Float64Array {
    const { f, caps } = this;
    const r = near.slice();
    const inner = this.free.filter((j) => r[j] > width * caps[j] && r[j] < (1 - width) * caps[j]);
    for (const j of this.free) if (!inner.includes(j)) r[j] = r[j] > caps[j] / 2 ? caps[j] : 0;
    const missing = 1 - r.reduce((sum, share) => sum + share, 0);
    const held = inner.length > 0 ? inner : this.free.filter((j) => r[j] > 0).slice(0, 1);
    for (const j of held) r[j] += missing / held.length;
    let best: Float64Array = r;
    let least = Number.POSITIVE_INFINITY;
    let next: Float64Array = r;
    // Judged by what is left of the slopes: f itself no longer moves when the shares are right to half their digits.
    for (let step = 0; step < MOST_STEPS && inner.length > 1; step++) {
      f.expand(next, this.gradient, this.hessian);
      const slopes = inner.map((j) => this.gradient[j]);
      const left = Math.max(...slopes) - Math.min(...slopes);
      if (!(left < 0.5 * least)) break;
      best = next;
      least = left;
      const move = this.planeStep(
        inner,
        (j) => this.gradient[j],
        () => 0,
      );
      if (move === null) break;
      next = moved(best, inner, move, 1);
      if (inner.some((j) => !(next[j] > 0 && next[j] < caps[j]))) break;
    }
    return best;
  }

  /** The most that moving share from one domain to another would gain, per share: 0 at a minimum. Infinite outside. */
  private leftToGain(r: Float64Array): number {
    const { f, caps, free, gradient } = this;
    if (free.some((j) => r[j] < 0 || r[j] > caps[j])) return Number.POSITIVE_INFINITY;
    f.expand(r, gradient, this.hessian);
    const givers = free.filter((j) => r[j] > 0).map((j) => gradient[j]);
    const takers = free.filter((j) => r[j] < caps[j]).map((j) => gradient[j]);
    if (![...givers, ...takers].every(Number.isFinite)) return Number.POSITIVE_INFINITY;
    return givers.length === 0 || takers.length === 0 ? 0 : Math.max(...givers) - Math.min(...takers);
  }

  /**
   * The step p of Newton's method among some shares with SUM p = 0: p = -K^-1 (g - nu 1), K the Hessian with more on its
   * diagonal; null where K cannot be made positive definite.
   */
  private planeStep(
    among: readonly number[],
    gradient: (j: number) => number,
    diagonal: (j: number) => number,
  ): Float64Array | null {
    const m = among.length;
    const g = Float64Array.from(among, gradient);
    for (let more = 0; more <= 1e12; more = more === 0 ? 1e-12 : more * 100) {
      const K = new Float64Array(m * m);
      let largest = 0;
      for (let a = 0; a < m; a++) {
        for (let b = 0; b <= a; b++) K[a * m + b] = this.hessianAt(among[a], among[b]);
        K[a * m + a] += diagonal(among[a]);
        largest = Math.max(largest, K[a * m + a]);
      }
      for (let a = 0; a < m; a++) K[a * m + a] += more * (largest || 1);
      if (!factored(K, m)) continue;
      const u = solved(K, g, m);
      const one = solved(K, new Float64Array(m).fill(1), m);
      const nu = sumOf(u) / sumOf(one);
      const p = u.map((value, a) => nu * one[a] - value);
      return p.every(Number.isFinite) ? p : null;
    }
    return null;
  }

  private hessianAt(i: number, j: number): number {
    const [a, b] = i < j ? [j, i] : [i, j];
    return this.hessian[(a * (a + 1)) / 2 + b];
  }
}

/** How far along a move the shares stay within their limits. */
function roomAlong(r: Float64Array, caps: Float64Array, free: readonly number[], move: Float64Array): number {
  return free.reduce((length, j, a) => {
    if (move[a] < 0) return Math.min(length, -r[j] / move[a]);
    return move[a] > 0 ? Math.min(length, (caps[j] - r[j]) / move[a]) : length;
  }, Number.POSITIVE_INFINITY);
}

function moved(r: Float64Array, among: readonly number[], move: Float64Array, length: number): Float64Array {
  const next = r.slice();
  among.forEach((j, a) => {
    next[j] += length * move[a];
  });
  return next;
}

const sumOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0);

/** The Cholesky factor in the place of the lower triangle; false where the matrix is not positive definite. */
function factored(K: Float64Array, m: number): boolean {
  for (let j = 0; j < m; j++) {
    let pivot = K[j * m + j];
    const before = pivot;
    for (let k = 0; k < j; k++) pivot -= K[j * m + k] ** 2;
    if (!(pivot > 1e-15 * before) || !Number.isFinite(pivot)) return false;
    K[j * m + j] = Math.sqrt(pivot);
    for (let i = j + 1; i < m; i++) {
      let sum = K[i * m + j];
      for (let k = 0; k < j; k++) sum -= K[i * m + k] * K[j * m + k];
      K[i * m + j] = sum / K[j * m + j];
    }
  }
  return true;
}

function solved(L: Float64Array, b: Float64Array, m: number): Float64Array {
  const x = b.slice();
  for (let i = 0; i < m; i++) {
    for (let k = 0; k < i; k++) x[i] -= L[i * m + k] * x[k];
    x[i] /= L[i * m + i];
  }
  for (let i = m - 1; i >= 0; i--) {
    for (let k = i + 1; k < m; k++) x[i] -= L[k * m + i] * x[k];
    x[i] /= L[i * m + i];
  }
  return x;
}
