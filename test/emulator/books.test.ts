import { describe, expect, it } from '@jest/globals';
import type { Fault } from '../../src/emulator/faults.js';
import type { LoggedRequest } from '../../src/emulator/request-log.js';
import { aService } from './virtual-service.js';
import { virtualHost } from './virtual-host.js';

const FREE = { model: 'scriptorium/exact:free' };
const FAULTS: readonly (Fault | undefined)[] = [
  undefined,
  { status: 503 },
  { reset: { afterDeltas: 3 } },
  { truncate: { afterDeltas: 4 } },
  { empty: true },
  { errorChunk: { afterDeltas: 2 }, withUsage: true },
  { stall: { afterDeltas: 5 } },
];

const sumOf = (log: readonly LoggedRequest[], figure: (request: LoggedRequest) => number) =>
  log.reduce((sum, request) => sum + figure(request), 0);

describe('the books', () => {
  it('equal the sum of the log after whole, cut, cancelled, refused and invalid requests', async () => {
    const { host, service, chat, get } = aService({
      ...{ tokensPerSecond: 10, limits: { requestsPerMinute: 6, requestsPerDay: 40, upstreamPerMinute: 10 } },
      fault: (_request, index) => FAULTS[index % FAULTS.length],
    });
    const exchanges = [];
    for (let index = 0; index < 210; index += 1) {
      const model = ['scriptorium/exact', 'scriptorium/exact:free', 'scriptorium/embedded-ngram', 'unknown:x'][
        index % 4
      ];
      const reasoning = index % 5 === 0 ? { reasoning: { max_tokens: 6 } } : {};
      exchanges.push(chat({ model, stream: index % 3 > 0, max_tokens: 12 + (index % 9), ...reasoning }));
      await host.advance(1_700);
      if (index % 11 === 0) exchanges.at(-3)?.over('lost');
    }
    exchanges.forEach((exchange) => exchange.over('lost'));
    const { requests, books } = service;
    const ofStatus = (status: number) => requests.filter((request) => request.status === status).length;
    const { 'per-minute': minute, 'per-day': day, upstream, invalid } = books.refused;
    expect({ ...books, costUsd: undefined }).toEqual({
      requests: 210,
      accepted: 210 - ofStatus(400) - ofStatus(429),
      refused: books.refused,
      promptTokens: sumOf(requests, ({ usage }) => usage?.prompt_tokens ?? 0),
      completionTokens: sumOf(requests, ({ usage }) => usage?.completion_tokens ?? 0),
      costUsd: undefined,
      mostInAWindow: 6,
      mostInADay: books.mostInADay,
      mostOfAModelInAWindow: books.mostOfAModelInAWindow,
    });
    expect(books.costUsd).toBeCloseTo(
      sumOf(requests, ({ cost }) => cost),
      12,
    );
    expect({ invalid, limits: minute + day + upstream }).toEqual({ invalid: ofStatus(400), limits: ofStatus(429) });
    expect(Math.min(minute, day, invalid, books.costUsd)).toBeGreaterThan(0);
    expect(await get('/key')).toMatchObject({ data: { usage: books.costUsd } });
  });

  it('bill a stream that the client leaves for the tokens it had produced', async () => {
    const { host, service, chat } = aService({ tokensPerSecond: 10 });
    const exchange = chat({ model: 'scriptorium/exact', stream: true, max_tokens: 100 });
    await host.advance(450);
    expect(service.books.completionTokens).toBe(5);
    exchange.over('lost');
    await host.advance(60_000);
    const { prompt_tokens: promptTokens } = service.requests[0]!.usage!;
    expect(service.books).toMatchObject({
      ...{ promptTokens, completionTokens: 5 },
      costUsd: (promptTokens * 1_000 + 5 * 4_000) / 1e9,
    });
  });

  it.each([
    { lastWait: 29_998, most: 4 },
    { lastWait: 29_999, most: 3 },
  ])('know the fullest window to the millisecond: $lastWait ms, $most requests', async ({ lastWait, most }) => {
    const { host, service, chatNow } = aService();
    for (const wait of [0, 59_999, 1, 30_000, lastWait]) {
      await host.advance(wait);
      await chatNow(FREE);
    }
    await chatNow({ model: 'scriptorium/exact' });
    expect(service.books).toMatchObject({ mostInAWindow: most, mostOfAModelInAWindow: most });
  });

  it('know the fullest day, which ends at midnight UTC', async () => {
    const { host, service, chatNow } = aService({}, virtualHost({ startedAt: Date.UTC(2026, 0, 1, 23, 59) }));
    for (const wait of [0, 59_999, 1, 0, 86_399_999, 1]) {
      await host.advance(wait);
      await chatNow(FREE);
    }
    expect(service.books).toMatchObject({ accepted: 6, mostInADay: 3 });
  });

  it('begin anew when the service is cleared, also for a stream that goes on', async () => {
    const { host, service, chat } = aService({ tokensPerSecond: 10 });
    chat({ stream: true, max_tokens: 100 });
    await host.advance(1_000);
    service.clear();
    await host.advance(60_000);
    expect(service.books).toEqual({
      ...{ requests: 0, accepted: 0, promptTokens: 0, completionTokens: 0, costUsd: 0 },
      refused: { invalid: 0, 'per-minute': 0, 'per-day': 0, upstream: 0 },
      ...{ mostInAWindow: 0, mostInADay: 0, mostOfAModelInAWindow: 0 },
    });
  });
});
