/**
 * Logs of several programs in one table: where files call a quantity differently (`val_loss`, `eval/loss`) or count what
 * it follows from (tokens here, steps and batches there), each file's own columns give it, and that is said.
 */
import { InputError } from "../errors.js";
import type { Column, Table, Warning } from "../objects.js";
import { escapeText, listOf, quoteText } from "../text.js";
import { ALIASES, type QuantityAliases } from "./aliases.js";
import { readNumbers, scaled } from "./cells.js";
import type { Found } from "./columns.js";
import { type Derivation, derivationIn, LEAST_TOKENS, STEPS_OF_TOKENS } from "./derived.js";
import { type AlikeFiles, type FilesByColumns, filesByColumns } from "./files-alike.js";
import { plainName } from "./names.js";

type Quantities = ReadonlyMap<string, Found>;

/** What gives a quantity in some files. */
interface Part {
  files: string[];
  /** In words: `column "loss"`, `computed as D = step x batch`. */
  words: string;
  /** Null where it is computed. */
  column: Column | null;
  /** From the column's unit to the base unit. */
  factor: number;
  /** By row of the table; of a computed one in the base unit. */
  numbers: Float64Array;
}

/** Quantities that are computed for files that lack their column, where other files have one. */
const COMPUTED: ReadonlySet<string> = new Set(["N", "D", "C", "loss"]);
const FILES_NAMED = 3;

/**
 * The quantities of a table with the columns of each file in place of one column for all.
 *
 * @param quantities  as found among all columns
 * @param findIn      finds quantities among the columns of one table
 */
export function withOwnColumns(
  table: Table,
  quantities: Quantities,
  findIn: (table: Table) => Quantities,
): Map<string, Found> {
  const alike = filesByColumns(table);
  if (alike === null) return new Map(quantities);
  const own = alike.groups.map((group) => ownQuantities(group, findIn));
  return new Map(
    [...quantities].map(([quantity, found]) => {
      const parts = partsOf(table, alike, own, quantity, found);
      return [quantity, parts === null ? found : together(table, alike, quantity, found, parts)];
    }),
  );
}

/** What the columns of some files are, by themselves. */
function ownQuantities({ sample, behind }: AlikeFiles, findIn: (table: Table) => Quantities): Quantities {
  return new Map(
    [...findIn(sample)].map(([quantity, found]) => [
      quantity,
      { ...found, column: behind.get(found.column) ?? found.column },
    ]),
  );
}

/** By group of files what gives the quantity there, null where nothing does; null where one column is all there is. */
function partsOf(
  table: Table,
  { groups }: FilesByColumns,
  own: readonly Quantities[],
  quantity: string,
  found: Found,
): (Part | null)[] | null {
  // what stands beside the column in any file is another quantity than that
  const beside = new Set(
    groups.filter(({ columns }) => columns.includes(found.column)).flatMap(({ columns }) => columns),
  );
  const parts = groups.map(({ files, columns }, i): Part | null => {
    if (columns.includes(found.column)) return columnPart(files, found);
    const other = own[i]!.get(quantity);
    if (other !== undefined && !beside.has(other.column)) return columnPart(files, other);
    return other === undefined && COMPUTED.has(quantity)
      ? computedPart(table, files, own[i]!, quantity)
      : null;
  });
  return parts.some((part) => part !== null && part.column !== found.column) ? parts : null;
}

const columnPart = (files: string[], { column, factor }: Found): Part => ({
  files,
  words: `column ${quoteText(column.name, 40)}${factor === 1 ? "" : ` times ${factor}`}`,
  column,
  factor,
  numbers: column.numbers,
});

function computedPart(table: Table, files: string[], own: Quantities, quantity: string): Part | null {
  const derivation = derivationIn({ quantities: own }, quantity) ?? (quantity === "D" ? LARGE_BATCHES : null);
  const inputs = derivation?.from.map((name) => own.get(name));
  if (derivation === null || inputs === undefined || inputs.includes(undefined)) return null;
  const values = inputs.map((input) => readNumbers(table, input!.column, input!.kind, input!.factor).values);
  const numbers = values[0]!.map((_, row) => derivation.compute(...values.map((one) => one[row]!)));
  if (numbers.every(Number.isNaN)) return null;
  const words = `computed as ${derivation.formula}`;
  return { files, words, column: null, factor: 1, numbers };
}

/** A batch of so many is one of tokens, whatever the length of a sequence. */
const LARGE_BATCHES: Derivation = {
  ...STEPS_OF_TOKENS,
  compute: (step, batch) => (batch >= LEAST_TOKENS ? step * batch : Number.NaN),
};

/** One column of the parts. */
function together(
  table: Table,
  { of }: FilesByColumns,
  quantity: string,
  found: Found,
  parts: readonly (Part | null)[],
): Found {
  const given = parts.filter((part) => part !== null);
  const isOneUnit = given.every(({ factor }) => factor === found.factor);
  const numbers = new Float64Array(table.rows).fill(Number.NaN);
  const partAt = (row: number) => parts[of[row]!] ?? null;
  for (let row = 0; row < table.rows; row++) {
    const part = partAt(row);
    if (part !== null)
      numbers[row] = isOneUnit ? part.numbers[row]! : scaled(part.numbers[row]!, part.factor);
  }
  const text = (row: number): string => {
    const column = partAt(row)?.column ?? null;
    if (!Number.isNaN(numbers[row]!) && (column === null || !isOneUnit)) return String(numbers[row]);
    return column?.text(row) ?? "";
  };
  const columns = [...new Set(given.flatMap(({ column }) => column ?? []))];
  const names = [...new Set(given.map(({ column, words }) => column?.name ?? words))];
  const aliases = ALIASES.find((one) => one.quantity === quantity)!;
  const where = whereWords(given);
  const factor = isOneUnit ? found.factor : 1;
  const warnings: Warning[] = [
    { code: "columns-by-file", message: `${aliases.title} is ${where}` },
    ...kindWarning(aliases, given),
  ];
  return {
    ...found,
    column: { name: names.join(" | "), numbers, text },
    factor,
    parts: columns,
    note: [...(factor === 1 ? [] : [found.note]), "by file"].join("; "),
    alternatives: found.alternatives.filter((name) => !names.includes(name)),
    warnings,
    fault: unitFault(aliases, given),
  };
}

/** `column "a" in x.csv, column "b" in y.csv and z.csv` */
function whereWords(parts: readonly Part[]): string {
  const byWords = new Map<string, string[]>();
  for (const { words, files } of parts) byWords.set(words, [...(byWords.get(words) ?? []), ...files]);
  return listOf([...byWords].map(([words, files]) => `${words} in ${filesNamed(files)}`));
}

function filesNamed(files: readonly string[]): string {
  const shown = files.slice(0, FILES_NAMED).map((file) => escapeText(file, 60));
  return files.length > FILES_NAMED ? `${files.length} files (${shown.join(", ")}, ...)` : listOf(shown);
}

/** What a loss is by the name of its column; what follows from a perplexity is a loss in nats. */
const KINDS: readonly (readonly [RegExp, string])[] = [
  [/(^|_)(val|valid|validation|eval|evaluation|test|dev|heldout|holdout)($|_)/, "a validation loss"],
  [/(^|_)(train|training)($|_)/, "a training loss"],
];
const BITS = /(^|_)(bpb|bpc|bits?)($|_)/;

/** What a column holds by its name: a kind of loss, a way of counting parameters; null where it does not say. */
function kindOf({ quantity, notes }: QuantityAliases, { column }: Part): string | null {
  if (column === null) return null;
  const plain = plainName(column.name);
  if (quantity === "loss") return KINDS.find(([pattern]) => pattern.test(plain))?.[1] ?? null;
  if (quantity !== "N") return null;
  return (
    notes?.find(({ pattern }) => pattern.test(plain))?.note ?? "counted in a way that its name does not say"
  );
}

function kindWarning(aliases: QuantityAliases, parts: readonly Part[]): Warning[] {
  const kinds = new Map<string, string[]>();
  for (const part of parts) {
    const kind = kindOf(aliases, part);
    if (kind !== null) kinds.set(kind, [...(kinds.get(kind) ?? []), ...part.files]);
  }
  if (kinds.size < 2) return [];
  const where = listOf([...kinds].map(([kind, files]) => `${kind} in ${filesNamed(files)}`));
  const cure =
    aliases.quantity === "loss"
      ? "--y COLUMN takes one of them, and leaves out the rows without it"
      : `--map ${aliases.quantity}=COLUMN takes one of them`;
  return [
    {
      code: "kinds-by-file",
      message: `${aliases.title} is not of one kind: ${where}; the rows are used together, though they may not compare; ${cure}`,
    },
  ];
}

/** Bits and nats in one column are no loss at all. */
function unitFault({ quantity, title }: QuantityAliases, parts: readonly Part[]): InputError | undefined {
  if (quantity !== "loss") return undefined;
  const isInBits = ({ column }: Part) => column !== null && BITS.test(plainName(column.name));
  const [bits, others] = [parts.filter(isInBits), parts.filter((part) => !isInBits(part))];
  const [first, other] = [bits[0], others[0]];
  if (first === undefined || other === undefined) return undefined;
  return new InputError({
    code: "units-by-file",
    message: `${title} is in bits in one file and, by its name, in nats in another: ${whereWords(parts)}`,
    why: "how many bytes a token has is not known, so that neither can be turned into the other",
    hint: `take one of them, such as --y ${quoteText(first.column?.name ?? "COLUMN", 40)}: rows without it are left out; or name the files apart`,
    file: other.files[0],
    column: other.column?.name,
  });
}
