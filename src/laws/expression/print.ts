/** A tree as text that a parser reads back: ours (`toText`) and Python's with NumPy (`toPython`). */
import { functionRule } from "./functions.js";
import { type Expression, namesOf } from "./tree.js";

/** What differs between the two. */
interface Dialect {
  readonly power: string;
  readonly pi: string;
  name(text: string): string;
  number(value: number): string;
  call(node: Extract<Expression, { kind: "call" }>, args: readonly string[]): string;
}

/** How tightly a text holds together; what is looser than its place needs parentheses. */
const SUM = 1;
const PRODUCT = 2;
const SIGNED = 3;
const POWER = 4;
const ATOM = 5;

interface Piece {
  readonly text: string;
  readonly holds: number;
}

function print(root: Expression, dialect: Dialect): string {
  const at = (needed: number, node: Expression): string => {
    const { text, holds } = piece(node);
    return holds >= needed ? text : `(${text})`;
  };
  const piece = (node: Expression): Piece => {
    switch (node.kind) {
      case "number":
        return { text: dialect.number(node.value), holds: node.value < 0 ? SIGNED : ATOM };
      case "constant":
        return { text: dialect.pi, holds: ATOM };
      case "name":
        return { text: dialect.name(node.name), holds: ATOM };
      case "negate":
        return negated(node.of);
      case "sum":
        return { text: node.terms.map(term).join(""), holds: SUM };
      case "product":
        // The first factor may itself be a product or quotient: a/b*c is read from the left.
        return {
          text: node.factors.map((f, i) => at(i === 0 ? PRODUCT : SIGNED, f)).join("*"),
          holds: PRODUCT,
        };
      case "quotient":
        return { text: `${at(PRODUCT, node.numerator)}/${at(SIGNED, node.denominator)}`, holds: PRODUCT };
      case "power":
        return { text: `${at(ATOM, node.base)}${dialect.power}${at(SIGNED, node.exponent)}`, holds: POWER };
      case "call":
        return {
          text: dialect.call(
            node,
            node.args.map((arg) => at(SUM, arg)),
          ),
          holds: ATOM,
        };
    }
  };
  /** -a*b is read as (-a)*b, which is the same number. */
  const negated = (of: Expression): Piece => {
    const isProduct = of.kind === "product" || of.kind === "quotient";
    return { text: `-${at(isProduct ? PRODUCT : SIGNED, of)}`, holds: isProduct ? PRODUCT : SIGNED };
  };
  const term = (node: Expression, index: number): string => {
    if (index === 0) return at(PRODUCT, node);
    if (node.kind === "negate") return ` - ${at(PRODUCT, node.of)}`;
    const text = at(PRODUCT, node);
    return text.startsWith("-") ? ` - ${text.slice(1)}` : ` + ${text}`;
  };
  return at(SUM, root);
}

const shortest = (value: number): string => (Object.is(value, -0) ? "0" : `${value}`).replace("e+", "e");

/**
 * The formula in its own language, with no more parentheses than needed; reading it back gives the same value.
 *
 *   toText(parseFormula("(E)+A / (N**alpha)"))  // "E + A/N^alpha"
 */
export function toText(expression: Expression): string {
  return print(expression, {
    power: "^",
    pi: "pi",
    name: (text) => text,
    number: shortest,
    call: ({ fn }, args) => `${fn}(${args.join(", ")})`,
  });
}

/** Words that Python keeps to itself, and `np`. */
const pythonWords = new Set(
  (
    "False None True and as assert async await break class continue def del elif else except finally for from " +
    "global if import in is lambda nonlocal not or pass raise return try while with yield np"
  ).split(" "),
);

/** Names that Python does not accept get underscores at the end, as many as make them free. */
function pythonName(text: string, taken: ReadonlySet<string>): string {
  if (!pythonWords.has(text)) return text;
  let name = `${text}_`;
  while (taken.has(name)) name += "_";
  return name;
}

/** Integers beyond the exact range of doubles are written as floats: NumPy has no larger integers. */
const pythonNumber = (value: number): string =>
  Number.isInteger(value) && Math.abs(value) >= 2 ** 53
    ? value.toExponential().replace("e+", "e")
    : shortest(value);

/**
 * The formula as a Python expression over NumPy (`np`). A name that Python reserves gets an underscore (`lambda_`).
 *
 *   toPython(parseFormula("E + A / N^alpha * exp(-D)"))  // "E + A/N**alpha*np.exp(-D)"
 */
export function toPython(expression: Expression): string {
  const names = new Set(namesOf(expression));
  return print(expression, {
    power: "**",
    pi: "np.pi",
    name: (text) => pythonName(text, names),
    number: pythonNumber,
    call: ({ fn }, args) => functionRule(fn).python(args),
  });
}
