import type { GenerationEvent } from '../events.js';
import type { Redact } from '../ports.js';
import { redactedCopy } from './redacted-copy.js';

/** The answer itself. */
const CONTENT: ReadonlySet<string> = new Set([
  'text-delta',
  'reasoning-delta',
  'reasoning-details',
  'annotation',
  'image',
  'tool-call',
] satisfies readonly GenerationEvent['type'][]);

/**
 * Masks known secrets in an event of a provider, before it can be logged or counted. Content is returned unchanged. What
 * cannot be searched is left out: it must not cost the answer.
 */
export function redactedEvent(event: GenerationEvent, redact: Redact): GenerationEvent {
  if (CONTENT.has(event.type)) return event;
  return searched(event, redact) ?? withoutUnsearched(event, redact);
}

/** Searches each field by itself. */
function withoutUnsearched(event: GenerationEvent, redact: Redact): GenerationEvent {
  const fields = Object.entries(event).map(
    ([name, value]) => [redact(name), searchedField(name, value, redact)] as const,
  );
  return Object.fromEntries(fields.filter(([, value]) => value !== undefined)) as unknown as GenerationEvent;
}

/** The end of an answer needs its reason and its usage; of those, the fields that can be searched are enough. */
function searchedField(name: string, value: unknown, redact: Redact): unknown {
  const clean = searched(value, redact);
  if (clean !== undefined || typeof value !== 'object' || value === null) return clean;
  if (name === 'providerMetadata') return {};
  if (name !== 'usage' && name !== 'finishReason') return undefined;
  const fields = Object.entries(value).map(([field, item]) => [redact(field), searched(item, redact)] as const);
  return Object.fromEntries(fields.filter(([, item]) => item !== undefined));
}

function searched<T>(value: T, redact: Redact): T | undefined {
  try {
    return redactedCopy(value, redact);
  } catch {
    return undefined;
  }
}
