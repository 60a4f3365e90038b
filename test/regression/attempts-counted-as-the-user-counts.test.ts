import { describe, expect, it } from '@jest/globals';
import { createPipeline, GenerationError, tokens } from 'scriptorium';
import type { GenerationInput } from 'scriptorium';
import { openaiCompatible } from 'scriptorium/plugins/openai-compatible';
import { FakeTransport } from 'scriptorium/testing';
import type { FakeAnswer } from 'scriptorium/testing';
import { failureOf } from '../support/pipelines.js';

const BUSY: FakeAnswer = { status: 503, body: ['{"error":{"message":"busy"}}'] };
const REFUSED = new GenerationError('connection', 'refused', { retryable: true, neverSent: true });
const CHUNK = 'data: {"choices":[{"index":0,"delta":{"content":"Once upon a time. "}}]}\n\n';
const BREAKS: FakeAnswer = {
  headers: { 'content-type': 'text/event-stream' },
  body: [CHUNK, new GenerationError('connection', 'reset', { retryable: true })],
};

/** The failure of a generation with three attempts a route, and the number of its requests. */
async function failureWith(answers: readonly (FakeAnswer | GenerationError)[], input: Partial<GenerationInput> = {}) {
  const transport = new FakeTransport(...answers);
  await using pipeline = await createPipeline({
    environment: {},
    plugins: [openaiCompatible({ id: 'quill', baseUrl: 'http://quill.test/v1', model: 'quill-1' })],
    config: {
      logging: { level: 'silent' },
      retry: { maxAttempts: 3, baseMs: 0 },
      continuity: { onBreak: 'resume', maxSegments: 1 },
    },
    register: (container) => container.register(tokens.TRANSPORT, { useValue: transport }),
  });
  const error = await failureOf(pipeline.generate({ prompt: 'Write.', ...input }));
  return { error, requests: transport.requests.length };
}

describe('"All 3 attempts failed" is what retry.maxAttempts says', () => {
  it('although a retry was free', async () => {
    const { error, requests } = await failureWith([REFUSED, BUSY]);
    expect({ message: error.message, requests }).toEqual({
      message: 'All 3 attempts failed; the last one: quill answered 503: busy',
      requests: 4,
    });
  });

  it('on every route', async () => {
    const { error, requests } = await failureWith([BUSY], { overrides: { routes: [{ model: 'quill-2' }] } });
    const messages = error.routeFailures?.map(({ message }) => message);
    expect({ messages, requests }).toEqual({
      messages: Array(2).fill('All 3 attempts failed; the last one: quill answered 503: busy'),
      requests: 6,
    });
  });

  it('in a segment that continues a text', async () => {
    const { error, requests } = await failureWith([BUSY, BREAKS, BUSY], {
      overrides: { continuity: { onBreak: 'resume' } },
    });
    expect(requests).toBeGreaterThan(3);
    expect(error.message).toContain('All 3 attempts failed; the last one: quill answered 503: busy');
  });
});
