/**
 * Model sizes for `design --sizes`: a list, or a file of shapes as `scalefit shape --ladder` writes it (JSON or CSV), read
 * like any other hostile input.
 */
import Papa from "papaparse";
import * as v from "valibot";
import { InputError, UsageError } from "../errors.js";
import { parseNumber } from "../logs/numbers.js";
import { listOf, quoteText } from "../text.js";
import { readText } from "./files.js";

/** A size that can be trained, and its shape where the file says. */
export interface ModelSize {
  params: number;
  shape: { layers: number; width: number } | null;
}

const EXAMPLE = "for example --sizes 30M,100M,300M, or --sizes @ladder.csv";

/** @throws UsageError for a list that is none, InputError for a file that holds no sizes */
export function modelSizes(text: string): ModelSize[] {
  if (text.startsWith("@")) return sizesIn(text.slice(1));
  return text.split(",").map((part) => ({ params: listed(part), shape: null }));
}

function listed(part: string): number {
  const parsed = parseNumber(part.trim(), "params", "flag");
  const why = "fault" in parsed ? parsed.fault : parsed.value > 0 ? null : "a size is above 0";
  if ("value" in parsed && why === null) return parsed.value;
  throw new UsageError({
    code: "flag",
    message: `--sizes: cannot use ${quoteText(part)}`,
    why: why ?? "",
    hint: EXAMPLE,
  });
}

const HINT =
  "write one with scalefit shape --ladder 10M..1B --csv, or with --json; or give a CSV with a column params";

function sizesIn(file: string): ModelSize[] {
  const text = readText(file, HINT);
  const sizes = /^\s*[[{]/.test(text) ? ofDocument(file, text) : ofTable(file, text);
  if (sizes.length > 0) return sizes;
  throw new InputError({ code: "no-sizes", message: "there is no size in it", file, hint: HINT });
}

const positive = v.pipe(v.number(), v.finite(), v.gtValue(0));
const sides = v.object({ layers: positive, width: positive });
const rungs = v.object({
  ladder: v.object({ rungs: v.array(v.object({ size: positive, shape: sides })) }),
});
const candidates = v.object({
  transformer: v.object({
    candidates: v.array(v.object({ params: v.object({ total: positive }), shape: sides })),
  }),
});

function ofDocument(file: string, text: string): ModelSize[] {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    throw new InputError({ code: "not-json", message: "it is no JSON document", file, hint: HINT, cause });
  }
  const ladder = v.safeParse(rungs, document);
  if (ladder.success)
    return ladder.output.ladder.rungs.map(({ size, shape }) => ({ params: size, shape: sidesOf(shape) }));
  const shapes = v.safeParse(candidates, document);
  if (shapes.success)
    return shapes.output.transformer.candidates.map(({ params, shape }) => ({
      params: params.total,
      shape: sidesOf(shape),
    }));
  const list = v.safeParse(v.array(positive), document);
  if (list.success) return list.output.map((params) => ({ params, shape: null }));
  throw new InputError({
    code: "no-sizes",
    message: "it is neither a ladder of shapes nor a list of numbers above 0",
    file,
    hint: HINT,
  });
}

const sidesOf = ({ layers, width }: { layers: number; width: number }) => ({ layers, width });

/** Columns that may hold the size, the first that is there: that of a ladder counts as its question did. */
const SIZE_COLUMNS = ["size", "params", "N"] as const;

function ofTable(file: string, text: string): ModelSize[] {
  const { data, meta } = Papa.parse<Record<string, string>>(text.trim(), { header: true });
  const column = SIZE_COLUMNS.find((name) => meta.fields?.includes(name));
  if (column === undefined)
    throw new InputError({
      code: "no-sizes",
      message: `none of the columns ${listOf([...SIZE_COLUMNS], "or")} is in it`,
      file,
      line: 1,
      hint: HINT,
    });
  return data.map((row, i) => {
    const parsed = parseNumber(row[column] ?? "", "params", "cell");
    if (!("value" in parsed) || !(parsed.value > 0))
      throw new InputError({
        code: "not-a-number",
        message: `cannot use ${quoteText(row[column] ?? "")} as a size`,
        why: "fault" in parsed ? parsed.fault : "a size is above 0",
        file,
        line: i + 2,
        column,
        hint: "fix the cell or delete the row",
      });
    const [layers, width] = [Number(row.layers), Number(row.width)];
    return { params: parsed.value, shape: layers > 0 && width > 0 ? { layers, width } : null };
  });
}
