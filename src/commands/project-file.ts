/**
 * The project file (`scalefit.config.json`, `.yaml`, `.yml` or `.toml`, in the working folder or above it): lasting
 * choices of how logs are read. A flag of the command line wins. Nothing in it is run.
 */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import * as v from "valibot";
import { InputError } from "../errors.js";
import { parseStructured } from "../logs/formats/structured.js";
import type { Warning } from "../objects.js";
import type { RawFlags } from "./command.js";
import { shownName } from "./files.js";
import { listFlag } from "./flags.js";

const NAMES = ["scalefit.config.json", "scalefit.config.yaml", "scalefit.config.yml", "scalefit.config.toml"];

const schema = v.strictObject({
  map: v.optional(v.record(v.string(), v.string())),
  unit: v.optional(v.record(v.string(), v.string())),
  format: v.optional(v.string()),
  pattern: v.optional(v.union([v.string(), v.array(v.string())])),
});

export type ProjectFile = v.InferOutput<typeof schema> & { path: string };

/** The nearest project file, or null. @throws InputError where it cannot be used */
export async function projectFile(): Promise<ProjectFile | null> {
  if (!isNear()) return null;
  const { default: library } = await import("lilconfig");
  const search = library.lilconfig("scalefit", {
    searchPlaces: NAMES,
    stopDir: "/",
    loaders: { ".json": parse, ".yaml": parse, ".yml": parse, ".toml": parse },
  });
  const found = await search.search();
  if (found === null || found.isEmpty === true) return null;
  const path = shownName(found.filepath);
  const result = v.safeParse(schema, found.config);
  if (result.success) return { ...result.output, path };
  const [issue] = result.issues;
  throw new InputError({
    code: "project-file",
    message: `${v.getDotPath(issue) ?? "the file"}: ${issue.message}`,
    hint: "it may hold map and unit (a name to a text each), format, pattern",
    file: path,
  });
}

/** Whether one is there: most folders have none, and then nothing is loaded. */
function isNear(): boolean {
  let folder: string;
  try {
    folder = process.cwd();
  } catch {
    return false;
  }
  for (;;) {
    if (NAMES.some((name) => existsSync(join(folder, name)))) return true;
    const above = dirname(folder);
    if (above === folder) return false;
    folder = above;
  }
}

/** @throws InputError for a file that is no JSON, YAML or TOML */
async function parse(path: string, content: string): Promise<unknown> {
  try {
    return await parseStructured(path, content);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.split("\n")[0] : undefined;
    throw new InputError({
      code: "project-file",
      message: "the project file cannot be read",
      why,
      hint: "correct it, or move it away",
      file: shownName(path),
      cause,
    });
  }
}

/**
 * The flags with what the project file adds to them.
 *
 * @param hasColumn whether the log has a column: a choice for other logs is passed over
 */
export function withProjectFile(
  flags: RawFlags,
  file: ProjectFile | null,
  hasColumn: (name: string) => boolean,
): { flags: RawFlags; warnings: Warning[] } {
  if (file === null) return { flags, warnings: [] };
  const asked = new Set(listFlag(flags, "map").map(nameOf));
  const maps = Object.entries(file.map ?? {}).filter(
    ([name, column]) => !asked.has(name) && (hasColumn(column) || hasColumn(column.replace(/:[^:]*$/, ""))),
  );
  const units = new Set(listFlag(flags, "unit").map(nameOf));
  const added = Object.entries(file.unit ?? {}).filter(([name]) => !units.has(name));
  const used = [...maps, ...added].map(([name, value]) => `${name}=${value}`);
  return {
    flags: {
      ...flags,
      map: [...listFlag(flags, "map"), ...maps.map(([name, column]) => `${name}=${column}`)],
      unit: [...listFlag(flags, "unit"), ...added.map(([name, unit]) => `${name}=${unit}`)],
    },
    warnings:
      used.length === 0
        ? []
        : [
            {
              code: "project-file",
              message: `read with ${used.join(", ")} from ${file.path}`,
              file: file.path,
            },
          ],
  };
}

/** The flags with the format or the patterns of the project file, where the command line says neither. */
export function readAs(flags: RawFlags, file: ProjectFile | null): RawFlags {
  if (file === null || flags.format !== undefined || flags.pattern !== undefined) return flags;
  if (file.pattern !== undefined) return { ...flags, pattern: [file.pattern].flat() };
  return file.format === undefined ? flags : { ...flags, format: file.format };
}

const nameOf = (text: string): string => text.slice(0, Math.max(0, text.indexOf("="))).trim();
