import { beforeAll, describe, expect, it } from '@jest/globals';
import { from, lastValueFrom, mergeMap, take } from 'rxjs';
import type { GenerationInput, GroupSnapshot, Outcome, Pipeline, UsageSnapshot } from 'scriptorium';
import { openrouter } from 'scriptorium/plugins/openrouter';
import { emulatedVendor, simulate } from 'scriptorium/testing';
import type { LoggedRequest, SimulatedVendorOptions, World } from 'scriptorium/testing';
import { simulatedWriter, stopped, until } from '../support/simulated-writer.js';

type FaultOf = NonNullable<SimulatedVendorOptions['fault']>;
type Fault = ReturnType<FaultOf>;

/** One kind of generation: what the server does to each of its requests in turn, what the caller does, and how it must end. */
interface Kind {
  readonly faults?: readonly Fault[];
  readonly input?: Partial<GenerationInput>;
  readonly leaves?: 'after-text' | 'when-sent';
  readonly ends: Outcome;
}

const BUSY = { status: 503 } as const;
const UNRESUMED: Partial<GenerationInput> = { overrides: { continuity: { onBreak: 'fail' } } };
const KINDS: Readonly<Record<string, Kind>> = {
  streamed: { ends: 'success' },
  json: { input: { wire: 'json' }, ends: 'success' },
  reasoned: { input: { reasoning: { effort: 'low' } }, ends: 'success' },
  capped: { input: { maxTokens: 4 }, ends: 'success' },
  retried: { faults: [BUSY], ends: 'success' },
  retriedTwice: { faults: [{ reset: 'after-headers' }, { status: 429 }], ends: 'success' },
  retriedJson: { faults: [{ status: 502 }, { empty: true }], input: { wire: 'json' }, ends: 'success' },
  untold: { faults: [{ noUsage: true }], ends: 'success' },
  untoldJson: { faults: [{ noUsage: true }], input: { wire: 'json' }, ends: 'success' },
  brokenAfterFinish: { faults: [{ reset: 'after-finish' }], ends: 'success' },
  refused: { faults: [{ status: 400 }], ends: 'error' },
  exhausted: { faults: [BUSY, BUSY, BUSY, BUSY], ends: 'error' },
  broken: { faults: [{ reset: { afterDeltas: 4 } }], input: UNRESUMED, ends: 'error' },
  truncated: { faults: [{ truncate: { afterDeltas: 3 } }], input: UNRESUMED, ends: 'error' },
  failedWithUsage: { faults: [{ errorChunk: { afterDeltas: 3 }, withUsage: true }], input: UNRESUMED, ends: 'error' },
  failedWithoutUsage: { faults: [{ errorChunk: { afterDeltas: 3 } }], input: UNRESUMED, ends: 'error' },
  resumed: { faults: [{ reset: { afterDeltas: 4 } }], ends: 'success' },
  resumedWithUsage: { faults: [{ errorChunk: { afterDeltas: 3 }, withUsage: true }], ends: 'success' },
  resumedAfterRetry: { faults: [BUSY, { truncate: { afterDeltas: 3 } }], ends: 'success' },
  failedJson: {
    faults: [{ errorChunk: { afterDeltas: 3 }, withUsage: true, error: { code: 400, message: 'no' } }],
    input: { wire: 'json' },
    ends: 'error',
  },
  unreachable: { input: { provider: 'down' }, ends: 'error' },
  invalid: { input: { temperature: 9 }, ends: 'error' },
  left: { faults: [{ stall: { afterDeltas: 5 } }], leaves: 'after-text', ends: 'cancelled' },
  leftJson: { faults: [{ stall: 'before-headers' }], input: { wire: 'json' }, leaves: 'when-sent', ends: 'cancelled' },
  leftAfterRetry: { faults: [BUSY, { stall: { afterDeltas: 2 } }], leaves: 'after-text', ends: 'cancelled' },
};
const MODELS = ['a/model', 'a/other', 'b/free:free'];
const BOOKS = ['ada', 'moby'];
const GENERATIONS = 300;

const nameOf = ({ body }: LoggedRequest): string =>
  (body as { messages: readonly { content: string }[] }).messages[0]!.content;

/** Each generation has its own prompt: its number and its kind. The log knows how many of its requests came before. */
function faultByPrompt(seen: Map<string, number>): FaultOf {
  return (request) => {
    const name = nameOf(request);
    const index = seen.get(name) ?? 0;
    seen.set(name, index + 1);
    return KINDS[name.split(' ')[1] ?? '']?.faults?.[index];
  };
}

/** One generation to its end, by whoever ends it. */
type Generate = (name: string, input: GenerationInput) => Promise<void>;

function generateOn(world: World, pipeline: Pipeline, requests: readonly LoggedRequest[]): Generate {
  return async (name, input) => {
    const { leaves } = KINDS[name.split(' ')[1]!]!;
    if (leaves === 'after-text') {
      await lastValueFrom(pipeline.text(input).pipe(take(2)));
    } else if (leaves === 'when-sent') {
      const controller = new AbortController();
      const work = pipeline.generate({ ...input, signal: controller.signal }).catch(() => undefined);
      await until(world, () => requests.some((request) => request.body !== undefined && nameOf(request) === name));
      controller.abort();
      await work;
    } else {
      await pipeline.generate(input).catch(() => undefined);
    }
  };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
const dollars = (amount: number): number => Math.round(amount * 1e9) / 1e9;

describe(`after ${GENERATIONS} mixed generations`, () => {
  const planned: string[] = [];
  let stats: UsageSnapshot;
  let log: readonly LoggedRequest[];

  async function generateAll(world: World): Promise<void> {
    const vendor = emulatedVendor(world, { words: 12, fault: faultByPrompt(new Map()) });
    const down = world.host('down.test', () => undefined);
    down.crash();
    const config = {
      rateLimit: { minIntervalMs: 0, requestsPerMinute: 0 },
      // Nobody is to wait for the many failures of this test.
      retry: { budget: { capacity: 100_000 } },
      breaker: { minimumCalls: 100_000, connectionFailures: 100_000 },
    };
    const plugins = [openrouter({ id: 'down', apiKey: 'k', baseUrl: `${down.url}/v1` })];
    const { process } = await simulatedWriter(world, [vendor.url], { config, plugins });
    const generate = generateOn(world, process.pipeline, vendor.requests);
    const random = world.random('kinds');
    const pick = (from: readonly string[]): string => from[Math.floor(random() * from.length)]!;
    const names = Object.keys(KINDS);
    const works = Array.from({ length: GENERATIONS }, (_, index) => {
      const kind = pick(names);
      planned.push(kind);
      const name = `#${index} ${kind}`;
      const labels = { book: pick(BOOKS) };
      return { name, input: { prompt: name, model: pick(MODELS), labels, ...KINDS[kind]!.input } };
    });
    await lastValueFrom(from(works).pipe(mergeMap(({ name, input }) => generate(name, input), 12)));
    await until(world, () => vendor.requests.every(({ outcome }) => outcome !== 'running'));
    [stats, log] = [process.pipeline.stats(), vendor.requests];
    await stopped(world, process);
  }

  beforeAll(async () => {
    await simulate({ seed: 20_260_101 }, generateAll);
  });

  it('every kind was there, and every generation is counted once, by how it ended', () => {
    expect(new Set(planned).size).toBe(Object.keys(KINDS).length);
    const ended = (outcome: Outcome): number => planned.filter((kind) => KINDS[kind]!.ends === outcome).length;
    const { requests, successful, failed, cancelled, successRate } = stats;
    expect({ requests, successful, failed, cancelled }).toEqual({
      requests: GENERATIONS,
      successful: ended('success'),
      failed: ended('error'),
      cancelled: ended('cancelled'),
    });
    expect(successRate).toBe(successful / requests);
  });

  it('attempts that were sent are the requests that reached the server', () => {
    expect(stats.attempts - stats.attemptsBySource.unsent).toBe(log.length);
    expect(sum(Object.values(stats.attemptsBySource))).toBe(stats.attempts);
    expect(stats.attemptsBySource.unsent).toBe(5 * planned.filter((kind) => kind === 'unreachable').length);
    const generationsWithAttempts = planned.filter((kind) => kind !== 'invalid').length;
    expect(stats.retries).toBe(stats.attempts - generationsWithAttempts);
  });

  it("tokens and cost of all attempts whose usage was told are those of the server's log, to the unit", () => {
    const told = log.filter(({ usageSent }) => usageSent);
    expect(stats.attemptsBySource.reported).toBe(told.length);
    const { tokens, estimatedTokens, cost } = stats;
    expect({
      prompt: tokens.prompt - estimatedTokens.prompt,
      completion: tokens.completion - estimatedTokens.completion,
      total: tokens.total - estimatedTokens.total,
      reasoning: tokens.reasoning - estimatedTokens.reasoning,
    }).toEqual({
      prompt: sum(told.map(({ usage }) => usage!.prompt_tokens)),
      completion: sum(told.map(({ usage }) => usage!.completion_tokens)),
      total: sum(told.map(({ usage }) => usage!.total_tokens)),
      reasoning: sum(told.map(({ usage }) => usage!.completion_tokens_details.reasoning_tokens)),
    });
    expect(dollars(cost.known)).toBe(dollars(sum(told.map((request) => request.cost))));
    expect(cost.known).toBeGreaterThan(0);
    expect(tokens.reasoning).toBeGreaterThan(0);
  });

  it('what was not told is counted apart: estimated where text had come, else unmeasured', () => {
    const untold = log.filter(({ usageSent }) => !usageSent);
    const { estimated, unmeasured } = stats.attemptsBySource;
    expect(estimated + unmeasured).toBe(untold.length);
    expect(estimated).toBe(
      planned.filter((kind) =>
        [
          'untold',
          'untoldJson',
          'brokenAfterFinish',
          'broken',
          'truncated',
          'failedWithoutUsage',
          'resumed',
          'resumedAfterRetry',
          'left',
          'leftAfterRetry',
        ].includes(kind),
      ).length,
    );
    expect(stats.estimatedTokens.completion).toBeGreaterThan(0);
    // A text of a free model costs nothing, whatever its tokens.
    const free = untold.filter(({ model, text }) => model?.endsWith(':free') === true && text !== '');
    expect(stats.cost).toMatchObject({ estimated: 0, unmeasuredAttempts: untold.length - free.length });
  });

  it('the sums over the models and over the values of a label are the totals', () => {
    const groups = { byModel: stats.byModel, byBook: stats.byLabel.book! };
    const figures = (group: GroupSnapshot): readonly number[] => [
      group.requests,
      group.successful,
      group.failed,
      group.cancelled,
      group.attempts,
      group.retries,
      group.tokens.total,
      group.estimatedTokens.total,
      ...Object.values(group.attemptsBySource),
      group.cost.unmeasuredAttempts,
      group.latencyMs.count,
      Math.round(group.cost.known * 1e9),
    ];
    expect(Object.keys(stats.byModel).sort()).toEqual([...MODELS].sort());
    for (const parts of Object.values(groups)) {
      const columns = Object.values(parts).map(figures);
      expect(figures(stats).map((_, index) => sum(columns.map((column) => column[index]!)))).toEqual(figures(stats));
    }
    expect(stats.byModel['b/free:free']!.cost.known).toBe(0);
  });

  it('the last failures are kept, twenty at most, and every success has its latency', () => {
    expect(stats.recentErrors).toHaveLength(20);
    expect(stats.latencyMs.count).toBe(stats.successful);
    expect(stats.timeToFirstTokenMs.count).toBe(stats.successful);
    expect(stats.latencyMs.p50).toBeLessThanOrEqual(stats.latencyMs.p99);
  });
});
