import { concat, NEVER, Observable } from 'rxjs';
import { describe, expect, it } from '@jest/globals';
import { TimeoutError } from 'scriptorium';
import type { InterceptorDefinition } from 'scriptorium';
import { eventually } from '../support/eventually.js';
import { aScene, failure, watch } from '../support/scene.js';
import type { Step } from '../support/script-server.js';
import { answers, chunk, delta, SSE_HEAD } from '../support/wire.js';

const HALF: readonly Step[] = [{ request: true }, { write: SSE_HEAD + chunk(delta('Once ')) }, { stall: true }];
const stranger = (
  phase: InterceptorDefinition['phase'],
  intercept: InterceptorDefinition['intercept'],
): InterceptorDefinition => ({ name: 'stranger', phase, intercept });

describe('117: an interceptor', () => {
  it.each(['prepare', 'route', 'attempt'] as const)(
    '117: of the phase %s that never calls next is ended by the deadline',
    async (phase) => {
      const { pipeline, server, clock } = await aScene([answers('One.')], {
        interceptors: [stranger(phase, () => NEVER)],
      });
      const { error } = await failure(pipeline, { prompt: 'Begin.', deadlineMs: 60 });
      expect(error).toBeInstanceOf(TimeoutError);
      expect(error).toMatchObject({ timer: 'deadline' });
      expect({ connections: server.connections, pending: clock.pending }).toEqual({ connections: 0, pending: 0 });
    },
  );

  it('117: that never calls next inside an attempt is ended by the timer of the attempt, too', async () => {
    const { pipeline } = await aScene([answers('One.')], {
      interceptors: [{ ...stranger('attempt', () => NEVER), after: 'timeouts' }],
      config: { timeouts: { attemptMs: 50 }, retry: { maxAttempts: 1 } },
    });
    expect((await failure(pipeline)).error).toMatchObject({ code: 'timeout', timer: 'attempt' });
  });

  it('117: that calls next twice and hands both answers on is heard until the first end, and no second request is made', async () => {
    const { pipeline, server } = await aScene([answers('One.')], {
      interceptors: [stranger('prepare', (request, next) => concat(next(request), next(request)))],
    });
    expect((await watch(pipeline)).text).toBe('One.');
    expect(server.requests).toHaveLength(1);
  });

  it('117: that keeps its subscription to itself is left behind by the user, and ended by the timer of the attempt', async () => {
    const leaking = stranger(
      'route',
      (request, next) =>
        new Observable((subscriber) => {
          next(request).subscribe({ next: (event) => subscriber.next(event), error: () => undefined });
        }),
    );
    const { pipeline, server, clock, sink } = await aScene([HALF], {
      interceptors: [leaking],
      config: { timeouts: { attemptMs: 100 } },
    });
    const subscription = pipeline.stream({ prompt: 'Begin.' }).subscribe();
    await eventually(() => server.requests.length === 1);
    subscription.unsubscribe();
    await eventually(() => server.closes.length === 1 && clock.pending === 0);
    // Its attempt has outlived its generation, which no other test allows.
    sink.stats.length = 0;
  });
});
