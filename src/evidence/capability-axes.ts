/**
 * Capability axes of many models (arXiv 2405.10938): the principal components of their benchmark scores, which rise with
 * the log of compute along a line of its own in each model family,
 *
 *   S = theta_f ln C + nu_f,
 *
 * so that a model of one family has the capability of another family's model of so much compute.
 */
import { type PrincipalComponents, principalComponents, scoresOf } from "../fit/principal-components.js";

/** Scores of one model; not a number where a benchmark is missing. */
export interface ScoredModel {
  family: string;
  /** Training compute in FLOPs; not a number where it is not known. */
  flops: number;
  scores: readonly number[];
}

/** S = theta ln C + nu along one axis, by least squares over a family's models. */
export interface FamilyLine {
  family: string;
  models: number;
  theta: number;
  nu: number;
  /** Share of the variance of S that the line explains; null where S does not vary. */
  r2: number | null;
}

export interface CapabilityAxes {
  components: PrincipalComponents;
  /** Of each model along the first `axes` components. */
  S: Float64Array[];
}

/**
 * @param axes how many; the field takes one to three
 * @throws DataError where components cannot be had (`principalComponents`)
 */
export function capabilityAxes(models: readonly ScoredModel[], axes: number): CapabilityAxes {
  const benchmarks = models[0]?.scores.length ?? 0;
  const columns = Array.from({ length: benchmarks }, (_, j) =>
    Float64Array.from(models, ({ scores }) => scores[j]),
  );
  const components = principalComponents(columns);
  const S = models.map(({ scores }) => scoresOf(components, Float64Array.from(scores)).slice(0, axes));
  return { components, S };
}

/** The lines of all families with two models or more that differ in known compute, in the order of their first models. */
export function familyLines(models: readonly ScoredModel[], S: readonly number[]): FamilyLine[] {
  const members = new Map<string, number[]>();
  models.forEach(({ family, flops }, i) => {
    if (!(flops > 0) || !Number.isFinite(flops)) return;
    const known = members.get(family);
    if (known === undefined) members.set(family, [i]);
    else known.push(i);
  });
  return [...members].flatMap(([family, rows]) => {
    const line = leastSquaresLine(
      rows.map((i) => Math.log(models[i].flops)),
      rows.map((i) => S[i]),
    );
    return line === null ? [] : [{ family, models: rows.length, ...line }];
  });
}

/** The compute with which a family's model has the capability S: exp((S - nu)/theta); null on a level line. */
export const equivalentFlops = (
  { theta, nu }: Pick<FamilyLine, "theta" | "nu">,
  S: number,
): number | null => {
  const flops = Math.exp((S - nu) / theta);
  return Number.isFinite(flops) && flops > 0 ? flops : null;
};

function leastSquaresLine(
  x: readonly number[],
  y: readonly number[],
): { theta: number; nu: number; r2: number | null } | null {
  const n = x.length;
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / n;
  const [mx, my] = [mean(x), mean(y)];
  const sum = (f: (i: number) => number) => x.reduce((total, _, i) => total + f(i), 0);
  const xx = sum((i) => (x[i] - mx) ** 2);
  if (n < 2 || !(xx > 1e-12)) return null;
  const xy = sum((i) => (x[i] - mx) * (y[i] - my));
  const yy = sum((i) => (y[i] - my) ** 2);
  const theta = xy / xx;
  return { theta, nu: my - theta * mx, r2: yy > 0 ? (xy * xy) / (xx * yy) : null };
}
