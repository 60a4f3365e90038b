import { describe, expect, it } from '@jest/globals';
import { lastValueFrom, toArray } from 'rxjs';
import { collect, InterruptedError } from 'scriptorium';
import type { ConfigInput, GenerationInput } from 'scriptorium';
import { failureOf, textOf } from '../support/pipelines.js';
import { emulated, PROMPT, typesOf, written } from './emulated.js';

const MODEL = 'scriptorium/exact';
const EXACT: ConfigInput = { plugins: { openrouter: { prefill: { [MODEL]: 'exact' } } } };

/** A model's text, and a beginning of it that ends within a word. */
async function scene(config: ConfigInput = {}, model = MODEL) {
  const stage = await emulated({ config });
  const whole = stage.emulator.textFor({ model, messages: PROMPT });
  const given = whole.slice(0, 203);
  const input = (parts: Partial<GenerationInput> = {}): GenerationInput => ({
    messages: PROMPT,
    model,
    continueFrom: given,
    ...parts,
  });
  return { ...stage, whole, given, rest: whole.slice(203), input };
}

describe('a generation that continues a given text', () => {
  it('streams only what is new, and results in the whole', async () => {
    const { pipeline, whole, given, rest, input } = await scene();
    const events = await lastValueFrom(pipeline.stream(input()).pipe(toArray()));
    const texts = await lastValueFrom(pipeline.text(input()).pipe(toArray()));
    const { text, continuedFrom, segments, attempts } = await pipeline.generate(input());
    const started = await pipeline.start(input()).result;
    const folded = await lastValueFrom(pipeline.stream(input()).pipe(collect({ continueFrom: given })));
    expect({ streamed: textOf(events), text: texts.join('') }).toEqual({ streamed: rest, text: rest });
    expect({ text, continuedFrom, segments, attempts: attempts.length }).toEqual({
      text: whole,
      continuedFrom: given,
      segments: [{ text: rest, provider: 'openrouter', model: MODEL }],
      attempts: 1,
    });
    expect([started.text, folded.text]).toEqual([whole, whole]);
    expect(typesOf(events, 'attempt-start', 'continuation', 'restart').join()).toBe('attempt-start,continuation');
  });

  it.each([EXACT, {}])('sends the text once, and counts it in the estimate of the prompt: %j', async (config) => {
    const { pipeline, emulator, given, input } = await scene({ ...config, budget: { generationTokens: 60 } });
    const fresh = { messages: PROMPT, model: MODEL, maxTokens: 10 };
    await pipeline.generate(fresh);
    const refused = await failureOf(pipeline.generate(input({ maxTokens: 10 })));
    expect({ code: refused.code, partial: refused.partial?.text }).toEqual({ code: 'budget', partial: given });
    expect(emulator.requests).toHaveLength(1);
  });

  it('goes on through breaks, and through processes that pass on what there is', async () => {
    const { pipeline, emulator, whole, given, input } = await scene();
    emulator.script({ reset: { afterDeltas: 40 } }, { reset: { afterDeltas: 40 } });
    const { text, segments } = await pipeline.generate(input());
    expect({ text, segments: segments.length }).toEqual({ text: whole, segments: 3 });

    emulator.script({ reset: { afterDeltas: 50 } });
    const failed = input({ overrides: { continuity: { onBreak: 'fail' } } });
    const first = await failureOf(lastValueFrom(pipeline.stream(failed)));
    const soFar = first.partial?.text ?? '';
    expect({ starts: whole.startsWith(soFar), isLonger: soFar.length > given.length }).toEqual({
      starts: true,
      isLonger: true,
    });
    const second = await pipeline.generate(input({ continueFrom: soFar }));
    expect(second.text).toBe(whole);
  });

  it('is not folded without its given text', async () => {
    const { pipeline, input } = await scene();
    const { code, message } = await failureOf(lastValueFrom(pipeline.stream(input()).pipe(collect())));
    expect({ code, message }).toEqual({
      code: 'invalid-input',
      message: 'Pass the input to collect(): collect({ continueFrom }).',
    });
    expect(
      (await lastValueFrom(pipeline.stream(input()).pipe(collect(input())))).text.startsWith(input().continueFrom!),
    ).toBe(true);
  });

  it('is never written anew unless that is configured, and keeps the given text in its error', async () => {
    const model = 'scriptorium/paraphrases-the-joint';
    const { pipeline, whole, given, input } = await scene({}, model);
    for (const work of [pipeline.generate(input()), lastValueFrom(pipeline.stream(input()))]) {
      const failure = await failureOf(work);
      expect(failure).toBeInstanceOf(InterruptedError);
      expect({ message: failure.message, partial: failure.partial?.text }).toEqual({
        message: `${model} did not continue the text of continueFrom from its end, so its answer was dropped. Try again, use a model with native prefill, or allow a new text with continuity.onBreak "restart".`,
        partial: given,
      });
    }
    const restarting = input({ overrides: { continuity: { onBreak: 'restart' } } });
    const { text, continuedFrom } = await pipeline.generate(restarting);
    expect({ text, continuedFrom }).toEqual({ text: whole, continuedFrom: undefined });
    const events = await written(pipeline, restarting);
    expect({ text: textOf(events), restarts: typesOf(events, 'restart').length }).toEqual({ text: whole, restarts: 1 });
  });

  it('fails if the token cap cuts the answer before it has come to the end of the given text', async () => {
    const { pipeline, given, input } = await scene({}, 'scriptorium/starts-over');
    const failure = await failureOf(pipeline.generate(input({ maxTokens: 5 })));
    expect({ code: failure.code, partial: failure.partial?.text }).toEqual({ code: 'interrupted', partial: given });
  });

  it('keeps the given text if a later break cannot be joined', async () => {
    const { pipeline, emulator, whole, input } = await scene();
    emulator.script({ reset: { afterDeltas: 40 } }, { reset: { afterDeltas: 70 } });
    const model = 'scriptorium/paraphrases-the-joint';
    const failure = await failureOf(pipeline.generate(input({ overrides: { routes: [{ model }] } })));
    const text = failure.partial?.text ?? '';
    expect({ code: failure.code, starts: whole.startsWith(text), isLonger: text.length > 203 }).toEqual({
      code: 'interrupted',
      starts: true,
      isLonger: true,
    });
  });

  it('fails with cannot-continue if the model cannot do it, or takes the next route', async () => {
    const { pipeline, emulator, whole, given, input } = await scene({
      plugins: { openrouter: { prefill: { 'other/*': 'none' } } },
    });
    const failure = await failureOf(pipeline.generate(input({ model: 'other/model' })));
    expect({ code: failure.code, partial: failure.partial?.text }).toEqual({ code: 'cannot-continue', partial: given });
    expect(emulator.requests).toHaveLength(0);
    const { text, model } = await pipeline.generate(
      input({ model: 'other/model', overrides: { routes: [{ model: MODEL }] } }),
    );
    expect({ text, model }).toEqual({ text: whole, model: MODEL });
  });

  it.each([
    [401, 'authentication'],
    [402, 'payment-required'],
  ])('reports a %d before anything was added as what it is', async (status, code) => {
    const { pipeline, emulator, given, input } = await scene();
    emulator.script({ status });
    const failure = await failureOf(pipeline.generate(input()));
    expect({ code: failure.code, partial: failure.partial?.text }).toEqual({ code, partial: given });
  });

  it('retries before anything was added', async () => {
    const { pipeline, emulator, whole, input } = await scene();
    emulator.script({ status: 503 }, { reset: 'before-headers' });
    const { text, attempts } = await pipeline.generate(input());
    expect({ text, attempts: attempts.length }).toEqual({ text: whole, attempts: 3 });
  });

  it('counts the given text among the words that are wanted', async () => {
    const { pipeline, given, input } = await scene();
    const words = given.split(/\s+/).length;
    const cut = (targetWords: number) =>
      pipeline.generate(
        input({ maxTokens: 60, overrides: { continuity: { onLength: 'continue', targetWords, maxSegments: 3 } } }),
      );
    const [enough, more] = [await cut(words + 5), await cut(words + 60)];
    expect({ enough: enough.segments.length, more: more.segments.length > 1 }).toEqual({ enough: 1, more: true });
    expect([enough, more].every(({ text }) => text.startsWith(given))).toBe(true);
  });

  it('puts the whole into the error of a text that is cut', async () => {
    const { pipeline, whole, given, input } = await scene({ defaults: { maxTokens: 20 } });
    const pieces = pipeline.text(input({ overrides: { continuity: { onLength: 'stop' } } }));
    const { partial } = await failureOf(lastValueFrom(pieces));
    expect(partial?.text.startsWith(given)).toBe(true);
    expect(whole.startsWith(partial?.text ?? '-')).toBe(true);
  });

  it('is cached by its given text, and a replay has the whole', async () => {
    const { pipeline, emulator, whole, given, input } = await scene({ cache: { enabled: true } });
    const exact = (continueFrom: string | undefined) => pipeline.generate(input({ temperature: 0, continueFrom }));
    const results = [await exact(undefined), await exact(given), await exact(given), await exact(whole.slice(0, 99))];
    expect(results.map(({ servedFrom, text }) => ({ servedFrom, isWhole: text === whole }))).toEqual([
      { servedFrom: 'provider', isWhole: true },
      { servedFrom: 'provider', isWhole: true },
      { servedFrom: 'cache', isWhole: true },
      { servedFrom: 'provider', isWhole: true },
    ]);
    expect(emulator.requests).toHaveLength(3);
  });

  it('is a fresh one if the given text is empty', async () => {
    const { pipeline, emulator, whole, input } = await scene();
    const { text, continuedFrom } = await pipeline.generate(input({ continueFrom: '' }));
    expect({ text, continuedFrom }).toEqual({ text: whole, continuedFrom: undefined });
    expect(emulator.requests[0]!.body).toMatchObject({ messages: [...PROMPT] });
  });

  it('cannot have tools or a response format, and an object cannot be continued', async () => {
    const { pipeline, emulator, input } = await scene();
    const refused = [
      await failureOf(pipeline.generate(input({ tools: [{ name: 'look' }] }))),
      await failureOf(pipeline.generate(input({ responseFormat: { type: 'json' } }))),
      await failureOf(pipeline.generateObject({ ...input(), schema: { type: 'object' } })),
    ];
    expect(refused.map(({ code, message }) => `${code}: ${message}`)).toEqual([
      'invalid-input: continueFrom continues plain text and cannot be combined with tools. Remove one of them.',
      'invalid-input: continueFrom continues plain text and cannot be combined with responseFormat. Remove one of them.',
      'invalid-input: An object cannot be continued from a text. Remove continueFrom.',
    ]);
    expect(emulator.requests).toHaveLength(0);
    await expect(pipeline.generate(input({ responseFormat: { type: 'text' } }))).resolves.toBeDefined();
  });
});
