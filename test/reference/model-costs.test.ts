/**
 * Certified values of the cost formulas (mpmath, 25-40 digits) through the library's public face: parameters and FLOPs of
 * shapes, accelerator hours and money, serving, compute classes, compound scaling.
 */
import { expect, test } from "vitest";
import {
  chinchillaCount,
  compoundScaling,
  deepseekCount,
  kaplanCount,
  palmCount,
  plan,
  transformerShape,
} from "../../src/index.js";
import { describeWithShared, sharedJson } from "../support/shared.js";

interface Check {
  law: string;
  preset: string;
  params: Record<string, number>;
  inputs: Record<string, number>;
  expected: number | Record<string, number>;
  tol: number;
}

const BESIROGLU = {
  law: "chinchilla",
  coefficients: { E: 1.8172, A: 482.01, B: 2085.43, alpha: 0.3478, beta: 0.3658 },
};

/** d_attn = d, d_ff = 4 d. */
const square = ({ n_layer, d_model, n_ctx }: Record<string, number>) =>
  transformerShape(
    { layers: n_layer, heads: 1, headSize: d_model, ff: 4 * d_model, context: n_ctx },
    d_model,
  );

type Numbers = Record<string, number>;

const ANSWERS: Readonly<Record<string, (check: Check) => Numbers>> = {
  "flops-6nd": ({ inputs: { N, D } }) => ({
    value: plan({ ...BESIROGLU, params: N, tokens: D }).plans[0].budget.flops ?? Number.NaN,
  }),
  "flops-kaplan"({ inputs }) {
    const { nonEmbedding, forward, train } = kaplanCount(square(inputs));
    return { N_nonemb: nonEmbedding, fwd: forward, train };
  },
  "flops-palm": ({ inputs }) => ({ value: palmCount(square(inputs), inputs.N) }),
  "flops-deepseek": ({ inputs }) => ({ value: deepseekCount(square(inputs)) }),
  "flops-chinchilla"({ inputs: { n_layer, d_model, n_heads, kv_size, ffw, vocab, seq } }) {
    const given = { layers: n_layer, heads: n_heads, headSize: kv_size, ff: ffw, vocab, context: seq };
    const { forwardPerSequence, trainPerSequence, trainPerToken } = chinchillaCount(
      transformerShape(given, d_model),
    );
    return {
      forward_per_sequence: forwardPerSequence,
      train_per_sequence: trainPerSequence,
      train_per_token: trainPerToken,
    };
  },
  "cnn-compound"({ params: { e_d, e_w, e_r }, inputs: { s } }) {
    return { ...compoundScaling({ depth: e_d, width: e_w, resolution: e_r }, s) };
  },
  cost({ params, inputs }) {
    const [{ run }] = plan({
      ...BESIROGLU,
      flops: inputs.C,
      hardware: {
        accelerator: {
          id: "given",
          name: "given",
          peaks: { bf16: params.peak },
          memoryBytes: null,
          bandwidth: null,
          watts: params.watts,
          source: "given",
        },
        count: inputs.gpus,
        mfu: params.mfu,
        pue: params.pue,
        usdPerHour: params.usd_per_gpu_hour,
      },
    }).plans;
    const of = (value: { estimate: number } | null | undefined) => value?.estimate ?? Number.NaN;
    return {
      gpu_hours: of(run?.gpuHours),
      wall_hours: of(run?.wallHours),
      kwh: of(run?.kwh),
      usd: of(run?.usd),
    };
  },
  "compute-class"({ inputs: { tokens_per_s, hours, batch_tokens } }) {
    const params = 1e8;
    const [{ optimum, steps }] = plan({
      ...BESIROGLU,
      params,
      gpuHours: hours,
      batch: batch_tokens,
      hardware: { throughput: { tokensPerSecond: tokens_per_s, params } },
    }).plans;
    return { tokens: optimum.D.estimate, steps: steps ?? Number.NaN };
  },
  "inference-adjusted"({ params, inputs: { target_loss, D_inf } }) {
    const [{ optimum, budget }] = plan({
      law: "chinchilla",
      coefficients: params,
      targetLoss: target_loss,
      ...(D_inf > 0 ? { cost: { inferenceTokens: D_inf } } : {}),
    }).plans;
    return { N: optimum.N.estimate, D: optimum.D.estimate, total_flops: budget.flops ?? Number.NaN };
  },
};

describeWithShared("the certified values of costs", () => {
  const rows = sharedJson<Check[]>("law-checks.json").filter(({ law }) => law in ANSWERS);

  test("there are rows of each", () => {
    expect(new Set(rows.map(({ law }) => law))).toEqual(new Set(Object.keys(ANSWERS)));
    expect(rows.length).toBeGreaterThanOrEqual(51);
  });

  test.each(
    rows.map((check): [string, Check] => [
      `${check.law} ${check.preset} ${JSON.stringify(check.inputs)}`,
      check,
    ]),
  )("%s", (_, check) => {
    const answers = ANSWERS[check.law](check);
    const wanted = typeof check.expected === "number" ? { value: check.expected } : check.expected;
    for (const [name, value] of Object.entries(wanted))
      expect(
        Math.abs(answers[name] / value - 1),
        `${name} ${answers[name]} against ${value}`,
      ).toBeLessThanOrEqual(check.tol);
  });
});
