import type { Law, Preset } from "./law.js";

/** A published set with its law. */
export interface PresetOfLaw {
  law: Law;
  preset: Preset;
}

/** The published set of this name among those of some laws; null where none is called so. */
export function presetNamed(among: readonly Law[], name: string | undefined): PresetOfLaw | null {
  for (const law of among) {
    const preset = law.presets.find((one) => one.name === name);
    if (preset !== undefined) return { law, preset };
  }
  return null;
}
