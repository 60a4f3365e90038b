import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { GenerationEvent } from 'scriptorium';
import { EventRecord } from '../../../../plugins/gateway/calls/event-record.js';
import { RUNS } from '../../../support/runs.js';

const text = (delta: string): GenerationEvent => ({ type: 'text-delta', delta });
const thought = (delta: string, attempt: number): GenerationEvent => ({ type: 'reasoning-delta', delta, attempt });
const start = (attempt: number): GenerationEvent => ({ type: 'attempt-start', attempt, provider: 'p', model: 'm' });

/** What a reader of these events knows: each delta in its place. */
function read(events: readonly GenerationEvent[]): readonly unknown[] {
  return events.flatMap<unknown>((event) => {
    if (event.type === 'text-delta') return Array.from(event.delta).map((letter) => ['text', letter]);
    if (event.type === 'reasoning-delta')
      return Array.from(event.delta).map((letter) => ['thought', event.attempt, letter]);
    return [event];
  });
}

function takeAll(record: EventRecord): GenerationEvent[] {
  const events: GenerationEvent[] = [];
  for (let event = record.take(); event !== undefined; event = record.take()) events.push(event);
  return events;
}

describe('the record of a generation', () => {
  it('takes little more memory than the letters of a chapter', () => {
    let bytes = 0;
    const record = new EventRecord((growth) => (bytes += growth));
    record.rewind();
    for (let index = 0; index < 25_600; index += 1) {
      record.add(text('abcd'));
      record.take();
    }
    record.release();
    expect({ bytes, events: record.events.length }).toEqual({ bytes: 2 * 4 * 25_600 + 100 * 100, events: 100 });
  });

  it('gives every reader the same events, whenever and however far each one has read', () => {
    const event = fc.oneof(
      fc.string({ minLength: 1, maxLength: 3 }).map(text),
      fc.tuple(fc.string({ minLength: 1, maxLength: 3 }), fc.nat(2)).map(([delta, attempt]) => thought(delta, attempt)),
      fc.nat(3).map(start),
    );
    const events = fc.array(event, { maxLength: 900, size: 'max' });
    fc.assert(
      fc.property(events, fc.array(fc.nat(900), { maxLength: 4 }), (all, turns) => {
        let bytes = 0;
        const record = new EventRecord((growth) => (bytes += growth));
        let seen: GenerationEvent[] = [];
        record.rewind();
        for (const [index, one] of all.entries()) {
          record.add(one);
          if (index % 3 !== 0) seen.push(...takeAll(record));
          if (!turns.includes(index) && index < all.length - 1) continue;
          seen.push(...takeAll(record));
          expect({ seen: read(seen), unread: record.unread }).toEqual({
            seen: read(all.slice(0, index + 1)),
            unread: 0,
          });
          record.release();
          record.rewind();
          seen = [];
        }
        expect(read(record.events)).toEqual(read(all));
        record.clear();
        expect(bytes).toBe(0);
      }),
      RUNS,
    );
  });

  it('gives its reader the rest after it has dropped what was read', () => {
    let bytes = 0;
    const record = new EventRecord((growth) => (bytes += growth));
    for (let attempt = 0; attempt < 300; attempt += 1) record.add(start(attempt));
    record.rewind();
    for (let attempt = 0; attempt < 10; attempt += 1) expect(record.take()).toEqual(start(attempt));
    record.drop();
    expect({ bytes, isIncomplete: record.isIncomplete }).toEqual({ bytes: 290 * 100, isIncomplete: true });
    record.add(start(300));
    expect(takeAll(record)).toEqual(Array.from({ length: 291 }, (_, index) => start(index + 10)));
    record.release();
    expect(bytes).toBe(0);
  });
});
