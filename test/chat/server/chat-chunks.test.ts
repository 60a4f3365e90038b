import { describe, expect, it } from '@jest/globals';
import { GenerationError } from 'scriptorium';
import type { GenerationEvent } from 'scriptorium';
import { ChatChunks, chatFailure } from 'scriptorium/provider';
import type { ChatChunksOptions, ChatDialect } from 'scriptorium/provider';
import { anEnd } from '../../support/an-end.js';

interface Chunk {
  readonly id: string;
  readonly object: string;
  readonly created: number;
  readonly model: string;
  readonly choices: readonly { readonly delta: Record<string, unknown>; readonly finish_reason: string | null }[];
  readonly usage?: object;
  readonly error?: object;
}

const START: GenerationEvent = { type: 'attempt-start', attempt: 1, provider: 'mine', model: 'm' };
const END = anEnd({ costUsd: 0.25 });

function writer(options: Partial<ChatChunksOptions> = {}): ChatChunks {
  return new ChatChunks({
    id: 'gen-1',
    created: 1_790_000_000,
    model: 'm',
    dialect: 'openai',
    wantsUsage: false,
    ...options,
  });
}

function text(delta: string): GenerationEvent {
  return { type: 'text-delta', delta };
}

function thought(delta: string, attempt = 1): GenerationEvent {
  return { type: 'reasoning-delta', delta, attempt };
}

/** The chunks of a text, and whether `[DONE]` ends it. */
function read(written: string): { readonly chunks: readonly Chunk[]; readonly isDone: boolean } {
  const lines = written.split('\n\n').filter((line) => line !== '');
  for (const line of lines) expect(line).toMatch(/^data: (\{.*\}|\[DONE\])$/);
  const isDone = lines.at(-1) === 'data: [DONE]';
  const bodies = isDone ? lines.slice(0, -1) : lines;
  return { chunks: bodies.map((line) => JSON.parse(line.slice('data: '.length)) as Chunk), isDone };
}

function write(events: readonly GenerationEvent[], options?: Partial<ChatChunksOptions>) {
  const chunks = writer(options);
  return read(events.map((event) => chunks.of(event)).join(''));
}

function deltas({ chunks }: { readonly chunks: readonly Chunk[] }): readonly Record<string, unknown>[] {
  return chunks.flatMap(({ choices }) => choices.map(({ delta }) => delta));
}

describe.each<ChatDialect>(['openai', 'aggregator'])('a streamed answer in the dialect %s', (dialect) => {
  const written = write([START, text('One'), text(' two.'), END], { dialect, wantsUsage: true });

  it('has one head for all chunks', () => {
    const heads = new Set(
      written.chunks.map(({ id, object, created, model }) => JSON.stringify({ id, object, created, model })),
    );
    expect([...heads].map((head) => JSON.parse(head) as unknown)).toEqual([
      { id: 'gen-1', object: 'chat.completion.chunk', created: 1_790_000_000, model: 'm' },
    ]);
  });

  it('has one role, in its first chunk', () => {
    const roles = deltas(written).map(({ role }) => role);
    expect(roles).toEqual(['assistant', ...roles.slice(1).map(() => undefined)]);
  });

  it('has one finish reason, one usage and [DONE]', () => {
    const reasons = written.chunks.flatMap(({ choices }) => choices.map((choice) => choice.finish_reason));
    expect({
      reasons: reasons.filter((reason) => reason !== null),
      usages: written.chunks.filter(({ usage }) => usage !== undefined).length,
      last: written.chunks.at(-1)?.usage,
      isDone: written.isDone,
    }).toEqual({
      reasons: ['stop'],
      usages: 1,
      last: expect.objectContaining({ prompt_tokens: 7, completion_tokens: 3, total_tokens: 10, cost: 0.25 }),
      isDone: true,
    });
  });

  it('never has a content or a delta that is null', () => {
    const all = deltas(written);
    for (const delta of all) expect(delta).toEqual(expect.any(Object));
    expect(all.filter(({ content }) => content === null)).toEqual([]);
    expect(all.map(({ content = '' }) => content).join('')).toBe('One two.');
  });

  it('is whole where the model has written nothing', () => {
    const empty = write([START, END], { dialect });
    expect({ first: deltas(empty)[0], isDone: empty.isDone }).toEqual({
      first: { role: 'assistant', content: '' },
      isDone: true,
    });
  });

  it('does not show a continuation', () => {
    const continued: GenerationEvent = {
      type: 'continuation',
      segment: 2,
      reason: 'interrupted',
      provider: 'other',
      model: 'n',
    };
    const again: GenerationEvent = { ...START, attempt: 2, provider: 'other', model: 'n' };
    const events = [START, text('One'), continued, again, text(' two.'), END];
    expect(write(events, { dialect, wantsUsage: true })).toEqual(written);
  });

  it('ends with an error that has the same head when the generation fails', () => {
    const chunks = writer({ dialect });
    const begun = chunks.of(text('One'));
    const failure = chatFailure(new GenerationError('connection', 'Broke off.'), { dialect, now: 0 });
    const { chunks: all, isDone } = read(begun + chunks.failure(failure));
    expect({ last: all.at(-1), isDone }).toEqual({
      last: {
        id: 'gen-1',
        object: 'chat.completion.chunk',
        created: 1_790_000_000,
        model: 'm',
        ...failure.body,
        choices: [{ index: 0, delta: { content: '' }, finish_reason: 'error', logprobs: null }],
      },
      isDone: false,
    });
  });

  it('cannot begin again', () => {
    const chunks = writer({ dialect });
    chunks.of(text('One'));
    let error: unknown;
    try {
      chunks.of({ type: 'restart', reason: 'connection' });
    } catch (thrown) {
      error = thrown;
    }
    expect(GenerationError.is(error) && error.code).toBe('internal');
  });
});

describe('a chunk of text', () => {
  it('has its delta in its place, whatever the names of the answer and the text hold', () => {
    const hostile = '{"delta":"here"} $& "},{';
    const chunks = writer({ id: hostile, model: hostile });
    const { chunks: written } = read(chunks.of(START) + chunks.of(text(hostile)));
    expect(written.at(-1)).toEqual({
      id: hostile,
      object: 'chat.completion.chunk',
      created: 1_790_000_000,
      model: hostile,
      choices: [{ index: 0, delta: { content: hostile }, finish_reason: null, logprobs: null }],
    });
  });
});

describe('the usage of a streamed answer', () => {
  it('is left out in the dialect of OpenAI unless it is asked for', () => {
    const { chunks, isDone } = write([START, text('One'), END]);
    expect({ usages: chunks.filter((chunk) => 'usage' in chunk), isDone }).toEqual({ usages: [], isDone: true });
  });

  it('has no choice in the dialect of OpenAI', () => {
    expect(write([START, text('One'), END], { wantsUsage: true }).chunks.at(-1)?.choices).toEqual([]);
  });

  it('is always there in the dialect of OpenRouter, beside an empty choice', () => {
    const last = write([START, text('One'), END], { dialect: 'aggregator' }).chunks.at(-1);
    expect(last).toMatchObject({ usage: { total_tokens: 10 }, choices: [{ delta: { content: '' } }] });
  });
});

describe('the thoughts in a streamed answer', () => {
  it('come before the text that follows them', () => {
    const written = write([START, thought('Hm'), thought(', yes.'), text('One'), END]);
    expect(deltas(written)).toEqual([
      { role: 'assistant', content: '' },
      { reasoning: 'Hm' },
      { reasoning: ', yes.' },
      { content: 'One' },
      {},
    ]);
  });

  it('come at the end where no text follows them', () => {
    expect(deltas(write([START, thought('Hm'), END]))).toEqual([
      { role: 'assistant', content: '' },
      { reasoning: 'Hm' },
      {},
    ]);
  });

  it('come at once where text stands before them', () => {
    const chunks = writer();
    chunks.of(text('One'));
    expect(deltas(read(chunks.of(thought('Hm'))))).toEqual([{ reasoning: 'Hm' }]);
  });

  it('of a failed attempt never appear', () => {
    const again: GenerationEvent = { ...START, attempt: 2 };
    const written = write([START, thought('void'), again, thought('Hm', 2), text('One'), END]);
    expect(deltas(written).flatMap(({ reasoning }) => reasoning ?? [])).toEqual(['Hm']);
  });
});

describe('other content of a streamed answer', () => {
  const call: GenerationEvent = { type: 'tool-call', index: 1, id: 'call-1', name: 'look', arguments: '{"at":"sea"}' };
  const annotation = { type: 'url_citation', url_citation: { url: 'https://example.org' } };

  it.each<[string, GenerationEvent, object]>([
    [
      'tool call',
      call,
      {
        tool_calls: [
          { index: 1, id: 'call-1', type: 'function', function: { name: 'look', arguments: '{"at":"sea"}' } },
        ],
      },
    ],
    ['annotation', { type: 'annotation', annotation }, { annotations: [annotation] }],
    [
      'image',
      { type: 'image', url: 'data:image/png;base64,AA==' },
      { images: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } }] },
    ],
    ['reasoning details', { type: 'reasoning-details', details: [{ id: 1 }] }, { reasoning_details: [{ id: 1 }] }],
  ])('has the protocol’s form of one %s', (_name, event, delta) => {
    expect(deltas(write([START, event, END]))).toEqual([{ role: 'assistant', content: '' }, delta, {}]);
  });

  it.each<[string, GenerationEvent]>([
    ['image', { type: 'image', url: 'data:,void' }],
    ['annotation', { type: 'annotation', annotation: { void: true } }],
    ['reasoning details', { type: 'reasoning-details', details: ['void'] }],
  ])('never has one %s of an attempt that failed before its answer', (_name, event) => {
    const again: GenerationEvent = { ...START, attempt: 2 };
    expect(deltas(write([START, event, again, text('One'), END]))).toEqual([
      { role: 'assistant', content: '' },
      { content: 'One' },
      {},
    ]);
  });

  it('stands where a continuation follows it', () => {
    const next: readonly GenerationEvent[] = [
      { type: 'continuation', segment: 2, reason: 'length', provider: 'mine', model: 'm' },
      { ...START, attempt: 2 },
      text('One'),
      END,
    ];
    expect(deltas(write([START, { type: 'image', url: 'data:,x' }, ...next]))).toMatchObject([
      { role: 'assistant' },
      { images: [{}] },
      { content: 'One' },
      {},
    ]);
  });

  it('is nothing for progress and for events of plugins', () => {
    const chunks = writer();
    const quiet: readonly GenerationEvent[] = [
      START,
      { type: 'response-metadata', responseId: 'x' },
      { type: 'retry-scheduled', attempt: 2, delayMs: 5, reason: 'connection' },
      { type: 'waiting', for: 'slot' },
      { type: 'warning', message: 'Odd.' },
      { type: 'custom', name: 'mine/note', payload: 'x' },
    ];
    expect(quiet.map((event) => chunks.of(event)).join('')).toBe('');
  });
});
