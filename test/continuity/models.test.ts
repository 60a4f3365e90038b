import { describe, expect, it } from '@jest/globals';
import { lastValueFrom, toArray } from 'rxjs';
import { InterruptedError } from 'scriptorium';
import type { GenerationInput } from 'scriptorium';
import { failureOf, textOf } from '../support/pipelines.js';
import { emulated, PROMPT, typesOf, written } from './emulated.js';

const TAME = ['exact', 'starts-over', 'repeats-last-sentence', 'chats-first'];

const exact = (model: string) => ({ plugins: { openrouter: { prefill: { [model]: 'exact' as const } } } });

describe('a model that can be joined', () => {
  it.each(TAME)('writes exactly its text, though it breaks off three times: %s', async (behaviour) => {
    const model = `scriptorium/${behaviour}`;
    const { emulator, pipeline } = await emulated();
    const whole = emulator.textFor({ model, messages: PROMPT });
    const before = await written(pipeline, { model });
    emulator.clear();
    emulator.script(
      { reset: { afterDeltas: 40 } },
      { fin: { afterDeltas: 60 } },
      { errorChunk: { afterDeltas: behaviour === 'starts-over' ? 120 : 70 } },
    );
    const events = await written(pipeline, { model });
    expect([textOf(before), textOf(events)]).toEqual([whole, whole]);
    expect(typesOf(events, 'continuation', 'restart')).toEqual(['continuation', 'continuation', 'continuation']);
    expect(
      emulator.requests.map(({ body }) => (body as { readonly messages: readonly unknown[] }).messages.length),
    ).toEqual([1, 3, 3, 3]);
  });

  it('gets its own text as the last message where it goes on from it by itself', async () => {
    const model = 'scriptorium/exact';
    const { emulator, pipeline } = await emulated({ config: exact(model) });
    emulator.script({ reset: { afterDeltas: 40 } }, { truncate: { afterDeltas: 1 } });
    const events = await written(pipeline, { model });
    expect(textOf(events)).toBe(emulator.textFor({ model, messages: PROMPT }));
    const [first, second] = emulator.requests;
    expect(second!.body).toMatchObject({
      messages: [...PROMPT, { role: 'assistant', content: first!.text.trimEnd() }],
    });
  });

  it('writes it in one piece for a prompt that ends with the beginning of the answer', async () => {
    const model = 'scriptorium/exact';
    const { emulator, pipeline } = await emulated({ config: exact(model) });
    const whole = emulator.textFor({ model, messages: PROMPT });
    const messages = [...PROMPT, { role: 'assistant', content: whole.slice(0, 100) }] as const;
    emulator.script({ reset: { afterDeltas: 30 } });
    expect(textOf(await written(pipeline, { model, messages }))).toBe(whole.slice(100));
    expect(emulator.requests[1]!.body).toMatchObject({
      messages: [
        PROMPT[0],
        { role: 'assistant', content: (whole.slice(0, 100) + emulator.requests[0]!.text).trimEnd() },
      ],
    });
  });

  it('is told what to do in the language of the prompt, or in the words that are configured', async () => {
    const instructionTo = async (input: GenerationInput, instruction: string | null): Promise<string> => {
      const { emulator, pipeline } = await emulated({
        config: { continuity: { ...(instruction !== null && { instruction }) } },
      });
      emulator.script({ reset: { afterDeltas: 40 } });
      await written(pipeline, { model: 'scriptorium/exact', ...input });
      const { messages } = emulator.requests[1]!.body as { readonly messages: readonly { readonly content: string }[] };
      return messages.at(-1)!.content;
    };
    expect(await instructionTo({}, null)).toMatch(/^Your answer was interrupted/);
    expect(
      await instructionTo(
        { messages: [{ role: 'user', content: 'Schreibe ein Kapitel über das Meer und die Wale.' }] },
        null,
      ),
    ).toMatch(/^Deine Antwort wurde unterbrochen/);
    expect(await instructionTo({}, 'You were interrupted at:\n\n{anchor}')).toMatch(
      /^You were interrupted at:\n\n(\S+\s+){2,}\S+$/,
    );
  });
});

describe('a model that cannot be joined', () => {
  it.each([
    ['paraphrases-the-joint', 40],
    ['diverges-after-15000', 4_500],
  ])('ends a stream as interrupted, with all that had come: %s', async (behaviour, afterDeltas) => {
    const { emulator, pipeline } = await emulated();
    const model = `scriptorium/${behaviour}`;
    emulator.script({ reset: { afterDeltas } });
    const error = await failureOf(lastValueFrom(pipeline.stream({ messages: PROMPT, model }).pipe(toArray())));
    expect(error).toBeInstanceOf(InterruptedError);
    expect(error.partial!.text).toBe(emulator.requests[0]!.text);
    expect(emulator.textFor({ model, messages: PROMPT }).startsWith(error.partial!.text)).toBe(true);
    expect(emulator.requests).toHaveLength(2);
  });

  it.each([
    ['paraphrases-the-joint', 40],
    ['diverges-after-15000', 4_500],
  ])('makes generate() begin again, to exactly the text: %s', async (behaviour, afterDeltas) => {
    const { emulator, pipeline } = await emulated();
    const model = `scriptorium/${behaviour}`;
    emulator.script({ reset: { afterDeltas } });
    const { text, segments } = await pipeline.generate({ messages: PROMPT, model });
    expect(text).toBe(emulator.textFor({ model, messages: PROMPT }));
    expect([segments.length, emulator.requests.length]).toEqual([1, 3]);
  });

  it('makes start() begin again, and text() never', async () => {
    const { emulator, pipeline } = await emulated({ config: { continuity: { onBreak: 'restart' } } });
    const input = { messages: PROMPT, model: 'scriptorium/paraphrases-the-joint' };
    emulator.script({ reset: { afterDeltas: 40 } });
    expect((await pipeline.start(input).result).text).toBe(emulator.textFor(input));
    emulator.script({ reset: { afterDeltas: 40 } });
    expect((await failureOf(lastValueFrom(pipeline.text(input).pipe(toArray())))).code).toBe('interrupted');
  });

  it('makes a stream begin again where that is configured, and says so', async () => {
    const { emulator, pipeline } = await emulated({ config: { continuity: { onBreak: 'restart' } } });
    emulator.script({ reset: { afterDeltas: 40 } });
    const input = { messages: PROMPT, model: 'scriptorium/exact' };
    const events = await written(pipeline, input);
    expect(typesOf(events, 'continuation', 'restart')).toEqual(['restart']);
    expect(textOf(events.slice(events.findIndex(({ type }) => type === 'restart')))).toBe(emulator.textFor(input));
  });
});

describe('a text cut by its token cap', () => {
  it.each(TAME)('is exactly the text in the end: %s', async (behaviour) => {
    const model = `scriptorium/${behaviour}-2000`;
    const { emulator, pipeline } = await emulated({ config: { continuity: { onLength: 'continue' } } });
    // Who starts over needs room for all that it has said before.
    emulator.script({ capTokens: 100 }, undefined, { capTokens: behaviour === 'starts-over' ? 400 : 300 });
    const result = await pipeline.generate({
      messages: PROMPT,
      model,
      maxTokens: behaviour === 'starts-over' ? 1_000 : 200,
    });
    expect([result.text, result.finishReason.unified]).toEqual([emulator.textFor({ model, messages: PROMPT }), 'stop']);
    expect(result.segments.length).toBeGreaterThan(1);
  });

  it('is gone on with by text() where the cap is a configured one, and not where it was asked for', async () => {
    const model = 'scriptorium/exact';
    const { emulator, pipeline } = await emulated({ config: { defaults: { maxTokens: 150 } } });
    const textOfIt = async (input: GenerationInput): Promise<string> =>
      (await lastValueFrom(pipeline.text(input).pipe(toArray()))).join('');
    const whole = emulator.textFor({ model, messages: PROMPT });
    expect(await textOfIt({ messages: PROMPT, model })).toBe(whole);
    const cut = await textOfIt({ messages: PROMPT, model, maxTokens: 150 });
    expect([whole.startsWith(cut), cut.length < whole.length]).toEqual([true, true]);
  });

  it.each([{ response_format: { type: 'json_object' } }, { n: 2 }])(
    'ends as it is where the answer is no plain text: %j',
    async (options) => {
      const { emulator, pipeline } = await emulated({ config: { continuity: { onLength: 'continue' } } });
      const input = {
        messages: PROMPT,
        model: 'scriptorium/exact',
        maxTokens: 3,
        providerOptions: { openrouter: options },
      };
      const events = await written(pipeline, input);
      expect([textOf(events), events.at(-1), emulator.requests.length]).toMatchObject([
        emulator.requests[0]!.text,
        { type: 'generation-end', finishReason: { unified: 'length' } },
        1,
      ]);
      const { finishReason } = await pipeline.generate(input);
      expect([finishReason.unified, emulator.requests.length]).toEqual(['length', 2]);
    },
  );
});

describe('a whole text of which only the end is missing', () => {
  it.each(['exact', 'instructed'] as const)('is whole, without a splice (%s)', async (prefill) => {
    const model = 'scriptorium/exact';
    const { emulator, pipeline } = await emulated({
      config: { plugins: { openrouter: { prefill: { [model]: prefill } } } },
    });
    emulator.script({ truncate: { afterDeltas: 1_000_000 } });
    const events = await written(pipeline, { model });
    expect([textOf(events), typesOf(events, 'continuation', 'restart')]).toEqual([
      emulator.textFor({ model, messages: PROMPT }),
      [],
    ]);
  });
});
