/**
 * Results of evaluations in a table: wide (a column a metric) or long (a column that names the task, and one of values, as
 * evaluation harnesses write them).
 */
import { InputError } from "../errors.js";
import type { Column, Dropped, Evaluations, Table, Warning } from "../objects.js";
import { listOf, matcherOf, quoteText } from "../text.js";
import { ALIASES } from "./aliases.js";
import { readNumbers } from "./cells.js";
import { columnCalled, columnList, type Recognised, unknownColumn } from "./columns.js";
import { DropLog } from "./drops.js";
import { matchHeader } from "./match-header.js";
import { headerNameOf, plainName } from "./names.js";
import { Resolver } from "./resolve.js";
import { bindWhere, passes } from "./selection.js";
import type { Where } from "./where.js";

export interface EvaluationsRequest {
  /** Names and patterns of metrics, `task=COLUMN` for a long table; null for all there are. */
  metrics: string | null;
  /** The columns of values of a long table. */
  y: string | null;
  groupBy: string | null;
  where: readonly Where[];
  readDropped: readonly Dropped[];
}

export interface EvaluationsRead {
  evaluations: Evaluations;
  /** The column of recipes. */
  groupBy: string | null;
  rows: number;
  used: number;
  dropped: Dropped[];
  warnings: Warning[];
}

const RECIPES =
  "recipe mix mixture data_mix data_mixture data_recipe recipe_name data dataset data_set corpus training_data train_data pretraining_data group family model_family variant architecture arch optimizer method".split(
    " ",
  );
const TASKS = "task task_name benchmark eval evaluation eval_name subtask sub_task metric metric_name".split(
  " ",
);
const MEASURES = "metric metric_name measure".split(" ");
const VALUES = "value score result primary_score metric_value eval_value task_score".split(" ");
/** Quantities that are results and may be decided by. */
const RESULTS: ReadonlySet<string> = new Set(["loss", "accuracy", "error", "reward"]);
/** Words of settings, where no list knows the header. */
const SETTINGS =
  /(^|_)(step|steps|lr|batch|token|tokens|param|params|parameters|flop|flops|gflops|seed|layers?|heads?|dim|width|depth|warmup|decay|wd|epochs?|mult|multiplier|ratio|size|time|hours|seconds|index|id|rank|gpus?|nodes?|year|temperature|shots?|std_?err|stderr|limit|n|count|samples?|trials|version)(_|$)/;

/** @throws InputError where no metric is found, UsageError where a column that is named is not there */
export function readEvaluations(
  table: Table,
  recognised: Recognised,
  request: EvaluationsRequest,
): EvaluationsRead {
  const resolver = new Resolver(table, recognised);
  const warnings: Warning[] = [];
  const recipe = recipeColumn(table, recognised, request.groupBy, warnings);
  const task = taskColumn(table, request);
  const drops = new DropLog();
  const where = request.where.map((one) => bindWhere(one, table, resolver, recognised));
  const rows: number[] = [];
  for (let row = 0; row < table.rows; row++) if (passes(where, row, new Set(), table, drops)) rows.push(row);
  const scores =
    task === null
      ? wide(table, recognised, request, recipe, warnings)
      : long(table, recognised, request, task, rows, recipe);
  const used = rows.filter((row) => {
    const hasScore = [...scores.values()].some((values) => Number.isFinite(values[row]));
    const hasRecipe = recipe === null || recipe.text(row).trim() !== "";
    const { file, line } = table.source(row);
    if (!hasScore) drops.add(file, line, "missing", "no score of a metric");
    else if (!hasRecipe) drops.add(file, line, "missing", `${quoteText(recipe.name, 40)} is missing`);
    return hasScore && hasRecipe;
  });
  const dropped = [...request.readDropped, ...drops.list()];
  const evaluations = entriesOf(recognised, resolver, recipe, used, scores, task !== null, warnings);
  if (dropped.length > 0)
    for (const { file, reason, count, lines } of dropped)
      warnings.push({
        code: "rows-not-used",
        message: `${count} ${count === 1 ? "row" : "rows"} not used: ${reason}`,
        file,
        lines,
      });
  return {
    evaluations,
    groupBy: recipe?.name ?? null,
    rows: table.rows + request.readDropped.reduce((sum, { count }) => sum + count, 0),
    used: used.length,
    dropped,
    warnings,
  };
}

/** A cell as a name: `1e9` and `1000000000` are one. */
const nameAt = (column: Column, row: number): string =>
  Number.isNaN(column.numbers[row]) ? column.text(row).trim() : String(column.numbers[row]);

function recipeColumn(
  table: Table,
  recognised: Recognised,
  asked: string | null,
  warnings: Warning[],
): Column | null {
  if (asked !== null) {
    const column = columnCalled(table, asked) ?? recognised.quantities.get(asked)?.column;
    if (column === undefined) throw unknownColumn(table, asked, "--group-by");
    return column;
  }
  for (const name of RECIPES) {
    const found = table.columns.find((column) => plainName(column.name) === name && differs(table, column));
    if (found === undefined) continue;
    const message = `column ${quoteText(found.name)} names the recipes that are decided between; choose with --group-by`;
    warnings.push({ code: "recipes", message });
    return found;
  }
  const message =
    "no column names the recipes that are decided between: all rows are one recipe; name it with --group-by COLUMN";
  warnings.push({ code: "one-recipe", message });
  return null;
}

function differs(table: Table, column: Column): boolean {
  const first = column.text(0);
  for (let row = 1; row < table.rows; row++) if (column.text(row) !== first) return true;
  return false;
}

/** Whether most filled cells are numbers. */
function isNumeric(table: Table, column: Column): boolean {
  let [filled, numbers] = [0, 0];
  for (let row = 0; row < table.rows; row++) {
    const isNumber = !Number.isNaN(column.numbers[row]);
    if (isNumber) numbers++;
    if (isNumber || column.text(row).trim() !== "") filled++;
  }
  return filled > 0 && 2 * numbers >= filled;
}

/** The column of tasks of a long table; null for a wide one. */
function taskColumn(table: Table, { metrics }: EvaluationsRequest): Column | null {
  const asked = /^\s*task\s*=\s*(.+)$/s.exec(metrics ?? "")?.[1].trim();
  if (asked !== undefined) {
    const column = columnCalled(table, asked);
    if (column === null) throw unknownColumn(table, asked, "--metrics task=");
    return column;
  }
  for (const name of TASKS) {
    const column = table.columns.find((one) => plainName(one.name) === name && !isNumeric(table, one));
    if (column !== undefined) return column;
  }
  return null;
}

/** Whether a column could be a metric: numbers, no setting by its name, no quantity of the log but a result. */
function isResult(table: Table, recognised: Recognised, column: Column): boolean {
  if (!isNumeric(table, column)) return false;
  const found = [...recognised.quantities].find(([, { column: own }]) => own === column);
  if (found !== undefined) return RESULTS.has(found[0]);
  const header = headerNameOf(column.name);
  const isSetting = ALIASES.some(
    (aliases) => !RESULTS.has(aliases.quantity) && matchHeader(column.name, header, aliases) !== null,
  );
  return !isSetting && !SETTINGS.test(header.plain);
}

/** The parts of `--metrics`, `task=COLUMN` apart. */
const namesIn = (metrics: string | null): string[] =>
  (metrics ?? "")
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "" && !/^task\s*=/.test(part));

function wide(
  table: Table,
  recognised: Recognised,
  { metrics }: EvaluationsRequest,
  recipe: Column | null,
  warnings: Warning[],
): Map<string, Float64Array> {
  const names = namesIn(metrics);
  const columns =
    names.length === 0
      ? table.columns.filter((column) => column !== recipe && isResult(table, recognised, column))
      : names.flatMap((name) => {
          const exact = columnCalled(table, name);
          if (exact !== null) return [exact];
          const isMeant = matcherOf(name);
          const found = name.includes("*")
            ? table.columns.filter((column) => isMeant(column.name) && isNumeric(table, column))
            : [];
          if (found.length === 0) throw unknownColumn(table, name, "--metrics");
          return found;
        });
  if (columns.length === 0) throw noMetrics(table);
  if (names.length === 0) {
    const others = table.columns.filter(
      (column) => isNumeric(table, column) && !columns.includes(column) && column !== recipe,
    );
    if (others.length > 0)
      warnings.push({
        code: "not-metrics",
        message: `not taken as metrics: ${listOf(others.slice(0, 12).map(({ name }) => quoteText(name, 30)))}${others.length > 12 ? " and more" : ""}; name metrics with --metrics "a,b*"`,
      });
  }
  return new Map(columns.map((column) => [column.name, readNumbers(table, column, "plain", 1).values]));
}

function noMetrics(table: Table): InputError {
  return new InputError({
    code: "no-metrics",
    message: "no column is a metric by its name",
    why: `the columns are: ${columnList(table)}`,
    hint: 'name them: --metrics "hellaswag,arc*", or of a long table --metrics task=COLUMN --y COLUMN',
    file: table.files[0],
  });
}

/** Scores by metric over the rows; a row has one for each of its columns of values. */
function long(
  table: Table,
  recognised: Recognised,
  { metrics, y }: EvaluationsRequest,
  task: Column,
  rows: readonly number[],
  recipe: Column | null,
): Map<string, Float64Array> {
  const values = valueColumns(table, recognised, y, [task, recipe]);
  const measure = table.columns.find(
    (column) =>
      column !== task &&
      column !== recipe &&
      MEASURES.includes(plainName(column.name)) &&
      !isNumeric(table, column),
  );
  const names = namesIn(metrics).map((name) => matcherOf(name));
  const scores = new Map<string, Float64Array>();
  for (const column of values) {
    const numbers = readNumbers(table, column, "plain", 1).values;
    const isNamed = !VALUES.includes(plainName(column.name));
    for (const row of rows) {
      const parts = [task.text(row).trim(), measure?.text(row).trim() ?? "", isNamed ? column.name : ""];
      const name = parts.filter((part) => part !== "").join(" ");
      if (name === "" || /std_?err/i.test(name)) continue;
      if (names.length > 0 && !names.some((isMeant) => isMeant(name) || isMeant(parts[0]))) continue;
      const known = scores.get(name) ?? new Float64Array(table.rows).fill(Number.NaN);
      known[row] = numbers[row];
      scores.set(name, known);
    }
  }
  if (scores.size === 0) throw noMetrics(table);
  return scores;
}

function valueColumns(
  table: Table,
  recognised: Recognised,
  y: string | null,
  not: readonly (Column | null)[],
): Column[] {
  if (y !== null)
    return y.split(",").map((name) => {
      const column = columnCalled(table, name.trim());
      if (column === null) throw unknownColumn(table, name.trim(), "--y");
      return column;
    });
  const generic = table.columns.find(
    (column) => VALUES.includes(plainName(column.name)) && isNumeric(table, column),
  );
  if (generic !== undefined) return [generic];
  const results = table.columns.filter(
    (column) => !not.includes(column) && isResult(table, recognised, column),
  );
  if (results.length === 0) throw noMetrics(table);
  return results;
}

/** The rows as entries; of a long table, rows that differ in the task alone are one. */
function entriesOf(
  recognised: Recognised,
  resolver: Resolver,
  recipe: Column | null,
  used: readonly number[],
  scores: ReadonlyMap<string, Float64Array>,
  isLong: boolean,
  warnings: Warning[],
): Evaluations {
  const said = new Map<string, Warning>();
  const numbers = (quantity: string) => {
    const isAmbiguous = recognised.ambiguous.has(quantity);
    const column = recognised.quantities.get(quantity)?.column;
    // What sorts recipes is no scale.
    if (isAmbiguous || (column !== undefined && column === recipe)) return null;
    const found = resolver.find(quantity);
    for (const warning of found?.warnings ?? []) said.set(warning.message, warning);
    return found?.values ?? null;
  };
  const step = resolver.loose("step")?.values ?? null;
  const [N, D, C] = [numbers("N"), numbers("D"), numbers("C")];
  warnings.push(...said.values());
  const named = (quantity: string): Column | null => {
    const column = recognised.quantities.get(quantity)?.column;
    return column === undefined || column === recipe ? null : column;
  };
  const [seed, run] = [named("seed"), named("run")];
  const keyOf = (row: number) =>
    JSON.stringify([
      recipe === null ? "" : nameAt(recipe, row),
      ...[N, D, C, step].map((values) => values?.[row]),
      ...[seed, run].map((column) => (column === null ? "" : nameAt(column, row))),
    ]);
  const groups = isLong
    ? pivoted(used, keyOf, scores)
    : used.map((row) => new Map([...scores].map(([name, values]) => [name, values[row]] as const)));
  const first = isLong ? firstRows(used, keyOf, groups.length, scores) : used;
  const take = (values: Float64Array | null) =>
    values === null ? null : Float64Array.from(first, (row) => values[row]);
  const texts = (column: Column | null) => (column === null ? null : first.map((row) => nameAt(column, row)));
  return {
    recipe: first.map((row) => (recipe === null ? "all" : nameAt(recipe, row))),
    N: take(N),
    D: take(D),
    C: take(C),
    step: take(step),
    seed: texts(seed),
    run: texts(run),
    metrics: new Map(
      [...scores.keys()].map((name) => [
        name,
        Float64Array.from(groups, (entry) => entry.get(name) ?? Number.NaN),
      ]),
    ),
  };
}

/** Scores of rows of one key, joined; of several values of one metric each is an entry, the smallest first. */
function pivoted(
  used: readonly number[],
  keyOf: (row: number) => string,
  scores: ReadonlyMap<string, Float64Array>,
): Map<string, number>[] {
  return [...grouped(used, keyOf).values()].flatMap((rows) => {
    const entries: Map<string, number>[] = [];
    for (const [name, values] of scores) {
      const own = rows
        .map((row) => values[row])
        .filter(Number.isFinite)
        .sort((a, b) => a - b);
      own.forEach((value, i) => {
        entries[i] ??= new Map();
        entries[i].set(name, value);
      });
    }
    return entries;
  });
}

/** For each entry of `pivoted` a row with its settings. */
function firstRows(
  used: readonly number[],
  keyOf: (row: number) => string,
  count: number,
  scores: ReadonlyMap<string, Float64Array>,
): number[] {
  const rows = [...grouped(used, keyOf).values()].flatMap((members) => {
    const most = Math.max(
      ...[...scores.values()].map((values) => members.filter((row) => Number.isFinite(values[row])).length),
    );
    return new Array<number>(most).fill(members[0]);
  });
  return rows.slice(0, count);
}

function grouped(used: readonly number[], keyOf: (row: number) => string): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  for (const row of used) {
    const key = keyOf(row);
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [row]);
    else known.push(row);
  }
  return groups;
}
