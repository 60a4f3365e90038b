import type { Preset } from './preset.js';
import { PRESET_NAMES, PRESETS } from './presets.js';
import type { PresetName } from './presets.js';

/** How a preset's server is reached. */
export interface PresetServer {
  /** The variable that usually holds its key. Without one it needs none. */
  readonly keyVariable?: string | undefined;
  /** The variable that sets its address. */
  readonly baseUrlVariable?: string | undefined;
  /** Its address by default; null where it has to be configured. */
  readonly baseUrl: string | null;
}

/** The presets' servers, for programs that let their users choose one. */
export const PRESET_SERVERS = Object.fromEntries(PRESET_NAMES.map((name) => [name, serverOf(name)])) as Readonly<
  Record<PresetName, PresetServer>
>;

function serverOf(name: PresetName): PresetServer {
  const { keyVariable, baseUrl }: Preset = PRESETS[name];
  return { keyVariable, baseUrlVariable: baseUrlVariableOf(name), baseUrl };
}

/** `lm-studio` is at `LM_STUDIO_BASE_URL`. A server without a preset has no name of its own. */
export function baseUrlVariableOf(name: PresetName): string | undefined {
  return name === 'generic' ? undefined : `${name.replaceAll('-', '_').toUpperCase()}_BASE_URL`;
}
