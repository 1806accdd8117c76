/**
 * Rows of several kinds under one law: a column of texts (recipe, data set, metric, a flag) whose kinds lie on different
 * curves. Residuals of the common fit are compared by kind; where they differ, the column is the reason for the misfit and
 * fits by kind are the cure.
 */
import type { Diagnosis, Labels, Observations } from "../objects.js";
import { escapeText, quoteText } from "../text.js";
import { type Anova, anova, clippedResiduals } from "./clusters.js";
import type { Fitted } from "./fitted.js";
import { median } from "./quantiles.js";

/** One false alarm in a thousand fits, shared among the columns that are looked at. */
const SURE = 1e-3;
/** Kinds that make up less of the residuals' variance than this do not decide the fit. */
const LEAST_SHARE = 0.25;
/** A column that goes with an input by more than this is the law's business: its kinds are sizes. */
const MOST_OF_AN_INPUT = 0.5;
const SHOWN = 4;

interface Found {
  labels: Labels;
  anova: Anova;
}

/** The column that says most about the residuals, or none. */
export function mixedRows(
  fitted: Pick<Fitted, "observations" | "layout"> & { predicted: Float64Array; residuals: Float64Array },
): Diagnosis[] {
  const { observations, layout } = fitted;
  const candidates = (observations.labels ?? []).filter((labels) => !isSizes(labels, observations));
  if (candidates.length === 0) return [];
  const clipped = clippedResiduals(fitted.residuals, observations.weight, layout.free.length);
  if (clipped === null) return [];
  let best: Found | null = null;
  for (const labels of candidates) {
    const found = compare(clipped, labels, observations.run);
    if (found === null || !(found.p < SURE / candidates.length && found.share > LEAST_SHARE)) continue;
    if (best === null || found.share > best.anova.share) best = { labels, anova: found };
  }
  return best === null ? [] : [finding(best, fitted)];
}

/** Whether the kinds are sizes or budgets: then how they differ is for the law to say. */
function isSizes({ level }: Labels, { inputs }: Observations): boolean {
  const columns = [...inputs.values()].map((column) =>
    column.every((x) => x > 0) ? column.map(Math.log) : column,
  );
  const budget = Float64Array.from(level, (_, i) => sum(columns, i));
  return [...columns, budget].some((column) => (anova(column, level, 2)?.share ?? 0) > MOST_OF_AN_INPUT);
}

const sum = (columns: readonly Float64Array[], i: number): number =>
  columns.reduce((total, column) => total + column[i], 0);

/** Residuals by kind; rows of one run share an error, so runs are compared by their means. */
function compare(residuals: Float64Array, { level }: Labels, run: Int32Array | null): Anova | null {
  if (run === null) return anova(residuals, level, 2);
  const runs = new Map<number, { sum: number; count: number; level: number }>();
  for (let i = 0; i < residuals.length; i++) {
    const known = runs.get(run[i]);
    if (known === undefined) runs.set(run[i], { sum: residuals[i], count: 1, level: level[i] });
    else if (known.level !== level[i]) return null;
    else {
      known.sum += residuals[i];
      known.count++;
    }
  }
  const means = [...runs.values()];
  return anova(
    Float64Array.from(means, ({ sum, count }) => sum / count),
    Int32Array.from(means, (one) => one.level),
    2,
  );
}

function finding(
  { labels, anova: { groups, f, p, share } }: Found,
  fitted: { observations: Observations; predicted: Float64Array },
): Diagnosis {
  const column = quoteText(labels.column, 40);
  const flag = shellWord(labels.column);
  const where = shellWord(`${labels.column}=${labels.levels[0]}`);
  return {
    code: "mixed-rows",
    severity: "warning",
    message: `rows of different ${column} do not lie on one curve${offsets(labels, fitted)}: ${Math.round(100 * share)} % of the residuals' variance is common to the ${groups} kinds. Fit each by itself with --group-by ${flag}, or one of them with --where ${where}`,
    numbers: { groups, f, p, share },
  };
}

/** Where the kinds lie about the common curve, the farthest first: ` (a +12 %, b -8 %)`. */
function offsets(
  { levels, level }: Labels,
  { observations: { measured }, predicted }: { observations: Observations; predicted: Float64Array },
): string {
  if (!measured.every((y, i) => y > 0 && predicted[i] > 0)) return "";
  const middle = levels.map((name, k) => {
    const logs = Float64Array.from(
      [...level.keys()].filter((i) => level[i] === k),
      (i) => Math.log(measured[i] / predicted[i]),
    );
    return { name, off: Math.exp(median(logs)) - 1 };
  });
  middle.sort((a, b) => Math.abs(b.off) - Math.abs(a.off));
  const shown = middle
    .slice(0, SHOWN)
    .map(
      ({ name, off }) =>
        `${escapeText(name, 40)} ${off > 0 ? "+" : ""}${Number((100 * off).toPrecision(2))} %`,
    );
  const more = middle.length > SHOWN ? `, and ${middle.length - SHOWN} more` : "";
  return ` (medians: ${shown.join(", ")}${more})`;
}

/** As it can be typed: bare where the shell reads it as one word. */
function shellWord(text: string): string {
  const shown = escapeText(text, 60);
  return /^[\w=.-]+$/.test(shown) ? shown : `"${shown}"`;
}
