import fc from "fast-check";

/** Properties are tried on the same cases in every run; another seed (PROPERTY_SEED) looks elsewhere. */
fc.configureGlobal({ seed: Number(process.env.PROPERTY_SEED ?? 20_404) });
