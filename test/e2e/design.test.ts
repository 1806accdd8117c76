import { describe, expect, test } from "vitest";
import { design } from "../../src/index.js";
import type { DesignDocument } from "../../src/objects.js";
import { designView } from "../../src/report/design-view.js";
import { workspace } from "../support/cli.js";
import { smallRuns, toCsv } from "../support/made-log.js";
import { expectPlain } from "../support/walk.js";

const ASKED = ["design", "--flops", "1e20", "--runs", "8", "--target", "1e22", "--preset", "besiroglu"];

test("the runs, what they would tell, how that falls with money, and an isoFLOP grid beside it", async () => {
  const at = workspace();
  const document = await at.json<DesignDocument>([...ASKED, "--simulate", "--campaigns", "6"]);
  expect(document.schema).toBe("scalefit/design@1");
  expectPlain(document);
  expect(document.designs[0].simulation?.estimators.map(({ estimator }) => estimator)).toEqual([
    "parametric fit",
    "parametric fit",
    "parabola",
    "envelope",
  ]);
  await expect(designView(document, 120)).toMatchFileSnapshot("golden/design.txt");
  await expect(designView(document, 80)).toMatchFileSnapshot("golden/design-narrow.txt");
  // The library gives the same, and the program prints it.
  const asked = { preset: "besiroglu", flops: 1e20, target: 1e22, runs: 8, budgets: [] };
  expect(design(asked).designs[0].runs).toEqual(document.designs[0].runs);
});

test("after the runs of a log, the next one, whatever the order of the rows", async () => {
  const rows = smallRuns();
  const at = workspace({ "runs.csv": toCsv(rows), "mixed.csv": toCsv([...rows].reverse()) });
  const asked = ["--flops", "2e20", "--next", "1", "--target", "1e23"];
  const first = await at.json<DesignDocument>(["design", "runs.csv", ...asked]);
  const [made] = first.designs;
  expect(made.runs).toHaveLength(1);
  expect(made.after.halfWidth as number).toBeLessThan(made.before.halfWidth as number);
  expect(made.next?.[0].information).toBeGreaterThan(0);
  const { designs } = await at.json<DesignDocument>(["design", "mixed.csv", ...asked]);
  expect({ ...designs[0], source: "" }).toEqual({ ...made, source: "" });
  // A saved fit of the same rows gives the same runs.
  await at.run(["fit", "runs.csv", "--quiet"]);
  const saved = await at.json<DesignDocument>(["design", ...asked]);
  expect(saved.designs[0].runs).toEqual(made.runs);
  expect(at.files()).toEqual(["mixed.csv", "runs.csv", "scalefit.json"]);
});

describe("flags that contradict each other, and values that cannot be used", () => {
  test.each([
    [["design", "--flops", "1e20"], "design needs the budget of the large run: --target"],
    [["design", "--target", "1e22"], "design needs what the runs may cost: --flops"],
    [[...ASKED, "--next", "1"], "--next and --runs contradict each other"],
    [["design", "--flops", "1e20", "--target", "1e22", "--next", "1"], "there is no fit here"],
    [[...ASKED, "--for", "lose"], "did you mean loss?"],
    [[...ASKED, "--sizes", "30M,big"], '--sizes: cannot use "big"'],
    [[...ASKED, "--noise", "stderr"], "the noise of runs that are not there yet is one number"],
    [[...ASKED, "--campaigns", "5"], "--campaigns is for --simulate"],
    [[...ASKED, "--where", "N>1"], "--where is for a log, and none is given"],
    [[...ASKED, "--at", "U=1e9"], 'has no input called "U"'],
  ])("%j", async (args, words) => {
    const { exitCode, stderr } = await workspace().run(args);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(words);
  });
});
