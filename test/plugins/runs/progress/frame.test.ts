import { describe, expect, it } from '@jest/globals';
import { widthOf } from 'scriptorium/plugin';
import type { GenerationEvent } from 'scriptorium';
import { Board } from '../../../../plugins/runs/progress/board.js';
import { frame } from '../../../../plugins/runs/progress/frame.js';
import type { Room } from '../../../../plugins/runs/progress/frame.js';
import type { RunStatus } from '../../../../plugins/runs/journal/run-status.js';

const NOW = Date.UTC(2026, 10, 28, 12, 0);
const NO_ITEMS = { waiting: 0, ready: 0, leased: 0, parked: 0, done: 0, failed: 0, cancelled: 0 };

function aStatus(items: Partial<RunStatus['items']>, further: Partial<RunStatus> = {}): RunStatus {
  return {
    ...{ id: 'r', name: 'ada', hash: '', digest: '', state: 'running', createdAt: 0, labels: {} },
    limits: { concurrency: 4, budgetUsd: 5, tries: 5, restarts: 2 },
    items: { ...NO_ITEMS, ...items },
    ...{ words: 0, inputTokens: 0, outputTokens: 0, heldUsd: 0 },
    cost: { known: 1.25, estimated: 0, unmeasuredAttempts: 0 },
    ...further,
  };
}

const text = (delta: string): GenerationEvent => ({ type: 'text-delta', delta });

/** A board of a run in which these items are in flight, with their events. */
function aBoard(run: RunStatus, flights: Readonly<Record<string, readonly GenerationEvent[]>>): Board {
  const board = new Board();
  const times = { now: NOW, monotonic: 0 };
  board.take({ type: 'run-start', run: { ...run, items: { ...run.items, done: 0 } }, isNew: false }, times);
  board.run = run;
  for (const [item, events] of Object.entries(flights)) {
    board.take({ type: 'item-start', item, epoch: 1, text: '' }, times);
    for (const event of events) board.take({ type: 'item-event', item, event }, times);
  }
  return board;
}

const WIDE: Room = { columns: 80, rows: 24, paint: (_, each) => each };

describe('the display of a run', () => {
  const run = aStatus({ done: 5, leased: 3, ready: 2 }, { words: 10_000 });
  const flights = {
    'chapter-6': [text('word '.repeat(1_000))],
    'chapter-7': [{ type: 'waiting', for: 'rate-limit', untilMs: NOW + 12_000 }],
    'chapter-8': [{ type: 'retry-scheduled', attempt: 2, delayMs: 3_000, reason: 'quota' }],
  } as const;

  it('has a bar over all, a line an item in flight, the sums, and the likely end', () => {
    const board = aBoard(run, flights);
    // The first frame is where the speeds begin.
    frame(board, { now: NOW, monotonic: 0 }, WIDE);
    board.take({ type: 'item-event', item: 'chapter-6', event: text('word '.repeat(800)) }, { now: NOW, monotonic: 0 });
    const shown = frame(board, { now: NOW, monotonic: 10_000 }, WIDE);
    expect(shown).toEqual([
      'ada  5 of 10 done',
      `${'━'.repeat(35)}${'─'.repeat(25)}  59 %`,
      '  chapter-6 1,800 words  100 tokens/s',
      "  chapter-7     0 words  the provider's rate limit is reached, 12 s to go",
      "  chapter-8     0 words  the provider's quota is used up, 3 s to go",
      '11,800 words · 100 tokens/s · $1.25 of $5.00 · ends about 12:00 UTC (7 s)',
    ]);
  });

  it.each([80, 60, 40, 20, 5])('is never wider than a terminal of %i columns', (columns) => {
    const names = ['x'.repeat(100), '漢字'.repeat(40), '😀'.repeat(30)];
    const board = aBoard(
      aStatus({ done: 1, failed: 1, parked: 3, leased: 3 }, { name: '漢'.repeat(90) }),
      Object.fromEntries(names.map((name) => [name, [text('word '), { type: 'waiting', for: 'slot' }] as const])),
    );
    const widths = frame(board, { now: NOW, monotonic: 0 }, { ...WIDE, columns }).map((line) => widthOf(line));
    expect(Math.max(...widths)).toBeLessThan(Math.max(columns, 10));
  });

  it('is never higher than the terminal', () => {
    const many = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`item-${index}`, []]));
    const shown = frame(aBoard(aStatus({ leased: 50 }), many), { now: NOW, monotonic: 0 }, { ...WIDE, rows: 12 });
    expect({ lines: shown.length, others: shown.at(-2) }).toEqual({ lines: 11, others: '  … and 43 more' });
  });

  it('says until when it waits if nothing is in flight', () => {
    const board = aBoard(aStatus({ parked: 4 }), {});
    board.take({ type: 'run-waiting', untilMs: NOW + 3_600_000, reason: 'quota' }, { now: NOW, monotonic: 0 });
    expect(frame(board, { now: NOW, monotonic: 0 }, WIDE)[2]).toBe(
      "  Waits until 13:00 UTC (1 h 0 min): the provider's quota is used up",
    );
  });

  it('says that it waits for other processes if they write the rest', () => {
    const board = aBoard(aStatus({ leased: 2 }), {});
    board.take({ type: 'run-waiting' }, { now: NOW, monotonic: 0 });
    expect(frame(board, { now: NOW, monotonic: 0 }, WIDE)[2]).toBe('  Waits for other processes, which write the rest');
  });

  it('counts the words of a text anew where it begins again', () => {
    const board = aBoard(aStatus({ leased: 1 }), {
      a: [text('one two three'), { type: 'restart', reason: 'interrupted' }, text('one')],
    });
    expect(board.words).toBe(1);
  });

  it('lets nothing from outside steer the terminal', () => {
    const model = '\u001b[2Jmodel\u0007';
    const board = aBoard(aStatus({ leased: 1 }, { name: 'a\u001b]0;title\u0007b' }), {
      'item\u001b[1A': [{ type: 'attempt-start', attempt: 1, provider: 'p', model }],
    });
    expect(frame(board, { now: NOW, monotonic: 0 }, WIDE).join('\n')).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  });
});
