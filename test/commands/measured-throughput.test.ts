import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { throughputOf } from "../../src/commands/measured-throughput.js";
import { plan } from "../../src/index.js";
import { freshFolder } from "../support/cli.js";

const log = join(freshFolder(), "speeds.csv");
writeFileSync(
  log,
  "run,params,tokens_per_second\na,1e8,88000\nb,1e8,90000\nc,1e8,92000\nd,4e8,30000\ne,1e9,15000\n",
);
const measured = (params?: string) =>
  throughputOf({ throughput: `${log}:tokens_per_second`, ...(params === undefined ? {} : { params }) });

test("the throughput of a log is that of the planned size, of each size where it is free", async () => {
  expect(await measured("100M")).toEqual({ params: 1e8, tokensPerSecond: 90_000 });
  expect(await measured()).toEqual([
    { params: 1e8, tokensPerSecond: 90_000 },
    { params: 4e8, tokensPerSecond: 30_000 },
    { params: 1e9, tokensPerSecond: 15_000 },
  ]);
  // Half way in logarithms.
  const between = await measured("200M");
  expect(between).toEqual({ params: 2e8, tokensPerSecond: expect.closeTo(Math.sqrt(90_000 * 30_000), 6) });
});

test("beyond the sizes measured the nearest one's FLOPs a second hold", async () => {
  expect(await measured("7B")).toEqual({ params: 1e9, tokensPerSecond: 15_000 });
  expect(await measured("10M")).toEqual({ params: 1e8, tokensPerSecond: 90_000 });
});

test("hours of an accelerator are a class of compute: each size has the tokens of its own speed", async () => {
  for (const params of [1e8, 4e8, 1e9]) {
    const throughput = await measured(String(params));
    const [{ optimum, steps }] = plan({
      preset: "besiroglu",
      params,
      gpuHours: 6,
      batch: 131_072,
      hardware: { throughput },
    }).plans;
    const tokens = (throughput as { tokensPerSecond: number }).tokensPerSecond * 6 * 3600;
    expect(optimum.D.estimate).toBeCloseTo(tokens, 0);
    expect(steps).toBe(Math.floor(tokens / 131_072));
  }
});
