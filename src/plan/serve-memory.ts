/**
 * Memory of a served model: its weights, and the keys and values of every sequence that is served at once,
 *
 *   bytes(N) = w N + c 2 L h_kv q S B
 *
 * with w bytes a parameter and c a cached value, S tokens of context and B sequences. L, h_kv and q are those of the given shape,
 * or of the member of its family that has N parameters (`transformer-shape.ts`).
 */
import { UsageError } from "../errors.js";
import type { PlannedServeMemory } from "../objects.js";
import {
  CACHE_BYTES,
  cachedValues,
  givenShape,
  shapeFinder,
  type TransformerShape,
} from "../transformer/shape.js";
import type { Question } from "./question.js";
import { solveFalling } from "./solve-falling.js";

/** bf16 weights (arXiv 1910.02054, section 3.1). */
export const SERVE_BYTES = 2;

/** How the memory of a size is shared out. */
export interface ServeMemory {
  bytesOf(N: number): number;
  /** The largest size for so many bytes. */
  largest(bytes: number): number;
  /** Of a size, where a cache is asked for; else null. */
  partsOf(N: number): PlannedServeMemory | null;
}

/** @throws UsageError for a cache without --serve-memory, or one that leaves a given shape no room */
export function serveMemoryOf(question: Question): ServeMemory {
  const {
    bytesPerParam = SERVE_BYTES,
    serveContext,
    serveBatch,
    cacheBytes = CACHE_BYTES,
    serveMemory,
  } = question;
  requireMemory(question);
  if (serveContext === undefined && serveBatch === undefined) {
    return {
      bytesOf: (N) => bytesPerParam * N,
      largest: (bytes) => bytes / bytesPerParam,
      partsOf: () => null,
    };
  }
  const given = question.cost?.shape ?? {};
  const whole = givenShape(given);
  const find = shapeFinder(given);
  const shapeAt = (N: number): TransformerShape => whole ?? find(N);
  const batch = serveBatch ?? 1;
  const cacheOf = (shape: TransformerShape): number =>
    cachedValues(shape) * cacheBytes * (serveContext ?? shape.context) * batch;
  const bytesOf = (N: number): number => bytesPerParam * N + cacheOf(shapeAt(N));
  if (whole !== null && serveMemory !== undefined && cacheOf(whole) >= serveMemory)
    throw withoutRoom(cacheOf(whole), serveMemory);
  return {
    bytesOf,
    largest: (bytes) =>
      whole === null
        ? (solveFalling((N) => -bytesOf(N), -bytes) ?? 0)
        : (bytes - cacheOf(whole)) / bytesPerParam,
    partsOf(N) {
      const shape = shapeAt(N);
      return {
        weightBytes: bytesPerParam * N,
        cacheBytes: cacheOf(shape),
        context: serveContext ?? shape.context,
        batch,
        bytesPerParam,
        bytesPerCached: cacheBytes,
        layers: shape.layers,
        kvHeads: shape.kvHeads,
        headSize: shape.headSize,
        isGiven: whole !== null,
      };
    },
  };
}

function requireMemory({ serveMemory, serveContext, serveBatch, cacheBytes }: Question): void {
  const [stray] = [
    ["--serve-context", serveContext],
    ["--serve-batch", serveBatch],
    ["--cache-bytes", cacheBytes],
  ].filter(([, value]) => value !== undefined);
  if (stray === undefined) return;
  if (serveMemory === undefined) {
    throw new UsageError({
      code: "flags",
      message: `${stray[0]} is about the memory that a served model has, and none is given`,
      hint: "give --serve-memory too, for example --serve-memory 80GB",
    });
  }
  if (serveContext !== undefined || serveBatch !== undefined) return;
  throw new UsageError({
    code: "flags",
    message: "--cache-bytes is about the cache of served sequences, and none are served",
    hint: "give --serve-context or --serve-batch too, for example --serve-context 32k --serve-batch 16",
  });
}

const withoutRoom = (cache: number, memory: number): UsageError =>
  new UsageError({
    code: "flags",
    message: "the shape (--layers, --width, ...) and --serve-memory contradict each other",
    why: `its cache alone takes ${(cache / 1e9).toPrecision(3)} GB, ${(cache / memory).toPrecision(3)} times the memory`,
    hint: "serve fewer or shorter sequences, with fewer --kv-heads, or with more memory",
  });

/** What the cache rests on, for the reader. */
export function cacheInWords(parts: PlannedServeMemory): string {
  const { weightBytes, cacheBytes, context, batch, layers, kvHeads, headSize, isGiven, bytesPerCached } =
    parts;
  const gb = (bytes: number) => `${Number((bytes / 1e9).toPrecision(3))} GB`;
  const whole = (value: number) => Number(value.toPrecision(3));
  const shape = isGiven ? "as given" : "as a shape of this size usually has (--kv-heads, --head-size, ...)";
  return `served with ${gb(weightBytes)} of weights and ${gb(cacheBytes)} of keys and values: ${batch} ${batch === 1 ? "sequence" : "sequences"} of ${context} tokens, ${bytesPerCached} bytes a value, ${whole(layers)} layers of ${whole(kvHeads)} key heads of ${whole(headSize)}, ${shape}`;
}
