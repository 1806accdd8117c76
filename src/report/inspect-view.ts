import type { ComputeByRule, InspectDocument, InspectedQuantity, InspectedRun, RunMark } from "../objects.js";
import { escapeText, listOf } from "../text.js";
import { count, flops, lossValue, plural, significant } from "./format.js";
import { scatter } from "./scatter.js";
import { table } from "./table.js";
import { heading, labelled, titled, wrap } from "./words.js";

const right = "right" as const;
const FILES_SHOWN = 8;
const COLUMNS_SHOWN = 16;
const NAMES_SHOWN = 5;

export interface InspectViewOptions {
  width: number;
  /** Whether every run is listed. */
  listRuns: boolean;
  /** What the user named, as typed. */
  named: readonly string[];
  /** What was written, in words. */
  written: readonly string[];
}

/** What a log holds, for people: files, quantities, runs, what is left out, what comes next. */
export function inspectView(document: InspectDocument, options: InspectViewOptions): string {
  const { width, listRuns } = options;
  const parts = [
    filesPart(document, width),
    quantitiesPart(document, width),
    computePart(document, width),
    runsPart(document, width),
    scatterPart(document, width),
    ...(listRuns ? [runTable(document.runs.list, width)] : []),
    columnsPart(document, width),
    droppedPart(document, width),
    nextPart(document, options),
  ];
  return parts.filter((part) => part !== "").join("\n");
}

function filesPart({ files, rows }: InspectDocument, width: number): string {
  if (files.length === 1) {
    const [{ name, title }] = files;
    return titled(escapeText(name, 60), `${title}, ${plural(rows, "row")}`, width);
  }
  const shown = files
    .slice(0, FILES_SHOWN)
    .map((file) => [escapeText(file.name, 60), file.title, String(file.rows)]);
  const more = files.length > FILES_SHOWN ? wrap(`and ${files.length - FILES_SHOWN} more`, width) : "";
  const head = `${heading(plural(files.length, "file"))}, ${plural(rows, "row")}\n\n`;
  return `${head}${table([{ header: "file" }, { header: "read as", rank: 1 }, { header: "rows", align: right }], shown, width)}${more}`;
}

function quantitiesPart({ quantities }: InspectDocument, width: number): string {
  if (quantities.length === 0)
    return wrap("no quantity of the field is recognised among the columns: name them with --map", width);
  const shown = quantities.map((one) => [
    one.title,
    one.column === null ? "" : escapeText(one.column, 44),
    String(one.rows),
    rangeText(one),
    one.note,
  ]);
  const columns = [
    { header: "quantity" },
    { header: "column" },
    { header: "rows", align: right, rank: 2 },
    { header: "from .. to", align: right },
    { header: "read as", rank: 1 },
  ];
  return table(columns, shown, width);
}

const COUNTS: ReadonlySet<string> = new Set([
  "N",
  "D",
  "U",
  "active_params",
  "encoder_params",
  "decoder_params",
]);

function valueText(quantity: string, value: number): string {
  if (COUNTS.has(quantity)) return count(value);
  if (quantity === "C") return flops(value);
  if (quantity === "loss") return lossValue(value);
  return Number.isInteger(value) && Math.abs(value) < 1e7 ? String(value) : significant(value, 4);
}

function rangeText({ quantity, range }: Pick<InspectedQuantity, "quantity" | "range">): string {
  if (range === null) return "";
  const [low, high] = range.map((value) => valueText(quantity, value));
  return low === high ? low : `${low} .. ${high}`;
}

/** What each rule counts, in a table's cell. */
const RULE_SHORT: Readonly<Record<string, string>> = {
  "6nd": "6 a parameter",
  kaplan: "6 a parameter that is no embedding, causal attention",
  palm: "6 a parameter, full attention",
  chinchilla: "every product, embedding look-up too, full attention",
  deepseek: "72 L d^2 + 12 L d S",
  exact: "every matrix product, causal attention",
};

/** Compute by the rules that the architecture in the log allows. */
function computePart({ compute }: InspectDocument, width: number): string {
  if (compute.length === 0) return "";
  const ratio = (one: ComputeByRule["over6nd"]) => (one === null ? "" : significant(one.median, 3));
  const columns = [
    { header: "compute by rule" },
    { header: "from .. to", align: right },
    ...(compute.some(({ over6nd }) => over6nd !== null) ? [{ header: "/ 6 N D", align: right }] : []),
    ...(compute.some(({ overColumn }) => overColumn !== null)
      ? [{ header: "/ its column", align: right }]
      : []),
    { header: "counts", rank: 1 },
  ];
  const rows = compute.map((one) => [
    one.rule,
    rangeText({ quantity: "C", range: one.range }),
    ...(compute.some(({ over6nd }) => over6nd !== null) ? [ratio(one.over6nd)] : []),
    ...(compute.some(({ overColumn }) => overColumn !== null) ? [ratio(one.overColumn)] : []),
    RULE_SHORT[one.rule] ?? one.words,
  ]);
  const assumed = [...new Set(compute.flatMap((one) => one.assumed))];
  const taken = assumed.length === 0 ? "" : `, with ${listOf(assumed)}`;
  const advice = `medians over the runs${taken}; fit --flops-rule RULE takes one`;
  return `${table(columns, rows, width)}${labelled("", advice, width)}`;
}

const MARK_WORDS: Readonly<Record<RunMark, string>> = {
  diverged: "diverged, broke off or overfitted",
  resumed: "resumed, with steps made twice (the later line counts)",
  failed: "marked as failed or crashed (kept)",
  unfinished: "not at the end of their steps",
  "no-loss": "without a measured value",
  "not-decayed": "end before their learning rate has come down",
};

function runsPart({ runs, rows }: InspectDocument, width: number): string {
  const names = runs.names < runs.count ? `, ${plural(runs.names, "different name")}` : "";
  const points = runs.points === rows ? "" : `, ${plural(runs.points, "row")} with a measured value`;
  const standing =
    runs.observations === runs.count ? "" : `, ${plural(runs.observations, "row")} that a fit looks at`;
  const lines = [labelled("runs", `${plural(runs.count, "run")}${names}${points}${standing}`, width)];
  if (runs.count === 1 && rows > 1) lines.push(labelled("last point", lastPoint(runs.list[0]), width));
  for (const [mark, words] of Object.entries(MARK_WORDS) as [RunMark, string][]) {
    const marked = runs.list
      .filter(({ marks }) => marks.includes(mark))
      .map(({ run }) => escapeText(run, 40));
    if (marked.length === 0) continue;
    const shown =
      marked.length > NAMES_SHOWN ? `${marked.slice(0, NAMES_SHOWN).join(", ")}, ...` : listOf(marked);
    lines.push(labelled("", `${marked.length} ${words}: ${shown}`, width));
  }
  return lines.join("");
}

function lastPoint(run: InspectedRun): string {
  const facts = [
    ...(run.step === null ? [] : [`step ${run.step}`]),
    ...(["N", "D", "C", "loss"] as const).flatMap((name) => {
      const value = run[name];
      return value === null ? [] : [`${name} ${valueText(name, value)}`];
    }),
  ];
  return `${facts.join(", ")} (line ${run.line})`;
}

function scatterPart({ runs }: InspectDocument, width: number): string {
  const points = runs.list.flatMap(({ N, D }) => (N === null || D === null ? [] : [[N, D] as const]));
  const axes = [
    { title: "params (N)", format: count },
    { title: "tokens (D)", format: count },
  ] as const;
  const size = { width: Math.max(20, Math.min(60, width - 30)), height: 12 };
  const lines = scatter(points, [axes[0], axes[1]], size);
  return lines.length === 0 ? "" : `${lines.map((line) => `  ${line}`).join("\n")}\n`;
}

function runTable(list: readonly InspectedRun[], width: number): string {
  const cell = (name: string, value: number | null) => (value === null ? "" : valueText(name, value));
  const has = (name: "step" | "N" | "D" | "C" | "loss") => list.some((run) => run[name] !== null);
  const kept = (["step", "N", "D", "C", "loss"] as const).filter(has);
  const columns = [
    { header: "run" },
    { header: "line", align: right, rank: 3 },
    { header: "rows", align: right, rank: 2 },
    ...kept.map((name) => ({ header: name, align: right })),
    { header: "marks", rank: 1 },
  ];
  const rows = list.map((run) => [
    escapeText(run.run, 48),
    String(run.line),
    String(run.rows),
    ...kept.map((name) => cell(name, run[name])),
    run.marks.join(", "),
  ]);
  return table(columns, rows, width);
}

/** Columns that no quantity is read from. */
function columnsPart({ columns, quantities, mixture }: InspectDocument, width: number): string {
  const shares = new Set(mixture);
  const rest = columns.filter(({ name, quantity }) => quantity === null && !shares.has(name));
  const lines = mixture.length === 0 ? [] : [labelled("mixture", namesList(mixture, COLUMNS_SHOWN), width)];
  for (const { title, alternatives } of quantities.filter((one) => one.alternatives.length > 0)) {
    lines.push(labelled("could be", `${title}: ${namesList(alternatives, NAMES_SHOWN)}`, width));
  }
  if (rest.length > 0) {
    const names = rest.map(({ name }) => name);
    lines.push(labelled("not used", namesList(names, COLUMNS_SHOWN), width));
  }
  return lines.join("");
}

function namesList(names: readonly string[], most: number): string {
  const shown = names.slice(0, most).map((name) => escapeText(name, 40));
  const more = names.length > most ? ` and ${names.length - most} more` : "";
  return `${shown.join(", ")}${more}`;
}

function droppedPart({ dropped }: InspectDocument, width: number): string {
  return dropped
    .map(({ file, reason, count: n, lines }) =>
      labelled(
        "left out",
        `${plural(n, "row")} of ${escapeText(file, 60)}: ${reason} (${lines.length === 1 ? "line" : "lines"} ${lines.slice(0, 5).join(", ")}${n > 5 ? ", ..." : ""})`,
        width,
      ),
    )
    .join("");
}

function nextPart(
  { laws, quantities, runs, rows, mixture }: InspectDocument,
  { written, named, width }: InspectViewOptions,
): string {
  const lines = written.map((words) => labelled("wrote", words, width));
  const name = named.length > 2 ? "FILES" : named.map((one) => escapeText(one, 60)).join(" ");
  if (runs.count === 1 && rows > 1) {
    const advice = "one run: a law needs several; name their logs together, or the folder they are in";
    return [...lines, labelled("next", advice, width)].join("");
  }
  if (laws.length === 0 && mixture.length > 0 && !quantities.some(({ quantity }) => quantity === "loss")) {
    const advice = `a mixture without losses: name the file of the losses too, with the key that both have: scalefit fit ${name} LOSSES --join COLUMN`;
    return [...lines, labelled("next", advice, width)].join("");
  }
  const missing = ["N", "D", "C"].filter((wanted) => !quantities.some(({ quantity }) => quantity === wanted));
  if (laws.length > 0) {
    const others =
      laws.length > 1
        ? `; also possible: ${laws.slice(1, 6).join(", ")}${laws.length > 6 ? ", ..." : ""}`
        : "";
    lines.push(labelled("next", `scalefit fit ${name} fits ${laws[0]}${others}`, width));
  } else if (missing.length > 0)
    lines.push(
      labelled(
        "next",
        `no law fits these columns yet: name the missing ones with --map ${missing[0]}=COLUMN`,
        width,
      ),
    );
  return lines.join("");
}
