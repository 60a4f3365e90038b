import { describe, expect, it } from '@jest/globals';
import { Subject } from 'rxjs';
import type { ObservedEvent } from 'scriptorium';
import { ManualClock } from 'scriptorium/testing';
import type { BudgetState } from 'scriptorium/plugin';
import { emptySnapshot } from '../../../../src/stats/usage-stats.js';
import type { Batch } from '../../../../plugins/gateway/page/feed/batch.js';
import { BATCH_MS, Feed } from '../../../../plugins/gateway/page/feed/feed.js';
import type { RunsSource } from '../../../../plugins/gateway/page/feed/runs.js';
import type { Viewer } from '../../../../plugins/gateway/page/feed/feed.js';
import { aPipeline, END, NO_KEYS, observed, start, words } from './a-page.js';
import type { APageOptions } from './a-page.js';

interface AViewer extends Viewer {
  readonly sent: string[];
  /** The batches so far. */
  readonly batches: () => readonly Batch[];
  isBehind: boolean;
  isEnded: boolean;
}

const NO_ITEMS = { done: 0, total: 0, failed: 0, parked: 0 };

function aViewer(): AViewer {
  const sent: string[] = [];
  const viewer: AViewer = {
    sent,
    batches: () =>
      sent.filter((text) => text.startsWith('data: ')).map((text) => JSON.parse(text.slice('data: '.length)) as Batch),
    isBehind: false,
    isEnded: false,
    isReady: () => !viewer.isBehind,
    send: (text) => void sent.push(text),
    end: () => void (viewer.isEnded = true),
  };
  return viewer;
}

function aFeed({ keepAliveMs = 15_000, access, runs, ...options }: APageOptions = {}) {
  const [generations$, clock] = [new Subject<ObservedEvent>(), new ManualClock()];
  const feed = new Feed({
    pipeline: aPipeline(generations$, options),
    access: { ...NO_KEYS, ...access },
    runs,
    clock,
    keepAliveMs,
  });
  return { feed, generations$, clock };
}

describe('the feed of the page', () => {
  it('follows the generations until it is closed, and sets a timer only while someone watches', () => {
    const { feed, generations$, clock } = aFeed();
    const state = () => ({ subscribed: generations$.observed, timers: clock.pending });
    const before = state();
    const [leaveFirst, leaveSecond] = [feed.watch(aViewer()), feed.watch(aViewer())];
    const during = state();
    leaveFirst();
    const withOne = state();
    leaveSecond();
    leaveSecond();
    const after = state();
    feed.close();
    expect({ before, during, withOne, after, closed: state() }).toEqual({
      before: { subscribed: true, timers: 0 },
      during: { subscribed: true, timers: 1 },
      withOne: { subscribed: true, timers: 1 },
      after: { subscribed: true, timers: 0 },
      closed: { subscribed: false, timers: 0 },
    });
  });

  it('shows a page that is opened again all that run, with their texts, and the last 20 that have ended', () => {
    const { feed, generations$ } = aFeed();
    generations$.next(observed('one', start(), { book: 'ada' }));
    generations$.next(observed('one', words('Before anyone watched, ')));
    for (let index = 0; index < 25; index += 1) {
      generations$.next(observed(`g${index}`, words('The end.')));
      generations$.next(observed(`g${index}`, END));
    }
    const leave = feed.watch(aViewer());
    leave();
    generations$.next(observed('one', words('and between two pages.')));
    const viewer = aViewer();
    feed.watch(viewer);
    const [batch] = viewer.batches();
    expect(batch).toMatchObject({
      order: ['one'],
      rows: [{ text: 'Before anyone watched, and between two pages.', words: 7, facts: { labels: { book: 'ada' } } }],
    });
    expect(batch?.rows?.[0]?.facts).not.toHaveProperty('isJoined');
    expect(batch?.ended?.map(({ facts }) => facts.id)).toEqual(Array.from({ length: 20 }, (_, at) => `g${at + 5}`));
    feed.close();
  });

  it('sends the breakers, those that keep attempts away first, and the keys, those with the longest line first', () => {
    const open = { provider: 'p', model: 'b', state: 'open', untilMs: 9_000 } as const;
    const key = (name: string, waiting: number) => ({ name, running: 1, waiting, limits: {} });
    const { feed } = aFeed({
      breakers: () => [{ provider: 'p', model: 'a', state: 'closed' }, open],
      access: { clients: () => [key('ada', 0), key('bob', 2)] },
    });
    const viewer = aViewer();
    feed.watch(viewer);
    const [batch] = viewer.batches();
    expect({ breakers: batch?.breakers, keys: batch?.keys }).toEqual({
      breakers: [open, { provider: 'p', model: 'a', state: 'closed' }],
      keys: [key('bob', 2), key('ada', 0)],
    });
    feed.close();
  });

  it('sends runs only where there is a source of them, and the reason where that fails', () => {
    const run = {
      id: 'r1',
      name: 'Ada',
      state: 'running',
      items: { done: 3, total: 10, failed: 1, parked: 0 },
      words: 1_200,
      tokens: 2_000,
      costUsd: 0.5,
      budgetUsd: 2,
    };
    const first = (runs?: RunsSource) => {
      const { feed } = aFeed(runs === undefined ? {} : { runs });
      const viewer = aViewer();
      feed.watch(viewer);
      feed.close();
      return viewer.batches()[0];
    };
    const failing = (): never => {
      throw new Error('The file of runs is gone.');
    };
    expect(first()).not.toHaveProperty('runs');
    expect({ known: first(() => [run])?.runs, failing: first(failing)?.runs }).toEqual({
      known: [run],
      failing: { problem: 'The file of runs is gone.' },
    });
  });

  it('sends the progress of a run within two seconds', () => {
    let words = 0;
    const { feed, clock } = aFeed({
      runs: () => [
        { id: 'r', name: 'Ada', state: 'running', items: NO_ITEMS, words: (words += 1), tokens: 0, costUsd: 0 },
      ],
    });
    const viewer = aViewer();
    feed.watch(viewer);
    clock.advance(8 * BATCH_MS);
    const seen = viewer.batches().flatMap(({ runs }) => (runs === undefined ? [] : [runs]));
    expect(seen).toMatchObject([[{ words: 1 }], [{ words: 2 }]]);
    feed.close();
  });

  it('sends everything at once, then only changes', () => {
    const { feed, generations$, clock } = aFeed();
    feed.watch(aViewer());
    generations$.next(observed('one', start(), { book: 'ada' }));
    generations$.next(observed('one', words('Once upon ')));
    const viewer = aViewer();
    feed.watch(viewer);
    generations$.next(observed('one', words('a time.')));
    clock.advance(BATCH_MS);
    const [first, second] = viewer.batches();
    expect(first).toMatchObject({
      tally: { live: 1, states: { writing: 1 } },
      order: ['one'],
      rows: [{ id: 'one', facts: { labels: { book: 'ada' }, state: 'writing' }, text: 'Once upon ', words: 2 }],
      totals: { requests: 0 },
      errors: [],
      parts: [],
      budgets: [],
    });
    expect(second?.rows?.map(({ id, add, text, facts, words: count }) => ({ id, add, text, facts, count }))).toEqual([
      { id: 'one', add: 'a time.', text: undefined, facts: undefined, count: 4 },
    ]);
    expect({ order: second?.order, totals: second?.totals }).toEqual({ order: undefined, totals: undefined });
    feed.close();
  });

  it('sends one batch in a quarter of a second, however many events there are', () => {
    const { feed, generations$, clock } = aFeed();
    const viewer = aViewer();
    feed.watch(viewer);
    for (let index = 0; index < 1_000; index += 1) {
      generations$.next(observed(`g${index}`, start()));
      for (let delta = 0; delta < 20; delta += 1) generations$.next(observed(`g${index}`, words('word ')));
    }
    expect(viewer.sent).toHaveLength(1);
    clock.advance(BATCH_MS);
    expect(viewer.sent).toHaveLength(2);
    expect(viewer.batches()[1]).toMatchObject({ tally: { live: 1_000, states: { writing: 1_000 } } });
    expect(viewer.batches()[1]?.rows).toHaveLength(50);
    expect(viewer.sent[1]!.length).toBeLessThan(50_000);
    feed.close();
  });

  it('holds nothing for a viewer that is behind, and sends it one batch later', () => {
    const { feed, generations$, clock } = aFeed();
    const viewer = aViewer();
    feed.watch(viewer);
    viewer.isBehind = true;
    generations$.next(observed('one', start()));
    for (let index = 0; index < 40; index += 1) {
      generations$.next(observed('one', words('0123456789 0123456789 ')));
      clock.advance(BATCH_MS);
    }
    expect(viewer.sent).toHaveLength(1);
    viewer.isBehind = false;
    clock.advance(BATCH_MS);
    expect(viewer.sent).toHaveLength(2);
    const [row] = viewer.batches()[1]?.rows ?? [];
    expect({ length: row?.text?.length, add: row?.add, words: row?.words }).toEqual({
      length: 400,
      add: undefined,
      words: 80,
    });
    feed.close();
  });

  it('voids the text of a row when its generation begins again', () => {
    const { feed, generations$, clock } = aFeed();
    const viewer = aViewer();
    feed.watch(viewer);
    generations$.next(observed('one', start()));
    generations$.next(observed('one', words('Once')));
    clock.advance(BATCH_MS);
    generations$.next(observed('one', { type: 'restart', reason: 'cannot-continue' }));
    generations$.next(observed('one', words('Twice')));
    clock.advance(BATCH_MS);
    expect(viewer.batches()[2]?.rows).toMatchObject([{ text: 'Twice', words: 1, facts: { restarts: 1 } }]);
    feed.close();
  });

  it('takes the row of a generation that ends, and lists it among the last 20', () => {
    const { feed, generations$, clock } = aFeed();
    const viewer = aViewer();
    feed.watch(viewer);
    for (let index = 0; index < 25; index += 1) {
      generations$.next(observed(`g${index}`, words('The end.')));
      generations$.next(observed(`g${index}`, END));
    }
    clock.advance(BATCH_MS);
    clock.advance(BATCH_MS);
    const [, batch, nothing] = viewer.batches();
    expect(batch?.ended?.map(({ facts }) => facts.id)).toEqual(Array.from({ length: 20 }, (_, at) => `g${at + 5}`));
    expect(batch?.ended?.[0]).toMatchObject({ text: 'The end.', words: 2, facts: { state: 'finished' } });
    expect({ tally: batch?.tally, nothing }).toEqual({ tally: undefined, nothing: undefined });
    feed.close();
  });

  it('counts queues by their reason, with the earliest end', () => {
    const { feed, generations$, clock } = aFeed();
    const viewer = aViewer();
    feed.watch(viewer);
    generations$.next(observed('a', { type: 'waiting', for: 'rate-limit', untilMs: 9_000 }));
    generations$.next(observed('b', { type: 'waiting', for: 'rate-limit', untilMs: 7_000 }));
    generations$.next(observed('c', { type: 'waiting', for: 'slot' }));
    clock.advance(BATCH_MS);
    expect(viewer.batches()[1]?.tally?.queues).toEqual([
      { reason: 'rate-limit', waiting: 2, untilMs: 7_000 },
      { reason: 'slot', waiting: 1 },
    ]);
    feed.close();
  });

  it('measures the pace of each generation and of all', () => {
    const { feed, generations$, clock } = aFeed();
    const viewer = aViewer();
    feed.watch(viewer);
    for (let index = 0; index < 100; index += 1) {
      for (const id of ['a', 'b']) generations$.next(observed(id, words('x'.repeat(10))));
      clock.advance(BATCH_MS);
    }
    expect(
      viewer
        .batches()
        .flatMap(({ tally }) => tally?.pace ?? [])
        .at(-1),
    ).toBe(80);
    expect(
      viewer
        .batches()
        .flatMap(({ rows = [] }) => rows.flatMap(({ pace }) => pace ?? []))
        .at(-1),
    ).toBe(40);
    feed.close();
  });

  it('reads the slow sections every two seconds, and budgets one question at a time', async () => {
    let [questions, snapshots] = [0, 0];
    const answers: ((budgets: readonly BudgetState[]) => void)[] = [];
    const { feed, clock } = aFeed({
      stats: () => ((snapshots += 1), emptySnapshot(0)),
      budgets: () => ((questions += 1), new Promise((resolve) => answers.push(resolve))),
    });
    const viewer = aViewer();
    feed.watch(viewer);
    clock.advance(8 * BATCH_MS);
    expect({ questions, snapshots }).toEqual({ questions: 1, snapshots: 2 });
    const amounts = { tokens: 0, usd: 1 };
    answers[0]!([{ scope: 'day', limit: amounts, spent: amounts, reserved: amounts }]);
    await new Promise(setImmediate);
    clock.advance(8 * BATCH_MS);
    expect(questions).toBe(2);
    expect(viewer.batches().at(-1)?.budgets).toMatchObject([{ scope: 'day' }]);
    feed.close();
  });

  it('says so where the budgets cannot be read', async () => {
    const { feed, clock } = aFeed({ budgets: () => Promise.reject(new Error('Redis is away.')) });
    const viewer = aViewer();
    feed.watch(viewer);
    await new Promise(setImmediate);
    clock.advance(BATCH_MS);
    expect(viewer.batches().at(-1)?.budgets).toEqual({ problem: 'Redis is away.' });
    feed.close();
  });

  it('sends a comment when there was nothing to say for a while', () => {
    const { feed, clock } = aFeed({ keepAliveMs: 1_000 });
    const viewer = aViewer();
    feed.watch(viewer);
    clock.advance(2_000);
    expect(viewer.sent.slice(1)).toEqual([': keep-alive\n\n', ': keep-alive\n\n']);
    feed.close();
  });

  it('ends its viewers when the pipeline is disposed, before or while they watch', () => {
    const { feed, generations$, clock } = aFeed();
    const [early, late] = [aViewer(), aViewer()];
    feed.watch(early);
    generations$.complete();
    feed.watch(late);
    expect({ early: early.isEnded, late: late.isEnded, timers: clock.pending, watching: feed.watching }).toEqual({
      early: true,
      late: true,
      timers: 0,
      watching: 0,
    });
  });
});
