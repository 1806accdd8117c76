import type {
  CompareDocument,
  ComparedPair,
  CurveRow,
  CurvesApart,
  RecipeComparison,
  Regime,
} from "../objects.js";
import { escapeText } from "../text.js";
import { limits, scaleText, signed, TITLES, times, unitOf } from "./curve-words.js";
import { levelText, loss, lossInterval, percent, significant } from "./format.js";
import { table } from "./table.js";
import { heading, labelled } from "./words.js";

const right = "right" as const;

/** The comparison for people: whether the recipes differ, their curves side by side, each pair. */
export function compareView({ recipes }: CompareDocument, width: number): string {
  const { groups, along, measured } = recipes;
  return [
    `${heading(`${groups.length} recipes, ${escapeText(measured, 40)} ${scaleWords(along)}`)}\n\n`,
    labelled("verdict", recipes.verdict.text, width),
    labelled("law", recipes.formula, width),
    "\n",
    overview(recipes, width),
    ...groups.flatMap(({ group, regimes }) =>
      regimes.length === 0 ? [] : [labelled(shown(group).slice(0, 11), regimesInWords(regimes), width)],
    ),
    "\n",
    values(recipes, width),
    ...recipes.pairs.map((pair) => `\n${pairView(pair, recipes, width)}`),
    "\n",
    ...accounts(recipes, width),
  ].join("");
}

const scaleWords = (along: string): string =>
  along === "C"
    ? "at the best split of each training budget"
    : `along ${TITLES[along] ?? escapeText(along, 40)}`;

const shown = (name: string): string => escapeText(name, 24);

function overview({ groups, along }: RecipeComparison, width: number): string {
  const [first] = groups;
  const names = Object.keys(first.parameters);
  const hasCheckpoints = groups.some(({ runs, rows }) => rows > runs);
  const columns = [
    { header: "recipe" },
    { header: "runs", align: right },
    ...(hasCheckpoints ? [{ header: "checkpoints", align: right }] : []),
    { header: unitOf(along), align: right },
    ...names.map((header, j) => ({ header, align: right, rank: 1 + j })),
    { header: "mean error", align: right },
  ];
  const rows = groups.map((group) => [
    shown(group.group),
    String(group.runs),
    ...(hasCheckpoints ? [String(group.rows)] : []),
    `${scaleText(group.range[0])} to ${scaleText(group.range[1])}`,
    ...names.map((name) => significant(group.parameters[name].estimate, 4)),
    group.meanRelativeError === null ? "-" : percent(group.meanRelativeError),
  ]);
  return table(columns, rows, width);
}

const regimesInWords = (regimes: readonly Regime[]): string =>
  regimes.map(({ message }) => message).join("; ");

/** All curves at all scales, side by side; one below the other where their intervals have no room. */
function values(comparison: RecipeComparison, width: number): string {
  const { scales, groups, along, level } = comparison;
  const interval = `${levelText(level)} interval`;
  const columns = [
    { header: unitOf(along), align: right },
    ...groups.flatMap(({ group }, k) => [
      { header: shown(group), align: right },
      { header: interval, align: right, rank: 1 + k },
    ]),
    { header: "" },
  ];
  const rows = scales.map((row) => [
    scaleText(row.scale),
    ...row.values.flatMap(({ value }) => [loss(value), lossInterval(value)]),
    beyondAll(row) || beyondOwn(row.values),
  ]);
  const beside = table(columns, rows, width);
  const [head] = beside.split("\n", 1);
  return head.split(interval).length > groups.length ? beside : valuesBelow(comparison, width);
}

function valuesBelow({ scales, along, level, measured }: RecipeComparison, width: number): string {
  const columns = [
    { header: unitOf(along), align: right },
    { header: "recipe" },
    { header: escapeText(measured, 20), align: right },
    { header: `${levelText(level)} interval`, align: right },
    { header: "", rank: 1 },
  ];
  const rows = scales.flatMap((row) =>
    row.values.map(({ group, value, decades }, k) => [
      k === 0 ? scaleText(row.scale) : "",
      shown(group),
      loss(value),
      lossInterval(value),
      isBeyond(decades) ? `${decadesText(decades)} its runs` : "",
    ]),
  );
  return table(columns, rows, width);
}

/** Less than so many decades is the rounding of what is printed. */
const isBeyond = (decades: number): boolean => Math.abs(decades) >= 0.05;

const decadesText = (decades: number): string =>
  `${Math.abs(decades).toFixed(1)} decades ${decades > 0 ? "beyond" : "below"}`;

type ScaleRow = RecipeComparison["scales"][number];

const beyondAll = ({ decades }: ScaleRow): string =>
  isBeyond(decades) ? `${decadesText(decades)} the data` : "";

/** Amid the data of all, a recipe may be far from its own runs. */
function beyondOwn(values: ScaleRow["values"]): string {
  const beyond = values.filter(({ decades }) => isBeyond(decades));
  const [first] = beyond;
  if (first === undefined) return "";
  return beyond.length === 1
    ? `${shown(first.group)}: ${decadesText(first.decades)} its runs`
    : `${beyond.length} recipes beyond their runs`;
}

function pairView(pair: ComparedPair, recipes: RecipeComparison, width: number): string {
  const { along, groups, oneShape } = recipes;
  const [a, b] = [shown(pair.a), shown(pair.b)];
  const shared = oneShape?.pairs.find((one) => one.a === pair.a && one.b === pair.b);
  return [
    `${heading(`${a} against ${b}`)}${groups.length > 2 && pair.p !== null ? `  p = ${Number(pair.p.toPrecision(2))}` : ""}\n`,
    differences(pair, recipes, width),
    labelled("crossing", crossingWords(pair, along), width),
    labelled(
      "needs",
      `${unitOf(along)} that ${b} needs for what ${a} reaches, as a multiple${openWords(pair.rows)}`,
      width,
    ),
    ...(shared === undefined
      ? []
      : [
          "\n",
          labelled(
            "one shape",
            `if their exponents are the same, by ${oneShape?.draws} refits of all recipes together`,
            width,
          ),
          differences(shared, recipes, width),
          labelled("crossing", crossingWords(shared, along), width),
        ]),
  ].join("");
}

function differences(pair: CurvesApart, { along, level }: RecipeComparison, width: number): string {
  const b = shown(pair.b);
  const columns = [
    { header: unitOf(along), align: right },
    { header: "difference", align: right },
    { header: `${levelText(level)} interval`, align: right },
    { header: "lower" },
    { header: `${b} needs`, align: right },
    { header: `${levelText(level)} interval`, align: right, rank: 1 },
  ];
  const rows = pair.rows.map((row) => [
    scaleText(row.scale),
    signed(row.difference.estimate),
    limits(row.difference, signed),
    row.lower === null ? "not sure" : shown(row.lower),
    row.multiplier.estimate === null ? "no amount" : times(row.multiplier.estimate),
    limits(row.multiplier, times),
  ]);
  return table(columns, rows, width);
}

/** Why an interval of a multiple is open, once. */
function openWords(rows: readonly CurveRow[]): string {
  const reason = rows.map(({ multiplier }) => multiplier.reason).find((text) => text !== undefined);
  return reason === undefined
    ? ""
    : `; where it is open or missing, ${reason.replace(/^open (above|below): /, "")} in some resamples or in all`;
}

function crossingWords({ crossing }: CurvesApart, along: string): string {
  const { scale, range, shareCrossing } = crossing;
  const within = `from ${scaleText(range.low)} to ${scaleText(range.high)} ${unitOf(along)}`;
  const share = `in ${percent(shareCrossing, 2)} of the resamples they cross there`;
  if (scale === null) return `none ${within}; ${share}`;
  const [before, after] = [crossing.lowerBefore, crossing.lowerAfter].map((name) => shown(name ?? ""));
  return `at ${scaleText(scale.estimate)} ${limits(scale, scaleText)}: ${before} is lower before it, ${after} after; ${share}`;
}

/** The accounts of all rows, for those who want to see what the verdict rests on. */
function accounts({ accounts: all, tests, reason }: RecipeComparison, width: number): string[] {
  if (tests === null) return [labelled("test", `none: ${reason ?? ""}`, width)];
  const columns = [
    { header: "account" },
    { header: "parameters", align: right },
    { header: "p", align: right },
    { header: "p (F test)", align: right, rank: 1 },
    { header: "AICc", align: right },
    { header: "BIC", align: right },
  ];
  const rows = all.map((account) => {
    const test =
      account.name === "one-curve" ? tests.oneCurve : account.name === "one-shape" ? tests.oneShape : null;
    return [
      ACCOUNTS[account.name],
      String(account.parameters),
      test === null ? "" : significant(test.p, 2),
      test === null ? "" : test.likelihoodRatio === null ? "-" : probability(test.likelihoodRatio),
      account.aicc?.toFixed(1) ?? "-",
      account.bic?.toFixed(1) ?? "-",
    ];
  });
  const isShared = tests.oneCurve.likelihoodRatio === null;
  return [
    table(columns, rows, width),
    labelled(
      "p",
      `how often so bad a fit beside separate curves comes by chance (${tests.oneCurve.resamples} draws of the residuals' signs, run by run)${isShared ? "; rows of one run share its error, of which F test, AICc and BIC know nothing" : ""}`,
      width,
    ),
  ];
}

/** Tails below this are a matter of the noise being Gaussian, not of the data. */
const LEAST_PROBABILITY = 1e-6;
const probability = (p: number): string => (p < LEAST_PROBABILITY ? "under 1e-6" : significant(p, 2));

const ACCOUNTS: Readonly<Record<string, string>> = {
  separate: "a curve each",
  "one-shape": "exponents in common",
  "one-curve": "one curve for all",
};
