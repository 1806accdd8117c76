/** Accelerators of one's own, from a JSON, YAML or TOML file; read like any other hostile input. */
import * as v from "valibot";
import { InputError } from "../errors.js";
import { parseStructured } from "../logs/formats/structured.js";
import { type Accelerator, PRECISIONS } from "../plan/hardware.js";
import { quoteText } from "../text.js";
import { readText } from "./files.js";

const positive = v.pipe(v.number(), v.finite(), v.gtValue(0));
const name = v.pipe(v.string(), v.minLength(1), v.maxLength(80));

const accelerator = v.strictObject({
  id: name,
  name: v.optional(name),
  /** FLOP/s by precision. */
  peaks: v.optional(v.record(v.picklist(PRECISIONS), positive), {}),
  memoryBytes: v.optional(positive),
  bandwidth: v.optional(positive),
  watts: v.optional(positive),
  source: v.optional(v.pipe(v.string(), v.maxLength(300))),
});

const schema = v.union([
  v.pipe(v.array(accelerator), v.minLength(1), v.maxLength(1000)),
  v.pipe(
    accelerator,
    v.transform((one) => [one]),
  ),
]);

const FORM = 'for example [{"id": "mine", "peaks": {"bf16": 312e12}, "memoryBytes": 80e9, "watts": 400}]';

/** @throws InputError for a file of another form */
export async function acceleratorsIn(path: string): Promise<Accelerator[]> {
  const text = readText(path, FORM);
  let parsed: unknown;
  try {
    parsed = await parseStructured(path, text);
  } catch (cause) {
    throw new InputError({
      code: "hardware-file",
      message: "the file is neither JSON nor YAML nor TOML",
      file: path,
      hint: FORM,
      cause,
    });
  }
  const result = v.safeParse(schema, parsed);
  if (result.success) return result.output.map((one) => settled(one, path));
  const list = Array.isArray(parsed)
    ? v.safeParse(v.array(accelerator), parsed)
    : v.safeParse(accelerator, parsed);
  const [issue] = list.issues ?? result.issues;
  throw new InputError({
    code: "hardware-file",
    message: `${quoteText(v.getDotPath(issue) ?? "the file")}: ${issue.message}`,
    file: path,
    hint: FORM,
  });
}

const settled = (one: v.InferOutput<typeof accelerator>, path: string): Accelerator => ({
  id: one.id,
  name: one.name ?? one.id,
  peaks: one.peaks,
  memoryBytes: one.memoryBytes ?? null,
  bandwidth: one.bandwidth ?? null,
  watts: one.watts ?? null,
  source: one.source ?? `given in ${quoteText(path)}`,
});
