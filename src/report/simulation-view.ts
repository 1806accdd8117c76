import type { DesignSimulation, SimulatedEstimator, SimulatedQuality } from "../objects.js";
import { escapeText } from "../text.js";
import { flops, percent, plural, significant } from "./format.js";
import { type TableColumn, table } from "./table.js";
import { wrap } from "./words.js";

/** Simulated campaigns: how far each way to plan was off. */
export function simulationView(
  { campaigns, estimators, truth }: DesignSimulation,
  target: number,
  width: number,
): string {
  const right = (header: string, rank = 0): TableColumn => ({ header, align: "right", rank });
  const columns = [
    { header: "runs" },
    { header: "planned by" },
    right("answered", 3),
    right("N* off by"),
    right("spread"),
    right("D* off by", 2),
    right("loss off by"),
    right("spread"),
    right("held N", 1),
    right("held loss", 1),
  ];
  const rows = estimators.map(row);
  const said =
    "off by: the median of estimate over truth, with half the 95 % interval of that median; spread: half the middle 95 % of the campaigns; held: how often the estimator's own interval held the truth. Points of training curves lie on the law, as if decayed there: an envelope of real curves has more bias";
  const on = truth.source === undefined ? "this law" : `another law (${escapeText(truth.source, 200)})`;
  return `  ${plural(campaigns, "campaign")} played on ${on}, planned at ${flops(target)} FLOPs\n${table(columns, rows, width)}${wrap(said, width)}`;
}

const RUNS: Readonly<Record<SimulatedEstimator["runs"], string>> = {
  designed: "designed",
  isoflop: "isoFLOP grid",
};

function row({ runs, estimator, answered, N, D, loss }: SimulatedEstimator): string[] {
  return [
    RUNS[runs],
    estimator,
    String(answered),
    bias(N),
    factor(N),
    bias(D),
    bias(loss),
    share(loss),
    held(N),
    held(loss),
  ];
}

/** A bias with the decimals that its own uncertainty allows. */
function bias(quality: SimulatedQuality | null): string {
  if (quality === null) return "-";
  const { estimate, high } = quality.bias;
  const error = 100 * ((high ?? estimate) - estimate);
  const decimals = error > 0 ? Math.min(Math.max(0, -Math.floor(Math.log10(error))), 4) : 2;
  const off = (100 * Math.expm1(estimate)).toFixed(decimals);
  const sign = Number(off) === 0 ? "" : off.startsWith("-") ? "-" : "+";
  return `${sign}${off.replace("-", "")} ± ${error.toFixed(decimals)} %`;
}

/** Of sizes a factor, of losses a share. */
const factor = (quality: SimulatedQuality | null): string =>
  quality === null ? "-" : `x/÷ ${significant(Math.exp(quality.spread), 3)}`;

const share = (quality: SimulatedQuality | null): string =>
  quality === null ? "-" : `± ${percent(Math.expm1(quality.spread))}`;

const held = (quality: SimulatedQuality | null): string =>
  quality?.coverage === undefined ? "-" : percent(quality.coverage);
