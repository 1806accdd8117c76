/** Plans registered before the run, and their outcome held against them. */
import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { CheckDocument, PlanDocument } from "../../src/objects.js";
import { workspace } from "../support/cli.js";
import { smallRuns, TRUTH, toCsv } from "../support/made-log.js";
import { lossOf } from "../support/sweeps.js";

const EPOCH = { env: { SOURCE_DATE_EPOCH: "1700000000" } };
const outcome = (N: number, D: number, factor = 1) =>
  `run,params,tokens,loss\nbig,${N},${D},${(lossOf(TRUTH, N, D) * factor).toFixed(4)}\n`;

/** A folder with a fit and a plan of it, registered. */
async function registered() {
  const at = workspace({ "runs.csv": toCsv(smallRuns()) });
  await at.run(["fit", "runs.csv", "--quiet", "--bootstrap", "200"]);
  const { plans } = await at.json<PlanDocument>(["plan", "--flops", "1e21", "--save", "plan.json"], EPOCH);
  const [{ optimum }] = plans;
  return { at, N: optimum.N.estimate, D: optimum.D.estimate };
}

describe("a registered plan", () => {
  test("says when and from which fit, and the outcome is held against it", async () => {
    const { at, N, D } = await registered();
    const register = JSON.parse(at.read("plan.json"));
    expect(register).toMatchObject({
      schema: "scalefit/plan-register@1",
      registered: "2023-11-14T22:13:20.000Z",
      fit: {
        name: "scalefit.json",
        sha256: createHash("sha256").update(at.read("scalefit.json")).digest("hex"),
      },
      plans: [{ law: "chinchilla", planned: { N, D } }],
    });
    // Rounded as people round, and other runs of the log beside it.
    at.write("new.csv", `${outcome(1.08 * N, 0.93 * D)}small,1e8,2e9,3.1\n`);
    const { stdout, stderr, exitCode } = await at.run(["check", "new.csv", "--against", "plan.json"]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain(
      `predicted on 2023-11-14 from scalefit.json (sha256 ${register.fit.sha256.slice(0, 12)})`,
    );
    expect(stderr).toContain("1 run of the log is more than 25 % from every plan");
    at.write("off.csv", outcome(N, D, 1.05));
    const off = await at.json<CheckDocument>(["check", "off.csv", "--against", "plan.json"], { exitCode: 1 });
    expect(off.against?.registered).toBe(register.registered);
    expect(off.findings[0].expected).toEqual({
      estimate: register.plans[0].value.estimate,
      ...register.plans[0].newRun,
    });
  });

  test("is not written over, and a fit that has changed since is said", async () => {
    const { at, N, D } = await registered();
    const before = at.read("plan.json");
    const again = await at.run(["plan", "--flops", "1e22", "--save", "plan.json"]);
    expect(again.exitCode).toBe(2);
    expect(again.stderr).toContain("a registered plan is not written over");
    expect(at.read("plan.json")).toBe(before);
    at.write("new.csv", outcome(N, D));
    await at.run(["fit", "runs.csv", "--quiet", "--bootstrap", "200", "--seed", "2"]);
    const { exitCode, stderr } = await at.run(["check", "new.csv", "--against", "plan.json"]);
    expect(exitCode).toBe(0);
    expect(stderr).toContain("the fit scalefit.json is no longer the one that the plan was made from");
  });

  test("is refused where a field is broken or no run is its outcome, each in words", async () => {
    const { at, N, D } = await registered();
    const text = at.read("plan.json");
    at.write("new.csv", outcome(2 * N, D));
    at.write("broken.json", text.replace(/"E": [\d.]+/, '"E": "two"'));
    at.write("later.json", text.replace("plan-register@1", "plan-register@9"));
    at.write("document.json", (await at.run(["plan", "--flops", "1e21", "--json"])).stdout);
    for (const [file, words] of [
      ["plan.json", "none of the 1 runs of the log is an outcome of the registered plan"],
      ["broken.json", 'the key "plans.0.coefficients.E" cannot be used in registered plans'],
      ["later.json", "registered by another version of scalefit"],
      ["document.json", "this is the document of a plan, which has no interval"],
    ]) {
      const { exitCode, stderr } = await at.run(["check", "new.csv", "--against", file]);
      expect(exitCode, file).toBe(2);
      expect(stderr).toContain(words);
    }
  });
});

test("a plan from published coefficients has no limits, and is held within a tolerance", async () => {
  const at = workspace({ "new.csv": "run,params,tokens,loss\nbig,9e9,1.9e11,2.14\n" });
  await at.run(["plan", "--preset", "besiroglu", "--flops", "1e22", "--save", "plan.json"]);
  const bare = await at.run(["check", "new.csv", "--against", "plan.json"]);
  expect(bare.exitCode).toBe(2);
  expect(bare.stderr).toContain("registered without an interval for new runs");
  const { exitCode } = await at.run(["check", "new.csv", "--against", "plan.json", "--tolerance", "2%"]);
  expect(exitCode).toBe(0);
});
