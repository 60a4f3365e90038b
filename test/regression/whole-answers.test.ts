import { describe, expect, it } from '@jest/globals';
import { lastValueFrom, toArray } from 'rxjs';
import { InterruptedError } from 'scriptorium';
import type { GenerationResult } from 'scriptorium';
import { failureOf, pipelineTo } from '../support/pipelines.js';
import { scriptServer } from '../support/script-server.js';
import type { Step } from '../support/script-server.js';
import { begins, inScene, inWorld } from '../support/simulated-scene.js';
import { chunk, chunked, data, delta, DONE, finish, SSE_HEAD } from '../support/wire.js';

async function over<T>(
  steps: readonly Step[],
  work: (pipeline: Awaited<ReturnType<typeof pipelineTo>>) => Promise<T>,
): Promise<T> {
  const server = await scriptServer([{ request: true }, ...steps]);
  const pipeline = await pipelineTo(server.url, { timeouts: { idleMs: 20_000 } });
  return work(pipeline).finally(async () => {
    await pipeline.dispose();
    await server.close();
  });
}

const whole = (steps: readonly Step[]): Promise<GenerationResult> =>
  over(steps, (pipeline) => pipeline.generate({ prompt: 'Begin.' }));
const broken = (steps: readonly Step[]) =>
  over(steps, (pipeline) => failureOf(pipeline.generate({ prompt: 'Begin.' })));

describe('an answer with its finish reason', () => {
  it(
    'is whole though neither a terminator nor the end of the connection follows',
    inWorld((world) =>
      inScene(
        world,
        { scripts: [begins(delta('All of it.') + finish())], config: { timeouts: { idleMs: 20_000 } } },
        async ({ pipeline }) => {
          const startedAt = world.elapsedMs;
          expect((await pipeline.generate({ prompt: 'Begin.' })).text).toBe('All of it.');
          expect(world.elapsedMs - startedAt).toBeLessThan(10_000);
        },
      ),
    ),
  );

  it('is whole though something that is no JSON follows', async () => {
    expect(
      (await whole([{ write: chunked(`${delta('All of it.')}${finish()}data: {"usage":\n\n${DONE}`) }])).text,
    ).toBe('All of it.');
  });

  it('is none where the vendor reports an error after all', async () => {
    const error = await broken([
      {
        write: chunked(delta('Not all') + finish() + data({ error: { code: 502, message: 'upstream broke' } }) + DONE),
      },
    ]);
    expect(error).toBeInstanceOf(InterruptedError);
    expect(error.partial?.text).toBe('Not all');
  });

  it('is not whole any more when text follows and then nothing', async () => {
    const error = await broken([
      { write: SSE_HEAD + chunk(delta('One') + finish() + delta(' and two')) },
      { rst: true },
    ]);
    expect(error).toMatchObject({ code: 'interrupted', partial: { text: 'One and two' } });
  });

  it('has the text of its first choice alone', async () => {
    const second = data({ choices: [{ index: 1, delta: { content: 'B' }, finish_reason: null }] });
    const both = data({
      choices: [
        { index: 1, delta: { content: 'C' } },
        { index: 0, delta: { content: '2' } },
      ],
    });
    expect((await whole([{ write: chunked(delta('1') + second + both + finish() + DONE) }])).text).toBe('12');
  });

  it('holds no tool call that the token cap has cut', async () => {
    const call = (text: string): string =>
      data({
        choices: [
          { index: 0, delta: { tool_calls: [{ index: 0, id: 't', function: { name: 'f', arguments: text } }] } },
        ],
      });
    expect(
      (await whole([{ write: chunked(delta('So:') + call('{"city": "Ber') + finish('length') + DONE) }])).toolCalls,
    ).toEqual([]);
    expect(
      (await whole([{ write: chunked(delta('So:') + call('{"city": "Berlin"}') + finish('length') + DONE) }]))
        .toolCalls,
    ).toHaveLength(1);
  });
});

describe('text()', () => {
  it('passes a text on that ended for a reason which only the vendor knows', async () => {
    const text = await over([{ write: chunked(delta('Once upon') + finish('unheard_of') + DONE) }], (pipeline) =>
      lastValueFrom(pipeline.text({ prompt: 'Begin.' })),
    );
    expect(text).toBe('Once upon');
  });

  it.each(['content_filter', 'SAFETY'])('fails at the end of a text that is not whole (%s)', async (reason) => {
    const error = await over([{ write: chunked(delta('Once upon') + finish(reason) + DONE) }], (pipeline) =>
      failureOf(lastValueFrom(pipeline.text({ prompt: 'Begin.' }))),
    );
    expect(error).toMatchObject({
      code: 'interrupted',
      partial: { text: 'Once upon' },
      message: expect.stringContaining(reason) as unknown,
    });
  });

  it("fails where the configured token cap cut the text and nothing more would come, and not where the caller's own did", async () => {
    const steps: readonly Step[] = [{ write: chunked(delta('Once upon') + finish('length') + DONE) }];
    expect(
      (await over(steps, (pipeline) => failureOf(lastValueFrom(pipeline.text({ prompt: 'Begin.' }))))).partial?.text,
    ).toBe('Once upon');
    expect(
      await over(steps, (pipeline) => lastValueFrom(pipeline.text({ prompt: 'Begin.', maxTokens: 2 }).pipe(toArray()))),
    ).toEqual(['Once upon']);
  });
});
