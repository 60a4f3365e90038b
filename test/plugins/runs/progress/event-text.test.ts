import { describe, expect, it } from '@jest/globals';
import { eventText } from '../../../../plugins/runs/progress/event-text.js';
import type { RunEvent } from '../../../../plugins/runs/engine/run-event.js';

const NOW = Date.UTC(2026, 10, 28, 12);
const parked = (further: object): RunEvent => ({ type: 'item-parked', item: 'ch1', reason: 'budget', ...further });

describe('the line about an event', () => {
  it('says how long an item is put off, and what it waits for', () => {
    expect({
      time: String(eventText(parked({ reason: 'quota', untilMs: NOW + 90_000 }), NOW)),
      money: String(eventText(parked({ needsUsd: 0.0123 }), NOW)),
      resumed: String(eventText(parked({}), NOW)),
    }).toEqual({
      time: "ch1: parked until 2026-11-28 12:01 UTC (in 2 min): the provider's quota is used up",
      money: 'ch1: waits until $0.0123 of the budget are free for it',
      resumed: 'ch1: parked until the run is resumed: the budget is used up',
    });
  });

  it('says what the run waits for', () => {
    expect([
      String(eventText({ type: 'run-waiting', untilMs: NOW + 90_000, reason: 'quota' }, NOW)),
      String(eventText({ type: 'run-waiting', untilMs: NOW + 90_000 }, NOW)),
      String(eventText({ type: 'run-waiting' }, NOW)),
    ]).toEqual([
      "Waiting until 2026-11-28 12:01 UTC (in 2 min): the provider's quota is used up",
      'Waiting until 2026-11-28 12:01 UTC (in 2 min): nothing is ready',
      'Waiting for other processes, which write the rest.',
    ]);
  });

  it('says that a journal is away, and that it is back', () => {
    const away = eventText({ type: 'journal-away', message: 'The disk is full.' }, NOW);
    expect([String(away), String(eventText({ type: 'journal-back' }, NOW))]).toEqual([
      'New text is kept in memory until it can be written: The disk is full.',
      'The journal can be written again.',
    ]);
  });
});
