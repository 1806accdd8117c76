/**
 * Arithmetic on trees with a normal form: equal subexpressions become one and the same node, so common
 * subexpressions are found by identity and never computed or differentiated twice.
 *
 * Normal form: no quotients (a/b is a * b^-1), no square roots (u^0.5); sums and products flat, like terms and
 * powers of one base collected, numbers folded and in front; a factor -1 is a `negate` outside.
 *
 * A rewriting keeps the value wherever the original has a finite one, up to rounding and to overflow or underflow
 * of intermediate results. It may give a value where the original has none (removable cases): x/x at 0, 0*x at an
 * infinite x, x^a * x^b and exp(a*log(x)) at x where a part is not defined, (x^a)^2 at negative x.
 */
import { UsageError } from "../../errors.js";
import { type FunctionName, functionRule } from "./functions.js";
import {
  call,
  type Expression,
  name,
  negate,
  number,
  operandsOf,
  pi,
  power,
  product,
  quotient,
  sum,
} from "./tree.js";

/**
 * "real": rewritings hold for all real values. "positive": every name is taken to be positive, so powers of
 * products split and nested powers join; for comparing formulas, not for computing.
 */
type Assumption = "real" | "positive";

/**
 * Bound on the operands of all nodes of one algebra, about 100 MB. The Hessian of the largest law of the catalogue
 * needs some thousands; a product of a thousand sums would need millions in its second derivative.
 */
const MOST_OPERANDS = 1_000_000;

/** Whether multiplying by 1/x loses nothing against dividing by x. */
const isPowerOfTwo = (x: number): boolean => Number.isInteger(Math.log2(Math.abs(x)));

/** Whether folding a factor into a number neither overflows nor underflows. */
const isSafe = (folded: number, factor: number): boolean =>
  Number.isFinite(folded) && (folded !== 0 || factor === 0);

const isNumber = (node: Expression): node is Extract<Expression, { kind: "number" }> =>
  node.kind === "number";

export class Algebra {
  private readonly nodes = new Map<string, Expression>();
  private readonly ids = new Map<Expression, number>();
  private readonly names = new Map<Expression, ReadonlySet<string>>();
  private readonly normalForms = new Map<Expression, Expression>();
  private operands = 0;

  readonly zero = this.number(0);
  readonly one = this.number(1);

  constructor(private readonly assumption: Assumption = "real") {}

  /** The normal form of any tree, in nodes of this algebra. */
  normalize(root: Expression): Expression {
    const known = this.normalForms.get(root);
    if (known) return known;
    const result = this.rebuild(root);
    this.normalForms.set(root, result);
    return result;
  }

  private rebuild(node: Expression): Expression {
    const parts = operandsOf(node).map((operand) => this.normalize(operand));
    const [first, second] = parts;
    switch (node.kind) {
      case "number":
        return this.number(node.value);
      case "constant":
        return this.shared("pi", pi);
      case "name":
        return this.name(node.name);
      case "negate":
        return this.negate(first);
      case "sum":
        return this.sum(parts);
      case "product":
        return this.product(parts);
      case "quotient":
        return this.quotient(first, second);
      case "power":
        return this.power(first, second);
      case "call":
        return this.call(node.fn, parts);
    }
  }

  /** The names in a node of this algebra. */
  namesIn(node: Expression): ReadonlySet<string> {
    const known = this.names.get(node);
    if (known) return known;
    const operands = operandsOf(node);
    let found: ReadonlySet<string>;
    if (node.kind === "name") found = new Set([node.name]);
    else if (operands.length === 1) found = this.namesIn(operands[0]);
    else found = new Set(operands.flatMap((operand) => [...this.namesIn(operand)]));
    this.names.set(node, found);
    return found;
  }

  number(value: number): Expression {
    return this.shared(`#${value}`, number(value === 0 ? 0 : value));
  }

  name(text: string): Expression {
    return this.shared(`$${text}`, name(text));
  }

  negate(node: Expression): Expression {
    return this.product([this.number(-1), node]);
  }

  subtract(left: Expression, right: Expression): Expression {
    return this.sum([left, this.negate(right)]);
  }

  quotient(numerator: Expression, denominator: Expression): Expression {
    return this.product([numerator, this.reciprocal(denominator)]);
  }

  /** Like terms are added up: 2 x + y - x is x + y. */
  sum(terms: readonly Expression[]): Expression {
    const coefficients = new Map<Expression, number>();
    const unfolded: Expression[] = [];
    const add = (term: Expression, factor: number): void => {
      const [coefficient, rest] = this.split(term);
      const scale = factor * coefficient;
      if (rest.kind === "sum" && Math.abs(scale) === 1) {
        for (const inner of rest.terms) add(inner, scale);
        return;
      }
      const total = (coefficients.get(rest) ?? 0) + scale;
      if (Number.isFinite(total)) coefficients.set(rest, total);
      else unfolded.push(this.scaled(scale, rest));
    };
    for (const term of terms) add(term, 1);
    const kept = [...coefficients].filter(([, coefficient]) => coefficient !== 0);
    const result = [...kept.map(([rest, coefficient]) => this.scaled(coefficient, rest)), ...unfolded];
    if (result.length < 2) return result[0] ?? this.zero;
    return this.shared(this.key("+", result, "any order"), sum(result));
  }

  /** Powers of one base are collected: x^a * x is x^(a + 1). */
  product(factors: readonly Expression[]): Expression {
    let top = 1;
    let bottom = 1;
    const exponents = new Map<Expression, Expression[]>();
    const raise = (base: Expression, exponent: Expression): void => {
      const known = exponents.get(base);
      if (known) known.push(exponent);
      else exponents.set(base, [exponent]);
    };
    const multiply = (factor: Expression): void => {
      if (factor.kind === "product") factor.factors.forEach(multiply);
      else if (factor.kind === "negate") {
        top = -top;
        multiply(factor.of);
      } else if (isNumber(factor) && isSafe(top * factor.value, factor.value)) top *= factor.value;
      else if (factor.kind !== "power") raise(factor, this.one);
      else if (this.isPlainReciprocal(factor) && isSafe(bottom * factor.base.value, factor.base.value)) {
        bottom *= factor.base.value;
      } else raise(factor.base, factor.exponent);
    };
    factors.forEach(multiply);
    if (top === 0) return this.zero;

    let hasNew = false;
    const powers = [...exponents].map(([base, all]) => {
      if (all.length === 1) return this.rawPower(base, all[0]);
      hasNew = true;
      return this.power(base, this.sum(all));
    });
    // A collected power may itself be a number or a product (x^(a-a), (xy)^1): once more, with fewer factors.
    if (hasNew) return this.product([...this.ratio(top, bottom, true), ...powers]);
    const numbers = this.ratio(top, bottom, powers.length > 0);
    const isNegated = numbers[0] === this.number(-1) && powers.length > 0;
    const rest = isNegated ? numbers.slice(1) : numbers.filter((node) => node !== this.one);
    const positive = this.rawProduct([...rest, ...powers]);
    return isNegated ? this.shared(this.key("-", [positive]), negate(positive)) : positive;
  }

  power(base: Expression, exponent: Expression): Expression {
    if (exponent === this.zero || base === this.one) return this.one;
    if (exponent === this.one) return base;
    if (isNumber(exponent)) {
      const folded = isNumber(base) ? base.value ** exponent.value : Number.NaN;
      if (Number.isFinite(folded)) return this.number(folded);
      if (exponent.value === -1) return this.reciprocal(base);
    }
    const mayJoin =
      this.assumption === "positive" || (isNumber(exponent) && Number.isInteger(exponent.value));
    if (base.kind === "power" && mayJoin) {
      return this.power(base.base, this.product([base.exponent, exponent]));
    }
    if (base.kind === "product" && this.assumption === "positive") {
      return this.product(base.factors.map((factor) => this.power(factor, exponent)));
    }
    if (base.kind === "call" && base.fn === "exp") {
      return this.call("exp", [this.product([base.args[0], exponent])]);
    }
    return this.rawPower(base, exponent);
  }

  call(fn: FunctionName, args: readonly Expression[]): Expression {
    if (args.every(isNumber)) {
      const folded = functionRule(fn).compute(...args.map((arg) => arg.value));
      if (Number.isFinite(folded)) return this.number(folded);
    }
    const [first, second, third, fourth] = args;
    if (fn === "sqrt") return this.power(first, this.number(0.5));
    if (fn === "exp") return this.exp(first);
    if (fn === "log") return this.log(first);
    if (fn === "select" && third === fourth) return third;
    if (fn === "select" && isNumber(first) && isNumber(second)) {
      return first.value <= second.value ? third : fourth;
    }
    return this.rawCall(fn, args);
  }

  /** exp(a log x) is x^a: both need x > 0, and the power also knows x = 0. */
  private exp(exponent: Expression): Expression {
    const isLog = (node: Expression): boolean => node.kind === "call" && node.fn === "log";
    const factors = this.factorsOf(exponent);
    const logs = factors.filter(isLog);
    if (logs.length !== 1) return this.rawCall("exp", [exponent]);
    const base = operandsOf(logs[0])[0];
    return this.power(base, this.product(factors.filter((factor) => !isLog(factor))));
  }

  private log(of: Expression): Expression {
    if (of.kind === "call" && of.fn === "exp") return of.args[0];
    if (this.assumption === "positive") {
      if (of.kind === "product") return this.sum(of.factors.map((factor) => this.call("log", [factor])));
      if (of.kind === "power") return this.product([of.exponent, this.call("log", [of.base])]);
    }
    return this.rawCall("log", [of]);
  }

  /** The factors of a node that is or is not a product, its sign among them. */
  factorsOf(node: Expression): readonly Expression[] {
    if (node.kind === "negate") return [this.number(-1), ...this.factorsOf(node.of)];
    return node.kind === "product" ? node.factors : [node];
  }

  /** A term as coefficient times rest; a number is that many times one. */
  private split(term: Expression): [coefficient: number, rest: Expression] {
    if (isNumber(term)) return [term.value, this.one];
    if (term.kind === "negate") {
      const [coefficient, rest] = this.split(term.of);
      return [-coefficient, rest];
    }
    if (term.kind !== "product") return [1, term];
    const [first, ...others] = term.factors;
    return first && isNumber(first) ? [first.value, this.rawProduct(others)] : [1, term];
  }

  private scaled(coefficient: number, rest: Expression): Expression {
    if (rest === this.one) return this.number(coefficient);
    if (coefficient === 1) return rest;
    return this.product([this.number(coefficient), rest]);
  }

  private reciprocal(node: Expression): Expression {
    if (node.kind === "product" || node.kind === "negate") {
      return this.product(this.factorsOf(node).map((factor) => this.reciprocal(factor)));
    }
    // Left as 3^-1: x/3 is computed as it was written, not as x times a rounded third.
    if (isNumber(node)) return node === this.one ? node : this.rawPower(node, this.number(-1));
    if (node.kind === "power") return this.power(node.base, this.negate(node.exponent));
    if (node.kind === "call" && node.fn === "exp") return this.call("exp", [this.negate(node.args[0])]);
    return this.rawPower(node, this.number(-1));
  }

  private isPlainReciprocal(node: Expression): node is {
    kind: "power";
    base: { kind: "number"; value: number };
    exponent: Expression;
  } {
    return (
      node.kind === "power" &&
      isNumber(node.base) &&
      node.base.value !== 0 &&
      isNumber(node.exponent) &&
      node.exponent.value === -1
    );
  }

  /** top/bottom as factors: one number where nothing is lost by it, else the two. */
  private ratio(top: number, bottom: number, hasFactors: boolean): Expression[] {
    const value = top / bottom;
    const isExact = bottom === 1 || !hasFactors || Number.isInteger(value) || isPowerOfTwo(bottom);
    if (isExact && Number.isFinite(value) && value !== 0) return [this.number(value)];
    return [this.number(top), this.rawPower(this.number(bottom), this.number(-1))];
  }

  private rawProduct(factors: readonly Expression[]): Expression {
    if (factors.length < 2) return factors[0] ?? this.one;
    return this.shared(this.key("*", factors, "any order"), product(factors));
  }

  private rawPower(base: Expression, exponent: Expression): Expression {
    if (exponent === this.one) return base;
    return this.shared(this.key("^", [base, exponent]), power(base, exponent));
  }

  private rawCall(fn: FunctionName, args: readonly Expression[]): Expression {
    return this.shared(this.key(fn, args), call(fn, args));
  }

  private key(operator: string, operands: readonly Expression[], order?: "any order"): string {
    this.operands += operands.length;
    if (this.operands > MOST_OPERANDS) {
      throw new UsageError({
        code: "formula",
        message: "the formula is too large: its derivatives would have more than a million terms",
        hint: "shorten long products, or give repeated parts as one parameter",
      });
    }
    const ids = operands.map((operand) => this.ids.get(operand) as number);
    if (order) ids.sort((a, b) => a - b);
    return `${operator}${ids.join(",")}`;
  }

  private shared(key: string, node: Expression): Expression {
    const known = this.nodes.get(key);
    if (known) return known;
    this.nodes.set(key, node);
    this.ids.set(node, this.ids.size);
    return node;
  }
}

/** The normal form written for readers again: quotients and roots in the place of negative and half powers. */
export function readable(root: Expression): Expression {
  const done = new Map<Expression, Expression>();
  const visit = (node: Expression): Expression => {
    const known = done.get(node);
    if (known) return known;
    const result = spell(node);
    done.set(node, result);
    return result;
  };
  const joined = (factors: readonly Expression[]): Expression =>
    factors.length === 0 ? number(1) : factors.length === 1 ? factors[0] : product(factors);
  const root2 = (base: Expression, exponent: Expression): Expression =>
    isNumber(exponent) && exponent.value === 0.5
      ? call("sqrt", [visit(base)])
      : power(visit(base), visit(exponent));

  const spell = (node: Expression): Expression => {
    switch (node.kind) {
      case "negate":
        return negate(visit(node.of));
      case "sum":
        return sum(node.terms.map(visit));
      case "product":
      case "power":
        return fraction(node.kind === "product" ? node.factors : [node]);
      case "call":
        return call(node.fn, node.args.map(visit));
      default:
        return node;
    }
  };
  const fraction = (factors: readonly Expression[]): Expression => {
    const above: Expression[] = [];
    const below: Expression[] = [];
    for (const factor of factors) {
      if (factor.kind !== "power") above.push(visit(factor));
      else if (!isNumber(factor.exponent) || factor.exponent.value > 0) {
        above.push(root2(factor.base, factor.exponent));
      } else if (factor.exponent.value === -1) below.push(visit(factor.base));
      else below.push(root2(factor.base, number(-factor.exponent.value)));
    }
    return below.length === 0 ? joined(above) : quotient(joined(above), joined(below));
  };
  return visit(root);
}
