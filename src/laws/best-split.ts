import { chinchilla } from "./chinchilla.js";

/** A loss E + A/N^alpha + B/D^beta: what many laws are once their other inputs are given. */
export interface TwoPowers {
  E: number;
  A: number;
  alpha: number;
  B: number;
  beta: number;
}

/** The split of N D = `nd` with the least loss, and that loss; null where there is none. @see arXiv 2203.15556, eq. 4 */
export function bestSplit(c: TwoPowers, nd: number): { N: number; D: number; loss: number } | null {
  const split = chinchilla.allocation?.optimum({ ...c }, nd) ?? null;
  if (split === null) return null;
  return { ...split, loss: c.E + c.A / split.N ** c.alpha + c.B / split.D ** c.beta };
}
