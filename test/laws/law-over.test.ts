import { describe, expect, test } from "vitest";
import { presetCoefficients } from "../../src/laws/coefficients.js";
import { evaluateLaw, lawOver } from "../../src/laws/evaluate-law.js";
import { laws } from "../../src/laws/index.js";
import type { Coefficients, Law, LawInput, Point } from "../../src/laws/law.js";
import { generator, normal } from "../support/random.js";

/** Something in an input's range, of the size that its quantity has. */
function anyValue({ range: [low, high], quantity, neutral }: LawInput, random: () => number): number {
  if (neutral !== undefined && random() < 0.2) return neutral;
  if (low >= 0 && high <= 1) return low + random() * (high - low);
  const magnitude = quantity === "params" || quantity === "tokens" ? 1e9 : quantity === "flops" ? 1e20 : 10;
  return Math.min(Math.max(magnitude * 10 ** normal(random), low), high);
}

const anyPoint = (law: Law, random: () => number): Point =>
  Object.fromEntries(law.inputs.map((input) => [input.name, anyValue(input, random)]));

/** Published coefficients, or some within the bounds. */
function anyCoefficients(law: Law, random: () => number): { law: Law; values: Coefficients } {
  const [preset] = law.presets;
  if (preset !== undefined) return presetCoefficients(law, preset);
  const some = law.parameters.map(({ name, bounds: [low, high] }) => [
    name,
    Math.min(Math.max(Math.exp(normal(random)), low), high),
  ]);
  return { law, values: Object.fromEntries(some) };
}

function kindOf({ stages, implicit, compute }: Law): string {
  if (stages.length > 0) return "chain";
  if (implicit !== null) return "root";
  return compute === null ? "formula" : "computation";
}

describe("a law over many sets of coefficients", () => {
  test.each(laws.map((law) => [law.id, law] as const))(
    "has the bits that each set gives by itself: %s",
    (_, law) => {
      const random = generator(7);
      const { law: member, values } = anyCoefficients(law, random);
      const coefficients = Array.from({ length: 5 }, () =>
        Object.fromEntries(Object.entries(values).map(([name, v]) => [name, v * (1 + 0.1 * normal(random))])),
      );
      const over = lawOver(member, coefficients);
      for (let k = 0; k < 5; k++) {
        const at = anyPoint(member, random);
        const each = coefficients.map((c) => evaluateLaw(member, c, at));
        expect(
          [...over(at)].map((value, b) => Object.is(value, each[b])),
          JSON.stringify(at),
        ).not.toContain(false);
      }
    },
  );

  test("of every kind is among them", () => {
    expect([...new Set(laws.map(kindOf))].sort()).toEqual(["chain", "computation", "formula", "root"]);
  });
});
