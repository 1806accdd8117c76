import type { TfTensor } from "./tf-events.js";

interface NumberKind {
  /** In the packed bytes of the content. */
  bytes: number;
  read(view: DataView): number | bigint;
  /** The list that holds the values where they are not packed. */
  values(tensor: TfTensor): readonly unknown[];
}

const ints = (tensor: TfTensor) => tensor.ints;

/** By the numbers that tensorflow/core/framework/types.proto gives the types. */
const KINDS: ReadonlyMap<number, NumberKind> = new Map<number, NumberKind>([
  [1, { bytes: 4, read: (view) => view.getFloat32(0, true), values: (tensor) => tensor.floats }],
  [2, { bytes: 8, read: (view) => view.getFloat64(0, true), values: (tensor) => tensor.doubles }],
  [3, { bytes: 4, read: (view) => view.getInt32(0, true), values: ints }],
  [4, { bytes: 1, read: (view) => view.getUint8(0), values: ints }],
  [5, { bytes: 2, read: (view) => view.getInt16(0, true), values: ints }],
  [6, { bytes: 1, read: (view) => view.getInt8(0), values: ints }],
  [9, { bytes: 8, read: (view) => view.getBigInt64(0, true), values: (tensor) => tensor.longs }],
  [10, { bytes: 1, read: (view) => view.getUint8(0), values: (tensor) => tensor.bools.map(Number) }],
  [
    14,
    {
      bytes: 2,
      read: (view) => bfloat16(view.getUint16(0, true)),
      values: (tensor) => tensor.halves.map(bfloat16),
    },
  ],
  [17, { bytes: 2, read: (view) => view.getUint16(0, true), values: ints }],
  [
    19,
    { bytes: 2, read: (view) => half(view.getUint16(0, true)), values: (tensor) => tensor.halves.map(half) },
  ],
  [22, { bytes: 4, read: (view) => view.getUint32(0, true), values: (tensor) => tensor.unsignedInts }],
  [23, { bytes: 8, read: (view) => view.getBigUint64(0, true), values: (tensor) => tensor.unsignedLongs }],
]);

/** The one number that a tensor holds, as text; null when it holds none or several. */
export function scalarOf(tensor: TfTensor): string | null {
  const kind = KINDS.get(tensor.dtype);
  const size = (tensor.shape?.dim ?? []).reduce((product, dim) => product * Number(dim.size), 1);
  if (kind === undefined || size !== 1) return null;
  const { content } = tensor;
  if (content.length > 0) {
    if (content.length !== kind.bytes) return null;
    return String(kind.read(new DataView(content.buffer, content.byteOffset, content.byteLength)));
  }
  // a value that is 0 may be left out
  return String(kind.values(tensor)[0] ?? 0);
}

/** A number of 16 bits: sign, 5 of exponent, 10 of fraction (IEEE 754 binary16). */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The upper half of a float of 32 bits. */
function bfloat16(bits: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint16(0, bits);
  return view.getFloat32(0);
}
