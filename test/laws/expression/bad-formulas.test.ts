/** The corpus of users' formulas in the shared folder: what each must do when it is read. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { UsageError } from "../../../src/errors.js";
import { parseFormula } from "../../../src/laws/expression/index.js";

interface Case {
  id: string;
  formula: string;
  exit: number[];
  says: string[];
  wrong: string;
}

const shared = process.env.SCALEFIT_SHARED ?? path.resolve(import.meta.dirname, "../../../../shared");
const corpus = path.join(shared, "bad-inputs", "formulas.json");
const cases: Case[] = existsSync(corpus) ? JSON.parse(readFileSync(corpus, "utf8")) : [];

/** Formulas that can be read but not fitted: constants, values infinite or undefined in every row, 500 parameters. */
const leftToTheFit = [12, 14, 17, 18, 19, 20, 21, 52].map((id) => `formula-${id}`);

/** `says` of formulas that are accepted is about their fit. */
const repeats: Record<string, (n: number) => string> = {
  deep: (n) => `${"(".repeat(n)}E${")".repeat(n)}`,
  chain: (n) => `E${" + A/N".repeat(n)}`,
  power: (n) => `A*${Array(n).fill("N").join("^")}`,
  names: (n) => Array.from({ length: n }, (_, i) => `p${i}*N`).join(" + "),
  long: (n) => "x".repeat(n),
};

const expanded = (formula: string): string =>
  formula.replace(/^@(\w+)\((\d+)\)$/, (_, kind: string, n: string) => repeats[kind](Number(n)));

function faultOf(formula: string): unknown {
  try {
    parseFormula(formula);
    return null;
  } catch (error) {
    return error;
  }
}

test.runIf(process.env.CI === "true")("the corpus of formulas is there", () => {
  expect(cases.length).toBeGreaterThanOrEqual(53);
});

if (cases.length === 0) {
  test.skip(`no corpus of formulas at ${corpus}: set SCALEFIT_SHARED`, () => {});
}

describe.runIf(cases.length > 0)("users' formulas", () => {
  test.each(cases.map((each) => [each.id, each.wrong, each] as const))("%s: %s", (id, _, each) => {
    const fault = faultOf(expanded(each.formula));
    if (fault === null) {
      expect(each.exit.includes(0) || leftToTheFit.includes(id)).toBe(true);
      return;
    }
    expect(fault).toBeInstanceOf(UsageError);
    const { message, hint } = fault as UsageError;
    expect(each.exit).toContain(2);
    expect(leftToTheFit).not.toContain(id);
    for (const says of each.says) expect(message).toMatch(new RegExp(says));
    expect(`${message}${hint}`.length).toBeLessThan(500);
    expect(hint).toBeTruthy();
  });
});
