/** A formula of one's own is a law of rates only where it is written with that law's inputs. */
import { describe, expect, test } from "vitest";
import { lawFromFormula } from "../../src/laws/from-formula.js";

const lawOf = (text: string, input: string) =>
  lawFromFormula(text, (name) => (name === input ? "scale" : null));

describe("a formula shaped like a law of rates", () => {
  // Rates bound their parameters (a share of 1 at most), and y may be anything here.
  test.each([
    ["a - b * exp(-c * x)", "x"],
    ["exp(a * x^b)", "x"],
    ["exp(-c / x^a)", "x"],
    ["a / (1 + exp(-b * (x - c))) + d", "x"],
  ])("%s of a column called %s stays a formula of one's own", (text, input) => {
    expect(lawOf(text, input).equals).toBeNull();
  });

  test.each([
    ["exp(a * k^b)", "k", "pass-at-k"],
    ["eps - k * exp(-gamma * L)", "L", "loss-error"],
  ])("%s is the catalogue's law where its input is called %s", (text, input, id) => {
    expect(lawOf(text, input).equals?.id).toBe(id);
  });
});
