import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { FastifyPluginCallback } from 'fastify';
import type { Browser, Page } from 'playwright-core';
import { GenerationError } from 'scriptorium';
import type { BudgetState, UsageSnapshot } from 'scriptorium/plugin';
import { ChatChunks } from 'scriptorium/provider';
import { emptySnapshot } from '../../src/stats/usage-stats.js';
import { aPage, END, LOCAL, observed, start, words } from '../plugins/gateway/page/a-page.js';
import type { APage } from '../plugins/gateway/page/a-page.js';
import { eventually } from '../support/eventually.js';
import { isBrowserDue, startBrowser } from './browser.js';
import type { Look } from './browser.js';

/** Where the pictures of the page are put, for those who want to look at them. */
const PICTURES = process.env['PICTURES'];
const WIDE: Look = { colorScheme: 'light', width: 1280 };
const EVIL = '</script><script>document.title="taken"</script><img src=x onerror="document.title=\'taken\'">\u202e';

const A_RUN = {
  id: 'r',
  items: { done: 3, total: 10, failed: 1, parked: 2 },
  words: 1_200,
  tokens: 2_000,
  costUsd: 0.5,
};

interface OpenedPage {
  readonly page: Page;
  readonly complaints: readonly string[];
  readonly asked: readonly string[];
  /** The text of an element. */
  readonly textOf: (id: string) => Promise<string>;
}

/** The page allows no `eval`, so `waitForFunction` cannot be used. */
async function openedAt(browser: Browser, url: string, { colorScheme, width }: Look = WIDE): Promise<OpenedPage> {
  const page = await browser.newPage({ colorScheme, viewport: { width, height: 900 } });
  const [complaints, asked]: [string[], string[]] = [[], []];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => void complaints.push(String(error)));
  page.on('request', (request) => void asked.push(request.url()));
  await page.goto(url);
  return { page, complaints, asked, textOf: (id) => page.locator(`#${id}`).innerText() };
}

const USD = (usd: number) => ({ tokens: 0, usd });

function budgetOf(scope: BudgetState['scope'], spent: number, labelValue?: string): BudgetState {
  const label = labelValue === undefined ? {} : { label: 'book', labelValue };
  return { scope, ...label, limit: USD(1), spent: USD(spent), reserved: USD(0) };
}

function statsWith(message: string): UsageSnapshot {
  const error = { generationId: 'x', provider: 'openrouter', model: message, code: 'overloaded', message } as const;
  return { ...emptySnapshot(0), recentErrors: [{ ...error, at: '2026-01-01T10:00:00Z' }] };
}

/** Generations in every state that the page knows. */
function aBusyTime({ generations$, clock }: APage): void {
  const labels = (chapter: number) => ({ book: chapter % 2 === 0 ? 'ada' : 'moby', chapter: String(chapter) });
  const take = (chapter: number, ...events: Parameters<typeof observed>[1][]): void => {
    for (const event of events) generations$.next(observed(`g${chapter}`, event, labels(chapter)));
  };
  take(1, start(), words('Call me Ishmael. Some years ago, never mind how long precisely. '.repeat(9)));
  take(2, start(), words('One.'), start(2), {
    type: 'continuation',
    segment: 2,
    reason: 'interrupted',
    provider: 'p',
    model: 'm',
  });
  take(3, { type: 'waiting', for: 'rate-limit', untilMs: clock.now() + 90_000 });
  take(4, start(), { type: 'retry-scheduled', attempt: 2, delayMs: 60_000, reason: 'overloaded' });
  take(5, start(), { type: 'reasoning-delta', delta: 'Hm.', attempt: 1 });
  take(6, start(), words('A whole text.'), END);
  take(7, start(), { type: 'generation-failed', error: new GenerationError('overloaded', 'The vendor is too busy.') });
  take(8, words('Half a '), { type: 'generation-cancelled' });
}

/** A chat route that writes one text and ends as a whole answer does, or breaks off before. */
function chatOf(text: string, isWhole = true): FastifyPluginCallback {
  return (app, _options, done) => {
    app.post('/v1/chat/completions', (_request, reply) => {
      const chunks = new ChatChunks({ id: 'x', created: 1, model: 'm', dialect: 'openai', wantsUsage: true });
      const events = [words(text), ...(isWhole ? [END] : [])].map((event) => chunks.of(event)).join('');
      return reply.type('text/event-stream').send(events);
    });
    done();
  };
}

(isBrowserDue ? describe : describe.skip)('the page of the gateway in a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(async () => {
    await (browser as Browser | undefined)?.close();
  });

  it.each<Look>([WIDE, { colorScheme: 'dark', width: 390 }, { colorScheme: 'dark', width: 1920 }])(
    'shows every state without a complaint, and fits, at %j',
    async (look) => {
      const made = await aPage({
        stats: () => statsWith('The vendor is too busy.'),
        budgets: () => Promise.resolve([budgetOf('process', 0.3), budgetOf('label', 0.9, 'ada'), budgetOf('day', 1)]),
        parts: [{ name: 'limits', answered: 9, failed: 1, late: 0, lastFailure: 'Redis is away.' }],
      });
      const { page, complaints, asked, textOf } = await openedAt(browser, made.url, look);
      await eventually(async () => (await textOf('status-text')) === 'Live');
      aBusyTime(made);
      await eventually(async () => (await textOf('ended-rows')).includes('A whole text.'));
      await eventually(async () => (await textOf('budget-rows')).includes('book ada'));
      const rows = await page.locator('#rows > li').allInnerTexts();
      expect(rows.map((row) => /Writing|Thinking|Waiting|Retrying|Starting/.exec(row)?.[0])).toEqual([
        'Starting',
        'Writing',
        'Thinking',
        'Retrying',
        'Waiting',
      ]);
      expect(rows[0]).toMatch(/segment 2 · attempt 2/);
      expect(rows[4]).toMatch(/Waits for the rate limit, 1 min \d+ s \(until /);
      expect(await textOf('queue-rows')).toMatch(/1 for the rate limit[^]*1 for the next attempt/);
      expect(await textOf('ended-rows')).toMatch(
        /Cancelled[^]*Failed[^]*overloaded: The vendor is too busy\.[^]*Finished/,
      );
      expect(await textOf('budget-rows')).toMatch(/Today[^]*100%, used up[^]*book ada[^]*90%, nearly used up[^]*30%:/);
      expect(await page.getByRole('meter').count()).toBe(3);
      expect(await textOf('part-rows')).toMatch(/troubled limits[^]*Redis is away\./);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(look.width);
      if (PICTURES !== undefined)
        await page.screenshot({ path: join(PICTURES, `${look.colorScheme}-${look.width}.png`), fullPage: true });
      expect(complaints).toEqual([]);
      expect(asked.map((url) => new URL(url).pathname)).toEqual(['/', '/events']);
      await page.close();
    },
  );

  it('shows breakers, keys and runs, and all that runs and has ended again after a reload', async () => {
    const untilMs = Date.now() + 90_000;
    const made = await aPage({
      breakers: () => [
        { provider: 'openrouter', model: 'a/closed', state: 'closed' },
        { provider: 'openrouter', model: 'a/open', state: 'open', untilMs },
        { provider: 'openrouter', model: 'a/probing', state: 'probing', untilMs },
      ],
      access: {
        clients: () => [
          {
            name: 'ada',
            running: 4,
            waiting: 3,
            limits: { concurrency: { used: 4, limit: 4 }, tokensPerMinute: { used: 500, limit: 2_000 } },
          },
        ],
      },
      runs: () => [
        { ...A_RUN, name: 'A life of Ada', state: 'running', budgetUsd: 2 },
        { ...A_RUN, name: EVIL, state: EVIL, until: untilMs },
      ],
    });
    const { page, complaints, textOf } = await openedAt(browser, made.url);
    await eventually(async () => (await textOf('status-text')) === 'Live');
    aBusyTime(made);
    await eventually(async () => (await textOf('ended-rows')).includes('A whole text.'));
    const seen = () => Promise.all(['rows', 'ended-rows'].map(textOf));
    const before = await seen();
    await page.reload();
    await eventually(async () => (await textOf('ended-rows')).includes('A whole text.'));
    const withoutTimes = (texts: readonly string[]) =>
      texts.map((text) => text.replaceAll(/\d+ (?:s|min|tokens\/s)/g, ''));
    expect(withoutTimes(await seen())).toEqual(withoutTimes(before));
    expect(await textOf('breaker-rows')).toMatch(
      /Open a\/open[^]*next attempt in 1 min \d+ s \(at [^]*Probing a\/probing[^]*under way decides[^]*Closed a\/closed/,
    );
    expect(await textOf('client-rows')).toMatch(
      /ada[^]*4 running, 3 waiting in its line[^]*4 of 4 generations at once[^]*500 of 2,000 tokens in a minute/,
    );
    expect(await textOf('run-rows')).toMatch(
      /Running A life of Ada[^]*3 of 10 items · 1 failed · 2 parked · 1,200 words · 2,000 tokens[^]*\$0\.5000 of \$2\.00[^]*<script>/,
    );
    expect({
      title: await page.title(),
      link: await page.locator('#runs-link').isVisible(),
      width: await page.evaluate('document.documentElement.scrollWidth'),
      complaints,
    }).toEqual({ title: 'Scriptorium', link: true, width: WIDE.width, complaints: [] });
    await page.close();
  });

  it('shows hostile texts as the texts that they are', async () => {
    const made = await aPage({
      stats: () => statsWith(EVIL),
      budgets: () => Promise.resolve([budgetOf('label', 1, EVIL)]),
      parts: [{ name: EVIL, answered: 1, failed: 1, late: 0, lastFailure: EVIL }],
      more: chatOf(EVIL),
    });
    const { page, complaints, textOf } = await openedAt(browser, made.url);
    await eventually(async () => (await textOf('status-text')) === 'Live');
    const evilStart = { type: 'attempt-start', attempt: 1, provider: EVIL, model: EVIL } as const;
    for (const id of ['<b>one</b>', 'two']) {
      made.generations$.next(observed(id, evilStart, { [EVIL]: EVIL }));
      made.generations$.next(observed(id, words(EVIL)));
    }
    made.generations$.next(
      observed('two', { type: 'generation-failed', error: new GenerationError('internal', EVIL) }),
    );
    await page.locator('#prompt').fill(EVIL);
    await page.locator('#send').click();
    const places = ['rows', 'ended-rows', 'error-rows', 'budget-rows', 'part-rows', 'answer'];
    for (const place of places) await eventually(async () => (await textOf(place)).includes('<script>document.title'));
    expect(await page.title()).toBe('Scriptorium');
    expect(await page.locator('main script, main img').count()).toBe(0);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('asks for a key, sends it in a header alone, and keeps it for the tab', async () => {
    const made = await aPage({
      access: {
        clientOf: ({ headers }) => {
          if (headers.authorization === 'Bearer sk-scr-right') return LOCAL;
          throw new GenerationError('authentication', 'The key is not known.');
        },
      },
    });
    const { page, asked, textOf } = await openedAt(browser, made.url);
    await eventually(() => page.locator('#access').isVisible());
    expect(await page.evaluate('document.activeElement.id')).toBe('key');
    await page.keyboard.type('sk-scr-wrong');
    await page.keyboard.press('Enter');
    await eventually(async () => (await textOf('key-problem')) === 'The key is not known.');
    await page.keyboard.type('sk-scr-right');
    await page.keyboard.press('Enter');
    await eventually(async () => (await textOf('status-text')) === 'Live');
    await page.reload();
    await eventually(async () => (await textOf('status-text')) === 'Live');
    expect(asked.filter((url) => url.includes('sk-scr'))).toEqual([]);
    expect(await page.content()).not.toContain('sk-scr-right');
    await page.locator('#forget').click();
    await eventually(() => page.locator('#access').isVisible());
    expect(await page.evaluate('sessionStorage.length')).toBe(0);
    await page.close();
  });

  it('says plainly that a key may not watch, keeps the key for the playground, and asks for no other', async () => {
    const made = await aPage({
      access: { clientOf: () => ({ name: 'bob', policy: {}, signal: new AbortController().signal }) },
      more: chatOf('A short answer.'),
    });
    const { page, textOf } = await openedAt(browser, made.url);
    await eventually(async () => (await textOf('refusal')).includes('does not allow this'));
    const isVisible = (id: string): Promise<boolean> => page.locator(`#${id}`).isVisible();
    expect({
      status: await textOf('status-text'),
      asksForKey: await isVisible('access'),
      // "No generation is running" would not be true.
      showsFeed: (await isVisible('rows-note')) || (await isVisible('budget-note')),
    }).toEqual({ status: 'Not allowed to watch', asksForKey: false, showsFeed: false });
    await page.locator('#prompt').fill('Write.');
    await page.locator('#send').click();
    await eventually(async () => (await textOf('answer')) === 'A short answer.');
    await page.close();
  });

  it('can be used with a keyboard: skip, pause, and play', async () => {
    const made = await aPage({ more: chatOf('A short answer.') });
    const { page, textOf } = await openedAt(browser, made.url);
    await eventually(async () => (await textOf('status-text')) === 'Live');
    const focused = (): Promise<string> => page.evaluate('document.activeElement.textContent');
    const stops: string[] = [];
    for (let stop = 0; stop < 9; stop += 1) {
      await page.keyboard.press('Tab');
      stops.push(await focused());
    }
    expect(stops).toEqual([
      'Skip to the live generations',
      'Live',
      'Ended',
      'Queues',
      'Breakers',
      'Budgets',
      'Errors',
      'Playground',
      'Pause',
    ]);
    await page.keyboard.press('Space');
    expect(await textOf('status-text')).toBe('Paused');
    made.generations$.next(observed('one', start()));
    made.generations$.next(observed('one', words('Unseen.')));
    await page.locator('#prompt').focus();
    await page.keyboard.type('Write.');
    await page.keyboard.press('Control+Enter');
    await eventually(async () => (await textOf('play-status')) === 'Whole. 2 tokens, $0.5000.');
    expect({ answer: await textOf('answer'), rows: await page.locator('#rows > li').count() }).toEqual({
      answer: 'A short answer.',
      rows: 0,
    });
    await page.locator('#pause').press('Space');
    await eventually(async () => (await textOf('rows')).includes('Unseen.'));
    await page.close();
  });

  it('does not take a broken answer for a whole one', async () => {
    const made = await aPage({ more: chatOf('Half an', false) });
    const { page, textOf } = await openedAt(browser, made.url);
    await page.locator('#prompt').fill('Write.');
    await page.locator('#send').click();
    await eventually(async () => (await textOf('play-status')).startsWith('The connection broke.'));
    expect(await textOf('answer')).toBe('Half an');
    await page.close();
  });

  it('keeps answering while 1,000 generations write', async () => {
    const made = await aPage();
    const { page, complaints, textOf } = await openedAt(browser, made.url);
    await eventually(async () => (await textOf('status-text')) === 'Live');
    const leaving = new AbortController();
    const storm = (async () => {
      for (let round = 0; !leaving.signal.aborted; round += 1) {
        for (let id = 0; id < 1_000; id += 1) made.generations$.next(observed(`g${id}`, words(`word${round} `)));
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    })();
    await eventually(async () => (await textOf('rows-note')) === '950 more are running and not drawn.');
    expect({ count: await textOf('live-count'), rows: await page.locator('#rows > li').count() }).toEqual({
      count: '1,000',
      rows: 50,
    });
    const before = await textOf('rows');
    await eventually(async () => (await textOf('rows')) !== before);
    await page.locator('#prompt').pressSequentially('Still here.');
    expect(await page.locator('#prompt').inputValue()).toBe('Still here.');
    expect(
      await page.evaluate(
        'Math.max(...[...document.querySelectorAll(".tail")].map((tail) => tail.textContent.length))',
      ),
    ).toBeLessThanOrEqual(400);
    leaving.abort();
    await storm;
    for (let id = 0; id < 1_000; id += 1) made.generations$.next(observed(`g${id}`, END));
    await eventually(async () => (await textOf('rows-note')) === 'No generation is running.');
    expect({
      rows: await page.locator('#rows > li').count(),
      ended: await page.locator('#ended-rows > li').count(),
    }).toEqual({ rows: 0, ended: 20 });
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('says so when the connection is lost, and scrolls without motion for those who want none', async () => {
    const made = await aPage();
    const { page, textOf } = await openedAt(browser, made.url);
    await eventually(async () => (await textOf('status-text')) === 'Live');
    made.generations$.complete();
    await eventually(async () => (await textOf('status-text')).startsWith('Connection lost.'));
    const scrolling = (): Promise<string> => page.evaluate('getComputedStyle(document.documentElement).scrollBehavior');
    await page.emulateMedia({ reducedMotion: 'reduce' });
    const reduced = await scrolling();
    await page.emulateMedia({ reducedMotion: 'no-preference' });
    expect({ reduced, usual: await scrolling() }).toEqual({ reduced: 'auto', usual: 'smooth' });
    await page.close();
  });
});
