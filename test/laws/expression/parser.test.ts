import { describe, expect, test } from "vitest";
import { UsageError } from "../../../src/errors.js";
import { evaluate, namesOf, parseFormula, substitute, toText } from "../../../src/laws/expression/index.js";

const valueAt = (formula: string, values: Record<string, number> = {}): number =>
  evaluate(parseFormula(formula), new Map(Object.entries(values)));

function faultOf(formula: string): UsageError {
  try {
    parseFormula(formula);
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new Error(`was accepted: ${formula}`);
}

describe("parseFormula", () => {
  test.each([
    ["1 - 2 - 3", -4],
    ["12/3/2", 2],
    ["2*3^2", 18],
    ["-3^2", -9],
    ["(-3)^2", 9],
    ["2^3^2", 512],
    ["2^-1", 0.5],
    ["2^-2^2", 1 / 16],
    ["2**3", 8],
    ["--2", 2],
    ["+2 - +3", -1],
    ["2*-3", -6],
    ["1e3 + 1.5E-1 + .5 + 2.", 1002.65],
    ["exp[log(2)] * (1 + [2])", 6],
    ["ln(exp(3)) + arctan(0) + log10(100) + log2(8)", 8],
    ["min(3, 1, 2) + max(4, 5)", 6],
    ["abs(-2) + sqrt(9) + expm1(0) + log1p(0) + tanh(0)", 5],
    ["cos(pi) + sin(0) + tan(0)", -1],
    ["select(1, 2, 10, 20) + select(2, 1, 10, 20)", 30],
    ["1 +\n\t2\r\n+ 3", 6],
  ])("%s is %d", (formula, expected) => {
    expect(valueAt(formula)).toBeCloseTo(expected, 12);
  });

  test("names are case-sensitive, may have digits and underscores, and e is no number", () => {
    expect(valueAt("E + e + N_e*b1", { E: 1, e: 10, N_e: 2, b1: 3 })).toBe(17);
    expect(namesOf(parseFormula("E + A/N^alpha + B/D^beta*E + pi"))).toEqual([
      "E",
      "A",
      "N",
      "alpha",
      "B",
      "D",
      "beta",
    ]);
  });

  test.each([
    ["E + A/N^", 9, 'is expected after "^", but the formula ends there'],
    ["E + A/N^ + B", 10, 'is expected after "^", but "+" stands there'],
    ["E + + / A", 7, 'after "+", but "/" stands'],
    ["* A", 1, "at the beginning"],
    ["E + A/N^alpha)", 14, 'this ")" closes nothing'],
    ["E + (A/N", 5, 'the "(" that opens here is never closed'],
    ["(E + A]", 7, 'this "]" closes nothing'],
    ["E + A N", 7, 'an operator is expected between "A" and "N"'],
    ["2N", 2, 'an operator is expected between "2" and "N"'],
    ["1,5*N", 2, "a comma separates only arguments"],
    ["1.2.3", 4, "1.2. is not a number"],
    ["E + 0x10", 5, "only decimal numbers"],
    ["E + 1e400", 5, "1e400 is too large"],
    ["E + 1e-400", 5, "1e-400 is too small"],
    ["foo(N)", 1, '"foo" is not a function'],
    ["log + 1", 1, "log is a function and needs its argument"],
    ["log(N, D)", 1, "log takes 1 argument, here are 2"],
    ["E + log()", 5, "log takes 1 argument, here are 0"],
    ["max(N)", 1, "max takes at least 2 arguments, here are 1"],
    ["E = 3", 3, '"=" has no meaning'],
    ["E − A", 3, 'the character "−" (U+2212) cannot be used'],
    ["N^α", 3, 'the character "α" (U+03B1) cannot be used'],
    ["Е + A", 1, "(U+0415) cannot be used; names have the letters A-Z"],
    ["", 1, "it is empty"],
  ])("refuses %s at character %d: %s", (formula, character, says) => {
    const { message, code, hint } = faultOf(formula);
    expect(message).toContain(`at character ${character}: `);
    expect(message).toContain(says);
    expect(code).toBe("formula");
    expect(hint).toBeTruthy();
  });

  test("puts a caret under the spot, on a line of its own", () => {
    expect(faultOf("E + A/N^ + B").message.split("\n").slice(1)).toEqual(["  E + A/N^ + B", "           ^"]);
    expect(faultOf("E + A/N^*B").message.split("\n").slice(1)).toEqual(["  E + A/N^*B", "          ^"]);
  });

  test("shows a window of a long formula, the caret still under the spot", () => {
    const terms = Array.from({ length: 50 }, (_, i) => `a${i}/N`).join(" + ");
    const [, line, caret] = faultOf(`${terms} + ? + ${terms}`).message.split("\n");
    expect(line.length).toBeLessThan(80);
    expect(line.startsWith("  ...") && line.endsWith("...")).toBe(true);
    expect(line[caret.indexOf("^")]).toBe("?");
  });

  test("shows control characters by number and never sends them on", () => {
    const { message } = faultOf("E\u0000+\u001b[31mA");
    expect(message).toContain("U+0000");
    expect([...message].filter((character) => character < " ")).toEqual(["\n", "\n"]);
  });

  test.each([
    ["E = A", "right-hand side"],
    ["N^α", "write alpha in letters"],
    ["N^ω", "write omega in letters"],
    ["E − A", "minus of the keyboard"],
    ["E · A", "write * for a product"],
    ["np.log(N)", "bare name"],
    ["Log(N)", "write log(...)"],
    ["pow(N, 2)", "write a^b"],
    ["A (N + 1)", "write A*(...)"],
    ["2 N", "write 2*N"],
  ])("says what to do about %s: %s", (formula, hint) => {
    expect(faultOf(formula).hint).toContain(hint);
  });

  test.each([
    ["parentheses", `${"(".repeat(4000)}E${")".repeat(4000)}`],
    ["powers", Array(2000).fill("N").join("^")],
    ["signs", `${"-".repeat(5000)}N`],
    ["divisions", Array(2000).fill("N").join("/")],
    ["calls", `${"exp(".repeat(1500)}N${")".repeat(1500)}`],
    ["alternating products", Array(1000).fill("a/b").join("*")],
  ])("refuses %s that nest thousands deep, naming the limit", (_, formula) => {
    expect(faultOf(formula).message).toContain("more than 100 levels deep");
  });

  test("accepts long flat formulas and refuses those beyond the limit, naming it", () => {
    const flat = Array.from({ length: 900 }, (_, i) => `p${i}*N`).join(" + ");
    expect(namesOf(parseFormula(flat))).toHaveLength(901);
    expect(faultOf(`E${" + A/N".repeat(20_000)}`).message).toContain("more than the 10000 that are allowed");
    expect(faultOf("x".repeat(5000)).message).toContain("a name of 5000 characters, more than the 100");
  });
});

describe("evaluate", () => {
  test("a missing value is named", () => {
    expect(() => valueAt("A/N", { A: 1 })).toThrow(/needs a value for N/);
    expect(() => valueAt("constructor")).toThrow(/needs a value for constructor/);
  });

  test("limits are those of doubles", () => {
    expect(valueAt("1 + A/N^0.3", { A: 5, N: Number.POSITIVE_INFINITY })).toBe(1);
    expect(valueAt("A/0", { A: 5 })).toBe(Number.POSITIVE_INFINITY);
    expect(valueAt("sqrt(-A)", { A: 5 })).toBeNaN();
  });
});

describe("substitute", () => {
  test("replaces all names at once", () => {
    const swapped = substitute(
      parseFormula("a/b^a"),
      new Map([
        ["a", parseFormula("b")],
        ["b", parseFormula("a + 1")],
      ]),
    );
    expect(toText(swapped)).toBe("b/(a + 1)^b");
  });
});
