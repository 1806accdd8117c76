import { describe, expect, test } from "vitest";
import { recognise } from "../../src/logs/columns.js";
import { type LogsRead, readLogs } from "../../src/logs/read.js";
import type { ObservedGroup } from "../../src/logs/runs.js";
import { errorOf, observeLogs, withFiles } from "./support.js";

type Seen = Pick<ObservedGroup, "used" | "dropped"> & {
  N: number[];
  D: number[];
  loss: number[];
  said: Map<string, string>;
};

/** What a fit of N, D and the loss sees of files called a.csv, b.csv, ... */
async function seen(texts: readonly string[], y?: string): Promise<Seen> {
  return withFiles(named(texts), async (pathOf) => {
    const logs = await readAll(texts, pathOf);
    const { groups, warnings } = observeLogs(logs, { y });
    const { observations, used, dropped, warnings: own } = groups[0]!;
    const plain = (text: string) => text.replaceAll(`${pathOf("")}/`, "");
    return {
      used,
      dropped,
      N: [...observations.inputs.get("N")!],
      D: [...observations.inputs.get("D")!],
      loss: [...observations.measured],
      said: new Map([...warnings, ...own].map(({ code, message }) => [code, plain(message)])),
    };
  });
}

const nameOf = (i: number): string => `${String.fromCharCode(97 + i)}.csv`;
const named = (texts: readonly string[]) => Object.fromEntries(texts.map((text, i) => [nameOf(i), text]));
const readAll = (texts: readonly string[], pathOf: (name: string) => string): Promise<LogsRead> =>
  readLogs(texts.map((_, i) => pathOf(nameOf(i))));

describe("logs of two programs", () => {
  test("each give their loss by their own column, and which is said", async () => {
    const { loss, said, used } = await seen([
      "run,params,tokens,val_loss\na1,1e7,2e8,4\na2,2e7,2e8,3.5\n",
      "name,params,tokens,eval/loss,lr\nb1,3e7,2e8,3,1e-3\n",
    ]);
    expect([used, loss]).toEqual([3, [4, 3.5, 3]]);
    expect(said.get("columns-by-file")).toBe(
      'the loss is column "val_loss" in a.csv and column "eval/loss" in b.csv',
    );
    expect(said.has("kinds-by-file")).toBe(false);
  });

  test("may count in other units", async () => {
    const { N, D, said } = await seen([
      "Model Size (M),tokens,loss\n10,2e8,4\n20,2e8,3.5\n",
      "params,Tokens (B),loss\n30e6,0.2,3\n",
    ]);
    expect(N).toEqual([1e7, 2e7, 3e7]);
    expect(D).toEqual([2e8, 2e8, 2e8]);
    expect([...said.keys()]).toContain("columns-by-file");
  });

  test("have tokens here, and steps and batches there", async () => {
    const first = "step,params,tokens,val_loss\n1,1e7,1e6,5\n2,1e7,2e6,4\n";
    const inSequences =
      "iteration,params,global_batch_size,seq_len,eval_loss\n10,2e7,8,1024,5\n20,2e7,8,1024,4.5\n";
    const inTokens = "step,params,tokens_per_batch,loss\n10,3e7,100000,5\n20,3e7,100000,4.2\n";
    const { N, D, loss, said } = await seen([first, inSequences, inTokens]);
    expect(N).toEqual([1e7, 2e7, 3e7]);
    expect(D).toEqual([2e6, 20 * 8 * 1024, 2e6]);
    expect(loss).toEqual([4, 4.5, 4.2]);
    expect(said.get("columns-by-file")).toBeDefined();
  });

  test("with a validation loss in one and a training loss in the other: said, with the cure", async () => {
    const texts = ["params,tokens,val_loss\n1e7,2e8,4\n", "params,tokens,train_loss\n2e7,2e8,3.9\n"];
    const both = await seen(texts);
    expect(both.used).toBe(2);
    expect(both.said.get("kinds-by-file")).toMatch(
      /a validation loss in a\.csv and a training loss in b\.csv.*--y COLUMN/,
    );
    const one = await seen(texts, "val_loss");
    expect([one.used, one.dropped[0]?.code]).toEqual([1, "missing"]);
  });

  test("with nats in one and bits in the other: refused, with both columns", async () => {
    const texts = ["params,tokens,val_loss\n1e7,2e8,4\n", "params,tokens,val_bpb\n2e7,2e8,0.9\n"];
    expect(await errorOf(seen(texts))).toMatchObject({
      code: "units-by-file",
      message: expect.stringMatching(/"val_loss" in .*a\.csv and column "val_bpb" in .*b\.csv/),
      hint: expect.stringContaining('--y "val_bpb"'),
    });
    expect((await seen(texts, "val_loss")).used).toBe(1);
  });

  test("with parameters counted in two ways: said", async () => {
    const { said } = await seen([
      "total_params,tokens,loss\n1e7,2e8,4\n",
      "non_embedding_params,tokens,loss\n2e7,2e8,3\n",
    ]);
    expect(said.get("kinds-by-file")).toMatch(
      /params \(N\) is not of one kind.*without embeddings in b\.csv/,
    );
  });
});

describe("what is no other name of the same", () => {
  test("a column that stands beside the one that is taken is another quantity: rows without are left out", async () => {
    const { used, dropped, said } = await seen([
      "params,tokens,val_loss,train_loss\n1e7,2e8,4,3.9\n",
      "params,tokens,train_loss\n2e7,2e8,3.9\n",
    ]);
    expect([used, dropped[0]?.reason]).toEqual([1, '"val_loss" is missing: empty']);
    expect(said.has("columns-by-file")).toBe(false);
  });

  test("files alike are read as before, whatever settings they have besides", async () => {
    const texts = ["params,tokens,loss\n1e7,2e8,4\n", "params,tokens,loss,note\n2e7,2e8,3,x\n"];
    await withFiles(named(texts), async (pathOf) => {
      const { table } = await readAll(texts, pathOf);
      const { quantities } = recognise(table, { map: new Map() });
      expect([...quantities.values()].every(({ column }) => table.columns.includes(column))).toBe(true);
    });
  });
});
