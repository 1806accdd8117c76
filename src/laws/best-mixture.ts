/**
 * The mixture of domains with the least loss under a law of shares, or under several of them at once: the losses of many
 * validation sets, weighted. Derivatives come from the laws' formulas.
 */
import { type ColumnFunction, compileColumns } from "./expression/index.js";
import type { Coefficients, Law, LawAnswer } from "./law.js";
import { domains, shareNames } from "./mixture.js";
import { leastShares, type ShareFunction } from "./simplex.js";

/** One loss that counts. */
export interface MixturePart {
  /** A law of shares alone: other inputs are to be held (`lawAt`). */
  law: Law;
  coefficients: Coefficients;
  weight: number;
  /** The law's input that is each domain's share; null where the law does not see that domain. */
  shares: readonly (string | null)[];
}

export interface BestMixture {
  /** In the order of the domains. */
  shares: number[];
  /** The sum of the weighted losses. */
  loss: number;
}

/**
 * @param caps the most there can be of each domain, such as its unique tokens times the epochs it bears over all tokens
 * @returns null where the caps leave no room for a whole, or a loss has no finite value there
 */
export function bestMixture(parts: readonly MixturePart[], caps: readonly number[]): BestMixture | null {
  const surfaces = parts.map((part) => surfaceOf(part));
  if (surfaces.some((surface) => surface === null)) return null;
  const total = sumOf(surfaces as ShareFunction[]);
  const shares = leastShares(total, caps);
  return shares === null ? null : { shares: Array.from(shares), loss: total.value(shares) };
}

/** The formula of a law as a function of its inputs, its coefficients given as columns; compiled once a law. */
const compiled = new WeakMap<Law, ColumnFunction>();

function functionOf(law: Law): ColumnFunction | null {
  const known = compiled.get(law);
  if (known !== undefined) return known;
  if (law.expression === null) return null;
  const made = compileColumns(law.expression, {
    inputs: law.parameters.map(({ name }) => name),
    parameters: law.inputs.map(({ name }) => name),
  });
  compiled.set(law, made);
  return made;
}

function surfaceOf({ law, coefficients, weight, shares }: MixturePart): ShareFunction | null {
  const made = functionOf(law);
  if (made === null) return null;
  const bound = made.bind(
    made.inputs.map((name) => Float64Array.of(coefficients[name])),
    1,
  );
  const p = made.parameters.length;
  /** The domain behind each input of the law. */
  const domainOf = made.parameters.map((name) => shares.indexOf(name));
  const at = new Float64Array(p);
  const value = new Float64Array(1);
  const g = new Float64Array(p);
  const h = new Float64Array((p * (p + 1)) / 2);
  const place = (r: Float64Array) => {
    for (let i = 0; i < p; i++) at[i] = r[domainOf[i]];
  };
  return {
    value(r) {
      place(r);
      bound.value(at, value);
      return weight * value[0];
    },
    expand(r, gradient, hessian) {
      place(r);
      bound.hessian(at, value, g, h);
      for (let i = 0, k = 0; i < p; i++) {
        gradient[domainOf[i]] += weight * g[i];
        for (let j = 0; j <= i; j++, k++) {
          const [a, b] = [Math.max(domainOf[i], domainOf[j]), Math.min(domainOf[i], domainOf[j])];
          hessian[(a * (a + 1)) / 2 + b] += weight * h[k];
        }
      }
    },
  };
}

const sumOf = (parts: readonly ShareFunction[]): ShareFunction => ({
  value: (r) => parts.reduce((sum, part) => sum + part.value(r), 0),
  expand(r, gradient, hessian) {
    gradient.fill(0);
    hessian.fill(0);
    for (const part of parts) part.expand(r, gradient, hessian);
  },
});

/** The mixture that is best for the one loss of a law of M shares, with a cap on each where there is one. */
export function bestMixtureAnswer(M: number, law: () => Law): LawAnswer {
  const caps = domains(M).map((j) => `cap${j}`);
  return {
    kind: "optimum",
    name: "optimum",
    meaning: "the mixture with the least loss, where cap limits the share of each domain",
    given: caps,
    defaults: Object.fromEntries(caps.map((name) => [name, 1])),
    gives: [...shareNames(M), "loss"],
    solve(coefficients, given) {
      const best = bestMixture(
        [{ law: law(), coefficients, weight: 1, shares: shareNames(M) }],
        caps.map((name) => given[name]),
      );
      if (best === null) return null;
      return {
        ...Object.fromEntries(shareNames(M).map((name, j) => [name, best.shares[j]])),
        loss: best.loss,
      };
    },
  };
}
