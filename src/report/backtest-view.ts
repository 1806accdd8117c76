import type {
  BacktestDocument,
  BacktestedGroup,
  BacktestedLaw,
  ExpectedError,
  PredictionErrors,
} from "../objects.js";
import { escapeText } from "../text.js";
import { count, flops, levelText, percent, plural, signedPercent, significant } from "./format.js";
import { type TableColumn, table } from "./table.js";
import { heading, labelled, wrap } from "./words.js";

/** A backtest for people: error by how much larger, the cuts behind it, fewer runs, the target, what it rests on. */
export function backtestView(
  document: BacktestDocument,
  { width, saved }: { width: number; saved: string | null },
): string {
  const groups = document.backtests.map((group) => oneGroup(group, width)).join("\n");
  return (
    groups +
    (saved === null ? "" : labelled("saved", `${escapeText(saved, 200)}: scalefit plan quotes it`, width))
  );
}

function oneGroup(group: BacktestedGroup, width: number): string {
  const { laws } = group.cuts[group.cuts.length - 1];
  const names = [...new Set([...laws, ...group.byScaleUp.flatMap((bin) => bin.laws)].map(called))];
  const title = `${group.group === null ? "" : `${escapeText(group.group, 60)}: `}${names.join(", ")}`;
  return [
    `${heading(title)}  hidden larger runs, predicted from the smaller ones\n\n`,
    byScaleUp(group, width),
    `\n${wrap(`the cuts: ${scaleWords(group)} up to so much was fitted, all above predicted`, width)}`,
    cuts(group, width),
    group.byRuns.length === 0 ? "" : `\n${byRuns(group, width)}`,
    "\n",
    target(group, width),
    labelled("rests on", basis(group), width),
    skipped(group, width),
    labelled("mind", CAVEAT, width),
  ].join("");
}

const CAVEAT =
  "a run is hidden at every cut below it, so its predictions are no independent trials: the number of distinct runs counts. " +
  "Cuts that leave few runs err more than a fit to all of them would";

const called = ({ law, size }: { law: string; size?: number }): string =>
  size === undefined ? law : `${law}:${size}`;

const right = "right" as const;

/** Mean error with its standard error: `0.42 +- 0.08 %`. */
function meanOf({ mean, standardError }: PredictionErrors): string {
  if (mean === null) return "-";
  return standardError === null ? percent(mean) : `${percent(mean)} ±${significant(100 * standardError, 1)}`;
}

const share = (value: number | null): string => (value === null ? "-" : percent(value));
const inside = ({ coverage }: PredictionErrors): string =>
  coverage === null ? "-" : `${Math.round(100 * coverage)} %`;

const errorColumns = (level: number): TableColumn[] => [
  { header: "mean error", align: right },
  { header: "median", align: right, rank: 3 },
  { header: "worst", align: right },
  { header: "bias", align: right, rank: 2 },
  { header: `in ${levelText(level)}`, align: right },
];

const errorCells = (errors: PredictionErrors): string[] => [
  meanOf(errors),
  share(errors.median),
  share(errors.worst),
  signedPercent(errors.bias),
  inside(errors),
];

const isSeveral = ({ byScaleUp: bins }: BacktestedGroup): boolean => bins.some(({ laws }) => laws.length > 1);

function byScaleUp(group: BacktestedGroup, width: number): string {
  const several = isSeveral(group);
  const columns = [
    { header: "times larger" },
    ...(several ? [{ header: "law" }] : []),
    { header: "predictions", align: right, rank: 1 },
    { header: "runs", align: right },
    ...errorColumns(group.level),
    ...(several ? [{ header: "" }] : []),
  ];
  const rows = group.byScaleUp.flatMap(({ from, to, laws, best }) =>
    laws.map((law, i) => [
      i > 0 ? "" : to === null ? `above ${from}` : `${from} to ${to}`,
      ...(several ? [called(law)] : []),
      String(law.predictions),
      String(law.runs),
      ...errorCells(law),
      ...(several ? [called(law) === best ? "closest" : ""] : []),
    ]),
  );
  return table(columns, rows, width);
}

/** `2.3e18` for products and compute, `1.2B` for what is counted. */
const scaleValue = ({ scale }: BacktestedGroup, value: number): string =>
  scale === "N" || scale === "D" ? count(value) : value >= 1e6 ? flops(value) : significant(value, 3);

const scaleWords = ({ scale }: BacktestedGroup): string => escapeText(scale, 40);

function cuts(group: BacktestedGroup, width: number): string {
  const several = isSeveral(group);
  const columns = [
    { header: scaleWords(group), align: right },
    { header: "runs below", align: right },
    { header: "above", align: right, rank: 1 },
    { header: "times larger", rank: 2 },
    ...(several ? [{ header: "law" }] : []),
    ...errorColumns(group.level),
  ];
  const rows = group.cuts.flatMap((cut) =>
    cut.laws.map((law, i) => [
      ...(i > 0
        ? ["", "", "", ""]
        : [
            scaleValue(group, cut.scale),
            String(cut.below.runs),
            String(cut.above.runs),
            `${times(cut.scaleUp.median)}, at most ${times(cut.scaleUp.largest)}`,
          ]),
      ...(several ? [called(law)] : []),
      ...errorCells(law),
    ]),
  );
  return table(columns, rows, width);
}

const times = (value: number): string => significant(value, value < 10 ? 2 : 3);

function byRuns(group: BacktestedGroup, width: number): string {
  const columns = [
    { header: "runs fitted", align: right },
    { header: "law" },
    { header: "fits", align: right, rank: 1 },
    { header: "mean error", align: right },
    { header: "median", align: right },
    { header: "worst", align: right },
    { header: "bias", align: right, rank: 2 },
  ];
  const rows = group.byRuns.flatMap(({ runs, fits, laws }) =>
    laws.map((law: BacktestedLaw, i) => [
      i > 0 ? "" : runs === null ? "all below" : String(runs),
      called(law),
      String(fits),
      meanOf(law),
      share(law.median),
      share(law.worst),
      signedPercent(law.bias),
    ]),
  );
  return `${wrap("fits to so many of the runs below each cut", width)}${table(columns, rows, width)}`;
}

function target(group: BacktestedGroup, width: number): string {
  if (group.target === null) return "";
  return group.target.expected
    .map((one) =>
      labelled("expect", `${called(one)}: ${"reason" in one ? one.reason : expectedInWords(one)}`, width),
    )
    .join("");
}

/** What to expect at a distance, for backtest and plan. */
export function expectedInWords(expected: ExpectedError): string {
  const { scaleUp, kind, mean, ninetieth, worst, runs, predictions, largestScaleUp } = expected;
  const figures = `${percent(mean)} on average, nine in ten within ${percent(ninetieth)}, worst ${percent(worst)}`;
  const behind = `${plural(runs, "distinct run")}, ${plural(predictions, "prediction")}`;
  if (kind === "observed")
    return `hidden runs ${times(scaleUp)} times beyond the fitted ones or farther were off by ${figures} (${behind}; tried up to ${times(largestScaleUp)} times)`;
  return `at ${times(scaleUp)} times the largest run nothing was tried (at most ${times(largestScaleUp)} times): if errors grow with the decades as they did, ${figures} (carried on from ${behind})`;
}

function basis(group: BacktestedGroup): string {
  const rows =
    group.observed === "checkpoints"
      ? `${plural(group.rows, "checkpoint")} of ${plural(group.runs, "run")}, a run hidden with all of them`
      : plural(group.runs, "run");
  const [low, high] = group.range.map((value) => scaleValue(group, value));
  const left = group.cutsLeftOut === 0 ? "" : ` of ${group.cuts.length + group.cutsLeftOut} possible ones`;
  const how = group.resamples === 0 ? "the covariance" : `${group.resamples} resamples a cut`;
  return `${rows} from ${scaleWords(group)} ${low} to ${high}; ${plural(group.cuts.length, "cut")}${left}; errors are of ${escapeText(group.measured, 60)}, relative to what was measured, and intervals of a new run from ${how}`;
}

function skipped({ skipped: all }: BacktestedGroup, width: number): string {
  const cuts = all.filter(({ law }) => law === undefined);
  if (cuts.length === 0) return "";
  const last = cuts[cuts.length - 1];
  const which = cuts.length === 1 ? "the smallest cut" : `the ${cuts.length} smallest cuts`;
  return labelled("not tried", `${which}: ${cuts.length === 1 ? "" : "at most "}${last.reason}`, width);
}
