import { describe, expect, test } from "vitest";
import { readLogs } from "../../src/logs/read.js";
import { errorOf, readText, withFiles } from "./support.js";

/** Four lines of CSV as `zstd --check` (1.5) packs them, and as two frames behind each other, the second without a checksum. */
const ONE_FRAME = "KLUv/SQ1qQEAcnVuLHBhcmFtcyx0b2tlbnMsbG9zcwphLDFlNywyZTgsNS4xOQpiLDNlNyw2ZTgsNC4wOQoa7P+p";
const TWO_FRAMES =
  "KLUv/QRY8QAAcnVuLHBhcmFtcyx0b2tlbnMsbG9zcwphLDFlNywyS1d46yi1L/0AWLkAAGU4LDUuMTkKYiwzZTcsNmU4LDQuMDkK";
const packed = (text: string) => Buffer.from(text, "base64");

describe("zstd", () => {
  test.each([
    ["one frame", packed(ONE_FRAME)],
    ["two frames", packed(TWO_FRAMES)],
    [
      "a frame to be skipped first",
      Buffer.concat([
        Buffer.from("502a4d180300000001", "hex"),
        Buffer.from("0203", "hex"),
        packed(ONE_FRAME),
      ]),
    ],
  ])("%s, in chunks of any size, is unpacked", async (_, bytes) => {
    for (const chunkSize of [1, 7, 1000]) {
      const { table, sources } = await readText(bytes, chunkSize);
      expect(table.columns.map((column) => column.text(1))).toEqual(["b", "3e7", "6e8", "4.09"]);
      expect(sources[0]).toMatchObject({ format: "csv", bytes: bytes.length });
    }
  });

  test("a block that stands for many bytes is unpacked: the same byte 100,000 times", async () => {
    // magic, single segment of 100,000 bytes, one last block of run-length type
    const blocks = Buffer.from("28b52ffda0a0860100", "hex");
    const header = 1 | (1 << 1) | (100_000 << 3);
    const bytes = Buffer.concat([blocks, Buffer.from([header & 255, (header >> 8) & 255, header >> 16, 10])]);
    expect(await errorOf(readText(bytes))).toMatchObject({ code: "no-rows" });
  });

  test("a file that is cut, damaged or followed by something else is refused with its name", async () => {
    const bytes = packed(ONE_FRAME);
    for (const length of [5, 20, bytes.length - 5, bytes.length - 1]) {
      const error = await errorOf(readText(bytes.subarray(0, length)));
      expect(error).toMatchObject({ code: "zstd", message: expect.stringContaining("truncated") });
    }
    const followed = Buffer.concat([bytes, Buffer.from("run,loss\nand more than eighteen bytes\n")]);
    expect(await errorOf(readText(followed))).toMatchObject({ code: "zstd" });
  });

  test("a name that promises another packing is said", async () => {
    const files = {
      "a.csv": packed(ONE_FRAME),
      "b.csv.zst": "run,loss\na,1\n",
      "c.csv.zst": packed(ONE_FRAME),
    };
    await withFiles(files, async (pathOf) => {
      const said = async (name: string) =>
        (await readLogs([pathOf(name)])).warnings.map(({ message }) => message);
      expect(await said("a.csv")).toEqual(["unpacked: it is zstd, whatever its name says"]);
      expect(await said("b.csv.zst")).toEqual(["read as it is: it is not zstd, whatever its name says"]);
      expect(await said("c.csv.zst")).toEqual([]);
    });
  });
});
