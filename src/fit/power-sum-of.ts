import type { Expression } from "../laws/expression/index.js";
import type { Law } from "../laws/law.js";
import type { PowerSum, PowerTerm } from "./power-sum.js";

/**
 * Reads a law's formula as a sum of power terms: `E + A / N^alpha + B * D^-beta`, with or without the floor, each
 * amplitude and exponent a parameter of its own and each input in one term; null for a law of another form, or of the
 * catalogue whose amplitudes or floor may be below 0, which such a sum's may not.
 */
export function powerSumOf(law: Law): PowerSum | null {
  const parameters = law.parameters.map((parameter) => parameter.name);
  const inputs = law.inputs.map((input) => input.name);
  if (law.expression === null) return null;
  const parts = law.expression.kind === "sum" ? law.expression.terms : [law.expression];
  let floor: string | null = null;
  const terms: PowerTerm[] = [];
  for (const part of parts) {
    if (part.kind === "name" && parameters.includes(part.name) && floor === null) floor = part.name;
    else {
      const term = powerTerm(part);
      if (term === null) return null;
      terms.push(term);
    }
  }
  const used = [
    ...(floor === null ? [] : [floor]),
    ...terms.flatMap((term) => [term.amplitude, term.exponent]),
  ];
  const whole =
    terms.length > 0 &&
    used.length === parameters.length &&
    parameters.every((name) => used.includes(name)) &&
    terms.every((term) => inputs.includes(term.input));
  if (!whole || maySink(law, terms, floor)) return null;
  const exponentBounds = terms.map((term) => {
    const parameter = law.parameters.find(({ name }) => name === term.exponent);
    return parameter?.bounds ?? ([0.01, 4] as const);
  });
  return { floor, terms, exponentBounds, parameters };
}

function maySink(law: Law, terms: readonly PowerTerm[], floor: string | null): boolean {
  const least = (name: string) => law.parameters.find((parameter) => parameter.name === name)?.bounds[0] ?? 0;
  return (
    !law.isCustom &&
    [...terms.map(({ amplitude }) => amplitude), floor].some((name) => name !== null && least(name) < 0)
  );
}

/** A / x^a or A * x^-a. */
function powerTerm(part: Expression): PowerTerm | null {
  if (part.kind === "quotient" && part.numerator.kind === "name" && part.denominator.kind === "power") {
    const { base, exponent } = part.denominator;
    if (base.kind === "name" && exponent.kind === "name") {
      return { amplitude: part.numerator.name, exponent: exponent.name, input: base.name };
    }
  }
  if (part.kind === "product" && part.factors.length === 2) {
    const [amplitude, falling] = part.factors;
    if (amplitude.kind === "name" && falling.kind === "power" && falling.base.kind === "name") {
      const { exponent } = falling;
      if (exponent.kind === "negate" && exponent.of.kind === "name") {
        return { amplitude: amplitude.name, exponent: exponent.of.name, input: falling.base.name };
      }
    }
  }
  return null;
}
