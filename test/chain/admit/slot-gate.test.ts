import { describe, expect, it } from '@jest/globals';
import { Subject } from 'rxjs';
import { localSlots } from '../../../src/chain/admit/slots.js';
import { GenerationError } from '../../../src/core/errors/generation-error.js';
import type { GenerationEvent } from '../../../src/core/events.js';
import type { GenerationRequest } from '../../../src/core/request.js';
import { ManualClock } from '../../../src/testing/manual-clock.js';
import { aRequest } from '../../../src/testing/request-builder.js';
import { anEnd, chain, TEXT, watch } from '../chain.js';
import { anAdmission } from './admission-parts.js';

function scene(most = 1) {
  const clock = new ManualClock();
  const interceptor = anAdmission(clock, { slots: localSlots(clock, most) });
  return (parts: Partial<GenerationRequest> = {}) => {
    const events = new Subject<GenerationEvent>();
    let isBegun = false;
    const run = watch(
      chain(() => {
        isBegun = true;
        return events;
      }, interceptor)(aRequest(parts)),
    );
    return { run, events, isBegun: () => isBegun };
  };
}

type Attempt = ReturnType<ReturnType<typeof scene>>;

describe('the slots of admission', () => {
  it('limits the concurrent attempts per provider, and reports that the next one waits', () => {
    const generate = scene(2);
    const [, second, third, other] = [generate(), generate(), generate(), generate({ provider: 'other' })];
    expect([second.isBegun(), third.isBegun(), other.isBegun(), third.run.events]).toEqual([
      true,
      false,
      true,
      [{ type: 'waiting', for: 'slot' }],
    ]);
  });

  it('holds a slot to the end of the stream, not to its first text or its last event', () => {
    const generate = scene();
    const [first, second] = [generate(), generate()];
    first.events.next(TEXT);
    first.events.next(anEnd());
    expect(second.isBegun()).toBe(false);
    first.events.complete();
    expect(second.isBegun()).toBe(true);
  });

  it.each<[string, (attempt: Attempt) => void]>([
    ['fails', ({ events }) => events.error(new GenerationError('server-error', 'no'))],
    ['is left', ({ run }) => run.stop()],
    [
      'is left twice',
      ({ run }) => {
        run.stop();
        run.stop();
      },
    ],
  ])('releases a slot once when the attempt %s', (_how, end) => {
    const generate = scene();
    const [first, second, third] = [generate(), generate(), generate()];
    end(first);
    expect([second.isBegun(), third.isBegun()]).toEqual([true, false]);
  });

  it('removes a waiter that unsubscribes, and takes no slot for it', () => {
    const generate = scene();
    const [first, second, third] = [generate(), generate(), generate()];
    second.run.stop();
    first.run.stop();
    expect([second.isBegun(), third.isBegun()]).toEqual([false, true]);
  });
});
