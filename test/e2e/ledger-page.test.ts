import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import type { Stat } from 'scriptorium/plugin';
import { htmlReport } from '../../plugins/ledger/page/html-report.js';
import { uplotFiles } from '../../plugins/ledger/page/uplot.js';
import { readReport } from '../../plugins/ledger/report/report.js';
import { aGeneration, anAttempt } from '../stats/a-stat.js';
import { eventually } from '../support/eventually.js';
import { isBrowserDue, opened, startBrowser } from './browser.js';
import type { Look } from './browser.js';
import { aLedgerFile, aPair, HOUR, NOON, reading, written } from '../plugins/ledger/ledgers.js';

/** Where the pictures of the page are put, for who wants to look at them. */
const PICTURES = process.env['PICTURES'];
const CHARTS = ['spend', 'tokens', 'latency', 'first-token', 'success', 'generations'];
const MODEL = { kind: 'model' } as const;

/** Two days of two books with chapters, three models, failures, a cancelled generation, and estimates. */
function aBusyTime(): readonly Stat[] {
  return Array.from({ length: 180 }, (_, index): readonly Stat[] => {
    const labels = { book: index % 3 === 0 ? 'The Voyage of the Ada' : 'ada', chapter: String((index % 12) + 1) };
    const [startedAt, model] = [NOON - 48 * HOUR + index * 16 * 60_000, `vendor/model-${index % 3}`];
    const [wave, id] = [1 + Math.sin(index / 9), `generation-${index}`];
    if (index % 17 === 0)
      return [
        anAttempt({
          generationId: id,
          startedAt,
          model,
          labels,
          outcome: 'error',
          errorCode: 'connection',
          usage: { inputTokens: 0, outputTokens: 0, source: 'unmeasured' },
        }),
        aGeneration({
          generationId: id,
          startedAt,
          model,
          labels,
          outcome: index % 34 === 0 ? 'cancelled' : 'error',
          errorCode: 'connection',
          errorMessage: 'Out of order',
        }),
      ];
    return [
      anAttempt({
        generationId: id,
        startedAt,
        model,
        labels,
        latencyMs: 2_000 * wave,
        usage: { inputTokens: 900, outputTokens: Math.round(1_400 * wave), costUsd: 0.004 * wave, source: 'reported' },
      }),
      aGeneration({
        generationId: id,
        startedAt,
        model,
        labels,
        latencyMs: 2_000 + 4_000 * wave + (index % 11) * 300,
        timeToFirstTokenMs: 300 + 80 * (index % 7),
      }),
    ];
  }).flat();
}

async function pageOf(stats: readonly Stat[]): Promise<{ readonly html: string; readonly path: string }> {
  const file = aLedgerFile();
  await written(file, stats);
  const html = await reading(file, async (reader) =>
    htmlReport(
      reader,
      await readReport(reader, {
        file: 'ledger.db',
        by: [{ text: 'model', dimension: MODEL }],
        since: undefined,
        until: NOON,
        mostStretches: 60,
      }),
      [{ text: 'model', dimension: MODEL }],
    ),
  );
  const path = `${file}.html`;
  writeFileSync(path, html);
  return { html, path };
}

/** How many points of each chart's canvas are coloured, and of how many colours that fill something. */
function drawnOn(page: Page): Promise<Record<string, number>> {
  return page.evaluate(`Object.fromEntries([...document.querySelectorAll('.plot')].map((place) => {
    const canvas = place.querySelector('canvas');
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let vivid = 0;
    for (let at = 0; at < data.length; at += 4) if (data[at + 3] > 200 && Math.max(data[at], data[at + 1], data[at + 2]) - Math.min(data[at], data[at + 1], data[at + 2]) > 60) vivid += 1;
    return [place.id.slice(5), vivid];
  }))`);
}

describe('the page of the ledger', () => {
  it('holds all it needs, and its policy lets it ask for nothing', async () => {
    const { html } = await pageOf(aBusyTime());
    expect(html).toContain("default-src 'none'");
    expect(html).not.toMatch(/<(?:script|img|iframe)[^>]* src=|<link[^>]*href="(?!data:)|@import|url\(/);
    expect(html).toContain((await uplotFiles()).licence.trim().split('\n')[0]);
  });

  it('shows books with their chapters in order, and the sums without a script', async () => {
    const { html } = await pageOf(aBusyTime());
    expect([...html.matchAll(/<h2 id="table-\d">(.*?)<\/h2>/g)].map(([, title]) => title)).toEqual([
      'By model',
      'By book',
      'By book and chapter',
    ]);
    const chapters = html.slice(html.indexOf('By book and chapter'));
    expect(
      [...chapters.matchAll(/<th scope="row">(.*?)<\/th><th scope="row">(.*?)<\/th>/g)].map(
        ([, book, chapter]) => `${book} ${chapter}`,
      ),
    ).toEqual([
      'ada 2',
      'ada 3',
      'ada 5',
      'ada 6',
      'ada 8',
      'ada 9',
      'ada 11',
      'ada 12',
      'The Voyage of the Ada 1',
      'The Voyage of the Ada 4',
      'The Voyage of the Ada 7',
      'The Voyage of the Ada 10',
    ]);
  });

  it('lets no name out of its place', async () => {
    const evil = '</script><script>document.title="taken"</script><!--';
    const { html } = await pageOf(aPair('one', { model: evil, labels: { book: evil, [evil]: 'x' } }));
    expect(html).not.toContain(evil);
    expect(html.match(/<script/g)).toHaveLength(3);
  });

  it('says what to install where uPlot is missing', async () => {
    await expect(uplotFiles(() => '/nowhere')).rejects.toThrow(
      'The page needs the package uplot, which is not installed: npm i uplot@1.6',
    );
  });
});

(isBrowserDue ? describe : describe.skip)('the page of the ledger in a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(async () => {
    await (browser as Browser | undefined)?.close();
  });

  it.each<Look>([
    { colorScheme: 'light', width: 1280 },
    { colorScheme: 'dark', width: 390 },
  ])('is drawn in every chart, without a complaint, at %j', async (look) => {
    const { path } = await pageOf(aBusyTime());
    const { page, complaints, asked } = await opened(browser, path, look);
    const drawn = await drawnOn(page);
    expect(Object.keys(drawn)).toEqual(CHARTS);
    expect(Math.min(...Object.values(drawn))).toBeGreaterThan(300);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(look.width);
    if (PICTURES !== undefined)
      await page.screenshot({ path: join(PICTURES, `${look.colorScheme}-${look.width}.png`), fullPage: true });
    expect(complaints).toEqual([]);
    expect(asked).toEqual([pathToFileURL(path).href]);
    await page.close();
  });

  it('draws anew when its width and colours change', async () => {
    const { path } = await pageOf(aBusyTime());
    const { page, complaints } = await opened(browser, path, { colorScheme: 'light', width: 1280 });
    await page.setViewportSize({ width: 390, height: 800 });
    await page.emulateMedia({ colorScheme: 'dark' });
    // The page allows no `eval`, and Playwright's `waitForFunction` takes one to ask a second time.
    await eventually(() =>
      page.evaluate<boolean>(
        '[...document.querySelectorAll(".plot")].every((place) => place.querySelectorAll(".uplot").length === 1 && place.querySelector(".uplot").offsetWidth === place.clientWidth)',
      ),
    );
    expect(Math.min(...Object.values(await drawnOn(page)))).toBeGreaterThan(300);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('shows one stretch where there is one, with its figures, small amounts with their sign, and no row of nothing', async () => {
    const { path } = await pageOf(aPair('one', { costUsd: 0.000012, startedAt: NOON - HOUR }));
    const { page } = await opened(browser, path, { colorScheme: 'light', width: 1280 });
    const shown = await page.evaluate<{ span: number; spend: string[]; rows: string[] }>(`(() => {
      const plot = drawn[0].plot;
      return {
        span: plot.scales.x.max - plot.scales.x.min,
        spend: plot.axes[1]._values,
        rows: [...document.querySelectorAll('#plot-generations .u-series')].map((row) => row.textContent),
      };
    })()`);
    expect(shown.span).toBeLessThan(3_600);
    expect(shown.spend.every((value) => /^\$0(\.0*[1-9]\d*)?$/.test(value))).toBe(true);
    expect(shown.rows).toEqual([
      expect.stringMatching(/^from \(UTC\).*2026-/),
      expect.stringMatching(/^successful.*1$/),
    ]);
    if (PICTURES !== undefined) await page.screenshot({ path: join(PICTURES, 'one.png'), fullPage: true });
    await page.close();
  });

  it.each([390, 640, 1000, 1100, 1280])('leaves no card alone in a row at %d px', async (width) => {
    const { path } = await pageOf(aBusyTime());
    const { page } = await opened(browser, path, { colorScheme: 'light', width });
    const tops = await page.evaluate<number[]>(
      '[...document.querySelectorAll(".cards div")].map((card) => card.getBoundingClientRect().top)',
    );
    const rows = [...new Set(tops)].map((top) => tops.filter((each) => each === top).length);
    expect({ rows: new Set(rows).size, cards: tops.length }).toEqual({ rows: 1, cards: 6 });
    if (PICTURES !== undefined) await page.screenshot({ path: join(PICTURES, `cards-${width}.png`), fullPage: true });
    await page.close();
  });

  it('scrolls its tables within themselves on a phone, their first column staying in sight', async () => {
    const { path } = await pageOf(aBusyTime());
    const { page } = await opened(browser, path, { colorScheme: 'light', width: 390 });
    const lefts = await page.evaluate<{ overflow: number; before: number; after: number; width: number }[]>(`
      [...document.querySelectorAll('section .scroll')].map((box) => {
        const name = box.querySelector('tbody th');
        const before = name.getBoundingClientRect().left;
        box.scrollLeft = 200;
        return { overflow: box.scrollWidth - box.clientWidth, before, after: name.getBoundingClientRect().left, width: name.offsetWidth };
      })`);
    for (const { overflow, before, after, width } of lefts) {
      expect(overflow).toBeGreaterThan(200);
      expect(Math.abs(after - before)).toBeLessThanOrEqual(1);
      expect(width).toBeLessThan(195);
    }
    await page.close();
  });

  it.each<[string, readonly Stat[]]>([
    ['nothing', []],
    ['a single generation', aPair('one')],
    [
      'names that are code',
      aPair('one', {
        model: '</script><script>document.title="taken"</script>',
        labels: { book: '"><img src=x onerror=alert(1)>' },
      }),
    ],
  ])('bears %s', async (_, stats) => {
    const { path } = await pageOf(stats);
    const { page, complaints, asked } = await opened(browser, path, { colorScheme: 'light', width: 1280 });
    expect(await page.title()).toBe('What was generated: ledger.db');
    expect(await page.locator('.plot canvas').count()).toBe(CHARTS.length);
    expect([complaints, asked.length]).toEqual([[], 1]);
    expect(existsSync(path) && readFileSync(path, 'utf8').startsWith('<!doctype html>')).toBe(true);
    await page.close();
  });
});
