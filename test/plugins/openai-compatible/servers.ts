import { Secret } from 'scriptorium';
import type { GenerationRequest } from 'scriptorium';
import { aRequest } from 'scriptorium/testing';
import { remediesOf } from '../../../plugins/openai-compatible/classify.js';
import { encodeChat } from '../../../plugins/openai-compatible/encode.js';
import type { Preset } from '../../../plugins/openai-compatible/preset.js';
import { PRESETS } from '../../../plugins/openai-compatible/presets.js';
import type { PresetName } from '../../../plugins/openai-compatible/presets.js';
import type { Server } from '../../../plugins/openai-compatible/server.js';

/** A server of a preset, as its instance is configured by default. */
export function aServer(name: PresetName, parts: Partial<Server> = {}): Server {
  const preset: Preset = PRESETS[name];
  return {
    id: name,
    baseUrl: preset.baseUrl ?? 'http://127.0.0.1:9/v1',
    apiKey: new Secret('sk-test'),
    headers: {},
    prefill: null,
    endsByTerminator: null,
    preset,
    remedies: remediesOf(name, (key) => (key === 'apiKey' ? preset.keyVariable : undefined)),
    ...parts,
  };
}

/** What goes onto the wire for a request to that server. */
export function sentTo(
  name: PresetName,
  parts: Partial<GenerationRequest> = {},
  server: Partial<Server> = {},
): {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Record<string, unknown>;
  /** What was left out. */
  readonly told: readonly string[];
} {
  const told: string[] = [];
  const request = aRequest({ provider: name, ...parts });
  const { url, headers, body } = encodeChat(request, aServer(name, server), (sentence) => told.push(sentence));
  return { url, headers, body: JSON.parse(body!) as Record<string, unknown>, told };
}
