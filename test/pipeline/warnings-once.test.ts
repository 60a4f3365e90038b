import { expect, it } from '@jest/globals';
import { concat, lastValueFrom, of, throwError, toArray } from 'rxjs';
import { createPipeline, GenerationError } from 'scriptorium';
import type { GenerationEvent } from 'scriptorium';
import { aPlugin } from '../plugins/a-plugin.js';

it('a provider that warns in the same words at each attempt is heard once a generation', async () => {
  const warning: GenerationEvent = { type: 'warning', message: 'Something odd.' };
  const usage = { inputTokens: 1, outputTokens: 1, source: 'reported' } as const;
  const end: GenerationEvent = {
    type: 'generation-end',
    ...{ finishReason: { unified: 'stop', raw: null }, usage, servedFrom: 'provider', provider: 'odd', model: 'm' },
  };
  let attempts = 0;
  const failure = new GenerationError('server-error', 'Again.', { retryable: true });
  const pipeline = await createPipeline({
    plugins: [
      aPlugin('odd', (host) =>
        host.addProvider({
          id: 'odd',
          generate: () => {
            attempts += 1;
            const answer =
              attempts === 1
                ? throwError(() => failure)
                : of<GenerationEvent[]>({ type: 'text-delta', delta: 'Once.' }, end);
            return concat(of(warning, warning), answer);
          },
        }),
      ),
    ],
    config: { defaults: { model: 'm' }, retry: { baseMs: 1 }, logging: { level: 'silent' } },
  });
  const warnings = async (): Promise<number> => {
    const events = await lastValueFrom(pipeline.stream({ prompt: 'Begin.' }).pipe(toArray()));
    return events.filter(({ type }) => type === 'warning').length;
  };
  expect([await warnings(), attempts]).toEqual([1, 2]);
  expect(await warnings()).toBe(1);
  await pipeline.dispose();
});
