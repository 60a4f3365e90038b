import fc from 'fast-check';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { GenerationEvent } from 'scriptorium';
import type { Provider } from 'scriptorium/plugin';
import { aRequest, checkGrammar } from 'scriptorium/testing';
import { memoryConnection, openRouterProvider } from '../support/openrouter-provider.js';
import { aScene, success } from '../support/scene.js';
import { chunk, data, DONE, finish, goodStream, LAST_CHUNK, SSE_HEAD } from '../support/wire.js';
import { RUNS } from '../support/runs.js';
import { anyText } from '../support/any-text.js';

let provider: Provider;

beforeAll(async () => {
  provider = await openRouterProvider();
});

/** All that a subscriber sees of a stream of these pieces: its events, and the code of its failure. */
function outcomeOf(
  pieces: Iterable<Uint8Array>,
): Promise<{ readonly events: readonly GenerationEvent[]; readonly failure?: string }> {
  return new Promise((resolve) => {
    const events: GenerationEvent[] = [];
    provider
      .generate(aRequest({ provider: 'openrouter' }), memoryConnection(pieces))
      .pipe(checkGrammar())
      .subscribe({
        next: (event) => events.push(event),
        error: (error: { code?: string; message: string }) => resolve({ events, failure: error.code ?? error.message }),
        complete: () => resolve({ events }),
      });
  });
}

/** Texts with all that has ever confused a reader of streams, cut between any two code units: also inside a character. */
const pieceOfText = fc.oneof(
  fc.constantFrom(
    'data: ',
    '\ndata: [DONE]\n\n',
    '[DONE]',
    '\u2028',
    '\u2029',
    '"',
    '\\',
    '\n',
    '\r\n',
    '\r',
    '\uFEFF',
    ': comment',
    'é',
    '日本',
    '🌊',
    '👩‍🚀',
    '\0',
    ' ',
  ),
  anyText(8),
);
const texts = fc.array(pieceOfText, { minLength: 1, maxLength: 12 }).chain((pieces) => {
  const text = `x${pieces.join('')}`;
  return fc.array(fc.nat({ max: text.length }), { maxLength: 12 }).map((cuts) => cutAt(text, cuts));
});

const text = (content: string): string =>
  data({ id: 'gen-1', choices: [{ index: 0, delta: { role: 'assistant', content } }] });
const noise = fc.constantFrom(
  ': OPENROUTER PROCESSING\n\n',
  ':\n',
  'id: 7\n',
  'retry: 10\n',
  'event: chunk\n',
  '\n',
  data({ choices: [] }),
  data({ choices: [{ index: 0, delta: { reasoning: 'Hm — 🤔' } }] }),
  data({ choices: [], usage: { prompt_tokens: 1, completion_tokens: 2 } }),
);
const endings = fc.constantFrom(
  finish() + DONE,
  finish('length', null) + data({ choices: [], usage: { prompt_tokens: 3, completion_tokens: 4 } }) + DONE,
  data({
    choices: [
      {
        index: 0,
        delta: { tool_calls: [{ index: 0, id: 'call_1', function: { name: 'f', arguments: '{"a":"é"}' } }] },
      },
    ],
  }) +
    finish('tool_calls') +
    DONE,
  data({ error: { code: 502, message: 'broke' } }),
  DONE,
  'data: {"choices":\n\n',
  '',
);

/** The text of a stream, with line feeds; noise stands before the pieces of text. */
const streams = fc
  .tuple(texts, fc.array(noise, { maxLength: 12 }), endings)
  .map(
    ([pieces, noises, ending]) => pieces.map((piece, index) => (noises[index] ?? '') + text(piece)).join('') + ending,
  );
const splits = fc.oneof(fc.constant('each byte' as const), fc.array(fc.nat({ max: 4_000 }), { maxLength: 30 }));

describe('a stream in memory', () => {
  it('P1: gives the same events however its bytes are split', async () => {
    await fc.assert(
      fc.asyncProperty(streams, splits, async (stream, split) => {
        const bytes = Buffer.from(stream);
        expect(await outcomeOf(splitBytes(bytes, split))).toEqual(await outcomeOf([bytes]));
      }),
      RUNS,
    );
  });

  it("P2: gives the same events with LF, CR and CRLF, and with each event's own", async () => {
    const lineEndings = fc.array(fc.constantFrom('\n', '\r', '\r\n'), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(streams, lineEndings, splits, async (stream, ends, split) => {
        const events = stream
          .split(/(?<=\n\n)/)
          .map((event, index) => event.replaceAll('\n', ends[index % ends.length]!));
        expect(await outcomeOf(splitBytes(Buffer.from(events.join('')), split))).toEqual(
          await outcomeOf([Buffer.from(stream)]),
        );
      }),
      RUNS,
    );
  });

  it('P3: cut anywhere, gives a first part of its events', async () => {
    await fc.assert(
      fc.asyncProperty(streams, fc.double({ min: 0, max: 1, noNaN: true }), async (stream, part) => {
        const bytes = Buffer.from(stream);
        const whole = onTheWay((await outcomeOf([bytes])).events);
        const cut = onTheWay((await outcomeOf([bytes.subarray(0, Math.floor(bytes.length * part))])).events);
        expect(cut).toEqual(whole.slice(0, cut.length));
      }),
      RUNS,
    );
  });

  it('P4: cut anywhere before its finish reason, is never taken for a whole answer', async () => {
    await fc.assert(
      fc.asyncProperty(texts, fc.double({ min: 0, max: 1, noNaN: true }), async (pieces, part) => {
        const before = pieces.map(text).join('');
        const bytes = Buffer.from(before + finish().trimEnd());
        const { events, failure } = await outcomeOf([bytes.subarray(0, Math.floor((bytes.length - 1) * part))]);
        expect(failure).toMatch(/^(truncated|empty-answer)$/);
        expect(events.filter(({ type }) => type === 'generation-end')).toEqual([]);
        expect((await outcomeOf([bytes])).failure).toBeUndefined();
      }),
      RUNS,
    );
  });
});

describe('a stream over a socket', () => {
  it('P1: of ten thousand pieces of text arrives whole and in order under random splits', async () => {
    const pieces = Array.from({ length: 10_000 }, (_, index) => `${index} — ${'🌊é日'.repeat(index % 3)}\n`);
    const bytes = Buffer.from(goodStream(...pieces));
    const chunks = [...splitBytes(bytes, cutsFrom(7, bytes.length, 1_500))];
    const framed = chunks.map((piece) =>
      Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n')]),
    );
    const { pipeline } = await aScene([
      [
        { request: true },
        { write: SSE_HEAD },
        ...framed.map((write) => ({ write })),
        { write: chunk(': end\n\n') + LAST_CHUNK },
      ],
    ]);
    const { events, text: whole } = await success(pipeline);
    expect(whole).toBe(pieces.join(''));
    expect(events.filter(({ type }) => type === 'text-delta')).toHaveLength(10_000);
  });
});

/** The events that do not wait for the end: tool calls and the end itself come only once the answer is whole. */
function onTheWay(events: readonly GenerationEvent[]): readonly GenerationEvent[] {
  return events.filter(({ type }) => type !== 'generation-end' && type !== 'tool-call');
}

function cutAt(whole: string, cuts: readonly number[]): readonly string[] {
  const at = [0, ...cuts.toSorted((a, b) => a - b), whole.length];
  return at.slice(1).map((end, index) => whole.slice(at[index], end));
}

function* splitBytes(bytes: Buffer, cuts: 'each byte' | readonly number[]): Generator<Buffer> {
  const inner =
    cuts === 'each byte' ? [...bytes.keys()] : cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b);
  const at = [0, ...inner, bytes.length];
  for (let index = 1; index < at.length; index += 1)
    if (at[index]! > at[index - 1]!) yield bytes.subarray(at[index - 1], at[index]);
}

/** Places to cut at, the same ones for the same seed. Source: a linear congruential generator (Numerical Recipes). */
function cutsFrom(seed: number, length: number, count: number): readonly number[] {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return Math.floor((state / 2 ** 32) * length);
  });
}
