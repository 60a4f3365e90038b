import fc from 'fast-check';
import { describe, expect, it } from '@jest/globals';
import type { ConfigInput, GenerationEvent, GenerationResult } from 'scriptorium';
import { lastValueFrom, of } from 'rxjs';
import { collect } from 'scriptorium';
import { failureOf } from '../../support/pipelines.js';
import { aScene, watch } from '../../support/scene.js';
import type { WatchedRun } from '../../support/scene.js';
import type { Step } from '../../support/script-server.js';
import { chunk as httpChunk, data, DONE, LAST_CHUNK, SSE_HEAD, whole } from '../../support/wire.js';
import { ANSWERS, ERRORS, READ_USAGE, STREAMS, USAGE } from './recorded-streams.js';
import type { Recorded } from './recorded-streams.js';
import { runs } from '../../support/runs.js';

const numRuns = runs(0.04);

/** One attempt, and what breaks stays broken: the events of the answer alone. */
const ONCE: ConfigInput = { continuity: { onBreak: 'fail' }, retry: { maxAttempts: 1 } };
const PROCESSING = ': OPENROUTER PROCESSING\n\n';

const bytesOf = (chunks: Recorded['chunks']): Buffer =>
  Buffer.from(PROCESSING + PROCESSING + chunks.map(data).join(PROCESSING) + DONE);

/** A stream of these pieces, each a chunk of its own on the wire. */
function streamed(pieces: readonly Buffer[]): readonly Step[] {
  const framed = pieces.flatMap((piece) => [
    Buffer.from(`${piece.length.toString(16)}\r\n`),
    piece,
    Buffer.from('\r\n'),
  ]);
  return [{ request: true }, { write: SSE_HEAD }, ...framed.map((write) => ({ write })), { write: LAST_CHUNK }];
}

function cut(bytes: Buffer, cuts: readonly number[]): readonly Buffer[] {
  const at = [...new Set([0, ...cuts.map((place) => place % bytes.length), bytes.length])].toSorted((a, b) => a - b);
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end));
}

async function courseOf(pieces: readonly Buffer[]): Promise<WatchedRun> {
  const { pipeline } = await aScene([streamed(pieces)], { config: ONCE });
  return watch(pipeline);
}

/** What is the same however long it took. */
function told({ events, error }: WatchedRun): unknown {
  return {
    events: events.map((event) =>
      event.type === 'generation-end' ? { ...event, attempts: event.attempts?.length, generationId: 'any' } : event,
    ),
    error: error && [error.code, error.message, error.partial],
  };
}

async function resultOf({ events, error }: WatchedRun): Promise<GenerationResult> {
  if (error !== undefined) throw error;
  return lastValueFrom(of(...events).pipe(collect()));
}

interface Leaf {
  readonly key: string;
  readonly value: unknown;
}

/** All that JSON holds that is not null, each with the name it stands under. */
function leavesOf(json: unknown, key = ''): readonly Leaf[] {
  if (json === null || json === undefined) return [];
  if (Array.isArray(json)) return json.flatMap((item) => leavesOf(item, key));
  if (typeof json === 'object') return Object.entries(json).flatMap(([name, value]) => leavesOf(value, name));
  return [{ key, value: json }];
}

/** Without what says nothing: that an assistant speaks, that the one choice is the first, that a call is one of a function and an image has an address. */
function sayings(chunk: Recorded['chunks'][number]): unknown {
  const { choices = [], ...head } = chunk as { readonly choices?: readonly Readonly<Record<string, unknown>>[] };
  return [
    head,
    ...choices.map(({ index: _index, finish_reason: reason, ...choice }) => ({
      ...choice,
      finish_reason: typeof reason === 'string' ? reason.replaceAll('_', '-') : reason,
    })),
  ];
}

const says = (leaf: Leaf): boolean =>
  leaf.value !== '' &&
  leaf.key !== 'role' &&
  !(leaf.key === 'type' && (leaf.value === 'function' || leaf.value === 'image_url'));

/** A text may be a part of one that was put together from its pieces; anything else stands under its own name. */
function isReachable({ key, value }: Leaf, among: readonly Leaf[]): boolean {
  return among.some((leaf) =>
    typeof value === 'string'
      ? typeof leaf.value === 'string' && leaf.value.includes(value)
      : leaf.value === value && leaf.key === key,
  );
}

function lostOf(chunks: Recorded['chunks'], told: unknown): readonly Leaf[] {
  const reachable = leavesOf(told);
  return chunks
    .flatMap((chunk) => leavesOf(sayings(chunk)))
    .filter((leaf) => says(leaf) && !isReachable(leaf, reachable));
}

describe('a recorded stream with', () => {
  it.each(STREAMS)('$name loses nothing of what it carried', async ({ chunks }) => {
    const course = await courseOf([bytesOf(chunks)]);
    const { error, ...unknown } = chunks.at(-1)!;
    expect(lostOf([...chunks.slice(0, -1), unknown], await resultOf(course))).toEqual([]);
    expect(error === undefined || course.error === undefined).toBe(true);
  });

  it.each([...STREAMS, ...ERRORS])('$name is the same whole, byte by byte, and in any pieces', async ({ chunks }) => {
    const bytes = bytesOf(chunks);
    const expected = told(await courseOf([bytes]));
    expect(told(await courseOf(cut(bytes, [...bytes.keys()])))).toEqual(expected);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: bytes.length - 1 }), { minLength: 1, maxLength: 40 }), async (cuts) => {
        expect(told(await courseOf(cut(bytes, cuts)))).toEqual(expected);
      }),
      { numRuns },
    );
  });
});

const of_ = (part: string): Recorded['chunks'] => {
  const found = STREAMS.find(({ name }) => name.includes(part));
  if (found === undefined) throw new Error(`No stream "${part}"`);
  return found.chunks;
};
const read = async (part: string): Promise<GenerationResult> => resultOf(await courseOf([bytesOf(of_(part))]));

describe('what is read of a recorded stream', () => {
  it.each(['empty delta', 'without choices', 'repeats the finish reason'])(
    'is the usage and the cost, and the text once (%s)',
    async (shape) => {
      const result = await read(shape);
      expect(result).toMatchObject({
        text: 'One — zwei 🌊.',
        usage: READ_USAGE,
        cost: { known: 0.000894 },
        finishReason: { unified: 'stop', raw: 'end_turn' },
        model: 'anthropic/claude-sonnet-4.5-20250929',
        responseId: 'gen-1786300800-abc',
      });
      expect(result.providerMetadata).toMatchObject({
        openrouter: { provider: 'Amazon Bedrock', native_finish_reason: 'end_turn', usage: USAGE },
      });
    },
  );

  it('is the reasoning, with the signature in the entry it signs', async () => {
    expect(await read('signature comes last')).toMatchObject({
      reasoning: 'The user asks for a ship — 船.',
      text: 'The Pequod.',
      reasoningDetails: [
        {
          type: 'reasoning.text',
          text: 'The user asks for a ship — 船.',
          signature: 'EuQCCkYIAR…8=',
          format: 'anthropic-claude-v1',
          index: 0,
        },
      ],
    });
  });

  it('is a summary and what is encrypted as two entries, in their order', async () => {
    expect((await read('share an index')).reasoningDetails).toEqual([
      { type: 'reasoning.summary', summary: '**Naming** the ship', format: 'openai-responses-v1', index: 0 },
      { type: 'reasoning.encrypted', data: 'gAAAAABo…', id: 'rs_0f', format: 'openai-responses-v1', index: 0 },
    ]);
  });

  it('is that there were details, though none', async () => {
    const { events } = await courseOf([bytesOf(of_('an empty list'))]);
    expect(events).toContainEqual({ type: 'reasoning-details', details: [] });
  });

  it('is each tool call, once and whole', async () => {
    const { toolCalls, finishReason, usage } = await read('parallel tool calls');
    expect(toolCalls).toEqual([
      { type: 'tool-call', index: 0, id: 'toolu_01', name: 'weather', arguments: '{"city": "Berlin"}' },
      { type: 'tool-call', index: 1, id: 'toolu_02', name: 'time', arguments: '{"zone": "Europe/Zürich"}' },
    ]);
    expect([finishReason, usage]).toEqual([{ unified: 'tool-calls', raw: 'tool_use' }, READ_USAGE]);
  });

  it('is every annotation and image, and a fee that no token has', async () => {
    const { annotations, cost } = await read('web search');
    expect(annotations).toMatchObject([
      { url_citation: { url: 'https://a.example/1', title: '', start_index: 0, end_index: 0 } },
      { url_citation: { url: 'https://a.example/2' } },
      { type: 'file', file: { hash: 'f00d' } },
    ]);
    expect(cost).toEqual({ known: 0.00765, estimated: 0, unmeasuredAttempts: 0 });
    expect((await read('images')).images).toEqual(['data:image/png;base64,iVBORw0KGgo=', 'https://a.example/ship.png']);
  });

  it('is every debugging chunk: the last one under its name, the others as what was said earlier', async () => {
    expect((await read('debugging')).providerMetadata).toMatchObject({
      openrouter: {
        provider: 'Amazon Bedrock',
        debug: { echo_upstream_body: { second_try: true } },
        earlier: { provider: ['Anthropic'], debug: [{ echo_upstream_body: { max_tokens: 64, first_try: true } }] },
      },
    });
  });

  it('is the cut at the token cap, whatever error comes after it', async () => {
    expect(await read('after the finish reason "length"')).toMatchObject({
      text: 'The Peq',
      finishReason: { unified: 'length' },
      usage: READ_USAGE,
    });
  });

  it('is a refusal beside the text', async () => {
    expect((await read('a refusal')).providerMetadata).toMatchObject({
      openrouter: { refusal: 'I cannot help with that.', native_finish_reason: 'refusal' },
    });
  });
});

describe('a refusal in place of an answer', () => {
  const refusal = (delta: object, more: object = {}) => ({
    id: 'gen-1',
    choices: [{ index: 0, delta: { role: 'assistant', content: null, ...delta }, ...more }],
  });

  it("is the vendor's filter, not an answer that may be tried again", async () => {
    const { pipeline, server } = await aScene([
      streamed([
        bytesOf([
          refusal({ refusal: 'I cannot ' }),
          refusal({ refusal: 'help with that.' }),
          refusal({}, { finish_reason: 'stop' }),
        ]),
      ]),
    ]);
    expect(await failureOf(pipeline.generate({ prompt: 'Begin.' }))).toMatchObject({
      code: 'content-filter',
      retryable: false,
      message: 'The model refused to answer: I cannot help with that.',
    });
    expect(server.requests).toHaveLength(1);
  });

  it('is the same in one piece', async () => {
    const body = {
      id: 'gen-1',
      choices: [{ index: 0, message: { role: 'assistant', content: null, refusal: 'No.' }, finish_reason: 'stop' }],
    };
    const { pipeline } = await aScene([[{ request: true }, { write: whole(JSON.stringify(body)) }]]);
    expect(await failureOf(pipeline.generate({ prompt: 'Begin.', wire: 'json' }))).toMatchObject({
      code: 'content-filter',
      message: 'The model refused to answer: No.',
    });
  });
});

describe('a recorded error', () => {
  it.each(ERRORS)(
    '$name ends the generation, with the text and the usage so far',
    async ({ chunks, error, hasText }) => {
      const course = await courseOf([bytesOf(chunks)]);
      expect(course.text).toBe(hasText ? 'The Peq' : '');
      if (hasText)
        expect(course.error).toMatchObject({ code: 'interrupted', cause: error, partial: { text: 'The Peq' } });
      else expect([course.error, course.error?.cause]).toContainEqual(expect.objectContaining(error));
      expect(course.error?.attempts).toMatchObject([{ outcome: 'error', status: error.status }]);
    },
  );

  it('brings its usage along', async () => {
    const { error } = await courseOf([bytesOf(ERRORS.find(({ name }) => name === 'in the choice')!.chunks)]);
    expect(error).toMatchObject({ partial: { usage: READ_USAGE }, attempts: [{ usage: READ_USAGE }] });
  });

  it('never tells whose account it was', async () => {
    const { error } = await courseOf([bytesOf(ERRORS.find(({ name }) => name.startsWith('bare'))!.chunks)]);
    expect(JSON.stringify(error)).not.toContain('user_2x');
  });
});

describe('a recorded answer in one piece', () => {
  it.each(ANSWERS)('$name loses nothing of what it carried', async ({ body }) => {
    const { pipeline } = await aScene([[{ request: true }, { write: whole(JSON.stringify(body)) }]]);
    const course = await watch(pipeline, { prompt: 'Begin.', wire: 'json' });
    expect(lostOf([body], await resultOf(course))).toEqual([]);
  });

  it('keeps its reasoning details as they are, though they look like fragments', async () => {
    const [{ body }] = ANSWERS as [(typeof ANSWERS)[number]];
    const { pipeline } = await aScene([[{ request: true }, { write: whole(JSON.stringify(body)) }]]);
    const { reasoningDetails } = await pipeline.generate({ prompt: 'Begin.', wire: 'json' });
    const [{ message }] = body.choices as [{ message: { reasoning_details: unknown } }];
    expect(reasoningDetails).toEqual(message.reasoning_details);
  });

  it('gives the same events whole and in pieces', async () => {
    const eventsOf = async (steps: readonly Step[]): Promise<readonly GenerationEvent['type'][]> => {
      const { pipeline } = await aScene([[{ request: true }, ...steps]]);
      return (await watch(pipeline, { prompt: 'Begin.', wire: 'json' })).events.map(({ type }) => type);
    };
    const body = JSON.stringify(ANSWERS[0]!.body);
    const head = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n';
    expect(await eventsOf([{ write: head }, { slices: httpChunk(body) + LAST_CHUNK, size: 7 }])).toEqual(
      await eventsOf([{ write: whole(body) }]),
    );
  });
});
