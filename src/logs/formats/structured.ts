/** Small files of settings: JSON, YAML, TOML, told by the ending. */

/** @throws Error  the library's own, where the text is none of these */
export async function parseStructured(path: string, text: string): Promise<unknown> {
  if (/\.json$/i.test(path)) return JSON.parse(text);
  if (/\.toml$/i.test(path)) return (await import("smol-toml")).parse(text);
  const { default: yaml } = await import("yaml");
  return yaml.parse(text, { maxAliasCount: 100 });
}
