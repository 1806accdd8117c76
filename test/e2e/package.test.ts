import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { beforeAll, describe, expect, test } from "vitest";
import type { FitDocument, PlanDocument } from "../../src/objects.js";
import { freshFolder, ROOT } from "../support/cli.js";
import { isFitDocument, isPlanDocument } from "../support/documents.js";
import { smallRuns, toCsv } from "../support/made-log.js";
import { npm, packACopy, type Tarball } from "../support/package.js";

describe("the package", () => {
  let tarball: Tarball;
  let folder: string;

  const write = (name: string, content: string) => writeFileSync(join(folder, name), content);
  const scalefit = (...args: string[]) =>
    execa("npx", ["--no-install", "scalefit", ...args], { cwd: folder, reject: false });

  beforeAll(async () => {
    tarball = await packACopy();
    folder = freshFolder();
    write("package.json", JSON.stringify({ name: "a-user", private: true, type: "module" }));
    write("runs.csv", toCsv(smallRuns()));
    await npm(["install", "--prefer-offline", "--no-audit", "--no-fund", tarball.path], folder);
  }, 180_000);

  test("holds the program, the library with its types, the CI example and the pages, and nothing else", () => {
    const paths = tarball.files.map(({ path }) => path);
    const allowed =
      /^(bin\/(scalefit\.js|package\.json)|dist\/(quick|start)\.cjs|dist\/(chunks\/)?[\w-]+\.js(\.LEGAL\.txt)?|dist\/types\/[\w/-]+\.d\.ts|examples\/ci\/[\w-]+\.(csv|json|md|sh|yml)|package\.json|README\.md|LICENSE|CHANGELOG\.md)$/;
    expect(paths.filter((path) => !allowed.test(path))).toEqual([]);
    for (const path of [
      "bin/scalefit.js",
      "dist/cli.js",
      "dist/start.cjs",
      "dist/quick.cjs",
      "dist/index.js",
      "dist/types/index.d.ts",
      "LICENSE",
    ])
      expect(paths).toContain(path);
    for (const name of ["workflow.yml", "check-runs.sh", "scalefit.json", "new-runs.csv"])
      expect(paths).toContain(`examples/ci/${name}`);
  });

  test("weighs little more than a megabyte with the readers of Parquet, event files and YAML in it, and less than five unpacked", () => {
    expect(tarball.size).toBeLessThan(1_350_000);
    expect(tarball.unpackedSize).toBeLessThan(5_000_000);
  });

  test("gives the command: --version, fit and plan run in the folder it was installed in", async () => {
    const version = await scalefit("--version");
    expect(version.exitCode, version.stderr).toBe(0);
    expect(tarball.path).toContain(`scalefit-${version.stdout}.tgz`);
    const fit = await scalefit("fit", "runs.csv", "--json");
    expect(fit.exitCode, fit.stderr).toBe(0);
    isFitDocument(JSON.parse(fit.stdout));
    const plan = await scalefit("plan", "--flops", "1e21", "--json");
    expect(plan.exitCode, plan.stderr).toBe(0);
    isPlanDocument(JSON.parse(plan.stdout));
  });

  test("gives the library: the same numbers as the command", async () => {
    const { stdout } = await scalefit("fit", "runs.csv", "--json", "-o", "saved.json");
    const plan = await scalefit("plan", "--fit", "saved.json", "--flops", "1e21", "--json");
    write(
      "use.js",
      `import { fit, plan } from "scalefit";
       const rows = ${JSON.stringify(smallRuns())};
       const data = { N: rows.map((r) => r.params), D: rows.map((r) => r.tokens), loss: rows.map((r) => r.loss) };
       const saved = fit({ law: "chinchilla", data });
       console.log(JSON.stringify({ saved, planned: plan({ fit: saved, flops: 1e21 }) }));`,
    );
    const run = await execa(process.execPath, ["use.js"], { cwd: folder, env: { NODE_OPTIONS: "" } });
    const { saved, planned } = JSON.parse(run.stdout) as { saved: FitDocument; planned: PlanDocument };
    expect(saved.fits[0].parameters).toEqual((JSON.parse(stdout) as FitDocument).fits[0].parameters);
    expect(planned.plans[0].optimum).toEqual((JSON.parse(plan.stdout) as PlanDocument).plans[0].optimum);
  });

  test("gives types that a strict project understands without any other package's types", async () => {
    write(
      "use.ts",
      `import { DataError, fit, laws, plan, predict, version, type PlanDocument, type SavedFit } from "scalefit";
       const [N, D, loss] = [[1e8, 2e8, 4e8], new Float64Array([2e9, 4e9, 8e9]), [3.5, 3.2, 2.9]];
       const saved: SavedFit = fit({ law: "chinchilla", data: { N, D, loss }, seed: 2, bootstrap: 100 });
       const planned: PlanDocument = plan({ fit: saved, flops: 1e22 });
       const size: number = planned.plans[0].optimum.N.estimate;
       const low: number | null = planned.plans[0].optimum.loss.low;
       const value: number = predict({ preset: "besiroglu", at: { N: 7e9, D: 2e12 } }).predictions[0].value.estimate;
       const ids: string[] = laws.map((law) => law.id);
       // @ts-expect-error a law is named by its id
       fit({ law: 3, data: { N, D, loss } });
       // @ts-expect-error data is needed
       fit({ law: "chinchilla" });
       export const used = [size, low, value, ids, version, new DataError({ code: "x", message: "y" }).code];
      `,
    );
    write(
      "tsconfig.json",
      JSON.stringify({
        compilerOptions: {
          strict: true,
          noEmit: true,
          target: "ES2022",
          lib: ["ES2022"],
          module: "NodeNext",
          moduleResolution: "NodeNext",
          types: [],
          skipLibCheck: false,
        },
        files: ["use.ts"],
      }),
    );
    const tsc = join(ROOT, "node_modules/.bin/tsc");
    const { stdout, exitCode } = await execa(tsc, ["-p", "."], { cwd: folder, reject: false });
    expect(stdout).toBe("");
    expect(exitCode).toBe(0);
  });
});
