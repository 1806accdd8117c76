/**
 * Adding a law touches its file and the index alone: with a file and two lines there the whole program knows it. It is
 * listed, shown, evaluated, fitted (on threads too), chosen, planned and predicted with.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { FitDocument, LawsDocument, PlanDocument, PredictDocument } from "../../src/objects.js";
import { freshFolder } from "../support/cli.js";
import { toCsv } from "../support/made-log.js";
import { type Program, programWith } from "../support/one-more-law.js";
import { generator, normal } from "../support/random.js";

const TRUTH = { E: 1.5, A: 40, alpha: 0.2, B: 2e4, beta: 0.5 };
const lossAt = (N: number, D: number) =>
  TRUTH.E + (TRUTH.A / N ** TRUTH.alpha) * (1 + TRUTH.B / D ** TRUTH.beta);

/** 48 runs with a thousandth of noise. */
function runs() {
  const random = generator(11);
  return [1e7, 3e7, 1e8, 3e8, 1e9, 3e9].flatMap((params) =>
    [5e7, 1e8, 3e8, 6e8, 1e9, 3e9, 1e10, 3e10].map((tokens) => ({
      params,
      tokens,
      loss: lossAt(params, tokens) * Math.exp(0.001 * normal(random)),
    })),
  );
}

describe("a law in a file of its own and two lines of the index", () => {
  let program: Program;
  let folder: string;
  const json = async <T>(...args: string[]): Promise<T> => {
    const { stdout, stderr, exitCode } = await program([...args, "--json"], folder);
    expect(exitCode, stderr).toBe(0);
    return JSON.parse(stdout) as T;
  };
  const estimatesOf = ({ fits: [fit] }: FitDocument) =>
    Object.fromEntries(Object.entries(fit.parameters).map(([name, { estimate }]) => [name, estimate]));

  beforeAll(async () => {
    folder = freshFolder();
    writeFileSync(join(folder, "runs.csv"), toCsv(runs()));
    program = await programWith(join(import.meta.dirname, "toy-law.ts"), "toyLaw");
  });

  test("is listed and shown", async () => {
    const all = await json<LawsDocument>("laws");
    expect(all.laws.map(({ id }) => id)).toContain("toy");
    const { stdout } = await program(["laws", "toy"], folder);
    expect(stdout).toContain("E + A / N^alpha * (1 + B / D^beta)");
  });

  test("is evaluated with coefficients given outright", async () => {
    const coefficients = Object.entries(TRUTH)
      .map(([name, value]) => `${name}=${value}`)
      .join(",");
    const { predictions } = await json<PredictDocument>(
      ...["predict", "--law", "toy", "--coefficients", coefficients, "--params", "1e8", "--tokens", "1e9"],
    );
    expect(predictions[0].value.estimate).toBeCloseTo(lossAt(1e8, 1e9), 12);
  });

  test("is fitted, with the same draws on two threads, and found again by its name", async () => {
    const args = ["fit", "runs.csv", "--law", "toy", "--bootstrap", "60"];
    const one = await json<FitDocument>(...args, "-o", "one.json", "--workers", "1");
    await json<FitDocument>(...args, "-o", "two.json", "--workers", "2");
    const read = (name: string) => JSON.parse(readFileSync(join(folder, name), "utf8"));
    expect(read("two.json").fits[0].draws).toEqual(read("one.json").fits[0].draws);
    const found = estimatesOf(one);
    // A thousandth of noise on 48 runs: the exponents to a few per cent.
    expect(found.alpha / TRUTH.alpha).toBeCloseTo(1, 1);
    expect(found.beta / TRUTH.beta).toBeCloseTo(1, 1);
    const { predictions } = await json<PredictDocument>(
      ...["predict", "--fit", "one.json", "--params", "1e9", "--tokens", "1e10"],
    );
    expect(predictions[0].value.estimate / lossAt(1e9, 1e10)).toBeCloseTo(1, 3);
  });

  test("is chosen among all laws of its columns, and the plan says beside which", async () => {
    const fit = await json<FitDocument>("fit", "runs.csv", "--law", "auto", "--bootstrap", "0");
    const { choice, law } = fit.fits[0];
    expect(law).toBe("toy");
    expect(choice?.ranking[0]).toMatchObject({ law: "toy", verdict: "chosen" });
    expect(choice?.ranking.map((ranked) => ranked.law)).toContain("chinchilla");
    const { plans } = await json<PlanDocument>("plan", "--flops", "1e20");
    // Where the loss is least at fixed N D: B/D^beta = alpha/(beta - alpha), whatever the budget.
    const { alpha, B, beta } = estimatesOf(fit);
    expect(plans[0].optimum.D.estimate / ((B * (beta - alpha)) / alpha) ** (1 / beta)).toBeCloseTo(1, 6);
    expect(plans[0].choice?.runnerUp?.law).toBe(choice?.runnerUp?.law);
  });
});
