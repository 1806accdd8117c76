/**
 * Whether two formulas are one law in other letters. Both are brought to a normal form for positive names; the
 * forms are matched node by node while the renaming grows, with all orders of sums and products tried; a renaming
 * found is tested at random points, of either sign, before it is believed.
 */
import { Algebra } from "./algebra.js";
import { evaluate } from "./evaluate.js";
import { type Expression, namesOf, operandsOf } from "./tree.js";

/** The names that are columns of data, in each of the two formulas. */
export interface InputsOfBoth {
  readonly a: readonly string[];
  readonly b: readonly string[];
}

/** Larger formulas are not compared: matching nests as deep as a formula is long. No law of the catalogue has 300. */
const MOST_NODES = 600;

/** Matching steps after which the formulas count as different; an honest match takes about one a node. */
const MOST_STEPS = 50_000;

const TEST_POINTS = 60;

/** Rounding in ill-conditioned formulas; a wrong renaming differs in the first digits. */
const TOLERANCE = 1e-6;

/** Continues a match; false when it cannot be completed. */
type Continue = () => boolean;

class Matcher {
  readonly renaming = new Map<string, string>();
  private readonly taken = new Set<string>();
  private steps = 0;

  constructor(
    private readonly mayBecome: (a: string, b: string) => boolean,
    private readonly shapeOfA: (node: Expression) => string,
    private readonly shapeOfB: (node: Expression) => string,
  ) {}

  match(a: Expression, b: Expression, then: Continue): boolean {
    this.steps += 1;
    if (this.steps > MOST_STEPS || this.shapeOfA(a) !== this.shapeOfB(b)) return false;
    if (a.kind === "name" && b.kind === "name") return this.name(a.name, b.name, then);
    const left = operandsOf(a);
    const right = operandsOf(b);
    if (a.kind === "sum" || a.kind === "product") return this.anyOrder(left, right, then);
    return this.inOrder(left, right, then);
  }

  private name(a: string, b: string, then: Continue): boolean {
    const known = this.renaming.get(a);
    if (known !== undefined) return known === b && then();
    if (this.taken.has(b) || !this.mayBecome(a, b)) return false;
    this.renaming.set(a, b);
    this.taken.add(b);
    if (then()) return true;
    this.renaming.delete(a);
    this.taken.delete(b);
    return false;
  }

  private inOrder(a: readonly Expression[], b: readonly Expression[], then: Continue): boolean {
    const [first, ...others] = a;
    const [other, ...rest] = b;
    if (!first || !other) return then();
    return this.match(first, other, () => this.inOrder(others, rest, then));
  }

  private anyOrder(a: readonly Expression[], b: readonly Expression[], then: Continue): boolean {
    const [first, ...others] = a;
    if (!first) return then();
    return b.some((candidate) => {
      const rest = b.filter((node) => node !== candidate);
      return this.match(first, candidate, () => this.anyOrder(others, rest, then));
    });
  }
}

/** A text for each node that is equal for nodes which may match: names are replaced by what is known of them. */
function shapes(root: Expression, nameShape: (name: string) => string): (node: Expression) => string {
  const known = new Map<Expression, string>();
  const shapeOf = (node: Expression): string => {
    const found = known.get(node);
    if (found !== undefined) return found;
    const parts = operandsOf(node).map(shapeOf);
    if (node.kind === "sum" || node.kind === "product") parts.sort();
    const label =
      node.kind === "number"
        ? node.value
        : node.kind === "name"
          ? nameShape(node.name)
          : node.kind === "call"
            ? node.fn
            : node.kind;
    const shape = `${label}(${parts.join(",")})`;
    known.set(node, shape);
    return shape;
  };
  shapeOf(root);
  return shapeOf;
}

/** How often each name occurs in a tree, shared parts counted each time. */
function occurrences(root: Expression): Map<string, number> | null {
  const counts = new Map<string, number>();
  let nodes = 0;
  const visit = (node: Expression): void => {
    nodes += 1;
    if (nodes > MOST_NODES) return;
    if (node.kind === "name") counts.set(node.name, (counts.get(node.name) ?? 0) + 1);
    operandsOf(node).forEach(visit);
  };
  visit(root);
  return nodes > MOST_NODES ? null : counts;
}

/** Uniform in [0, 1), the same in every run; the generator is mulberry32. */
function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** No point, of sizes 1e-2 to 1e2 and half of them with mixed signs, at which both have a value and differ. */
function agreeAtPoints(a: Expression, b: Expression, renaming: ReadonlyMap<string, string>): boolean {
  const random = uniform(1);
  for (let point = 0; point < TEST_POINTS; point += 1) {
    const inA = new Map<string, number>();
    const inB = new Map<string, number>();
    for (const [from, to] of renaming) {
      const sign = point % 2 === 1 && random() < 0.5 ? -1 : 1;
      const value = sign * 10 ** (4 * random() - 2);
      inA.set(from, value);
      inB.set(to, value);
    }
    const left = evaluate(a, inA);
    const right = evaluate(b, inB);
    const isComparable = Number.isFinite(left) && Number.isFinite(right);
    if (isComparable && Math.abs(left - right) > TOLERANCE * Math.max(Math.abs(left), Math.abs(right)))
      return false;
  }
  return true;
}

/**
 * The renaming that turns formula `a` into formula `b`, or null when there is none: the same up to names, order of
 * terms and factors, and obvious rewriting (A/N^alpha, A*N^-alpha; (Nc/N)^a, Nc^a/N^a). Where several renamings do,
 * one that keeps equal names wins. An input becomes an input, and one that both list becomes itself; null does not
 * prove that the formulas differ (larger ones than 600 nodes are not compared).
 *
 *   sameFormula(parseFormula("c + a*x^-p"), parseFormula("E + A/N^alpha"), { a: ["x"], b: ["N"] })
 *   // Map { "c" => "E", "a" => "A", "x" => "N", "p" => "alpha" }
 */
export function sameFormula(
  a: Expression,
  b: Expression,
  inputs: InputsOfBoth = { a: [], b: [] },
): Map<string, string> | null {
  if (namesOf(a).length !== namesOf(b).length) return null;
  const algebra = new Algebra("positive");
  const left = algebra.normalize(a);
  const right = algebra.normalize(b);
  const countsA = occurrences(left);
  const countsB = occurrences(right);
  if (!countsA || !countsB || countsA.size !== namesOf(a).length) return null;
  const inputsOfA = new Set(inputs.a);
  const inputsOfB = new Set(inputs.b);
  const isCommon = (name: string): boolean => inputsOfA.has(name) && inputsOfB.has(name);
  const shape = (name: string, own: ReadonlySet<string>, count: number | undefined): string =>
    isCommon(name) ? `=${name}` : `${own.has(name) ? "input" : "parameter"}${count}`;
  const shapeOfA = shapes(left, (name) => shape(name, inputsOfA, countsA.get(name)));
  const shapeOfB = shapes(right, (name) => shape(name, inputsOfB, countsB.get(name)));

  const keepsNames = (from: string, to: string): boolean =>
    from === to || !(countsB.has(from) || countsA.has(to));
  for (const mayBecome of [keepsNames, () => true]) {
    const matcher = new Matcher(mayBecome, shapeOfA, shapeOfB);
    const found = matcher.match(left, right, () => agreeAtPoints(a, b, matcher.renaming));
    if (found) return new Map(namesOf(a).map((name) => [name, matcher.renaming.get(name) as string]));
  }
  return null;
}
