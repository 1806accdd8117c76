/**
 * Transformers whose shapes were printed with their sizes: what the usual proportions are read off, and what a shape of one's
 * own can be held against. One more is one more line.
 */
import { shapeOfWidth, type TransformerShape } from "../transformer/shape.js";

export interface PublishedShape {
  name: string;
  shape: TransformerShape;
  /** Parameters as the authors print them, to their digits. */
  printed: { total?: number; nonEmbedding?: number; active?: number };
  source: string;
}

/** Width = heads times head size in all of them. */
type Sides = readonly [layers: number, width: number, heads: number];

const sized = ([layers, width, heads]: Sides, rest: Partial<TransformerShape>): PublishedShape["shape"] =>
  shapeOfWidth({ layers, heads, ...rest }, width);

const gpt3 = (size: string, printed: number, sides: Sides): PublishedShape => ({
  name: `GPT-3 ${size}`,
  shape: sized(sides, { vocab: 50_257, isTied: true, context: 2048 }),
  printed: { total: printed },
  source: "arXiv 2005.14165, table 2.1",
});

const pythia = (size: string, nonEmbedding: number, sides: Sides): PublishedShape => ({
  name: `Pythia ${size}`,
  shape: sized(sides, { vocab: 50_304, context: 2048 }),
  printed: { nonEmbedding },
  source: "arXiv 2304.01373, table 1",
});

const gated = (
  name: string,
  printed: PublishedShape["printed"],
  sides: Sides,
  rest: Partial<TransformerShape>,
  source: string,
): PublishedShape => ({
  name,
  shape: sized(sides, { isGated: true, vocab: 32_000, ...rest }),
  printed,
  source,
});

const LLAMA = "arXiv 2302.13971, table 2";
const LLAMA2 = "arXiv 2307.09288";
const LLAMA3 = "arXiv 2407.21783, table 3";
const ofLlama3 = { kvHeads: 8, vocab: 128_256, context: 8192 };

export const PUBLISHED_SHAPES: readonly PublishedShape[] = [
  pythia("70M", 18_915_328, [6, 512, 8]),
  pythia("160M", 85_056_000, [12, 768, 12]),
  pythia("410M", 302_311_424, [24, 1024, 16]),
  pythia("1B", 805_736_448, [16, 2048, 8]),
  pythia("1.4B", 1_208_602_624, [24, 2048, 16]),
  pythia("2.8B", 2_517_652_480, [32, 2560, 32]),
  pythia("6.9B", 6_444_163_072, [32, 4096, 32]),
  pythia("12B", 11_327_027_200, [36, 5120, 40]),
  gpt3("125M", 125e6, [12, 768, 12]),
  gpt3("350M", 350e6, [24, 1024, 16]),
  gpt3("760M", 760e6, [24, 1536, 16]),
  gpt3("2.7B", 2.7e9, [32, 2560, 32]),
  gpt3("6.7B", 6.7e9, [32, 4096, 32]),
  gpt3("175B", 175e9, [96, 12_288, 96]),
  gated("LLaMA 7B", { total: 6.7e9 }, [32, 4096, 32], { ff: 11_008, context: 2048 }, LLAMA),
  gated("LLaMA 13B", { total: 13e9 }, [40, 5120, 40], { ff: 13_824, context: 2048 }, LLAMA),
  gated("LLaMA 33B", { total: 32.5e9 }, [60, 6656, 52], { ff: 17_920, context: 2048 }, LLAMA),
  gated("LLaMA 65B", { total: 65.2e9 }, [80, 8192, 64], { ff: 22_016, context: 2048 }, LLAMA),
  gated("Llama 2 70B", { total: 70e9 }, [80, 8192, 64], { ff: 28_672, kvHeads: 8 }, LLAMA2),
  gated("Llama 3 8B", { total: 8e9 }, [32, 4096, 32], { ff: 14_336, ...ofLlama3 }, LLAMA3),
  gated("Llama 3 70B", { total: 70e9 }, [80, 8192, 64], { ff: 28_672, ...ofLlama3 }, LLAMA3),
  gated("Llama 3 405B", { total: 405e9 }, [126, 16_384, 128], { ff: 53_248, ...ofLlama3 }, LLAMA3),
  gated(
    "Mixtral 8x7B",
    { total: 46.7e9, active: 12.9e9 },
    [32, 4096, 32],
    { ff: 14_336, kvHeads: 8, experts: 8, activeExperts: 2 },
    "arXiv 2401.04088",
  ),
];
