import { successRate } from '../report/figures.js';
import type { Figures, Percentiles } from '../report/figures.js';
import { shownCount, shownMoney, shownMs, shownShare } from '../report/shown.js';
import type { Report } from '../report/report.js';
import { decimalDollars } from '../pico-dollars.js';

/** A chart as the script of the page draws it; `x` and all `values` are of one length. */
export interface Chart {
  readonly id: string;
  readonly title: string;
  /** What can be seen in it, for who cannot see. */
  readonly summary: string;
  readonly unit: 'dollars' | 'count' | 'ms' | 'share';
  /** Bars stand on each other, the first below. */
  readonly kind: 'bars' | 'lines';
  readonly series: readonly { readonly label: string; readonly values: readonly (number | null)[] }[];
}

type Each = <T>(read: (figures: Figures) => T) => readonly T[];

/** The charts of a report, in the order of the page. */
export function chartsOf({ totals, timeline: { stretches } }: Report): readonly Chart[] {
  const each: Each = (read) => stretches.map(read);
  const charts: readonly Chart[] = [
    spendChart(totals, each),
    tokensChart(totals, each),
    percentileChart(
      { id: 'latency', title: 'Latency of generations' },
      totals.latencyMs,
      each(({ latencyMs }) => latencyMs),
    ),
    percentileChart(
      { id: 'first-token', title: 'Time to the first token' },
      totals.timeToFirstTokenMs,
      each(({ timeToFirstTokenMs }) => timeToFirstTokenMs),
    ),
    {
      id: 'success',
      title: 'Success rate',
      unit: 'share',
      kind: 'lines',
      summary: `${shownShare(successRate(totals))} of ${shownCount(totals.requests)} generations in all`,
      series: [{ label: 'success', values: each((figures) => successRate(figures) ?? null) }],
    },
    generationsChart(totals, each),
  ];
  return charts.map((chart) => ({ ...chart, series: seriesWithValues(chart.series) }));
}

/** A series of nothing would only be a row of the legend. The first one stays, so that there is a chart. */
function seriesWithValues(series: Chart['series']): Chart['series'] {
  return series.filter(({ values }, index) => index === 0 || values.some((value) => value !== null && value !== 0));
}

function spendChart({ cost: total }: Figures, each: Each): Chart {
  const dollars = (units: bigint): number => Number(decimalDollars(units));
  const estimated =
    total.estimated > 0n ? [{ label: 'estimated', values: each(({ cost }) => dollars(cost.estimated)) }] : [];
  return {
    id: 'spend',
    title: 'Spend',
    unit: 'dollars',
    kind: 'bars',
    summary: `${shownMoney(total)} in all`,
    series: [{ label: 'spend', values: each(({ cost }) => dollars(cost.known)) }, ...estimated],
  };
}

function tokensChart({ tokens: total }: Figures, each: Each): Chart {
  return {
    id: 'tokens',
    title: 'Tokens',
    unit: 'count',
    kind: 'bars',
    summary: `${shownCount(total.prompt)} of prompts and ${shownCount(total.completion)} of completions in all`,
    series: [
      { label: 'prompt', values: each(({ tokens }) => tokens.prompt) },
      { label: 'completion', values: each(({ tokens }) => tokens.completion) },
    ],
  };
}

function generationsChart(totals: Figures, each: Each): Chart {
  return {
    id: 'generations',
    title: 'Generations',
    unit: 'count',
    kind: 'bars',
    summary: `${shownCount(totals.successful)} successful, ${shownCount(totals.failed)} failed, ${shownCount(totals.cancelled)} cancelled in all`,
    series: (['successful', 'failed', 'cancelled'] as const).map((outcome) => ({
      label: outcome,
      values: each((figures) => figures[outcome]),
    })),
  };
}

function percentileChart(names: Pick<Chart, 'id' | 'title'>, all: Percentiles, each: readonly Percentiles[]): Chart {
  const series = (['p50', 'p90', 'p99'] as const).map((which) => ({
    label: which,
    values: each.map((part) => (part.count === 0 ? null : part[which])),
  }));
  return {
    ...names,
    unit: 'ms',
    kind: 'lines',
    series,
    summary:
      all.count === 0
        ? 'nothing measured'
        : `in all: median ${shownMs(all.p50)}, p90 ${shownMs(all.p90)}, p99 ${shownMs(all.p99)}`,
  };
}
