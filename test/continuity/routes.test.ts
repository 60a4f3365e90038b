import { describe, expect, it } from '@jest/globals';
import { lastValueFrom, toArray } from 'rxjs';
import { emulated, PROMPT, typesOf, written } from './emulated.js';

const [FIRST, SECOND] = ['scriptorium/repeats-last-sentence', 'scriptorium/exact-1500'];

describe('a text that breaks off twice on one route', () => {
  it.each(['exact', 'instructed'] as const)('is gone on with by the model of the next one (%s)', async (prefill) => {
    const { emulator, pipeline } = await emulated({
      config: { plugins: { openrouter: { prefill: { [SECOND]: prefill } } } },
    });
    emulator.script({ reset: { afterDeltas: 40 } }, { reset: { afterDeltas: 70 } });
    const { text, segments, model } = await pipeline.generate({
      messages: PROMPT,
      model: FIRST,
      overrides: { routes: [{ model: SECOND }] },
    });

    expect(segments.map((segment) => segment.model)).toEqual([FIRST, FIRST, SECOND]);
    const soFar = segments
      .slice(0, 2)
      .map((segment) => segment.text)
      .join('');
    expect(emulator.textFor({ model: FIRST, messages: PROMPT }).startsWith(soFar)).toBe(true);
    const whole = emulator.textFor({ model: SECOND, messages: [...PROMPT, { role: 'assistant', content: soFar }] });
    expect([text, soFar + segments[2]!.text, model]).toEqual([whole, whole, SECOND]);
    expect(emulator.requests.map((request) => request.model)).toEqual([FIRST, FIRST, SECOND]);
  });

  it('names the model that goes on in the splice', async () => {
    const { emulator, pipeline } = await emulated({ config: { routes: [{ model: SECOND }] } });
    emulator.script({ reset: { afterDeltas: 40 } }, { reset: { afterDeltas: 70 } });
    const events = await written(pipeline, { model: FIRST });
    expect(events.filter(({ type }) => type === 'continuation')).toEqual([
      { type: 'continuation', segment: 2, reason: 'interrupted', provider: 'openrouter', model: FIRST },
      { type: 'continuation', segment: 3, reason: 'interrupted', provider: 'openrouter', model: SECOND },
    ]);
  });
});

describe('a route that refuses the request to go on', () => {
  it('is left for the next one at once', async () => {
    const { emulator, pipeline } = await emulated();
    emulator.script({ reset: { afterDeltas: 40 } }, { status: 402 });
    const { segments } = await pipeline.generate({
      messages: PROMPT,
      model: FIRST,
      overrides: { routes: [{ model: SECOND }] },
    });
    expect(segments.map(({ model }) => model)).toEqual([FIRST, SECOND]);
  });

  it('ends the generation where it is the last one, with all that had come', async () => {
    const { emulator, pipeline } = await emulated();
    emulator.script({ reset: { afterDeltas: 40 } }, { status: 402 });
    const seen = await lastValueFrom(pipeline.stream({ messages: PROMPT, model: FIRST }).pipe(toArray())).catch(
      (error: unknown) => error,
    );
    expect(seen).toMatchObject({
      code: 'interrupted',
      status: 402,
      cause: { code: 'payment-required' },
      partial: { text: emulator.requests[0]!.text },
    });
  });
});

describe('all routes that break off', () => {
  it('get their tries in turn', async () => {
    const { emulator, pipeline } = await emulated();
    emulator.script(...Array.from({ length: 5 }, (_, index) => ({ reset: { afterDeltas: 40 + 30 * index } })));
    const events = await written(pipeline, {
      model: 'scriptorium/exact',
      overrides: { routes: [{ model: 'scriptorium/embedded-ngram' }] },
    });
    expect(typesOf(events, 'restart')).toEqual([]);
    expect(emulator.requests.map(({ model }) => model)).toEqual([
      'scriptorium/exact',
      'scriptorium/exact',
      'scriptorium/embedded-ngram',
      'scriptorium/embedded-ngram',
      'scriptorium/exact',
      'scriptorium/exact',
    ]);
  });
});
