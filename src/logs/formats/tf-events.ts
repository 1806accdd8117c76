/**
 * The parts of TensorBoard's events that hold numbers and settings, as protocol buffers. What is not listed here is
 * passed over by the decoder; fields that are `bytes` only tell that something is there.
 *
 * @see tensorflow/tensorboard, tensorboard/compat/proto/{event,summary,tensor}.proto and
 * tensorboard/plugins/hparams/plugin_data.proto
 */
import type { Type } from "protobufjs/light.js";

/* Messages that are not there are null; of values that are not there, only `Object.hasOwn` tells. */

/** A whole number as the decoder gives it: of more than 32 bits, an object that prints as the number. */
export type Whole = number | { toString(): string };

export interface TfEvent {
  wallTime: number;
  step: Whole;
  graphDef?: Uint8Array;
  metaGraphDef?: Uint8Array;
  logMessage?: Uint8Array;
  taggedRunMetadata?: Uint8Array;
  summary?: { value: TfValue[] } | null;
}

export interface TfValue {
  tag: string;
  simpleValue?: number;
  oldHistogram?: Uint8Array;
  image?: Uint8Array;
  histogram?: Uint8Array;
  audio?: Uint8Array;
  tensor?: TfTensor | null;
  metadata?: { pluginData?: { pluginName: string; content: Uint8Array } | null } | null;
}

export interface TfTensor {
  dtype: number;
  shape?: { dim: { size: Whole }[] } | null;
  content: Uint8Array;
  floats: number[];
  doubles: number[];
  ints: number[];
  strings: Uint8Array[];
  longs: Whole[];
  bools: boolean[];
  halves: number[];
  unsignedInts: number[];
  unsignedLongs: Whole[];
}

export interface TfHparams {
  sessionStart?: { hparams: Record<string, { number?: number; text?: string; flag?: boolean }> } | null;
}

const field = (type: string, id: number) => ({ type, id });
const list = (type: string, id: number) => ({ rule: "repeated", type, id });
const oneOf = (...names: string[]) => ({ oneof: names });

const SCHEMA = {
  nested: {
    Event: {
      fields: {
        wallTime: field("double", 1),
        step: field("int64", 2),
        graphDef: field("bytes", 4),
        summary: field("Summary", 5),
        logMessage: field("bytes", 6),
        taggedRunMetadata: field("bytes", 8),
        metaGraphDef: field("bytes", 9),
      },
    },
    Summary: { fields: { value: list("Value", 1) } },
    Value: {
      oneofs: { kind: oneOf("simpleValue", "oldHistogram", "image", "histogram", "audio", "tensor") },
      fields: {
        tag: field("string", 1),
        simpleValue: field("float", 2),
        oldHistogram: field("bytes", 3),
        image: field("bytes", 4),
        histogram: field("bytes", 5),
        audio: field("bytes", 6),
        tensor: field("Tensor", 8),
        metadata: field("Metadata", 9),
      },
    },
    Metadata: { fields: { pluginData: field("PluginData", 1) } },
    PluginData: { fields: { pluginName: field("string", 1), content: field("bytes", 2) } },
    Tensor: {
      fields: {
        dtype: field("int32", 1),
        shape: field("Shape", 2),
        content: field("bytes", 4),
        floats: list("float", 5),
        doubles: list("double", 6),
        ints: list("int32", 7),
        strings: list("bytes", 8),
        longs: list("int64", 10),
        bools: list("bool", 11),
        halves: list("int32", 13),
        unsignedInts: list("uint32", 16),
        unsignedLongs: list("uint64", 17),
      },
    },
    Shape: { fields: { dim: list("Dim", 2) } },
    Dim: { fields: { size: field("int64", 1) } },
    Hparams: { fields: { sessionStart: field("SessionStart", 3) } },
    SessionStart: { fields: { hparams: { keyType: "string", type: "Setting", id: 1 } } },
    // google.protobuf.Value
    Setting: {
      oneofs: { kind: oneOf("number", "text", "flag") },
      fields: { number: field("double", 2), text: field("string", 3), flag: field("bool", 4) },
    },
  },
};

/** Decoders of the two messages that are read as such. Each throws for bytes that are no such message. */
export interface TfDecoders {
  event(bytes: Uint8Array): TfEvent;
  hparams(bytes: Uint8Array): TfHparams;
}

let known: Promise<TfDecoders> | null = null;

/** Made once: with many event files, making them would take longer than the reading. */
export function tfDecoders(): Promise<TfDecoders> {
  known ??= makeDecoders();
  return known;
}

async function makeDecoders(): Promise<TfDecoders> {
  const { default: protobuf } = await import("protobufjs/light.js");
  const root = protobuf.Root.fromJSON(SCHEMA);
  const decoder =
    <T>(type: Type) =>
    (bytes: Uint8Array): T =>
      type.decode(bytes) as unknown as T;
  return {
    event: decoder<TfEvent>(root.lookupType("Event")),
    hparams: decoder<TfHparams>(root.lookupType("Hparams")),
  };
}
