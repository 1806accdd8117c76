import { describe, expect, test } from "vitest";
import { chooseLaw, contestOf, openedBy } from "../../src/evidence/choose-law.js";
import { judgeLaw } from "../../src/evidence/judge-law.js";
import { DEFAULT_OPTIONS } from "../../src/fit/options.js";
import { evaluateLaw } from "../../src/laws/evaluate-law.js";
import type { RankedLaw } from "../../src/objects.js";
import { type ColumnsOfLog, candidate, chooseAmong } from "../support/candidates.js";
import { lawCalled } from "../support/core.js";
import { generator, normal, shuffled } from "../support/random.js";
import { fitGiven } from "../support/rows.js";
import { BESIROGLU, isoFlopSweep } from "../support/sweeps.js";

const withCompute = ({ N, D, loss }: { N: number[]; D: number[]; loss: number[] }): ColumnsOfLog => ({
  columns: { N, D, C: N.map((n, i) => 6 * n * D[i]) },
  measured: loss,
});

const BUDGETS = [1e18, 3e18, 1e19, 3e19, 1e20, 3e20];
const sweep = (noise: number, seed = 1) =>
  withCompute(isoFlopSweep(BESIROGLU, BUDGETS, 7, 0.6, noise, generator(seed)));

/** A curve against C alone. */
function curve(
  id: string,
  values: Record<string, number>,
  rows: number,
  noise: number,
  seed = 1,
): ColumnsOfLog {
  const random = generator(seed);
  const C = Array.from({ length: rows }, (_, i) => 1e2 * 10 ** ((5 * i) / (rows - 1)));
  const measured = C.map((x) => evaluateLaw(lawCalled(id), values, { x }) * Math.exp(noise * normal(random)));
  return { columns: { C }, measured };
}

const POWER = { E: 0.5, A: 8, alpha: 0.3 };
const BROKEN = { a: 0.2, b: 5, c0: 0.1, c1: 0.4, d1: 5e3, f1: 0.3 };
const chosenOf = ({ choice }: { choice: { ranking: RankedLaw[] } }) => choice.ranking[0];
const called = ({ law, size }: RankedLaw) => (size === undefined ? law : `${law}:${size}`);

describe("the law behind the rows is chosen", () => {
  const surfaces = ["power", "power-floor", "chinchilla"];

  test.each([0, 0.003, 0.01])("a sweep over N and D with noise %d needs both", (noise) => {
    const { choice } = chooseAmong(surfaces, sweep(noise));
    expect(choice.ranking[0]).toMatchObject({ law: "chinchilla", verdict: "chosen", parameters: 5 });
    expect(choice.hidden).toMatchObject({ scale: "N D", rows: 14 });
    expect(choice.folds).toBe(10);
  });

  test("a loss that depends on compute alone takes the law of compute, though N and D are there", () => {
    const random = generator(5);
    const C = Array.from({ length: 30 }, (_, i) => 1e17 * 10 ** (i / 7));
    const N = C.map((c) => Math.sqrt(c / 120) * 10 ** (0.4 * random() - 0.2));
    const measured = C.map((c) => (1.5 + 300 / c ** 0.13) * Math.exp(0.003 * normal(random)));
    const log = { columns: { N, D: C.map((c, i) => c / (6 * N[i])), C }, measured };
    expect(called(chosenOf(chooseAmong(surfaces, log)))).toBe("power-floor");
  });

  test.each([0, 0.005])("a curve with a break (noise %d) takes one break, not none and not two", (noise) => {
    const log = curve("bnsl:1", BROKEN, 40, noise);
    const { choice } = chooseAmong(["power-floor", "bnsl:0", "bnsl:1", "bnsl:2"], log);
    expect(called(choice.ranking[0])).toBe("bnsl:1");
    expect(choice.ranking.find(({ law }) => law === "power-floor")?.verdict).toBe("worse");
  });

  test("a curve without one takes none", () => {
    const log = curve("power-floor", POWER, 40, 0.005);
    expect(called(chosenOf(chooseAmong(["power", "power-floor", "bnsl:1", "bnsl:2"], log)))).toBe(
      "power-floor",
    );
  });
});

describe("the simpler law is preferred", () => {
  test("where rows are few", () => {
    // A dozen noisy runs: chinchilla is behind them, and so few cannot show it beside a law of two parameters.
    const { columns, measured } = sweep(0.03);
    const some = [1, 3, 5, 8, 12, 15, 19, 22, 26, 29, 33, 38];
    const take = (values: readonly number[]) => some.map((i) => values[i]);
    const few = {
      columns: { N: take(columns.N), D: take(columns.D), C: take(columns.C) },
      measured: take(measured),
    };
    const { choice } = chooseAmong(["power", "chinchilla"], few);
    expect(choice.ranking.map(({ law, verdict }) => `${law} ${verdict}`)).toEqual([
      "power chosen",
      "chinchilla as-good",
    ]);
    expect(choice.reason).toMatch(/chinchilla/);
  });

  test("where a law with more parameters predicts the same", () => {
    const { choice } = chooseAmong(["chinchilla-gamma", "chinchilla"], sweep(0));
    expect(choice.ranking.map(called)).toEqual(["chinchilla", "chinchilla-gamma"]);
    expect(choice.ranking[1].verdict).not.toBe("worse");
  });

  test("and of two names of one law the first that was named", () => {
    const { choice } = chooseAmong(["bnsl:0", "power-floor"], curve("power-floor", POWER, 20, 0.01));
    expect(choice.ranking.map(({ verdict }) => verdict)).toEqual(["chosen", "equal"]);
    expect(called(choice.ranking[0])).toBe("bnsl:0");
    expect(choice.runnerUp).toBeNull();
  });
});

describe("the figures of a ranking", () => {
  test("of a straight line in logs are those of linear regression", () => {
    // Ten rows are left out one by one; the closed form of such an error is r/(1 - h).
    const log = curve("power", { A: 3, alpha: 0.2 }, 10, 0.05);
    const { choice } = chooseAmong(["power"], log, { objective: "squares-log" });
    const x = log.columns.C.map(Math.log);
    const y = log.measured.map(Math.log);
    const line = (rows: readonly number[]) => {
      const mean = (values: readonly number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;
      const [mx, my] = [mean(rows.map((i) => x[i])), mean(rows.map((i) => y[i]))];
      const sxx = rows.reduce((sum, i) => sum + (x[i] - mx) ** 2, 0);
      const slope = rows.reduce((sum, i) => sum + (x[i] - mx) * (y[i] - my), 0) / sxx;
      return {
        at: (i: number) => my + slope * (x[i] - mx),
        leverage: (i: number) => 1 / rows.length + (x[i] - mx) ** 2 / sxx,
      };
    };
    const all = line([...x.keys()]);
    const leftOut = x.reduce((sum, _, i) => sum + Math.abs(y[i] - all.at(i)) / (1 - all.leverage(i)), 0) / 10;
    const below = line([0, 1, 2, 3, 4, 5, 6]);
    const beyond = [7, 8, 9].reduce((sum, i) => sum + Math.abs(y[i] - below.at(i)), 0) / 3;
    const [{ leaveOutError, extrapolationError, heldOut }] = choice.ranking;
    // To 1e-6 of themselves: refits end at a decrement of 1e-5 of the objective or sooner, and squares are one step.
    expect((leaveOutError as number) / leftOut).toBeCloseTo(1, 6);
    expect((extrapolationError as number) / beyond).toBeCloseTo(1, 6);
    expect(heldOut).toBeCloseTo(Math.sqrt(leftOut * beyond), 9);
  });

  test("hold AICc and BIC of the fit to all compared rows", () => {
    const log = sweep(0.005);
    const { N, D } = log.columns;
    const { metrics } = fitGiven(lawCalled("chinchilla"), { inputs: { N, D }, measured: log.measured });
    const { ranking } = chooseAmong(["chinchilla", "power"], log).choice;
    // The quick search stops at 1e-5 of the objective; AICc moves by n times that.
    expect(ranking[0].aicc).toBeCloseTo(metrics.aicc as number, 2);
    expect(ranking[0].bic).toBeCloseTo(metrics.bic as number, 2);
  });

  test("put the chosen law first and the others behind by their errors", () => {
    const { ranking } = chooseAmong(["power", "power-floor", "chinchilla", "kaplan-nd"], sweep(0.005)).choice;
    const errors = ranking.slice(1).map(({ heldOut }) => heldOut as number);
    expect([...errors].sort((a, b) => a - b)).toEqual(errors);
    expect(ranking[0].difference).toBeNull();
    for (const { difference } of ranking.slice(1)) expect(difference?.leaveOut.relative).toBeTypeOf("number");
  });
});

describe("a law that is far off from the first on the rows below the largest scales", () => {
  const log = curve("bnsl:1", BROKEN, 40, 0.005);

  test("is ranked as without that law before it, its errors but for the last digits the same", () => {
    const { ranking: roughly } = chooseAmong(["bnsl:1", "power", "m3"], log).choice;
    // No law is twice as far off as the one that is furthest off.
    const { ranking: wholly } = chooseAmong(["m3", "power", "bnsl:1"], log).choice;
    expect(roughly.map(called)).toEqual(wholly.map(called));
    expect(roughly.map(({ rough }) => rough === true)).toEqual([false, false, true]);
    expect(wholly.some(({ rough }) => rough)).toBe(false);
    roughly.forEach(({ extrapolationError, leaveOutError, aicc }, i) => {
      expect(extrapolationError).toBe(wholly[i].extrapolationError);
      expect((leaveOutError as number) / (wholly[i].leaveOutError as number)).toBeCloseTo(1, 1);
      expect(aicc as number).toBeCloseTo(wholly[i].aicc as number, 0);
    });
  });

  test("is judged anew where it comes in front all the same", () => {
    // The slope changes at 1e4, and is back on the first line where a third of the rows is left: what the broken law
    // learns of the rows below is of no use at the largest.
    const random = generator(3);
    const C = Array.from({ length: 36 }, (_, i) => 1e2 * 10 ** ((6 * i) / 35));
    const bend = (x: number, i: number) => (i < 24 ? Math.exp(-0.2 * Math.max(0, Math.log10(x / 1e4))) : 1);
    const measured = C.map((x, i) => 8 * x ** -0.1 * bend(x, i) * Math.exp(0.002 * normal(random)));
    const some = { columns: { C }, measured };
    const { contestants, contest } = contestOf(
      ["bnsl:1", "power"].map((id) => candidate(id, some)),
      [],
      { asked: "auto", objective: null, options: DEFAULT_OPTIONS },
    );
    const { rest } = openedBy(contestants, contest);
    const [, { law, observations }] = contestants;
    expect(judgeLaw(law, observations, rest)).toMatchObject({ isRough: true });
    const { ranking } = chooseAmong(["bnsl:1", "power"], some).choice;
    expect(called(ranking[0])).toBe("power");
    expect(ranking[0]).not.toHaveProperty("rough");
  });
});

describe("a choice", () => {
  const ids = ["power", "power-floor", "chinchilla", "chinchilla-gamma"];

  test("is the same twice, whatever the order of the rows", () => {
    const log = sweep(0.01);
    const order = shuffled([...log.measured.keys()], generator(9));
    const mixed: ColumnsOfLog = {
      columns: Object.fromEntries(
        Object.entries(log.columns).map(([name, values]) => [name, order.map((i) => values[i])]),
      ),
      measured: order.map((i) => log.measured[i]),
    };
    const text = (rows: ColumnsOfLog) => JSON.stringify(chooseAmong(ids, rows).choice);
    expect(text(log)).toBe(text(log));
    expect(text(mixed)).toBe(text(log));
  });

  test("leaves whole runs out, and counts them as one", () => {
    const log = { ...sweep(0.01), run: Array.from({ length: 42 }, (_, i) => i % 7) };
    expect(chooseAmong(ids, log).choice.folds).toBe(7);
  });

  test("compares laws on the rows that all can use, and says which law can use too few", () => {
    const log = sweep(0.005);
    const rows = (count: number) => Int32Array.from({ length: count }, (_, i) => 42 - count + i);
    const some = (id: string, count: number) => {
      const whole = candidate(id, log);
      const { inputs, measured } = whole.observations;
      const last = (values: Float64Array) => values.slice(42 - count);
      return {
        ...whole,
        observations: {
          ...whole.observations,
          inputs: new Map([...inputs].map(([name, values]) => [name, last(values)])),
          measured: last(measured),
          rows: rows(count),
        },
      };
    };
    const candidates = [some("chinchilla", 42), some("power-floor", 30), some("power", 20)];
    const { choice, index } = chooseLaw(candidates, [], {
      asked: "auto",
      objective: null,
      options: DEFAULT_OPTIONS,
    });
    expect(index).toBe(0);
    expect(choice.rows).toBe(30);
    expect(choice.ranking.find(({ law }) => law === "power")).toMatchObject({
      verdict: "not-compared",
      reason: "it can use 20 of 42 rows, too few to compare the others on",
    });
  });

  test("names a law that the rows cannot determine, with the reason, and goes on", () => {
    const { columns, measured } = sweep(0.005);
    const oneSize = { columns: { ...columns, N: columns.N.map(() => 1e8) }, measured };
    const { choice } = chooseAmong(["chinchilla", "power-floor"], oneSize);
    expect(called(choice.ranking[0])).toBe("power-floor");
    expect(choice.ranking[1]).toMatchObject({ law: "chinchilla", verdict: "not-compared", aicc: null });
    expect(choice.ranking[1].reason).toMatch(/N is the same in every row/);
  });

  test("does without hidden scales where too few would be left, and says so", () => {
    const random = generator(3);
    const log = withCompute(isoFlopSweep(BESIROGLU, [1e18, 1e20], 12, 0.6, 0.003, random));
    const { choice } = chooseAmong(ids, log);
    expect(choice.hidden).toBeNull();
    expect(choice.ranking[0].extrapolationError).toBeNull();
    expect(choice.ranking[0].heldOut).toBe(choice.ranking[0].leaveOutError);
    expect(choice.reason).toContain("too few scales");
  });

  test("of values that may be 0 or less compares the values themselves, in units of their spread", () => {
    const { columns, measured } = sweep(0.003);
    const centred = { columns, measured: measured.map((value) => value - 2.5) };
    const { choice } = chooseAmong(["power-floor", "bnsl:0"], centred, { objective: "huber" });
    expect(choice.errors).toBe("spread");
    expect(choice.objective).toBe("huber");
    expect(choice.ranking[0].leaveOutError).toBeLessThan(1);
  });

  test("is refused with the reasons where no law can be fitted", () => {
    const one = { columns: { N: [1e8, 2e8], D: [1e9, 2e9], C: [6e17, 2.4e18] }, measured: [3, 2.9] };
    expect(() => chooseAmong(["chinchilla", "chinchilla-gamma"], one)).toThrow(
      /none of 2 laws can be compared on these rows: chinchilla: 2 usable rows/,
    );
  });
});
