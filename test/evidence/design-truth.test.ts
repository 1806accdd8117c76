import { describe, expect, test } from "vitest";
import { design } from "../../src/index.js";
import { playedOn, TRUTHS } from "../support/designs.js";

const CAMPAIGNS = 8;
const [, , sharper, withoutFloor] = TRUTHS;
const onHand = playedOn(null, CAMPAIGNS);
const designedFit = ({ estimators }: typeof onHand): (typeof onHand)["estimators"][number] => {
  const found = estimators.find(
    ({ runs, estimator }) => runs === "designed" && estimator === "parametric fit",
  );
  if (found === undefined) throw new Error("no parametric fit");
  return found;
};

describe("campaigns on another law than the one in hand", () => {
  test("are those on the law in hand where both are one", () => {
    const own = onHand;
    const { truth, ...same } = playedOn({ preset: "besiroglu" }, CAMPAIGNS);
    const { truth: plain, ...others } = own;
    expect(same).toEqual(others);
    expect(truth).toEqual({
      ...plain,
      law: "chinchilla",
      source: expect.stringMatching(/^preset besiroglu/),
    });
  });

  test("show a bias that the law in hand does not have, and intervals that miss the truth", () => {
    const [own, wrong] = [designedFit(onHand), designedFit(playedOn(sharper.truth, CAMPAIGNS))];
    expect(Math.abs(own.loss?.bias.estimate ?? 1)).toBeLessThan(0.01);
    // Both terms fall faster than the law allows: the loss of the large run is predicted too low.
    expect(wrong.loss?.bias.estimate ?? 0).toBeLessThan(-0.03);
    expect(wrong.loss?.coverage ?? 1).toBeLessThan(own.loss?.coverage ?? 0);
  });

  test("are far off where the truth has no floor", () => {
    expect(designedFit(playedOn(withoutFloor.truth, CAMPAIGNS)).loss?.bias.estimate ?? 0).toBeGreaterThan(
      0.1,
    );
  });

  test("are refused on a law without parameters and tokens", () => {
    expect(() =>
      design({
        preset: "besiroglu",
        flops: 1e20,
        target: 1e22,
        runs: 12,
        simulate: 1,
        truth: { law: "power-floor", coefficients: { E: 1, A: 10, alpha: 0.1 } },
      }),
    ).toThrow(/campaigns cannot be played on the law "power-floor"/);
  });
});
