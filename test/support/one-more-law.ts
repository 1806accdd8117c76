/**
 * The program with one more law: built from the same sources but for `src/laws/index.ts`, which gets the two lines that a
 * new law needs there, its import and its name in the list.
 */
import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { execa } from "execa";
import { expect } from "vitest";
import { cleanEnvironment, freshFolder, ROOT, type Run } from "./cli.js";

const INDEX = join(ROOT, "src/laws/index.ts");
const LIST = "export const laws: readonly Law[] = [\n";

/** @param file the law's file, @param name what it exports */
function indexWith(file: string, name: string): string {
  const text = readFileSync(INDEX, "utf8");
  expect(text, "the catalogue is a list").toContain(LIST);
  return `import { ${name} } from ${JSON.stringify(file)};\n${text.replace(LIST, `${LIST}  ${name},\n`)}`;
}

export type Program = (args: readonly string[], folder: string) => Promise<Run>;

/** Builds it; what it gives runs the program in a folder. */
export async function programWith(file: string, name: string): Promise<Program> {
  const place = freshFolder();
  await build({
    entryPoints: { cli: join(ROOT, "src/cli.ts"), worker: join(ROOT, "src/commands/worker.ts") },
    bundle: true,
    splitting: true,
    platform: "node",
    format: "esm",
    target: "node20",
    outdir: join(place, "dist"),
    chunkNames: "chunks/[name]-[hash]",
    logLevel: "error",
    banner: {
      // What bundled CommonJS packages expect to find, as in the build proper.
      js: `import{createRequire as scalefitRequire}from"node:module";import{fileURLToPath as scalefitPath}from"node:url";const require=scalefitRequire(import.meta.url);const __filename=scalefitPath(import.meta.url);`,
    },
    plugins: [
      {
        name: "one more law",
        setup({ onLoad }) {
          onLoad({ filter: /[/\\]src[/\\]laws[/\\]index\.ts$/ }, () => ({
            contents: indexWith(file, name),
            loader: "ts",
          }));
        },
      },
    ],
  });
  cpSync(join(ROOT, "bin"), join(place, "bin"), { recursive: true });
  cpSync(join(ROOT, "package.json"), join(place, "package.json"));
  return async (args, folder) => {
    const { exitCode, stdout, stderr } = await execa(
      process.execPath,
      [join(place, "bin/scalefit.js"), ...args],
      {
        cwd: folder,
        env: cleanEnvironment(folder),
        extendEnv: false,
        input: "",
        reject: false,
        timeout: 50_000,
      },
    );
    return { exitCode: exitCode ?? -1, stdout, stderr };
  };
}
