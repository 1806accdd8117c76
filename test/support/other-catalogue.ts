/** The program with another catalogue: built from the same sources but for `src/laws/index.ts`. */
import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

/**
 * Builds it as the build proper does.
 *
 * @param root the project's folder
 * @param place the folder that it is built into
 * @param changed the text of the index from what it is
 * @returns the path of the program
 */
export async function programWithCatalogue(
  root: string,
  place: string,
  changed: (index: string) => string,
): Promise<string> {
  await build({
    entryPoints: { cli: join(root, "src/cli.ts"), worker: join(root, "src/commands/worker.ts") },
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
      // What bundled CommonJS packages expect to find.
      js: `import{createRequire as scalefitRequire}from"node:module";import{fileURLToPath as scalefitPath}from"node:url";const require=scalefitRequire(import.meta.url);const __filename=scalefitPath(import.meta.url);`,
    },
    plugins: [
      {
        name: "other catalogue",
        setup({ onLoad }) {
          onLoad({ filter: /[/\\]src[/\\]laws[/\\]index\.ts$/ }, ({ path }) => ({
            contents: changed(readFileSync(path, "utf8")),
            loader: "ts",
          }));
        },
      },
    ],
  });
  // Without the quick program beside it, everything runs in the whole one.
  await build({
    entryPoints: [join(root, "src/start.ts")],
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    outfile: join(place, "dist/start.cjs"),
    external: ["./cli.js"],
    logLevel: "error",
  });
  cpSync(join(root, "bin"), join(place, "bin"), { recursive: true });
  cpSync(join(root, "package.json"), join(place, "package.json"));
  return join(place, "bin/scalefit.js");
}
