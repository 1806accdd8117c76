import { expect, test } from "vitest";
import { linearIn, parseFormula } from "../../../src/laws/expression/index.js";

test.each([
  ["E + A/N^alpha + B/D^beta", "E A B alpha beta", "E A B"],
  ["E + A*x + B*A", "beta B A E", "beta B E"],
  ["E + (A/N^alpha + B/D^beta)^gamma", "E A B alpha beta gamma", "E"],
  ["a*b*x", "a b", "a"],
  ["(a + b*x)*(c + 2)", "a b c", "a b"],
  ["(a + b*x)/(1 + c*x)", "a b c", "a b"],
  ["a/b", "b a", "a"],
  ["a^2 + b", "a b", "b"],
  ["a*a/a", "a", "a"],
  ["abs(a) + max(b, 0)", "a b", ""],
  ["select(x, 2, a*x, b)", "a b", "a b"],
  ["E + 0*q", "E q z", "E q z"],
])("in %s the parameters %s enter linearly as %s", (formula, names, expected) => {
  expect(linearIn(parseFormula(formula), names.split(" ")).join(" ")).toBe(expected);
});
