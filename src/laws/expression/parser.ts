/**
 * Tokens -> tree, by recursive descent:
 *
 *   sum     = product (("+" | "-") product)*
 *   product = signed (("*" | "/") signed)*
 *   signed  = ("-" | "+") signed | power            so -x^2 is -(x^2)
 *   power   = atom ("^" signed)?  (no "+" there)     so a^b^c is a^(b^c), and N^-alpha needs no parentheses
 *   atom    = number | name | function "(" sum ("," sum)* ")" | "(" sum ")"
 */
import { type Fault, formulaError } from "./fault.js";
import { type FunctionName, functionNames, functionRule } from "./functions.js";
import { type Sign, type Token, tokensOf } from "./lexer.js";
import { call, type Expression, name, negate, number, pi, power, product, quotient, sum } from "./tree.js";

/**
 * How deep a formula may nest. It bounds the recursion of everything that walks a tree (derivatives, which nest
 * deeper than their formula, included), so no formula can exhaust the stack; laws nest about ten deep.
 */
const DEEPEST = 100;

const closerOf = (open: Token): Sign => (open.text === "[" ? "]" : ")");

/** What other languages call what we have under another name. */
const foreign = new Map([
  ["pow", "write a^b"],
  ["sigmoid", "write 1/(1 + exp(-x))"],
  ["arcsin", "of the inverse functions only atan is known"],
  ["where", "write select(a, b, c, d): c where a <= b, otherwise d"],
]);

class Parser {
  private readonly tokens: readonly Token[];
  private next = 0;
  private depth = 0;
  /** How deep each node nests; a missing entry is a leaf. */
  private readonly heights = new WeakMap<Expression, number>();

  constructor(private readonly text: string) {
    this.tokens = tokensOf(text);
  }

  formula(): Expression {
    if (this.tokens.length === 1) {
      throw this.fault({
        at: 0,
        says: "it is empty",
        hint: "write the law, for example E + A/N^alpha + B/D^beta",
      });
    }
    const tree = this.sum();
    if (this.peek.kind !== "end") throw this.unexpectedAfterOperand();
    return tree;
  }

  private get peek(): Token {
    return this.tokens[this.next];
  }

  private take(...signs: readonly Sign[]): Token | undefined {
    const token = this.peek;
    if (token.kind !== "sign" || !signs.includes(token.text)) return undefined;
    this.next += 1;
    return token;
  }

  private fault(fault: Fault): Error {
    return formulaError(this.text, fault);
  }

  /** Refuses what nests too deep: in the text (before the stack is full) and in the tree (a/b/c/d...). */
  private refuseDeep(depth: number, at: number): void {
    if (depth <= DEEPEST) return;
    const says = `it nests more than ${DEEPEST} levels deep (parentheses, powers, signs, divisions)`;
    throw this.fault({ at, says, hint: "write it flatter, or name a part as a parameter" });
  }

  private grown(node: Expression, parts: readonly Expression[], at: number): Expression {
    const height = 1 + Math.max(...parts.map((part) => this.heights.get(part) ?? 0));
    this.refuseDeep(height, at);
    this.heights.set(node, height);
    return node;
  }

  private nested<T>(at: number, parse: () => T): T {
    this.depth += 1;
    this.refuseDeep(this.depth, at);
    const result = parse();
    this.depth -= 1;
    return result;
  }

  private sum(): Expression {
    const at = this.peek.at;
    const terms = [this.product()];
    for (let sign = this.take("+", "-"); sign; sign = this.take("+", "-")) {
      const term = this.product();
      terms.push(sign.text === "+" ? term : this.grown(negate(term), [term], sign.at));
    }
    return terms.length === 1 ? terms[0] : this.grown(sum(terms), terms, at);
  }

  private product(): Expression {
    const at = this.peek.at;
    let factors = [this.signed()];
    const joined = (): Expression =>
      factors.length === 1 ? factors[0] : this.grown(product(factors), factors, at);
    for (let sign = this.take("*", "/"); sign; sign = this.take("*", "/")) {
      const factor = this.signed();
      if (sign.text === "*") {
        factors.push(factor);
      } else {
        const numerator = joined();
        factors = [this.grown(quotient(numerator, factor), [numerator, factor], sign.at)];
      }
    }
    return joined();
  }

  private signed(): Expression {
    const sign = this.take("-", "+");
    if (!sign) return this.power();
    const operand = this.nested(sign.at, () => this.signed());
    return sign.text === "+" ? operand : this.grown(negate(operand), [operand], sign.at);
  }

  private power(): Expression {
    const base = this.atom();
    const sign = this.take("^");
    if (!sign) return base;
    // N^ + B is a forgotten exponent, not N^(+B).
    if (this.peek.text === "+") throw this.missingOperand();
    const exponent = this.nested(sign.at, () => this.signed());
    return this.grown(power(base, exponent), [base, exponent], sign.at);
  }

  private atom(): Expression {
    const token = this.peek;
    if (token.kind === "number") {
      this.next += 1;
      return number(token.value);
    }
    if (token.kind === "name") {
      this.next += 1;
      return this.named(token);
    }
    const open = this.take("(", "[");
    if (!open) throw this.missingOperand();
    return this.nested(open.at, () => {
      const inside = this.sum();
      this.close(open);
      return inside;
    });
  }

  private named(token: Token): Expression {
    const fn = functionNames.get(token.text);
    const open = this.take("(", "[");
    if (fn && open) {
      const args = this.nested(open.at, () => this.args(open));
      this.refuseArity(token, fn, args.length);
      return this.grown(call(fn, args), args, token.at);
    }
    if (fn) {
      const hint = `write ${token.text}(...), or give the name another spelling`;
      throw this.fault({ at: token.at, says: `${token.text} is a function and needs its argument`, hint });
    }
    if (open) throw this.unknownFunction(token);
    return token.text === "pi" ? pi : name(token.text);
  }

  private args(open: Token): Expression[] {
    const args: Expression[] = [];
    if (this.take(closerOf(open))) return args;
    do args.push(this.sum());
    while (this.take(","));
    this.close(open);
    return args;
  }

  private refuseArity(token: Token, fn: FunctionName, count: number): void {
    const [least, most] = functionRule(fn).arity;
    if (count >= least && count <= most) return;
    const wanted = least === most ? `${least}` : `at least ${least}`;
    const says = `${token.text} takes ${wanted} argument${wanted === "1" ? "" : "s"}, here are ${count}`;
    const hint =
      fn === "log" ? "log is the natural logarithm; log10 and log2 have their own names" : undefined;
    throw this.fault({ at: token.at, says, hint: hint ?? `correct the arguments of ${token.text}` });
  }

  private close(open: Token): void {
    const wanted = closerOf(open);
    if (this.take(wanted)) return;
    if (this.peek.kind !== "end") throw this.unexpectedAfterOperand();
    const says = `the "${open.text}" that opens here is never closed`;
    throw this.fault({ at: open.at, says, hint: `add the missing "${wanted}"` });
  }

  private unknownFunction(token: Token): Error {
    const known = [...functionNames.keys()].filter((fn) => fn !== "log0");
    const nearest = known.find((fn) => fn === token.text.toLowerCase());
    const help = nearest ? `write ${nearest}(...)` : foreign.get(token.text.toLowerCase());
    const shortened = token.text.slice(0, 40);
    const hint = help ?? `for a product write ${shortened}*(...); functions are ${known.join(", ")}`;
    return this.fault({ at: token.at, says: `"${shortened}" is not a function`, hint });
  }

  /** Where a number, a name or a parenthesis must stand and something else does. */
  private missingOperand(): Error {
    const token = this.peek;
    const before = this.tokens[this.next - 1];
    const found = token.kind === "end" ? "the formula ends" : `"${token.text}" stands`;
    const place = before ? `after "${before.text.slice(0, 40)}"` : "at the beginning";
    const says = `a number, a name or "(" is expected ${place}, but ${found} there`;
    const hint = token.kind === "end" ? "complete the formula or delete its last operator" : undefined;
    return this.fault({ at: token.at, says, hint: hint ?? `delete "${token.text}" or add what it works on` });
  }

  /** Where an operator or the end must stand and something else does. */
  private unexpectedAfterOperand(): Error {
    const token = this.peek;
    const before = this.tokens[this.next - 1].text.slice(0, 40);
    const text = token.text.slice(0, 40);
    const fault = (says: string, hint: string): Error => this.fault({ at: token.at, says, hint });
    if (token.text === ")" || token.text === "]") {
      return fault(`this "${text}" closes nothing that is open`, `delete it or add what opens it`);
    }
    if (token.text === ",") {
      return fault(`a comma separates only arguments of a function`, "write decimal numbers with a point");
    }
    const hint = `for a product write ${before}*${text}`;
    return fault(`an operator is expected between "${before}" and "${text}"`, hint);
  }
}

/**
 * The tree of a formula such as `E + A / N^alpha + B / D^beta`.
 *
 * Decimal numbers, names (ASCII letters, digits, underscore), `+ - * / ^` (also `**`), parentheses (also square, as
 * in the NIST models), `pi` and the functions of `functions.ts` (`ln` is `log`, `arctan` is `atan`). At most 10,000
 * characters and 100 levels.
 *
 * @throws UsageError  code `formula`: the message shows the spot with a caret and says what is expected there
 */
export function parseFormula(text: string): Expression {
  return new Parser(text).formula();
}
