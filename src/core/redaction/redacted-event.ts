import type { GenerationEvent } from '../events.js';
import type { Redact } from '../ports.js';
import { redactedCopy } from './redacted-copy.js';

/**
 * Masks known secrets in an event of a provider, before it can be logged or counted. Content is returned unchanged. What
 * cannot be searched is left out: it must not cost the answer.
 */
export function redactedEvent(event: GenerationEvent, redact: Redact): GenerationEvent {
  switch (event.type) {
    case 'response-metadata':
    case 'warning':
      return searched(event, redact) ?? event;
    case 'custom':
      return searched(event, redact) ?? { ...event, payload: undefined };
    case 'generation-end': {
      const { providerMetadata, ...end } = event;
      const metadata = providerMetadata && (searched(providerMetadata, redact) ?? {});
      const clean = searched(end, redact) ?? end;
      if (clean === end && metadata === providerMetadata) return event;
      return { ...clean, ...(metadata && { providerMetadata: metadata }) };
    }
    default:
      return event;
  }
}

function searched<T>(value: T, redact: Redact): T | undefined {
  try {
    return redactedCopy(value, redact);
  } catch {
    return undefined;
  }
}
