import { type Coefficients, defineFamily, type LawDefinition } from "./law.js";
import { root } from "./root.js";

/** 1 to n. */
const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

type Parameters = LawDefinition["parameters"];

/** The power law before the first break. */
const POWER = {
  a: { meaning: "limit at large x", bounds: [0, Number.POSITIVE_INFINITY], neutral: 0 },
  b: { meaning: "amplitude", bounds: [0, Number.POSITIVE_INFINITY], positive: true },
  c0: {
    meaning: "slope before the first break",
    bounds: [-4, 4],
    start: { between: [-0.3, 1], spacing: "even" },
  },
} as const satisfies Parameters;

const ofBreak = (i: number, breaks: number) =>
  ({
    c: {
      meaning: `change of the slope at break ${i}`,
      bounds: [-20, 20],
      start: { between: [-2, 6], spacing: "even" },
    },
    d: {
      meaning: `place of break ${i}, in the unit of x`,
      bounds: [1e-30, Number.POSITIVE_INFINITY],
      positive: true,
      start: { within: "x", part: cell(i, breaks) },
    },
    f: {
      meaning: `width of break ${i}: small is sharp`,
      bounds: [0.01, 4],
      start: { between: [0.02, 1.5], spacing: "log" },
    },
  }) as const satisfies Parameters;

/**
 * y = a + b x^-c0 PROD_i (1 + (x/d_i)^(1/f_i))^(-c_i f_i): a power law whose slope changes by c_i around x = d_i, the
 * more sharply the smaller f_i. Each factor is written as exp(-c_i f_i softplus(ln(x/d_i)/f_i)), since (x/d)^(1/f)
 * overflows at f = 0.01. No break is `power-floor`.
 *
 * @see arXiv 2210.14891, eq. 1
 */
function broken(breaks: number): LawDefinition {
  return {
    id: "bnsl",
    title: "Broken neural scaling law: power laws joined by smooth breaks",
    topic: "pre-training",
    formula: formulaOf(breaks, (i) => `d${i}`),
    ...(breaks > 1 ? { coordinates: ordered(breaks) } : {}),
    output: { name: "y", quantity: "loss", meaning: "loss, error or any other measure" },
    inputs: {
      x: {
        quantity: "scale",
        unit: "as in the log",
        meaning: "parameters, tokens, FLOPs or any other scale",
      },
    },
    parameters: {
      ...POWER,
      ...Object.fromEntries(
        upTo(breaks).flatMap((i) =>
          Object.entries(ofBreak(i, breaks)).map(([name, parameter]) => [`${name}${i}`, parameter]),
        ),
      ),
    },
    presets:
      breaks === 1
        ? [
            {
              name: "bnsl-4digit-addition",
              values: {
                a: 0.413884,
                b: 2.277272,
                c0: 0.0550773,
                c: [5.662903],
                d: [612.5836],
                f: [0.059193],
              },
              source: "a refit of the 14 training points of arXiv 2210.14891, figure on 4-digit addition",
              conventions: "x = examples of 4-digit addition; test loss in nats; fitted to ln(1 + y)",
              range: { x: [160, 736] },
            },
          ]
        : [],
    source: "arXiv 2210.14891, eq. 1",
    notes: [
      "it cannot see a break that is still beyond the data; one outside them is not determined: take a size less",
      "the authors fit ln(1 + y), here it is ln y unless asked otherwise: their figures are not the same minimum",
      "c may be negative, so that the curve turns upwards; for a measure that grows fit 1 - y",
    ],
    answers: [
      {
        kind: "inverse",
        name: "x",
        meaning: "the least x at which the curve passes through y",
        given: ["y"],
        gives: ["x"],
        solve: (c, { y }) => firstCrossing(logCurve(c, breaks), y - c.a, c, breaks),
      },
    ],
    examples: [
      "scalefit predict --preset bnsl-4digit-addition --at x=640",
      "scalefit predict --law bnsl --coefficients a=0.4,b=2.3,c0=0.05,c=[5.7],d=[610],f=[0.06] --at x=640",
    ],
  };
}

/** The law's text, with the place of break i as given. */
function formulaOf(breaks: number, place: (i: number) => string): string {
  const factors = upTo(breaks).map((i) => ` * exp(-c${i} * f${i} * softplus(log(x / ${place(i)}) / f${i}))`);
  return `a + b * x^-c0${factors.join("")}`;
}

/**
 * Breaks in the order of x: any other order is the same curve under other names. A fit works on the first place and on
 * the factors from each to the next.
 */
function ordered(breaks: number): LawDefinition["coordinates"] {
  const place = (i: number) =>
    [
      "d1",
      ...upTo(i)
        .slice(1)
        .map((j) => `r${j}`),
    ].join(" * ");
  const names = (i: number) => [`c${i}`, i === 1 ? "d1" : `r${i}`, `f${i}`];
  const { a, b, c0 } = POWER;
  const variables = upTo(breaks).flatMap((i) => {
    const { c, d, f } = ofBreak(i, breaks);
    const [asC, asD, asF] = names(i);
    const factor = {
      bounds: [1, Number.POSITIVE_INFINITY],
      start: { between: [1.2, 1e5], spacing: "log" },
    } as const;
    return [
      [asC, c],
      [asD, i === 1 ? d : factor],
      [asF, f],
    ] as const;
  });
  return {
    formula: formulaOf(breaks, (i) => `(${place(i)})`),
    variables: { a, b, c0, ...Object.fromEntries(variables) },
    parameters: {
      a: "a",
      b: "b",
      c0: "c0",
      ...Object.fromEntries(
        upTo(breaks).flatMap((i) => [
          [`c${i}`, `c${i}`],
          [`d${i}`, place(i)],
          [`f${i}`, `f${i}`],
        ]),
      ),
    },
  };
}

/** Where the search looks for break i: overlapping thirds or so of the range, so that breaks come out in order. */
function cell(i: number, breaks: number): readonly [number, number] {
  return [(i - 1) / (breaks + 1), (i + 1) / (breaks + 1)];
}

/** ln (y - a) as a function of ln x. */
function logCurve(c: Coefficients, breaks: number): (lnX: number) => number {
  return (lnX) =>
    upTo(breaks).reduce(
      (sum, i) => {
        const t = (lnX - Math.log(c[`d${i}`])) / c[`f${i}`];
        return sum - c[`c${i}`] * c[`f${i}`] * (Math.max(t, 0) + Math.log1p(Math.exp(-Math.abs(t))));
      },
      Math.log(c.b) - c.c0 * lnX,
    );
}

/** Steps in ln x, and how far beyond the outermost breaks: a crossing there is one of a plain power law. */
const STEP = 0.05;
const BEYOND = 100;

/** The first x at which the curve is at `above` (y - a), from small x on; null where it never is. */
function firstCrossing(curve: (lnX: number) => number, above: number, c: Coefficients, breaks: number) {
  if (!(above > 0)) return null;
  const places = breaks === 0 ? [0] : upTo(breaks).map((i) => Math.log(c[`d${i}`]));
  const [from, to] = [Math.min(...places) - BEYOND, Math.max(...places) + BEYOND];
  const gap = (lnX: number) => curve(lnX) - Math.log(above);
  let [left, atLeft] = [from, gap(from)];
  for (let i = 1; left < to; i++) {
    const right = from + i * STEP;
    const atRight = gap(right);
    if (atLeft === 0) return { x: Math.exp(left) };
    if (atLeft < 0 !== atRight < 0) {
      const sign = atLeft < 0 ? 1 : -1;
      const rising = (lnX: number) => sign * gap(lnX);
      return { x: Math.exp(root(rising, left, sign * atLeft, right, sign * atRight)) };
    }
    [left, atLeft] = [right, atRight];
  }
  return null;
}

export const bnsl = defineFamily({
  counts: "breaks",
  tried: [0, 1, 2, 3],
  limits: [0, 6],
  lists: ["c", "d", "f"],
  columns: null,
  usual: 1,
  define: broken,
});
