/** The package as npm makes it, from a plain copy of the repository: the build in place is left alone. */
import { cpSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { freshFolder, ROOT } from "./cli.js";

export interface PackedFile {
  path: string;
  size: number;
}

export interface Tarball {
  path: string;
  /** Bytes of the tarball, and of what is in it. */
  size: number;
  unpackedSize: number;
  files: PackedFile[];
}

/** Not part of a plain copy: what is made, and what belongs to git. */
const LEFT_OUT = new Set([".git", "node_modules", "dist", "coverage"]);

/** npm with the user's own settings and registry, without what vitest puts into the environment. */
export const npm = (args: readonly string[], cwd: string) =>
  execa("npm", [...args], {
    cwd,
    env: { NODE_OPTIONS: "", NODE_ENV: undefined, VITEST: undefined, npm_config_loglevel: "error" },
  });

/** Copies the repository, builds and packs it there. The packages it needs are the ones installed here. */
export async function packACopy(): Promise<Tarball> {
  const copy = freshFolder();
  for (const name of readdirSync(ROOT)) {
    if (!LEFT_OUT.has(name)) cpSync(join(ROOT, name), join(copy, name), { recursive: true });
  }
  symlinkSync(join(ROOT, "node_modules"), join(copy, "node_modules"));
  const { stdout } = await npm(["pack", "--json"], copy);
  // npm 11 and earlier print a list, later ones an object by name; scripts may print before it.
  const printed: unknown = JSON.parse(stdout.slice(stdout.search(/^[[{]/m)));
  const [made] = (Array.isArray(printed) ? printed : Object.values(printed as object)) as (Tarball & {
    filename: string;
  })[];
  return { ...made, path: join(copy, made.filename) };
}
