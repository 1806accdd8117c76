/** The corrected Chinchilla fit (arXiv 2404.10102): its numbers, and that neither row order nor units change them. */
import { beforeAll, expect, test } from "vitest";
import * as scalefit from "../../src/index.js";
import { type Columns, chinchillaPoints } from "../support/csv.js";
import { generator, shuffled } from "../support/random.js";
import { describeWithShared } from "../support/shared.js";

const ORACLE = { law: "chinchilla", objective: "huber-log", delta: 1e-3, bootstrap: 0 } as const;

function estimates(data: Columns) {
  const [{ parameters, objective, status }] = scalefit.fit({ ...ORACLE, data: { ...data } }).fits;
  const { E, A, B, alpha, beta } = parameters;
  return {
    value: objective.value,
    status,
    E: E.estimate,
    A: A.estimate,
    B: B.estimate,
    alpha: alpha.estimate,
    beta: beta.estimate,
  };
}

describeWithShared("the 240 points of the Chinchilla figure", () => {
  let data: Columns;
  let found: ReturnType<typeof estimates>;

  beforeAll(() => {
    data = chinchillaPoints(240);
    found = estimates(data);
  });

  test("give the known minimum", () => {
    expect(found.status).toBe("converged");
    expect(found.value).toBeLessThanOrEqual(1.0182741e-3);
    // Within 1e-10 relative of the minimum found in another program and polished to 14 digits.
    expect(Math.abs(found.value / 1.0182740178006e-3 - 1)).toBeLessThan(1e-10);
    // To the digits that are quoted.
    expect(found.E).toBeCloseTo(1.8172, 4);
    expect(found.A).toBeCloseTo(477.8, 1);
    expect(found.B).toBeCloseTo(2143.4, 1);
    expect(found.alpha).toBeCloseTo(0.3473, 4);
    expect(found.beta).toBeCloseTo(0.3672, 4);
  });

  test("give the same minimum for 200 random orders and units of the rows", () => {
    const random = generator(240);
    let worst = 0;
    for (let round = 0; round < 200; round++) {
      const order = shuffled([...data.N.keys()], random);
      // Every other time millions and billions, else any unit from 1e-3 to 1e12, of the loss too.
      const any = () => 10 ** (15 * random() - 3);
      const [unitN, unitD, unitL] =
        round % 2 === 0 ? [1e6, 1e9, 1] : [any(), any(), 10 ** (4 * random() - 2)];
      const other = estimates({
        N: order.map((i) => data.N[i] / unitN),
        D: order.map((i) => data.D[i] / unitD),
        loss: order.map((i) => data.loss[i] / unitL),
      });
      expect(other.status).toBe("converged");
      const back = {
        value: other.value,
        E: other.E * unitL,
        A: other.A * unitL * unitN ** other.alpha,
        B: other.B * unitL * unitD ** other.beta,
        alpha: other.alpha,
        beta: other.beta,
      };
      for (const name of ["value", "E", "A", "B", "alpha", "beta"] as const)
        worst = Math.max(worst, Math.abs(back[name] / found[name] - 1));
    }
    // The last Newton step ends at rounding (about 1e-12 in A and B); 1e-8 is what is promised to users.
    expect(worst).toBeLessThan(1e-8);
  });
});
