import { createHash } from 'node:crypto';
import { successRate } from '../report/figures.js';
import type { LedgerReader } from '../report/ledger-reader.js';
import type { Grouping, Report } from '../report/report.js';
import { shownCount, shownMoney, shownMs, shownShare } from '../report/shown.js';
import { chartsOf } from './charts.js';
import type { Chart } from './charts.js';
import { embeddedJson, escaped } from './escape.js';
import { SCRIPT } from './script.js';
import { sectionsOf } from './sections.js';
import { STYLE } from './style.js';
import { sectionHtml, timelineHtml } from './tables.js';
import { uplotFiles } from './uplot.js';
import type { UplotFiles } from './uplot.js';

/**
 * A page with the report, whole in itself: it asks nothing of the network, and its own policy forbids it to. Without
 * scripts its tables are there all the same. @throws ConfigError if uPlot is not installed
 */
export async function htmlReport(reader: LedgerReader, report: Report, asked: readonly Grouping[]): Promise<string> {
  return page({
    report,
    charts: chartsOf(report),
    uplot: await uplotFiles(),
    tables: (await sectionsOf(reader, report, asked)).map(sectionHtml).join('\n'),
  });
}

interface PageParts {
  readonly report: Report;
  readonly charts: readonly Chart[];
  readonly uplot: UplotFiles;
  readonly tables: string;
}

function page({ report, charts, uplot, tables }: PageParts): string {
  const [style, scripts] = [`${uplot.style}${STYLE}`, [uplot.script, SCRIPT]];
  const policy = `default-src 'none'; style-src ${hashOf(style)}; script-src ${scripts.map(hashOf).join(' ')}; img-src data:; base-uri 'none'; form-action 'none'`;
  const { from, widthMs, stretches } = report.timeline;
  const data = { x: stretches.map((_, index) => (from + index * widthMs) / 1000), widthMs, charts };
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">
<title>What was generated: ${escaped(report.file)}</title>
<style>${style}</style>
</head>
<body>
<main>
<header><h1>What was generated</h1><p class="note">${escaped(report.file)}, ${periodOf(report)}</p></header>
${cards(report)}
<div class="charts">${charts.map(figure).join('\n')}</div>
${timelineHtml(report)}
${tables}
<footer>Made by Scriptorium on ${minute(report.until)} UTC. Charts by uPlot, under the MIT licence, which stands in the source of this page.</footer>
</main>
<!-- uPlot
${uplot.licence.replaceAll('--', '- -')}
-->
<script type="application/json" id="data">${embeddedJson(data)}</script>
${scripts.map((script) => `<script>${script}</script>`).join('\n')}
</body>
</html>
`;
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

function cards({ totals }: Report): string {
  const { cost, tokens, latencyMs, timeToFirstTokenMs } = totals;
  const rows: readonly (readonly [string, string, string])[] = [
    [
      'Spend',
      shownMoney(cost),
      cost.unmeasuredAttempts > 0
        ? `${shownCount(cost.unmeasuredAttempts)} attempts are of unknown cost`
        : cost.estimated > 0n
          ? 'partly estimated'
          : 'as the vendors tell it',
    ],
    [
      'Tokens',
      shownCount(tokens.total),
      `${shownCount(tokens.prompt)} prompt, ${shownCount(tokens.completion)} completion`,
    ],
    [
      'Generations',
      shownCount(totals.requests),
      `${shownCount(totals.attempts)} attempts, ${shownCount(totals.retries)} of them retries`,
    ],
    [
      'Success',
      shownShare(successRate(totals)),
      `${shownCount(totals.failed)} failed, ${shownCount(totals.cancelled)} cancelled`,
    ],
    [
      'Latency',
      latencyMs.count === 0 ? '–' : shownMs(latencyMs.p50),
      latencyMs.count === 0 ? '' : `median; p99 ${shownMs(latencyMs.p99)}`,
    ],
    [
      'First token',
      timeToFirstTokenMs.count === 0 ? '–' : shownMs(timeToFirstTokenMs.p50),
      timeToFirstTokenMs.count === 0 ? '' : `median; p99 ${shownMs(timeToFirstTokenMs.p99)}`,
    ],
  ];
  return `<dl class="cards">${rows.map(([name, value, note]) => `<div><dt>${name}</dt><dd>${escaped(value)}<small>${escaped(note)}</small></dd></div>`).join('')}</dl>`;
}

function figure({ id, title, summary }: Chart): string {
  return `<figure><figcaption>${title}<small>${escaped(summary)}</small></figcaption><div class="plot" id="plot-${id}" role="img" aria-label="${title} over time: ${escaped(summary)}"></div></figure>`;
}

function periodOf({ since, until, where }: Report): string {
  const filters = where.map((filter) => `, where ${escaped(filter)}`).join('');
  return `${timesOf(since, until)}${filters}`;
}

function timesOf(since: number | undefined, until: number): string {
  return since === undefined
    ? `from the beginning to ${minute(until)} UTC`
    : `${minute(since)} to ${minute(until)} UTC`;
}

function minute(time: number): string {
  return new Date(time).toISOString().slice(0, 16).replace('T', ' ');
}
