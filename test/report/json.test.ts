import { describe, expect, test } from "vitest";
import * as scalefit from "../../src/index.js";
import { toJson, toSavedJson } from "../../src/report/json.js";
import { generator } from "../support/random.js";
import { BESIROGLU, randomLog } from "../support/sweeps.js";

const log = randomLog(BESIROGLU, { rows: 20, noise: 0.005, outliers: 0.1 }, generator(20));
const saved = scalefit.fit({ law: "chinchilla", data: { ...log }, bootstrap: 25 });

describe("a document as JSON", () => {
  test("is one document with a line break at its end", () => {
    expect(toJson({ a: 1 })).toBe('{\n  "a": 1\n}\n');
  });

  test("has null for every number that JSON cannot hold", () => {
    const document = { nan: Number.NaN, list: [1, Number.POSITIVE_INFINITY], deep: { low: -Infinity } };
    expect(JSON.parse(toJson(document))).toEqual({ nan: null, list: [1, null], deep: { low: null } });
    expect(toJson(document)).not.toMatch(/NaN|Infinity/);
  });

  test("keeps every digit of every number", () => {
    expect(JSON.parse(toJson(saved))).toEqual(JSON.parse(JSON.stringify(saved)));
  });
});

describe("a saved fit", () => {
  test("is the same document", () => {
    expect(JSON.parse(toSavedJson(saved))).toEqual(JSON.parse(JSON.stringify(saved)));
    expect(toSavedJson({ low: Number.NaN, values: [Infinity, 1] })).toBe(
      '{\n "low": null,\n "values": [null,1]\n}\n',
    );
  });

  test("has one draw a line", () => {
    const draw = saved.fits[0].draws.values[7].map((value) => JSON.stringify(value)).join(",");
    expect(
      toSavedJson(saved)
        .split("\n")
        .map((line) => line.trim()),
    ).toContain(`[${draw}],`);
  });

  test("leaves quoted texts alone, whatever they look like", () => {
    const document = { group: "a [ 1 , 2 ] b", file: "[ 3 ]", line: "[\n 4\n]" };
    expect(JSON.parse(toSavedJson(document))).toEqual(document);
  });

  test("plans and predicts as the fit itself does", () => {
    const again = JSON.parse(toSavedJson(saved)) as scalefit.SavedFit;
    expect(scalefit.plan({ fit: again, flops: 1e22 })).toEqual(scalefit.plan({ fit: saved, flops: 1e22 }));
    const at = { N: 1e9, D: 2e10 };
    expect(scalefit.predict({ fit: again, at })).toEqual(scalefit.predict({ fit: saved, at }));
  });
});
