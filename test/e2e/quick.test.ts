import { copyFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { describe, expect, test } from "vitest";
import { cleanEnvironment, freshFolder, PROGRAM, ROOT } from "../support/cli.js";

const FIT = join(ROOT, "examples/ci/scalefit.json");
const RUNS = join(ROOT, "examples/char-lm/runs.csv");
const PLAN = ["plan", "--flops", "1e22", "--fit", FIT];
const env = cleanEnvironment(ROOT);

const node = (args: readonly string[]) =>
  execa(process.execPath, args, { env, extendEnv: false, reject: false });
const wholeProgram = (args: readonly string[]) =>
  node([
    "--input-type=module",
    "-e",
    `import { main } from ${JSON.stringify(join(ROOT, "dist/cli.js"))}; process.exitCode = await main(process.argv.slice(1));`,
    "--",
    ...args,
  ]);

describe("the quick program", () => {
  test.each([
    [PLAN],
    [["plan", "--fit", FIT, "--target-loss", "2.2", "--json"]],
    [["predict", "--fit", FIT, "--params", "7B", "--tokens", "1T"]],
    [["plan", "--fit", FIT, "--frontier", "1e20..1e21", "--risk", "90%"]],
    // What it does not hold: a log, a law, a table for a spreadsheet, an error.
    [["plan", "--fit", FIT, "--gpu-hours", "2", "--throughput", `${RUNS}:seconds`]],
    [["plan", "--flops", "1e22", "--preset", "droppo"]],
    [[...PLAN, "--csv"]],
    [["plan", "--flosp", "1e22"]],
  ])("gives what the whole program gives: %j", async (args) => {
    const [quick, whole] = await Promise.all([node([PROGRAM, ...args]), wholeProgram(args)]);
    expect([quick.exitCode, quick.stdout, quick.stderr]).toEqual([
      whole.exitCode,
      whole.stdout,
      whole.stderr,
    ]);
  });

  test("reads a pipe once, whichever program answers", async () => {
    const folder = freshFolder();
    const saved = join(folder, "fit.json");
    writeFileSync(saved, readFileSync(FIT, "utf8").replaceAll('"chinchilla"', '"no-such-law"'));
    // A pipe of the shell: what a process is given by another of Node's is a socket, which has no name to open.
    const piped = 'cat "$1" | "$2" "$3" plan --flops 1e22 --fit /dev/stdin';
    const { stderr } = await execa("sh", ["-c", piped, "sh", saved, process.execPath, PROGRAM], {
      env,
      extendEnv: false,
      reject: false,
    });
    expect(stderr).toMatch(/no-such-law/);
  });

  /** A copy that can be spoilt: without the whole program, so that what it gives is its own. */
  function copied(): { program: string; compiled: string } {
    const folder = freshFolder();
    mkdirSync(join(folder, "dist"));
    cpSync(join(ROOT, "bin"), join(folder, "bin"), { recursive: true });
    for (const name of ["start.cjs", "quick.cjs", "quick.compiled"])
      copyFileSync(join(ROOT, "dist", name), join(folder, "dist", name));
    return { program: join(folder, "bin/scalefit.js"), compiled: join(folder, "dist/quick.compiled") };
  }

  test("holds a plan from a saved fit whole, and runs it as well where its compiled form was cut short or is another's", async () => {
    const { program, compiled } = copied();
    const before = await node([program, ...PLAN]);
    expect([before.exitCode, before.stderr.includes("internal")]).toEqual([0, false]);
    const bytes = readFileSync(compiled);
    writeFileSync(compiled, bytes.subarray(0, bytes.length / 2));
    const cut = await node([program, ...PLAN]);
    writeFileSync(compiled, Buffer.concat([Buffer.alloc(72, "x"), bytes.subarray(72)]));
    const other = await node([program, ...PLAN]);
    expect([cut.stdout, other.stdout]).toEqual([before.stdout, before.stdout]);
  });
});
