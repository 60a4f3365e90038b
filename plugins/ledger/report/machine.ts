import { shownJson } from 'scriptorium/plugin';
import { decimalDollars } from '../pico-dollars.js';
import { csvLine } from './csv.js';
import { successRate } from './figures.js';
import type { Figures } from './figures.js';
import type { Report } from './report.js';

/** One JSON object. Groups by several dimensions have `names` in place of a `name`. Money is decimal text, which no sum has rounded; times are UTC. */
export function jsonReport({ file, by, where, since, until, totals, groups, timeline }: Report): string {
  const { from, widthMs, stretches } = timeline;
  return `${shownJson({
    file,
    by: by.length === 1 ? by[0] : by,
    ...(where.length > 0 && { where }),
    since: since === undefined ? null : new Date(since).toISOString(),
    until: new Date(until).toISOString(),
    totals: plain(totals),
    groups: groups.map(({ names, figures }) => ({
      ...(names.length === 1 ? { name: names[0] } : { names }),
      ...plain(figures),
    })),
    timeline: { from: new Date(from).toISOString(), widthMs, stretches: stretches.map(plain) },
  })}\n`;
}

/** A line of names and one for each group, as RFC 4180 has it. */
export function csvReport({ by, groups }: Report): string {
  const lines = [
    [...by, ...CSV.map(([title]) => title)],
    ...groups.map(({ names, figures }) => [
      ...names.map((name) => name ?? ''),
      ...CSV.map(([, value]) => String(value(figures))),
    ]),
  ];
  return lines.map(csvLine).join('');
}

function plain({ cost, ...rest }: Figures) {
  const { known, estimated, unmeasuredAttempts } = cost;
  return {
    ...rest,
    cost: { known: decimalDollars(known), estimated: decimalDollars(estimated), unmeasuredAttempts },
    successRate: successRate({ ...rest, cost }) ?? null,
  };
}

const CSV: readonly (readonly [string, (figures: Figures) => string | number])[] = [
  ['requests', ({ requests }) => requests],
  ['successful', ({ successful }) => successful],
  ['failed', ({ failed }) => failed],
  ['cancelled', ({ cancelled }) => cancelled],
  ['attempts', ({ attempts }) => attempts],
  ['retries', ({ retries }) => retries],
  ['prompt_tokens', ({ tokens }) => tokens.prompt],
  ['completion_tokens', ({ tokens }) => tokens.completion],
  ['cached_tokens', ({ tokens }) => tokens.cached],
  ['cache_write_tokens', ({ tokens }) => tokens.cacheWrite],
  ['reasoning_tokens', ({ tokens }) => tokens.reasoning],
  ['cost_usd', ({ cost }) => decimalDollars(cost.known)],
  ['estimated_cost_usd', ({ cost }) => decimalDollars(cost.estimated)],
  ['unmeasured_attempts', ({ cost }) => cost.unmeasuredAttempts],
  ...(['latencyMs', 'timeToFirstTokenMs'] as const).flatMap((key) =>
    (['p50', 'p90', 'p99', 'max'] as const).map(
      (which) =>
        [
          `${key === 'latencyMs' ? 'latency' : 'first_token'}_${which}_ms`,
          (figures: Figures) => (figures[key].count === 0 ? '' : figures[key][which]),
        ] as const,
    ),
  ),
];
