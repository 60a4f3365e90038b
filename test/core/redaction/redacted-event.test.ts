import { describe, expect, it } from '@jest/globals';
import type { GenerationEvent } from '../../../src/core/events.js';
import { redactedEvent } from '../../../src/core/redaction/redacted-event.js';
import { redactor } from '../../../src/core/redaction/redactor.js';
import { Secret } from '../../../src/core/secret.js';

const KEY = 'sk-canary-0123456789abcdef';
const redact = redactor([new Secret(KEY)]);

/** A value that is nested too deep to be searched. */
function deep(): unknown {
  let value: unknown = KEY;
  for (let depth = 0; depth < 300; depth += 1) value = [value];
  return value;
}

const END: GenerationEvent = {
  type: 'generation-end',
  finishReason: { unified: 'stop', raw: 'end' },
  usage: { inputTokens: 1, outputTokens: 2, source: 'reported' },
  servedFrom: 'provider',
  provider: 'quill',
  model: 'quill-1',
};

describe('an event of a provider', () => {
  it('that holds no secret is passed on as it is', () => {
    const events: readonly GenerationEvent[] = [END, { type: 'custom', name: 'quill/note', payload: { a: [1, 2] } }];
    expect(events.map((event) => redactedEvent(event, redact) === event)).toEqual([true, true]);
  });

  it('loses what cannot be searched, and nothing else', () => {
    const event = { ...END, providerMetadata: { quill: deep() }, responseId: KEY, extra: deep() } as GenerationEvent;
    expect(redactedEvent(event, redact)).toEqual({ ...END, providerMetadata: {}, responseId: '[secret]' });
  });

  it('keeps its usage and its reason, without what cannot be searched in them', () => {
    const usage = { inputTokens: 1, outputTokens: 2, source: 'reported', note: deep() };
    const finishReason = { unified: 'stop', raw: KEY, note: deep() };
    expect(redactedEvent({ ...END, usage, finishReason } as GenerationEvent, redact)).toStrictEqual({
      ...END,
      finishReason: { unified: 'stop', raw: '[secret]' },
    });
  });

  it('keeps the fields that can be searched, as they are, beside one that cannot', () => {
    const event = {
      ...END,
      providerMetadata: { quill: { a: 1 } },
      annotations: [{ a: 1 }, null],
      note: null,
      usage: undefined,
      [KEY]: 1,
      extra: deep(),
    } as unknown as GenerationEvent;
    expect(redactedEvent(event, redact)).toStrictEqual({
      type: 'generation-end',
      finishReason: { unified: 'stop', raw: 'end' },
      servedFrom: 'provider',
      provider: 'quill',
      model: 'quill-1',
      providerMetadata: { quill: { a: 1 } },
      annotations: [{ a: 1 }, null],
      note: null,
      '[secret]': 1,
    });
  });

  it.each(['response-metadata', 'warning', 'route-chosen', 'of-another-version'])('of type %s is searched', (type) => {
    const event = { type, message: `No: ${KEY}`, note: deep() } as unknown as GenerationEvent;
    expect(redactedEvent(event, redact)).toEqual({ type, message: 'No: [secret]' });
  });

  it('of content is passed on unchanged', () => {
    const event: GenerationEvent = { type: 'text-delta', delta: KEY };
    expect(redactedEvent(event, redact)).toBe(event);
  });
});
