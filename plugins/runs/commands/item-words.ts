import { WordCounter } from 'scriptorium';
import type { Clock } from 'scriptorium/plugin';
import type { RunEvent } from '../engine/run-event.js';
import type { ItemProgress } from '../engine/run-queue.js';

const EVERY_MS = 2_000;

/** Counts the words of the item that is worked on, and reports them now and then. */
export function reportWords(clock: Clock, report: (progress: ItemProgress) => void): (event: RunEvent) => void {
  let counter = new WordCounter();
  let reportedAt = clock.monotonic();
  return (event) => {
    if (event.type === 'item-start') counter.take(event.text);
    if (event.type !== 'item-event') return;
    if (event.event.type === 'restart') counter = new WordCounter();
    if (event.event.type !== 'text-delta') return;
    counter.take(event.event.delta);
    const now = clock.monotonic();
    if (now - reportedAt < EVERY_MS) return;
    reportedAt = now;
    report({ item: event.item, words: counter.words });
  };
}
