import { describe, expect, test } from "vitest";
import { UsageError } from "../../src/errors.js";
import { parseReduce, type Reduce } from "../../src/logs/reduce.js";
import { observeText } from "./support.js";

const LOG = [
  "run,step,params,tokens,loss",
  ...["a", "b"].flatMap((run) =>
    [5, 4, 3.2, 3.6, 3.4].map(
      (loss, i) => `${run},${i + 1},1e7,${(i + 1) * 1e8},${run === "a" ? loss : loss + 0.1}`,
    ),
  ),
  "",
].join("\n");

async function lossesBy(
  reduce: Reduce,
): Promise<{ losses: number[]; tokens: number[]; dropped: Record<string, number> }> {
  const { observations, dropped, rows, used } = await observeText(LOG, { reduce });
  expect(rows, "no row is lost").toBe(used + dropped.reduce((sum, { count }) => sum + count, 0));
  return {
    losses: [...observations.measured],
    tokens: [...(observations.inputs.get("D") ?? [])],
    dropped: Object.fromEntries(dropped.map(({ code, count }) => [code, count])),
  };
}

describe("what stands for a run", () => {
  test.each([
    ["last", [3.4, 3.5], [5e8, 5e8]],
    ["min", [3.2, 3.3], [3e8, 3e8]],
    ["mean:2", [3.5, 3.6], [5e8, 5e8]],
    // a span of 1 weighs only the last
    ["ema:1", [3.4, 3.5], [5e8, 5e8]],
    ["at:250M", [4, 4.1], [2e8, 2e8]],
  ])("by %s", async (rule, losses, tokens) => {
    const found = await lossesBy(parseReduce(rule));
    found.losses.forEach((loss, i) => {
      expect(loss).toBeCloseTo(losses[i]!, 12);
    });
    expect(found.tokens).toEqual(tokens);
    expect(found.dropped).toEqual({ "not-last": 8 });
  });

  test("every checkpoint, with the early ones counted", async () => {
    expect((await lossesBy(parseReduce("all"))).losses).toHaveLength(10);
    const late = await lossesBy(parseReduce("all:50%"));
    expect(late.losses).toHaveLength(6);
    expect(late.dropped).toEqual({ early: 4 });
  });

  test("a moving average lies between the last value and those before", async () => {
    const { losses } = await lossesBy(parseReduce("ema:3"));
    // weight 1/2: ((((5+4)/2+3.2)/2+3.6)/2+3.4)/2
    expect(losses[0]).toBeCloseTo(3.5625, 12);
  });

  test.each(["", "max", "mean", "mean:0", "mean:1.5", "at", "at:-1", "all:1", "last:3"])(
    "%j is refused",
    (text) => {
      expect(() => parseReduce(text)).toThrow(UsageError);
    },
  );
});
