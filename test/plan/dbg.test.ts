import { test } from "vitest";
import * as scalefit from "../../src/index.js";
import { between, generator, normal } from "../support/random.js";
import { BESIROGLU, lossOf, randomLog } from "../support/sweeps.js";
test("x", () => {
  const all: number[] = [];
  for (let rep = 0; rep < 30; rep++) {
    const noise = 0.01;
    let hits = 0;
    for (let k = 0; k < 60; k++) {
      const random = generator(rep * 777777 + 9000 + k);
      const log = randomLog(BESIROGLU, { rows: 40, noise, outliers: 0 }, random);
      const fit = scalefit.fit({ law: "chinchilla", data: { ...log }, bootstrap: 100 });
      for (let i = 0; i < 20; i++) {
        const N = 3e8 * 10 ** between(random, -0.7, 0.7);
        const D = 6e9 * 10 ** between(random, -0.9, 0.9);
        const measured = lossOf(BESIROGLU, N, D) * Math.exp(noise * normal(random));
        const { low, high } = scalefit.predict({ fit, at: { N, D } }).predictions[0].newRun;
        if (measured >= (low ?? 0) && measured <= (high ?? 0)) hits++;
      }
    }
    all.push(hits);
  }
  const m = all.reduce((a, b) => a + b) / all.length; console.log(m, Math.sqrt(all.reduce((a, b) => a + (b - m) ** 2, 0) / 29), all.join(" "));
}, 500000);
