/**
 * Allocation for any law in N and D that falls in both, without a closed form: the same questions as a law's own
 * `AllocationForms`, answered numerically. Checked against the closed forms of chinchilla to 1e-8.
 */
import { evaluateLaw } from "../laws/evaluate-law.js";
import type { AllocationForms, Coefficients, Law, Split } from "../laws/law.js";

/** Sizes and token counts looked at, as natural logs: 1 to 1e30. */
const LOW = 0;
const HIGH = Math.log(1e30);
const GRID = 240;
const GOLDEN = (Math.sqrt(5) - 1) / 2;

export function numericAllocation(law: Law): AllocationForms {
  const loss = (c: Coefficients, split: Split) => evaluateLaw(law, c, { N: split.N, D: split.D });
  const optimum = (c: Coefficients, nd: number): Split | null => {
    const at = (x: number) => loss(c, { N: Math.exp(x), D: nd / Math.exp(x) });
    const x = minimumOf(at, LOW, Math.min(HIGH, Math.log(nd)));
    return x === null ? null : { N: Math.exp(x), D: nd / Math.exp(x) };
  };
  const bestLoss = (c: Coefficients, logProduct: number): number => {
    const split = optimum(c, Math.exp(logProduct));
    return split === null ? Number.NaN : loss(c, split);
  };
  /** ln of the product N D whose best split has this N (or this D). */
  const productWith = (c: Coefficients, target: number, part: keyof Split): number | null =>
    increasing((x) => optimum(c, Math.exp(x))?.[part] ?? Number.NaN, target);
  return {
    optimum,
    productForLoss: (c, target) => {
      const x = increasing((y) => -bestLoss(c, y), -target);
      return x === null ? null : Math.exp(x);
    },
    tokensFor: (c, N) => {
      const x = productWith(c, N, "N");
      return x === null ? null : Math.exp(x) / N;
    },
    paramsFor: (c, D) => {
      const x = productWith(c, D, "D");
      return x === null ? null : Math.exp(x) / D;
    },
  };
}

/** Where f is least between two points, inside them; null when the least value lies at an end. */
function minimumOf(f: (x: number) => number, low: number, high: number): number | null {
  const step = (high - low) / GRID;
  let best = -1;
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i <= GRID; i++) {
    const value = f(low + i * step);
    if (value < least) {
      least = value;
      best = i;
    }
  }
  if (best <= 0 || best >= GRID) return null;
  let a = low + (best - 1) * step;
  let b = low + (best + 1) * step;
  // Golden section to where f is flat to rounding, then the vertex of a parabola through three points near it.
  while (b - a > 1e-4) {
    const c = b - GOLDEN * (b - a);
    const d = a + GOLDEN * (b - a);
    if (f(c) < f(d)) b = d;
    else a = c;
  }
  return vertexNear(f, (a + b) / 2);
}

/** f is known to 1e-16 of itself, so its vertex only to 1e-8; a parabola over +-0.02 finds it far closer. */
function vertexNear(f: (x: number) => number, x: number): number {
  let centre = x;
  for (const h of [0.02, 0.004]) {
    const [below, at, above] = [f(centre - h), f(centre), f(centre + h)];
    const curvature = below - 2 * at + above;
    if (!(curvature > 0)) return centre;
    centre += (h * (below - above)) / (2 * curvature);
  }
  return centre;
}

/** x in the range of logs of N D with f(x) = target for an increasing f; null outside. */
function increasing(f: (x: number) => number, target: number): number | null {
  // Ends where no inner optimum exists give no number; the search narrows to where one does.
  let low: number | null = null;
  let high: number | null = null;
  for (let x = 2; x <= 2 * HIGH; x += 2) {
    const value = f(x);
    if (value < target) low = x;
    if (value >= target && low !== null) {
      high = x;
      break;
    }
  }
  if (low === null || high === null) return null;
  for (let i = 0; i < 100 && high - low > 1e-13 * high; i++) {
    const middle: number = (low + high) / 2;
    if (f(middle) < target) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
