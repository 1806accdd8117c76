/**
 * Profile-likelihood intervals: for each value v of a parameter the others are fitted again, and v belongs to the
 * interval while
 *
 *   2 (F(v) - F) / tau^2 <= F(1, n - p),   tau^2 = [SUM psi^2 / (n - p)] / [share of |r| <= delta]
 *
 * which for squares is (RSS(v) - RSS) / (RSS/(n - p)) (Bates & Watts 1988, section 6.1; Huber's form is the scaled
 * difference of the robust likelihood ratio). For counts 2 F is the deviance and tau^2 the dispersion. Limits are searched outwards from the estimate, every fit started where
 * its neighbours ended. Where the rise stays below the limit as far as a bound, or far out, that end is open.
 */
import type { Interval } from "../objects.js";
import { dispersionOf } from "./dispersion.js";
import { perObservation } from "./distinct.js";
import { studentFactor } from "./distributions.js";
import type { Fitted } from "./fitted.js";
import { FormulaModel } from "./formula-fit.js";

/** Steps outwards, each at most three times as far as the one before. */
const OUTWARDS = 30;
const INWARDS = 40;
/** Limits are right to this share of the interval's half width. */
const PRECISION = 1e-5;
/** Beyond this many standard errors (of the log, for positive parameters: this factor) an end is called open. */
const FAR = 1e4;

/** Intervals by parameter of the fit, for those that are free. */
export function profileIntervals(
  fitted: Fitted,
  level: number,
  covariance: Float64Array | null,
): Map<string, Interval> {
  const profile = new Profile(fitted, level);
  const p = fitted.layout.free.length;
  return new Map(
    fitted.layout.free.map(({ name }, j): [string, Interval] => {
      const variance = covariance === null ? Number.NaN : covariance[j * p + j];
      const [low, high] = ([-1, 1] as const).map((side) => profile.limit(j, side, Math.sqrt(variance)));
      const open = [low === null ? "open below" : "", high === null ? "open above" : ""].filter(
        (word) => word !== "",
      );
      return [name, open.length === 0 ? { low, high } : { low, high, reason: open.join(", ") }];
    }),
  );
}

/** A point of the profile: the parameter's value (or its log), the other parameters there, and t = sqrt of the rise. */
interface Point {
  at: number;
  theta: Float64Array;
  t: number;
}

class Profile {
  private readonly model: FormulaModel;
  private readonly lower: Float64Array;
  private readonly upper: Float64Array;
  private readonly best: Float64Array;
  private readonly least: number;
  private readonly tau2: number;
  private readonly target: number;

  constructor(
    private readonly fitted: Fitted,
    level: number,
  ) {
    const { layout, law, rows, observations, objective, solution, rowResiduals } = fitted;
    const columns = law.inputs.map(({ name }) => rows.inputs.get(name) as Float64Array);
    const { measured, weight, inverseNoise } = rows;
    this.model = new FormulaModel(layout.compile(), layout.free, columns, measured, weight, inverseNoise);
    this.lower = this.model.kernel.lower.slice();
    this.upper = this.model.kernel.upper.slice();
    this.best = solution.parameters;
    this.least = solution.minimum.value;
    const n = observations.measured.length;
    const degrees = n - layout.free.length;
    this.target = studentFactor(level, degrees);
    if (objective.information !== undefined) {
      const problem = fitted.model.problem(solution.kernel, objective);
      this.tau2 = dispersionOf(problem, rowResiduals, degrees, observations.weight !== null);
      return;
    }
    const scaled = perObservation(
      rowResiduals.map((r, i) => r * (inverseNoise?.[i] ?? 1)),
      rows.rowOf,
    );
    const squares = scaled.reduce((sum, r) => sum + objective.slope(0, -r, 1) ** 2, 0);
    const inside = scaled.reduce((sum, r) => sum + objective.curvature(0, -r, 1), 0);
    this.tau2 = squares / degrees / (Math.max(inside, 1) / n);
  }

  /** The limit of parameter j on one side; null where it is open. */
  limit(j: number, side: -1 | 1, standardError: number): number | null {
    const estimate = this.best[j];
    const isPositive = this.fitted.layout.free[j].lower >= 0 && estimate > 0;
    const toValue = (at: number) => (isPositive ? Math.exp(at) : at);
    const centre = isPositive ? Math.log(estimate) : estimate;
    const unit = isPositive ? standardError / estimate : standardError;
    const scale = Number.isFinite(unit) && unit > 0 ? unit : isPositive ? 0.1 : 0.1 * Math.abs(estimate) || 1;
    const bound = side < 0 ? this.lower[j] : this.upper[j];
    const end = isPositive ? (bound > 0 ? Math.log(bound) : Number.NEGATIVE_INFINITY) : bound;
    const farthest = centre + side * (isPositive ? Math.log(FAR) + this.target * scale : FAR * scale);
    const last = side < 0 ? Math.max(end, farthest) : Math.min(end, farthest);
    let inner: Point = { at: centre, theta: this.best, t: 0 };
    if (!(side * (last - centre) > 0)) return null;
    let before = inner;
    let step = this.target * Math.min(scale, isPositive ? 3 : Number.POSITIVE_INFINITY);
    for (let k = 0; k < OUTWARDS; k++) {
      const at = side < 0 ? Math.max(inner.at - step, last) : Math.min(inner.at + step, last);
      const point = this.at(j, at, toValue, inner, before);
      if (point === null) {
        step /= 4;
        continue;
      }
      if (point.t >= this.target) return toValue(this.between(j, toValue, inner, point));
      if (at === last) return this.atBound(j, bound, point) ? bound : null;
      before = inner;
      inner = point;
      // As far as the rise so far says, and a little more.
      const slope = point.t / Math.abs(point.at - centre);
      step = Math.min(
        3 * Math.abs(point.at - centre),
        (1.1 * (this.target - point.t)) / Math.max(slope, 1e-12) + 0.01 * scale,
      );
    }
    return null;
  }

  /** Whether the rise at the bound itself, which a log never reaches, is above the limit. */
  private atBound(j: number, bound: number, nearest: Point): boolean {
    if (bound !== 0) return false;
    const point = this.at(j, 0, (at) => at, nearest, nearest);
    return point !== null && point.t >= this.target;
  }

  /** Illinois's false position on t between a point inside the interval and one outside. */
  private between(j: number, toValue: (at: number) => number, inside: Point, outside: Point): number {
    let [a, b] = [inside, outside];
    let [fa, fb] = [a.t - this.target, b.t - this.target];
    const half = Math.abs(b.at - a.at);
    let kept = 0;
    for (let k = 0; k < INWARDS && Math.abs(b.at - a.at) > PRECISION * half; k++) {
      const point = this.at(j, a.at + ((b.at - a.at) * -fa) / (fb - fa), toValue, a, b);
      if (point === null) break;
      const f = point.t - this.target;
      if (Math.abs(f) < PRECISION) return point.at;
      // An end that stays a second time counts for half, so that the other side is met too.
      if (f < 0) {
        [a, fa] = [point, f];
        if (kept === 1) fb /= 2;
        kept = 1;
      } else {
        [b, fb] = [point, f];
        if (kept === -1) fa /= 2;
        kept = -1;
      }
    }
    return (a.at + b.at) / 2;
  }

  /** The profile at a value, the other parameters started on the line through two known points; null where it fails. */
  private at(
    j: number,
    at: number,
    toValue: (at: number) => number,
    near: Point,
    other: Point,
  ): Point | null {
    const { kernel } = this.model;
    const value = toValue(at);
    const share = other.at === near.at ? 0 : (at - near.at) / (near.at - other.at);
    const onLine = near.theta.map((t, k) =>
      t > 0 && other.theta[k] > 0 ? t * (t / other.theta[k]) ** share : t,
    );
    kernel.lower.set(this.lower);
    kernel.upper.set(this.upper);
    kernel.lower[j] = value;
    kernel.upper[j] = value;
    let least = Number.POSITIVE_INFINITY;
    let theta = near.theta;
    for (const start of share === 0 ? [near.theta] : [onLine, near.theta]) {
      const moved = start.slice();
      moved[j] = value;
      const { minimum } = this.model.polish(moved, this.fitted.objective);
      if (Number.isFinite(minimum.value) && minimum.value < least) {
        least = minimum.value;
        theta = minimum.theta;
      }
      if (minimum.status === "converged") break;
    }
    if (!Number.isFinite(least)) return null;
    return { at, theta, t: Math.sqrt(Math.max((2 * (least - this.least)) / this.tau2, 0)) };
  }
}
