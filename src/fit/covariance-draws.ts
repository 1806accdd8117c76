/**
 * Draws from a covariance, for fits without resamples: Student's t with n - p degrees of freedom about the
 * estimate, on the log for amplitudes and floors. Every derived number then gets its interval from draws, whatever
 * the fit was made with.
 */
import type { Law } from "../laws/law.js";
import { choleskyInPlace } from "./linear-algebra.js";
import { randomStream } from "./random.js";

const DRAWS = 1000;

/** Parameters that vary, with the factor from their own unit to the drawn one. */
interface Varying {
  name: string;
  index: number;
  log: boolean;
}

/**
 * @param degrees n - p; without any there are no draws
 * @returns null where the covariance is missing or singular
 */
export function covarianceDraws(
  law: Law,
  estimate: Record<string, number>,
  covariance: { parameters: string[]; values: number[][] } | null,
  degrees: number,
  seed: number,
): Record<string, number>[] | null {
  if (covariance === null || degrees <= 0) return null;
  const varying: Varying[] = [];
  covariance.parameters.forEach((name, index) => {
    const positive = law.parameters.find((parameter) => parameter.name === name)?.positive ?? false;
    if (covariance.values[index][index] > 0)
      varying.push({ name, index, log: positive && estimate[name] > 0 });
  });
  const m = varying.length;
  const L = new Float64Array(m * m);
  const unit = (v: Varying) => (v.log ? 1 / estimate[v.name] : 1);
  varying.forEach((a, i) => {
    varying.forEach((b, j) => {
      L[i * m + j] = covariance.values[a.index][b.index] * unit(a) * unit(b);
    });
  });
  const sd = varying.map((_, i) => Math.sqrt(L[i * m + i]));
  for (let i = 0; i < m; i++) for (let j = 0; j < m; j++) L[i * m + j] /= sd[i] * sd[j];
  if (m === 0 || !choleskyInPlace(L, m)) return null;
  return Array.from({ length: DRAWS }, (_, b) => {
    const stream = randomStream(seed, b);
    const z = varying.map(() => stream.normal());
    let chi = 0;
    for (let k = 0; k < degrees && k < 1000; k++) chi += stream.normal() ** 2;
    const stretch = Math.sqrt(Math.min(degrees, 1000) / chi);
    const draw = { ...estimate };
    varying.forEach((v, i) => {
      let move = 0;
      for (let j = 0; j <= i; j++) move += L[i * m + j] * z[j];
      move *= sd[i] * stretch;
      draw[v.name] = v.log ? estimate[v.name] * Math.exp(move) : estimate[v.name] + move;
    });
    return draw;
  });
}
