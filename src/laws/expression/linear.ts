import { Algebra } from "./algebra.js";
import type { Expression } from "./tree.js";

/** How a node depends on a set of names taken together. */
type Degree = 0 | 1 | "more";

function degreeIn(node: Expression, names: ReadonlySet<string>): Degree {
  switch (node.kind) {
    case "number":
    case "constant":
      return 0;
    case "name":
      return names.has(node.name) ? 1 : 0;
    case "negate":
      return degreeIn(node.of, names);
    case "sum": {
      const degrees = node.terms.map((term) => degreeIn(term, names));
      return degrees.includes("more") ? "more" : degrees.includes(1) ? 1 : 0;
    }
    case "product": {
      const degrees = node.factors.map((factor) => degreeIn(factor, names)).filter((degree) => degree !== 0);
      return degrees.length < 2 ? (degrees[0] ?? 0) : "more";
    }
    case "quotient":
    case "power":
      return [...operands(node)].every((operand) => degreeIn(operand, names) === 0) ? 0 : "more";
    case "call": {
      if (node.fn !== "select") return node.args.every((arg) => degreeIn(arg, names) === 0) ? 0 : "more";
      const [a, b, c, d] = node.args.map((arg) => degreeIn(arg, names));
      if (a !== 0 || b !== 0 || c === "more" || d === "more") return "more";
      return c === 1 || d === 1 ? 1 : 0;
    }
  }
}

function operands(node: Extract<Expression, { kind: "quotient" | "power" }>): Expression[] {
  return node.kind === "quotient" ? [node.numerator, node.denominator] : [node.base, node.exponent];
}

/**
 * Which of the names enter linearly together, so that given all others they can be solved for by least squares:
 * taken one after the other in the order given, a name is kept when all second derivatives among the kept ones
 * still vanish identically. Read off the simplified form: a linearity that only deeper rewriting would show
 * (exp(log(A) + x)) is not seen; what is returned is always linear.
 *
 *   linearIn(parseFormula("E + A / N^alpha + B / D^beta"), ["E", "A", "alpha", "B", "beta"])  // ["E", "A", "B"]
 */
export function linearIn(expression: Expression, names: readonly string[]): string[] {
  const normal = new Algebra().normalize(expression);
  const kept = new Set<string>();
  for (const name of names) {
    kept.add(name);
    if (degreeIn(normal, kept) === "more") kept.delete(name);
  }
  return [...kept];
}
