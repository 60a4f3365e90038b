import { decimalDollars } from '../pico-dollars.js';
import { spent, successRate } from '../report/figures.js';
import type { Figures, Money, Percentiles } from '../report/figures.js';
import type { Group } from '../report/ledger-reader.js';
import type { Report } from '../report/report.js';
import { shownCount, shownMoney, shownMs, shownShare } from '../report/shown.js';
import { escaped } from './escape.js';
import type { Section } from './sections.js';

const MOST_ROWS = 300;

const FIGURES: readonly (readonly [string, (figures: Figures) => string])[] = [
  ['generations', ({ requests }) => cell(shownCount(requests))],
  ['success', (figures) => cell(shownShare(successRate(figures)))],
  ['retries', ({ retries }) => cell(shownCount(retries))],
  ['prompt tokens', ({ tokens }) => cell(shownCount(tokens.prompt))],
  ['completion tokens', ({ tokens }) => cell(shownCount(tokens.completion))],
  ['spend', ({ cost }) => cell(shownMoney(cost), exact(cost))],
  ['latency p50', ({ latencyMs }) => cell(duration(latencyMs, 'p50'))],
  ['p90', ({ latencyMs }) => cell(duration(latencyMs, 'p90'))],
  ['p99', ({ latencyMs }) => cell(duration(latencyMs, 'p99'))],
  ['first token p50', ({ timeToFirstTokenMs }) => cell(duration(timeToFirstTokenMs, 'p50'))],
];

/** One table of the page; beyond 300 rows it says how many are left out. */
export function sectionHtml({ title, headings, groups }: Section, index: number): string {
  const rows = groups.slice(0, MOST_ROWS).map(({ key, figures }) =>
    row(
      headings.map((_, at) => nameOf(key[at] ?? null)),
      figures,
    ),
  );
  const more = groups.length > MOST_ROWS ? `<p class="note">${restOf(groups.slice(MOST_ROWS))}</p>` : '';
  return `<section><h2 id="table-${index}">${escaped(title)}</h2>${tableHtml(`table-${index}`, headings, rows)}${more}</section>`;
}

/** What the charts show, as figures. */
export function timelineHtml({ timeline: { from, widthMs, stretches } }: Report): string {
  const rows = stretches.flatMap((figures, index) =>
    figures.requests + figures.attempts === 0
      ? []
      : [row([new Date(from + index * widthMs).toISOString().slice(0, 16).replace('T', ' ')], figures)],
  );
  return `<details><summary id="over-time">The charts as a table</summary>${tableHtml('over-time', ['from (UTC)'], rows)}</details>`;
}

function tableHtml(titleId: string, headings: readonly string[], rows: readonly string[]): string {
  const names = headings.map((heading) => `<th scope="col">${escaped(heading)}</th>`).join('');
  const figures = FIGURES.map(([heading]) => `<th scope="col" class="figure">${heading}</th>`).join('');
  return `<div class="scroll" tabindex="0" role="region" aria-labelledby="${titleId}"><table aria-labelledby="${titleId}"><thead><tr>${names}${figures}</tr></thead><tbody>${rows.join('\n')}</tbody></table></div>`;
}

function row(names: readonly string[], figures: Figures): string {
  return `<tr>${names.map((name) => `<th scope="row">${escaped(name)}</th>`).join('')}${FIGURES.map(([, show]) => show(figures)).join('')}</tr>`;
}

function cell(text: string, title?: string): string {
  return `<td${title === undefined ? '' : ` title="${title}"`}>${escaped(text)}</td>`;
}

function exact({ known, estimated, unmeasuredAttempts }: Money): string {
  return `$${decimalDollars(known)} known${estimated > 0n ? `, $${decimalDollars(estimated)} estimated` : ''}${unmeasuredAttempts > 0 ? `, ${unmeasuredAttempts} attempts unknown` : ''}`;
}

function duration(percentiles: Percentiles, which: 'p50' | 'p90' | 'p99'): string {
  return percentiles.count === 0 ? '–' : shownMs(percentiles[which]);
}

function nameOf(name: string | number | null): string {
  return name === null ? '(none)' : String(name) || '(empty)';
}

function restOf(groups: readonly Group[]): string {
  const dollars = groups.reduce((sum, { figures }) => sum + spent(figures.cost), 0n);
  const requests = groups.reduce((sum, { figures }) => sum + figures.requests, 0);
  return `${shownCount(groups.length)} more rows are left out: ${shownCount(requests)} generations, $${decimalDollars(dollars)}.`;
}
