/** Files of settings that lie beside a log: `config.json`, `hparams.yaml`, `args.json`. */
import fs from "node:fs";
import type { Warning } from "../../objects.js";
import { quoteText } from "../../text.js";
import { parseStructured } from "./structured.js";

const NAMES =
  /^(?:config|hparams|hyperparams|hyperparameters|args|params|settings|training_args)\.(?:json|ya?ml|toml)$/i;
const MOST_BYTES = 1_000_000;
const MOST_VALUES = 2_000;

export const isSettingsFile = (name: string): boolean => NAMES.test(name);

/** A setting by the name of its column, `config.hidden_size` whatever the file is called: one name in all runs. */
export type Settings = ReadonlyMap<string, string>;

/**
 * Reads one file of settings. What is no single value (lists, nulls) is left out; a file that cannot be read gives a
 * warning and no settings.
 */
export async function readSettings(path: string): Promise<{ settings: Settings; warnings: Warning[] }> {
  try {
    if (fs.statSync(path).size > MOST_BYTES) return failed(path, "it is larger than 1 MB");
    const settings = new Map<string, string>();
    flatten(await parseStructured(path, fs.readFileSync(path, "utf8")), "config", settings);
    return { settings, warnings: [] };
  } catch (error) {
    return failed(path, error instanceof Error ? error.message.split("\n")[0]! : "it is not readable");
  }
}

function failed(file: string, why: string): { settings: Settings; warnings: Warning[] } {
  const message = `the settings in this file are not used: ${quoteText(why, 120)}`;
  return { settings: new Map(), warnings: [{ code: "settings", message, file }] };
}

/** Nested blocks by their path; a block `{value: x}` (W&B's config.yaml) is the value. */
function flatten(value: unknown, path: string, into: Map<string, string>): void {
  if (into.size >= MOST_VALUES) return;
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
    into.set(path, String(value));
    return;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return;
  if ("value" in value && Object.keys(value).every((key) => key === "value" || key === "desc")) {
    flatten(value.value, path, into);
    return;
  }
  for (const [key, inner] of Object.entries(value)) flatten(inner, `${path}.${key}`, into);
}
