/** Event files made by hand, byte by byte, so that what reads them has not written them. */
import { crc32c } from "../../src/logs/formats/crc32c.js";

type Field = [
  id: number,
  value: number | bigint | string | Uint8Array | { double: number } | { float: number },
];

/** A protocol buffer of the given fields: whole numbers, texts and messages, doubles and floats. */
export function message(...fields: Field[]): Buffer {
  return Buffer.concat(fields.map(([id, value]) => encode(id, value)));
}

function encode(id: number, value: Field[1]): Buffer {
  if (typeof value === "number" || typeof value === "bigint")
    return Buffer.concat([varint(id << 3), varint(value)]);
  if (typeof value === "string" || value instanceof Uint8Array) {
    const bytes = Buffer.from(value);
    return Buffer.concat([varint((id << 3) | 2), varint(bytes.length), bytes]);
  }
  const isDouble = "double" in value;
  const bytes = Buffer.alloc(isDouble ? 8 : 4);
  if ("double" in value) bytes.writeDoubleLE(value.double);
  else bytes.writeFloatLE(value.float);
  return Buffer.concat([varint((id << 3) | (isDouble ? 1 : 5)), bytes]);
}

function varint(value: number | bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Buffer.from([...bytes, Number(rest)]);
}

const masked = (bytes: Uint8Array): Buffer => {
  const crc = crc32c(bytes);
  const result = Buffer.alloc(4);
  result.writeUInt32LE((((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0);
  return result;
};

/** Data framed as one record of a TensorFlow file. */
export function record(data: Uint8Array): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(data.length));
  return Buffer.concat([length, masked(length), data, masked(data)]);
}

export const version = record(message([1, { double: 1000 }], [3, "brain.Event:2"]));

/** One event with values of a summary. */
export function event(step: number, wallTime: number, ...values: Buffer[]): Buffer {
  const summary = message(...values.map((value): Field => [1, value]));
  return record(message([1, { double: wallTime }], [2, step], [5, summary]));
}

export const scalar = (tag: string, value: number): Buffer => message([1, tag], [2, { float: value }]);

export const plugin = (name: string, content: Uint8Array = Buffer.alloc(0)): Buffer =>
  message([1, message([1, name], [2, content])]);

export const tensor = (tag: string, pluginName: string, ...fields: Field[]): Buffer =>
  message([1, tag], [8, message(...fields)], [9, plugin(pluginName)]);
