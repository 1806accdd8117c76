import { Algebra, readable } from "./algebra.js";
import type { FunctionName } from "./functions.js";
import type { Expression } from "./tree.js";

/**
 * Exact derivatives in the nodes of one algebra; each (node, name) is worked out once.
 *
 * Conventions where no derivative exists: `abs` has +1 at 0 (from the right); `min` and `max` have, where arguments
 * are equal, that of the first of them; `select` is differentiated piece by piece, its condition counts as constant, and
 * so does the order of `polygamma`.
 */
export class Calculus {
  private readonly done = new Map<string, Map<Expression, Expression>>();

  constructor(readonly algebra: Algebra) {}

  /** d node / d name, in normal form; `node` is one of the algebra's. */
  derivative(node: Expression, name: string): Expression {
    const { algebra } = this;
    if (!algebra.namesIn(node).has(name)) return algebra.zero;
    let known = this.done.get(name);
    if (!known) {
      known = new Map();
      this.done.set(name, known);
    }
    const found = known.get(node);
    if (found) return found;
    const result = this.rule(node, name);
    known.set(node, result);
    return result;
  }

  private rule(node: Expression, name: string): Expression {
    const { algebra } = this;
    switch (node.kind) {
      case "number":
      case "constant":
        return algebra.zero;
      case "name":
        return algebra.one;
      case "negate":
        return algebra.negate(this.derivative(node.of, name));
      case "sum":
        return algebra.sum(this.dependent(node.terms, name).map((term) => this.derivative(term, name)));
      case "product":
        return this.productRule(node.factors, name);
      case "quotient":
        return this.derivative(algebra.normalize(node), name);
      case "power":
        return this.powerRule(node, node.base, node.exponent, name);
      case "call":
        return this.chainRule(node, node.fn, node.args, name);
    }
  }

  private dependent(nodes: readonly Expression[], name: string): Expression[] {
    return nodes.filter((node) => this.algebra.namesIn(node).has(name));
  }

  private productRule(factors: readonly Expression[], name: string): Expression {
    const terms = this.dependent(factors, name).map((factor) =>
      this.algebra.product(
        factors.map((other) => (other === factor ? this.derivative(factor, name) : other)),
      ),
    );
    return this.algebra.sum(terms);
  }

  /**
   * (u^v)' = v u^(v-1) u' + u^v log(u) v', each part only where it depends on the name. Not in the form with
   * u'/u, and with `log0`, so that it stays exact at u = 0.
   */
  private powerRule(node: Expression, u: Expression, v: Expression, name: string): Expression {
    const { algebra } = this;
    const du = this.derivative(u, name);
    const dv = this.derivative(v, name);
    const lowered = (): Expression => algebra.power(u, algebra.subtract(v, algebra.one));
    const throughBase = du === algebra.zero ? du : algebra.product([v, lowered(), du]);
    const throughExponent = dv === algebra.zero ? dv : algebra.product([node, algebra.call("log0", [u]), dv]);
    return algebra.sum([throughBase, throughExponent]);
  }

  private chainRule(
    node: Expression,
    fn: FunctionName,
    args: readonly Expression[],
    name: string,
  ): Expression {
    const { algebra } = this;
    const inner = args.map((arg) => this.derivative(arg, name));
    if (fn === "select") {
      const [a, b] = args;
      return algebra.call("select", [a, b, inner[2], inner[3]]);
    }
    if (fn === "polygamma") {
      const higher = algebra.call("polygamma", [algebra.sum([args[0], algebra.one]), args[1]]);
      return algebra.product([higher, inner[1]]);
    }
    if (fn === "min" || fn === "max") return this.extremumRule(fn, args, inner);
    return algebra.product([this.outer(fn, args[0], node), inner[0]]);
  }

  /** From the last argument inwards: that of the first where it is at least as extreme as all after it. */
  private extremumRule(
    fn: "min" | "max",
    args: readonly Expression[],
    inner: readonly Expression[],
  ): Expression {
    const { algebra } = this;
    let best = args.at(-1) as Expression;
    let derivative = inner.at(-1) as Expression;
    for (let i = args.length - 2; i >= 0; i -= 1) {
      const arg = args[i];
      const [low, high] = fn === "min" ? [arg, best] : [best, arg];
      derivative = algebra.call("select", [low, high, inner[i], derivative]);
      best = algebra.call(fn, [arg, best]);
    }
    return derivative;
  }

  /** f'(u); `node` is f(u), reused where the derivative contains it. */
  private outer(
    fn: Exclude<FunctionName, "min" | "max" | "select" | "polygamma">,
    u: Expression,
    node: Expression,
  ): Expression {
    const { algebra } = this;
    const one = algebra.one;
    const number = (value: number): Expression => algebra.number(value);
    const square = (of: Expression): Expression => algebra.power(of, number(2));
    switch (fn) {
      case "exp":
        return node;
      case "expm1":
        // The exponential is at hand: a third of those in Farseer's gradient.
        return algebra.sum([node, one]);
      case "log":
      case "log0":
        return algebra.quotient(one, u);
      case "log1p":
        return algebra.quotient(one, algebra.sum([one, u]));
      case "log2":
        return algebra.quotient(one, algebra.product([number(Math.LN2), u]));
      case "log10":
        return algebra.quotient(one, algebra.product([number(Math.LN10), u]));
      case "sqrt":
        return algebra.product([number(0.5), algebra.power(u, number(-0.5))]);
      case "abs":
        return algebra.call("select", [algebra.zero, u, one, number(-1)]);
      case "sin":
        return algebra.call("cos", [u]);
      case "cos":
        return algebra.negate(algebra.call("sin", [u]));
      case "tan":
        return algebra.sum([one, square(node)]);
      case "atan":
        return algebra.quotient(one, algebra.sum([one, square(u)]));
      case "tanh":
        return algebra.subtract(one, square(node));
      case "softplus":
        return algebra.call("sigmoid", [u]);
      case "sigmoid":
        // Not node (1 - node): that is 0 from u = 37 on, where the slope is e^-u.
        return algebra.product([node, algebra.call("sigmoid", [algebra.negate(u)])]);
      case "lgamma":
        return algebra.call("digamma", [u]);
      case "digamma":
        return algebra.call("polygamma", [one, u]);
    }
  }
}

/**
 * The exact derivative of a formula with respect to one of its names, simplified. Apply it twice for second
 * derivatives. In it `log0(x)` is log(x), and 0 at x = 0; `select(a, b, c, d)` is c where a <= b and d elsewhere.
 * Conventions at kinks are those of `Calculus`.
 *
 *   toText(differentiate(parseFormula("E + A / N^alpha"), "alpha"))  // "-A*N^(-alpha)*log0(N)"
 */
export function differentiate(expression: Expression, name: string): Expression {
  const algebra = new Algebra();
  return readable(new Calculus(algebra).derivative(algebra.normalize(expression), name));
}
