import type { GenerationEvent } from 'scriptorium';
import { OutageText } from '../../../../plugins/runs/progress/outage-text.js';
import type { RunEvent } from '../../../../plugins/runs/engine/run-event.js';

const of = (event: GenerationEvent): RunEvent => ({ type: 'item-event', item: 'a', event });

const RETRY = of({ type: 'retry-scheduled', attempt: 1, delayMs: 1_000, reason: 'connection' });
const BREAKER = of({ type: 'waiting', for: 'breaker', untilMs: 5_000 });
const TEXT = of({ type: 'text-delta', delta: 'Word' });

describe('the lines about an outage', () => {
  it('come once when the provider is away, and once when it is back', () => {
    const outage = new OutageText();
    const events = [TEXT, RETRY, BREAKER, BREAKER, RETRY, TEXT, TEXT, BREAKER];
    expect(events.map((event) => outage.take(event)?.toString())).toEqual([
      ...[undefined, undefined],
      'The provider keeps failing (the connection failed). Items wait until it answers again.',
      ...[undefined, undefined],
      'The provider answers again.',
      undefined,
      'The provider keeps failing (the connection failed). Items wait until it answers again.',
    ]);
  });

  it('do not come for other waits', () => {
    const outage = new OutageText();
    const events = [of({ type: 'waiting', for: 'quota', untilMs: 5_000 }), TEXT];
    expect(events.map((event) => outage.take(event))).toEqual([undefined, undefined]);
  });
});
