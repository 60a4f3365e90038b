import type { GenerationEvent } from '../../core/events.js';
import type { GenerationRequest } from '../../core/request.js';
import { aRequest } from '../request-builder.js';

/** Events that no interceptor understands: another plugin's, and one of a later version of this package. */
export const STRANGE: readonly GenerationEvent[] = [
  { type: 'custom', name: 'contract/mark', payload: { depth: 3 } },
  { type: 'invented-later', payload: [1] } as unknown as GenerationEvent,
];

export const TEXT: GenerationEvent = { type: 'text-delta', delta: 'Call me Ishmael. ' };

export const END: GenerationEvent = {
  type: 'generation-end',
  finishReason: { unified: 'stop', raw: 'stop' },
  usage: { inputTokens: 7, outputTokens: 5, source: 'reported' },
  servedFrom: 'provider',
  provider: 'fake',
  model: 'a-model',
};

/** A good answer. */
export const ANSWER: readonly GenerationEvent[] = [TEXT, { type: 'text-delta', delta: 'Some years ago.' }, END];

/** A request with something in every part that an interceptor may want to change. */
export function aFullRequest(parts: Partial<GenerationRequest> = {}): GenerationRequest {
  return aRequest({
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Begin.' },
    ],
    maxTokens: 200,
    temperature: 0.5,
    stop: ['END'],
    headers: { 'x-own': 'yes' },
    labels: { book: 'ada' },
    providerOptions: { fake: { session: 'one' } },
    overrides: {},
    tools: [{ name: 'look_up' }],
    ...parts,
  });
}
