import { UsageError } from "../../errors.js";
import { functionRule } from "./functions.js";
import type { Expression } from "./tree.js";

/**
 * The value of a formula at one point, by walking the tree; `compileColumns` is for many points.
 * Arithmetic is that of doubles: a division by zero gives an infinity, a root of a negative number NaN.
 *
 * @throws UsageError  when a name of the formula has no value
 */
export function evaluate(node: Expression, values: ReadonlyMap<string, number>): number {
  switch (node.kind) {
    case "number":
      return node.value;
    case "constant":
      return Math.PI;
    case "name":
      return valueFor(node.name, values);
    case "negate":
      return -evaluate(node.of, values);
    case "sum":
      return node.terms.map((term) => evaluate(term, values)).reduce((a, b) => a + b);
    case "product":
      return node.factors.map((factor) => evaluate(factor, values)).reduce((a, b) => a * b);
    case "quotient":
      return evaluate(node.numerator, values) / evaluate(node.denominator, values);
    case "power":
      return evaluate(node.base, values) ** evaluate(node.exponent, values);
    case "call":
      return functionRule(node.fn).compute(...node.args.map((arg) => evaluate(arg, values)));
  }
}

function valueFor(name: string, values: ReadonlyMap<string, number>): number {
  const value = values.get(name);
  if (value !== undefined) return value;
  throw new UsageError({
    code: "formula-name",
    message: `the formula needs a value for ${name}`,
    hint: values.size > 0 ? `given are ${[...values.keys()].slice(0, 20).join(", ")}` : "no values are given",
  });
}
