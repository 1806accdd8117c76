import { InternalError } from "../errors.js";
import { differentiate, type Expression, evaluate } from "./expression/index.js";
import { constant, divide, type Jet, mapped, multiply, negate, power, sum } from "./jet.js";

/**
 * A formula over jets, by walking its tree: for laws that are evaluated at single points. Functions of one argument
 * only; a fit compiles its formula.
 */
export function overJets(node: Expression, values: ReadonlyMap<string, Jet>): Jet {
  const of = (inner: Expression) => overJets(inner, values);
  switch (node.kind) {
    case "number":
      return constant(node.value);
    case "constant":
      return constant(Math.PI);
    case "name":
      return jetOf(node.name, values);
    case "negate":
      return negate(of(node.of));
    case "sum":
      return sum(node.terms.map(of));
    case "product":
      return node.factors.map(of).reduce((a, b) => multiply(a, b));
    case "quotient":
      return divide(of(node.numerator), of(node.denominator));
    case "power":
      return raised(of(node.base), of(node.exponent));
    case "call":
      return called(node, of(node.args[0]));
  }
}

function jetOf(name: string, values: ReadonlyMap<string, Jet>): Jet {
  const value = values.get(name);
  if (value === undefined) throw new InternalError({ code: "internal", message: `no jet for ${name}` });
  return value;
}

/** A constant exponent needs no logarithm of the base, which may be 0 or below. */
const raised = (base: Jet, exponent: Jet): Jet =>
  exponent.g.length === 0 ? power(base, exponent.v) : power(base, exponent);

type Call = Extract<Expression, { kind: "call" }>;

/** f, f' and f'' by function; each is differentiated once. */
const derivatives = new Map<string, readonly Expression[]>();

function called({ fn, args }: Call, argument: Jet): Jet {
  if (args.length > 1)
    throw new InternalError({ code: "internal", message: `${fn} takes one jet, not ${args.length}` });
  let known = derivatives.get(fn);
  if (known === undefined) {
    const value: Expression = { kind: "call", fn, args: [{ kind: "name", name: "u" }] };
    const first = differentiate(value, "u");
    known = [value, first, differentiate(first, "u")];
    derivatives.set(fn, known);
  }
  const at = new Map([["u", argument.v]]);
  const [f, f1, f2] = known.map((expression) => evaluate(expression, at));
  return mapped(argument, f, f1, f2);
}
