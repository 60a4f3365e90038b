import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { tooLarge } from '../../src/emulator/errors.js';
import type { Ending } from '../../src/emulator/exchange.js';
import type { Fault } from '../../src/emulator/faults.js';
import { memoryExchange } from './memory-exchange.js';
import { virtualHost } from './virtual-host.js';
import { CHAT_PATH, HEADERS, aService, messages } from './virtual-service.js';

const MODELS = ['scriptorium/moby-dick', 'scriptorium/exact-500:free', 'scriptorium/embedded-ngram'];
const FAULTS: readonly (Fault | undefined)[] = [
  undefined,
  { status: 503 },
  { reset: { afterDeltas: 3 } },
  { stall: { afterDeltas: 2 }, keepAlive: true },
  { garbage: { afterDeltas: 1 } },
  { truncate: { afterDeltas: 4 }, delayMs: 700 },
];

/** Sixty requests at one a second, a fault for most of them, and clients that leave after 30 s. */
async function transcript(seed: number) {
  const world = aService(
    {
      seed: 7,
      tokensPerSecond: 20,
      keepAliveMs: 4_000,
      limits: { requestsPerMinute: 15 },
      fault: (_request, index) => FAULTS[index % FAULTS.length],
    },
    virtualHost({ seed }),
  );
  const exchanges = [];
  for (let index = 0; index < 60; index += 1) {
    exchanges.push(world.chat({ model: MODELS[index % 3], stream: index % 4 > 0, max_tokens: 20 + index }));
    await world.host.advance(1_000);
  }
  await world.host.advance(30_000);
  for (const exchange of exchanges) exchange.over('lost');
  await world.host.advance(0);
  return {
    answers: exchanges.map(({ status, headers, writes, ending }) => ({ status, headers, writes, ending })),
    log: world.service.requests,
    books: world.service.books,
    pending: world.host.pending(),
  };
}

describe('two services with the same options on hosts with the same chance', () => {
  it('give byte for byte the same answers, ids and books at the same times, and leave no timer', async () => {
    const [first, second] = [await transcript(3), await transcript(3)];
    expect(JSON.stringify(second)).toBe(JSON.stringify(first));
    expect(first.pending).toBe(0);
    expect(new Set(first.log.map(({ id }) => id)).size).toBe(60);
    expect(new Set(first.log.map(({ outcome }) => outcome))).toEqual(new Set(['completed', 'faulted', 'cancelled']));
  });

  it('differ in nothing but the ids where only the chance of the host differs', async () => {
    const [first, second] = [await transcript(3), await transcript(4)];
    const withoutIds = (world: typeof first) => JSON.stringify(world).replaceAll(/gen-\d{10}-\w{20}/g, 'gen');
    expect(second.log[0]!.id).not.toBe(first.log[0]!.id);
    expect(withoutIds(second)).toBe(withoutIds(first));
  });
});

describe('the time of the host', () => {
  it('dates the id, the log and the answer', async () => {
    const startedAt = Date.UTC(2026, 5, 1);
    const { host, service, chat } = aService({ tokensPerSecond: 10 }, virtualHost({ startedAt }));
    await host.advance(2_500);
    const exchange = chat({ max_tokens: 30 });
    await host.advance(10_000);
    const seconds = startedAt / 1000 + 2;
    expect(service.requests[0]!.id).toMatch(new RegExp(`^gen-${seconds}-[A-Za-z0-9]{20}$`));
    expect(service.requests[0]).toMatchObject({ arrivedAt: startedAt + 2_500, closedAt: startedAt + 5_500 });
    expect(JSON.parse(exchange.text)).toMatchObject({ created: seconds, id: service.requests[0]!.id });
  });

  it('sets the pace of a stream', async () => {
    const { host, chat } = aService({ tokensPerSecond: 10 });
    const exchange = chat({ stream: true });
    await host.advance(10_000);
    const deltas = exchange.writes.filter(({ text }) => /"content":"[^"]/.test(text));
    expect(deltas.map(({ at }) => at)).toEqual([0, 100, 200, 300, 400]);
  });

  it.each([3, 7, 30, 70, 300, 333])(
    'brings a stream to its end at %d tokens/s, whatever fractions it takes',
    async (pace) => {
      const { host, service, chat } = aService({ tokensPerSecond: pace, keepAliveMs: 1_000 / 3 });
      await host.advance(1_000_000.1);
      const startedAt = host.monotonic();
      const exchange = chat({ stream: true, max_tokens: 200 });
      await host.advance(100_000);
      const last = exchange.writes.at(-1)!.at - startedAt;
      expect(service.requests[0]).toMatchObject({ outcome: 'completed', usage: { completion_tokens: 200 } });
      expect(Math.abs(last - (199 * 1_000) / pace)).toBeLessThan(0.01);
    },
  );

  it('fills a silence with comments, each 15 s after what was written last', async () => {
    const { host, service, chat } = aService({ tokensPerSecond: 10 });
    service.script({ stall: { afterDeltas: 3 }, keepAlive: true });
    const exchange = chat({ stream: true });
    await host.advance(60_000);
    expect(exchange.writes.slice(1).filter(({ text }) => text.startsWith(':'))).toEqual(
      [15_200, 30_200, 45_200].map((at) => ({ at, text: ': OPENROUTER PROCESSING\n\n' })),
    );
    exchange.over('lost');
    expect(host.pending()).toBe(0);
  });

  it('delays an answer, and leaves no timer when the client leaves first', async () => {
    const { host, service, chat } = aService();
    service.script({ delayMs: 5_000 }, { delayMs: 5_000 });
    const [patient, hasty] = [chat(), chat()];
    await host.advance(4_999);
    expect(patient.status).toBeUndefined();
    hasty.over('lost');
    await host.advance(1);
    expect(patient.status).toBe(200);
    expect(hasty.status).toBeUndefined();
    expect(host.pending()).toBe(0);
  });

  it('decides when a record of a generation can be looked up', async () => {
    const { host, service, chatNow, get } = aService({ recordAfterMs: 3_000 });
    await chatNow();
    const path = `/generation?id=${service.requests[0]!.id}`;
    await host.advance(2_999);
    expect(await get(path)).toMatchObject({ error: { code: 404 } });
    await host.advance(1);
    expect(await get(path)).toMatchObject({ data: { id: service.requests[0]!.id } });
    expect(service.lookUps).toEqual(['GET /generation', 'GET /generation']);
  });
});

describe('the end of an exchange', () => {
  it.each<[Ending, string]>([
    ['lost', 'cancelled'],
    ['shut-down', 'faulted'],
  ])('that is %s makes the outcome %s', async (ending, outcome) => {
    const { host, service, chat } = aService({ tokensPerSecond: 10 });
    const exchange = chat({ stream: true, max_tokens: 100 });
    await host.advance(1_000);
    exchange.over(ending);
    await host.advance(10_000);
    expect(service.requests[0]).toMatchObject({
      ...{ outcome, closedAt: host.now() - 10_000, finishReason: undefined, usageSent: false },
      usage: { completion_tokens: 11 },
    });
  });

  it('that is sent makes the outcome completed', async () => {
    const { host, service, chatNow } = aService();
    await chatNow({ stream: true });
    expect(service.requests[0]).toMatchObject({ outcome: 'completed', closedAt: host.now(), finishReason: 'length' });
  });

  it('may have come before the request', async () => {
    const { host, service } = aService();
    const exchange = memoryExchange(host);
    exchange.over('lost');
    await service.serve({ method: 'POST', path: CHAT_PATH, headers: HEADERS, body: '{}' }, exchange);
    expect(service.requests[0]).toMatchObject({ outcome: 'cancelled', closedAt: host.now() });
  });
});

describe('a request', () => {
  it('is logged when its head arrives, before its body', async () => {
    const { host, service } = aService();
    const exchange = memoryExchange(host);
    const body = host.pause(1_000).then(() => JSON.stringify({ messages }));
    const served = service.serve({ method: 'POST', path: CHAT_PATH, headers: HEADERS, body }, exchange);
    expect(service.requests[0]).toMatchObject({
      ...{ arrivedAt: host.now(), body: undefined, outcome: 'running' },
      headers: { authorization: '[redacted]', 'x-title': 'Test' },
    });
    await host.advance(1_000);
    await served;
    expect(service.requests[0]).toMatchObject({ body: { messages }, outcome: 'completed' });
  });

  it.each([
    {
      why: 'is too large',
      body: () => Promise.reject(tooLarge('The body is too large')),
      error: { code: 413, metadata: { error_type: 'payload_too_large' } },
    },
    {
      why: 'is not valid JSON',
      body: () => '{"messages"',
      error: { code: 400, metadata: { error_type: 'invalid_request' } },
    },
  ])('whose body $why is refused', async ({ body, error }) => {
    const { host, service } = aService();
    const exchange = memoryExchange(host);
    await service.serve({ method: 'POST', path: CHAT_PATH, headers: HEADERS, body: body() }, exchange);
    expect(exchange.status).toBe(error.code);
    expect(JSON.parse(exchange.text)).toMatchObject({ error });
  });
});

describe('the protocol', () => {
  it('takes neither sockets nor timers nor chance from the machine: only its door does', () => {
    const folder = new URL('../../src/emulator/', import.meta.url);
    const fromTheMachine =
      /node:(?:http|net|timers)|randomBytes|randomUUID|Date\.now|performance\.|Math\.random|set(?:Timeout|Interval|Immediate)\b/;
    expect(
      (readdirSync(folder, { recursive: true }) as string[])
        .filter((name) => name.endsWith('.ts') && fromTheMachine.test(readFileSync(new URL(name, folder), 'utf8')))
        .sort(),
    ).toEqual(['emulator.ts', 'node-exchange.ts', 'node-request.ts', 'system-host.ts']);
  });
});
