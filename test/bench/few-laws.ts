/** The program with the first three laws of the catalogue alone: what the others add to its start is the difference. */
import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { ROOT } from "./data.js";

const LIST = /export const laws: readonly Law\[\] = \[[^\]]*\];/;

/** Builds it into a folder; gives the path of its program. */
export async function programWithFewLaws(place: string): Promise<string> {
  await build({
    entryPoints: { cli: join(ROOT, "src/cli.ts"), worker: join(ROOT, "src/commands/worker.ts") },
    bundle: true,
    splitting: true,
    minifySyntax: true,
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
        name: "few laws",
        setup({ onLoad }) {
          onLoad({ filter: /[/\\]src[/\\]laws[/\\]index\.ts$/ }, ({ path }) => ({
            contents: withFewLaws(readFileSync(path, "utf8")),
            loader: "ts",
          }));
        },
      },
    ],
  });
  cpSync(join(ROOT, "bin"), join(place, "bin"), { recursive: true });
  cpSync(join(ROOT, "package.json"), join(place, "package.json"));
  return join(place, "bin/scalefit.js");
}

function withFewLaws(index: string): string {
  if (!LIST.test(index)) throw new Error("the catalogue is no longer a list");
  return index.replace(LIST, "export const laws: readonly Law[] = [chinchilla, powerFloor, power];");
}
