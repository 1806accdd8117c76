import { functionRule } from "./functions.js";
import { type Expression, negate, product } from "./tree.js";

const greek = new Set(
  (
    "alpha beta gamma delta epsilon varepsilon zeta eta theta iota kappa lambda mu nu xi rho sigma tau upsilon phi " +
    "varphi chi psi omega Gamma Delta Theta Lambda Xi Sigma Upsilon Phi Psi Omega"
  ).split(" "),
);

/** How tightly a text holds together, as in `print.ts`. */
const SUM = 1;
const PRODUCT = 2;
const ATOM = 3;

interface Piece {
  readonly text: string;
  readonly holds: number;
}

const roman = (text: string): string => `\\mathrm{${text.replaceAll("_", "\\_")}}`;

function symbol(text: string): string {
  if (greek.has(text)) return `\\${text}`;
  return /^([A-Za-z]|\d+)$/.test(text) ? text : roman(text);
}

/**
 * A name as the papers print it: `alpha` a Greek letter, what follows an underscore, a digit or a capital behind a
 * Greek name an index (`b1`, `N_e`, `alphaN`), other words upright.
 */
function latexName(text: string): string {
  const indexed = /^([A-Za-z]+?)_([A-Za-z0-9]+)$/.exec(text) ?? /^([A-Za-z]+)(\d+)$/.exec(text);
  const [, letter, index] = indexed ?? /^([a-z]+)([A-Z][A-Za-z]*)$/.exec(text) ?? [];
  if (!letter || !index || !(indexed || greek.has(letter))) return symbol(text);
  return `${symbol(letter)}_{${symbol(index)}}`;
}

function latexNumber(value: number): string {
  const [digits, exponent] = `${value}`.split("e");
  return exponent ? `${digits} \\times 10^{${exponent.replace("+", "")}}` : `${digits}`;
}

/** How tightly LaTeX functions hold: only those with their own fences need no parentheses under a power. */
const holdsOf = (fn: string): number =>
  fn === "select" ? SUM : fn === "abs" || fn === "sqrt" || fn === "expm1" ? ATOM : PRODUCT;

/**
 * The formula as LaTeX for math mode.
 *
 *   toLatex(parseFormula("E + A/N^alpha"))  // "E + \\frac{A}{N^{\\alpha}}"
 */
export function toLatex(expression: Expression): string {
  return at(SUM, expression);
}

function at(needed: number, node: Expression): string {
  const { text, holds } = piece(node);
  return holds >= needed ? text : `\\left(${text}\\right)`;
}

function piece(node: Expression): Piece {
  switch (node.kind) {
    case "number": {
      const text = latexNumber(node.value);
      return { text, holds: node.value < 0 ? SUM : text.includes("times") ? PRODUCT : ATOM };
    }
    case "constant":
      return { text: "\\pi", holds: ATOM };
    case "name":
      return { text: latexName(node.name), holds: ATOM };
    case "negate":
      return { text: `-${at(PRODUCT, node.of)}`, holds: SUM };
    case "sum":
      return { text: node.terms.map(term).join(""), holds: SUM };
    case "product":
      if (factorIsSigned(node)) return piece(withoutSign(node));
      return { text: node.factors.map((factor) => at(PRODUCT, factor)).reduce(times), holds: PRODUCT };
    case "quotient":
      return { text: `\\frac{${at(SUM, node.numerator)}}{${at(SUM, node.denominator)}}`, holds: PRODUCT };
    case "power":
      return { text: `${at(ATOM, node.base)}^{${at(SUM, node.exponent)}}`, holds: PRODUCT };
    case "call": {
      const args = node.args.map((arg) => at(SUM, arg));
      return { text: functionRule(node.fn).latex(args), holds: holdsOf(node.fn) };
    }
  }
}

type Product = Extract<Expression, { kind: "product" }>;

const factorIsSigned = (node: Product): boolean => node.factors[0].kind === "negate";

/** (-a) b as -(a b): the same value, and no parentheses. */
function withoutSign(node: Product): Expression {
  const [first, ...others] = node.factors;
  return first.kind === "negate" ? negate(product([first.of, ...others])) : node;
}

function term(node: Expression, index: number): string {
  if (index === 0) return at(SUM, node);
  if (node.kind === "product" && factorIsSigned(node)) return term(withoutSign(node), index);
  if (node.kind === "negate") return ` - ${at(PRODUCT, node.of)}`;
  return ` + ${at(PRODUCT, node)}`;
}

/** Side by side with a thin space, with a dot before a digit: 2 \cdot 3 must not read as 23. */
const times = (left: string, right: string): string =>
  /^\d/.test(right) ? `${left} \\cdot ${right}` : `${left} \\, ${right}`;
