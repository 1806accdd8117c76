import { describe, expect, test } from "vitest";
import { type DesignDocument, type ShapeDocument, shape } from "../../src/index.js";
import { shapeView } from "../../src/report/shape-view.js";
import { workspace } from "../support/cli.js";
import { runInOneProcess } from "../support/one-process.js";
import { expectPlain } from "../support/walk.js";

const LADDER = "shape --params 7B --gated --tied --vocab 8192 --ladder 30M..1B --runs 6".split(" ");

test("transformers of a size: the program prints what the library gives, in the view for people", async () => {
  const asked = "shape --params 8B --gated --ff-ratio 3.5 --kv-heads 8 --vocab 128256 --context 8192";
  const document = await workspace().json<ShapeDocument>(asked.split(" "));
  expect(document.schema).toBe("scalefit/shape@1");
  expectPlain(document);
  const given = { isGated: true, ffRatio: 3.5, kvHeads: 8, vocab: 128_256, context: 8192 };
  expect(document).toEqual(shape({ params: 8e9, ...given }));
  await expect(shapeView(document, 100)).toMatchFileSnapshot("golden/shape.txt");
  await expect(shapeView(document, 60)).toMatchFileSnapshot("golden/shape-narrow.txt");
});

test("a convolutional network at a factor of FLOPs", async () => {
  const base = { depth: 27, width: 48, resolution: 224, group: 8, flops: 4e8, ms: 30 };
  const document = shape({ cnn: { scale: 8, base, epochs: 350 } });
  expectPlain(document);
  await expect(shapeView(document, 100)).toMatchFileSnapshot("golden/shape-cnn.txt");
  await expect(shapeView(document, 60)).toMatchFileSnapshot("golden/shape-cnn-narrow.txt");
});

test("a ladder as CSV or JSON is a file of sizes for design, whose runs then say their shapes", async () => {
  const at = workspace();
  const [csv, json, markdown] = await runInOneProcess(
    [
      [...LADDER, "--csv"],
      [...LADDER, "--json"],
      [...LADDER, "--markdown"],
    ],
    at.path,
  );
  at.write("ladder.csv", csv.stdout);
  at.write("ladder.json", json.stdout);
  expect(csv.stdout.split("\n")).toHaveLength(1 + 6 + 1);
  expect(markdown.stdout).toContain("## Ladder");
  const rungs = (JSON.parse(json.stdout) as ShapeDocument).ladder?.rungs ?? [];
  const asked = "design --flops 1e20 --runs 8 --target 1e22 --preset besiroglu --json --sizes".split(" ");
  const runs = await runInOneProcess(
    ["@ladder.csv", "@ladder.json", rungs.map(({ size }) => size).join(",")].map((sizes) => [
      ...asked,
      sizes,
    ]),
    at.path,
  );
  const [byCsv, byJson, byList] = runs.map(({ stdout }) => (JSON.parse(stdout) as DesignDocument).designs[0]);
  expect(byJson.runs).toEqual(byCsv.runs);
  for (const { N, shape: sides } of byCsv.runs) {
    const rung = rungs.find(({ size }) => size === N);
    expect(sides).toEqual({ layers: rung?.shape.layers, width: rung?.shape.width });
  }
  expect(byList.runs).toEqual(byCsv.runs.map(({ shape: _, ...run }) => run));
});

test("what cannot be used: one error that names the flags, exit 2", async () => {
  const at = workspace();
  at.write("empty.csv", "size\n");
  at.write("other.csv", "loss\n3.1\n");
  at.write("bad.csv", "params\n30M\nbig\n");
  at.write("other.json", '{"ladder": 3}');
  at.write("torn.json", '{"ladder": ');
  const design = "design --flops 1e20 --target 1e22 --preset besiroglu --sizes";
  const cases: [string, string][] = [
    ["shape", "shape needs a size: --params"],
    ["shape --params 7B --layers 2.5", '--layers: cannot use "2.5"'],
    ["shape --params 7B --counted all", "it is one of total, non-embedding, active"],
    ["shape --params 7B --runs 6", "--runs is the number of shapes of a --ladder"],
    ["shape --ladder 10M", "two sizes are needed with .. between them"],
    ["shape --ladder 10M..big", '--ladder: cannot use "10M..big"'],
    ["shape --scale 8", "--scale is for --cnn"],
    ["shape --cnn --params 7B", "--cnn and --params contradict each other"],
    ["shape --cnn --alpha 0.8 --max-time 3", "--alpha and --max-time contradict each other"],
    ["shape --cnn 1,2", "three weights are needed"],
    ["shape --cnn --base dept=3", "did you mean depth?"],
    ["shape --params 7B --csv --markdown", "--csv and --markdown contradict each other"],
    ["shape --params 7B --vocab some", '--vocab: cannot use "some"'],
    [`${design} @none.csv`, "none.csv"],
    [`${design} @empty.csv`, "there is no size in it"],
    [`${design} @other.csv`, "none of the columns size, params or N is in it"],
    [`${design} @bad.csv`, 'bad.csv:3: column "params": cannot use "big" as a size'],
    [`${design} @other.json`, "neither a ladder of shapes nor a list of numbers"],
    [`${design} @torn.json`, "it is no JSON document"],
  ];
  const runs = await runInOneProcess(
    cases.map(([line]) => line.split(" ")),
    at.path,
  );
  runs.forEach(({ exitCode, stdout, stderr }, i) => {
    const [line, words] = cases[i];
    expect({ exitCode, stdout }, line).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr, line).toContain(words);
  });
});

describe("the views", () => {
  const documents: [string, ShapeDocument][] = [
    ["experts", shape({ params: 47e9, experts: 8, isGated: true, kvHeads: 8 })],
    ["a ladder", shape({ params: 7e9, ladder: { from: 3e7, to: 1e9, runs: 5 }, counted: "non-embedding" })],
    ["one shape", shape({ layers: 96, width: 12_288, heads: 96, vocab: 50_257 })],
    ["tiny", shape({ layers: 2, width: 64, vocab: 65 })],
  ];
  test.each(documents)("%s: no line is wider than the terminal", (_, document) => {
    for (const width of [60, 80, 100, 120])
      for (const line of shapeView(document, width).split("\n"))
        expect(line.length).toBeLessThanOrEqual(width);
  });
});
