import type { GenerationEvent, Usage } from 'scriptorium';

/** The end of a whole answer of the provider `mine`. */
export function anEnd(usage: Partial<Usage> = {}): GenerationEvent {
  return {
    type: 'generation-end',
    finishReason: { unified: 'stop', raw: 'stop' },
    usage: { inputTokens: 7, outputTokens: 3, source: 'reported', ...usage },
    servedFrom: 'provider',
    provider: 'mine',
    model: 'm',
  };
}
