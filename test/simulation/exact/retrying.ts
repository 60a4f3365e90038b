import { ApiError, GenerationError, RateLimitError } from 'scriptorium';
import type { GenerationInput } from 'scriptorium';
import type { Scenario, Scene } from '../scene.js';
import { BROKEN, eventsOf } from './breaks.js';
import { ScriptedVendor } from './scripted-vendor.js';
import { ScriptedWorld, startsOf, waitsOf } from './scripted-world.js';
import type { Run } from './scripted-world.js';

const RETRY = { jitter: 'none', baseMs: 1_000, capMs: 4_000, maxAttempts: 5 } as const;
const FAILS = { texts: [], end: BROKEN };

export const retrying: Scenario = {
  name: 'retrying',
  about: 'A failure before the first word is tried again as often, and after as long, as it says.',
  run: async (scene) => {
    const world = await ScriptedWorld.open(scene, { config: { retry: RETRY, breaker: { minimumCalls: 1_000 } } });
    await counts(world);
    await hints(world);
    await neverSent(world);
    await returns(world);
    await world.close();
    await bucket(scene);
    await routes(scene);
  },
};

const gapsOf = (run: Run): readonly number[] => {
  const starts = startsOf(run);
  return starts.slice(1).map((at, index) => at - (starts[index] ?? NaN));
};

async function counts(world: ScriptedWorld): Promise<void> {
  const { checks, vendor } = world;
  vendor.script(FAILS, FAILS, FAILS, FAILS, FAILS);
  const all = await world.stream();
  checks.equal('the backoff', gapsOf(all), [1_100, 2_100, 4_100, 4_100]);
  checks.equal('all backoff', [all.stat.backoffMs, all.stat.queueMs], [11_000, 0]);
  const { error } = all;
  checks.equal(
    'exhausted',
    [error?.code, error?.status, error?.provider, error?.model, GenerationError.is(error?.cause) && error.cause.code],
    ['retry-exhausted', 500, 'bard', 'a-model', 'server-error'],
  );
  checks.equal('its message', error?.message, 'All 5 attempts failed; the last one: The server broke down.');
  checks.equal('its events', eventsOf(all, 'retry-scheduled'), [
    { type: 'retry-scheduled', attempt: 2, delayMs: 1_000, reason: 'server-error' },
    { type: 'retry-scheduled', attempt: 3, delayMs: 2_000, reason: 'server-error' },
    { type: 'retry-scheduled', attempt: 4, delayMs: 4_000, reason: 'server-error' },
    { type: 'retry-scheduled', attempt: 5, delayMs: 4_000, reason: 'server-error' },
  ]);
  // A kind that is tried again only once, among others that are not.
  const once = {
    texts: [],
    end: new ApiError('protocol', 'The answer is not HTTP.', { retryable: true, retryLimit: 1 }),
  };
  vendor.script(once, once);
  const limited = await world.stream();
  checks.equal('only once', [limited.error?.code, limited.requests.length], ['protocol', 2]);
  vendor.script(FAILS, once, FAILS, once);
  const mixed = await world.stream();
  checks.equal('among others', [mixed.error?.code, mixed.requests.length], ['protocol', 4]);
  vendor.script(FAILS, FAILS, FAILS, {});
  const late = await world.stream();
  checks.equal('the fourth succeeds', [late.text, late.requests.length], ['Well said.', 4]);
  // Thoughts are void, and do not keep a failure from being tried again.
  const thought = { type: 'reasoning-delta', delta: 'Hm.', attempt: 1 } as const;
  vendor.script({ before: [thought], texts: [], end: BROKEN }, {});
  const thoughtful = await world.stream();
  checks.equal('after thoughts', [thoughtful.text, thoughtful.requests.length], ['Well said.', 2]);
  const final = new ApiError('bad-request', 'The request is wrong.', { status: 400 });
  vendor.script({ texts: [], end: final });
  const wrong = await world.stream();
  checks.equal(
    'final',
    [wrong.error?.code, wrong.error?.message, wrong.requests.length],
    ['bad-request', final.message, 1],
  );
  vendor.script(FAILS);
  const single = await world.stream({ overrides: { retry: { maxAttempts: 1 } } });
  checks.equal('a single attempt', [single.error?.code, single.requests.length], ['server-error', 1]);
  vendor.script({ texts: [], end: 'nothing' }, {});
  const endless = await world.stream();
  checks.equal('without an end', [endless.text, endless.attempts[0]?.errorCode], ['Well said.', 'truncated']);
}

async function hints(world: ScriptedWorld): Promise<void> {
  const { checks, vendor } = world;
  const now = (): number => world.process.clock.now();
  const hinted = (afterMs: number): object => ({
    texts: [],
    end: new ApiError('overloaded', 'The server is overloaded.', { retryable: true, retryAt: now() + afterMs + 100 }),
  });
  const gaps: number[] = [];
  for (let index = 0; index < 6; index += 1) {
    vendor.script(hinted(20_000));
    const [gap] = gapsOf(await world.stream());
    checks.within('a hint is a floor', gap, [20_100, 22_100]);
    gaps.push(gap ?? NaN);
  }
  checks.holds('callers do not return at one instant', Math.max(...gaps) - Math.min(...gaps) > 100, gaps);
  vendor.script(hinted(500));
  checks.equal('a short one', gapsOf(await world.stream()), [1_100]);
  vendor.script(hinted(-5_000));
  checks.equal('one in the past', gapsOf(await world.stream()), [1_100]);
  vendor.script(hinted(90_001));
  const far = await world.stream();
  checks.equal('one too far', [far.error?.code, far.requests.length], ['overloaded', 1]);
  checks.equal('its time', far.error?.retryAt, now() + 90_001);
  for (const [deadlineMs, requests] of [
    [1_100, 1],
    [1_101, 2],
    [20_101, 2],
  ] as const) {
    vendor.script(FAILS, FAILS, FAILS, FAILS, FAILS);
    const run = await world.stream({ deadlineMs, overrides: { retry: { maxAttempts: 2 } } });
    checks.equal(`within ${deadlineMs} ms`, run.requests.length, requests);
    vendor.clear();
  }
  vendor.script(hinted(20_000));
  const past = await world.stream({ deadlineMs: 10_000 });
  checks.equal('a hint past the deadline', [past.error?.code, past.endedAt - past.beganAt], ['overloaded', 100]);
}

/** What never reached the server is tried again at once, for free, and only once. */
async function neverSent(world: ScriptedWorld): Promise<void> {
  const { checks, vendor } = world;
  const away = {
    texts: [],
    end: new ApiError('connection', 'The connection was refused.', { retryable: true, neverSent: true }),
  };
  vendor.script(away, away, {});
  const run = await world.stream();
  checks.equal('free, then paid', gapsOf(run), [100, 1_100]);
  checks.equal('its events', eventsOf(run, 'retry-scheduled'), [
    { type: 'retry-scheduled', attempt: 2, delayMs: 0, reason: 'connection', isFree: true },
    { type: 'retry-scheduled', attempt: 3, delayMs: 1_000, reason: 'connection' },
  ]);
  checks.equal(
    'its cost',
    run.attempts.map(({ sent, usage }) => [sent, usage.costUsd]),
    [
      [false, 0],
      [false, 0],
      [true, 0.001],
    ],
  );
  vendor.script(...Array.from({ length: 6 }, () => away));
  const never = await world.stream();
  checks.equal(
    'five count',
    [never.attempts.length, never.error?.code, never.requests.length],
    [6, 'retry-exhausted', 0],
  );
}

/** A 429 that names its reset goes back to the head of the line, at no cost in attempts. */
async function returns(world: ScriptedWorld): Promise<void> {
  const { checks, vendor } = world;
  const refusal = (afterMs: number, quota = false): object => ({
    texts: [],
    end: new RateLimitError('Too many requests for now.', { quota, retryAt: world.process.clock.now() + afterMs }),
  });
  const input: Partial<GenerationInput> = { overrides: { retry: { maxAttempts: 1 } } };
  vendor.script(refusal(5_100));
  const waiting = [world.stream(input)];
  await world.scene.world.sleep(50);
  waiting.push(world.stream(input));
  await world.scene.world.sleep(1_000);
  waiting.push(world.stream(input));
  const [returned, beside, behind] = await Promise.all(waiting);
  if (returned === undefined || beside === undefined || behind === undefined) return;
  checks.equal('once', gapsOf(returned).length, 1);
  checks.within('after its reset', gapsOf(returned)[0], [5_099, 5_101]);
  checks.equal('not an attempt', returned.stat.outcome, 'success');
  checks.equal('its events', eventsOf(returned, 'retry-scheduled'), [
    { type: 'retry-scheduled', attempt: 2, delayMs: 0, reason: 'rate-limit', isFree: true },
  ]);
  checks.equal(
    'its wait',
    waitsOf(returned).map(({ for: reason }) => reason),
    ['quota'],
  );
  checks.equal('sent before', startsOf(beside), [beside.beganAt]);
  checks.equal('the key waits', startsOf(behind), [startsOf(returned)[1]]);
  checks.within('in its queue', returned.stat.queueMs, [4_999, 5_001]);
  checks.within('in its queue, behind it', behind.stat.queueMs, [4_049, 4_051]);
  // The same moment, again and again, is not asked for without a pause.
  const past = world.process.clock.now() - 1;
  const stubborn = { texts: [], end: new RateLimitError('Too many requests for now.', { retryAt: past }) };
  vendor.script(stubborn, stubborn, stubborn, stubborn, {});
  checks.equal('a moment that has passed', gapsOf(await world.stream(input)), [100, 1_100, 2_100, 4_100]);
  for (const [end, code] of [
    [refusal(90_200), 'rate-limit'],
    [refusal(5_000, true), 'quota'],
  ] as const) {
    vendor.script(end);
    const run = await world.stream(input);
    checks.equal(`not waited for: ${code}`, [run.error?.code, run.requests.length], [code, 1]);
    await world.scene.world.sleep(6_000);
  }
  vendor.script(refusal(5_100));
  const late = await world.stream({ ...input, deadlineMs: 3_000 });
  checks.equal('past the deadline', [late.error?.code, late.endedAt - late.beganAt], ['rate-limit', 100]);
}

/** Retries take from a bucket; a success gives back what its own retries took. */
async function bucket(scene: Scene): Promise<void> {
  const budget = { capacity: 2, refillPerSecond: 0.1, retryCost: 2 };
  const config = { retry: { ...RETRY, budget }, breaker: { minimumCalls: 1_000 }, timeouts: { queueMs: 15_000 } };
  const world = await ScriptedWorld.open(scene, { config });
  const { checks, vendor } = world;
  for (let index = 0; index < 3; index += 1) {
    vendor.script(FAILS, {});
    const run = await world.stream();
    checks.equal('given back by a success', [gapsOf(run), waitsOf(run)], [[1_100], []]);
  }
  vendor.script(FAILS, { texts: [], end: 'silence' });
  const leaving = await world.stream({}, { leaveAfterMs: 600 });
  checks.equal('left in its backoff', startsOf(leaving).length, 1);
  vendor.clear();
  vendor.script(FAILS, {});
  checks.equal('given back by leaving', gapsOf(await world.stream()), [1_100]);
  vendor.script(FAILS, { texts: [], end: new ApiError('bad-request', 'The request is wrong.') });
  const failed = await world.stream();
  checks.equal('not given back by a failure', failed.requests.length, 2);
  vendor.script(FAILS, {});
  const empty = await world.stream();
  const [wait] = waitsOf(empty);
  checks.equal('an empty one', [wait?.for, empty.stat.outcome], ['retry-budget', 'error']);
  checks.within(
    'when it ends',
    (wait?.untilMs ?? NaN) - world.process.clock.now() + empty.endedAt - empty.beganAt,
    [18_000, 20_000],
  );
  checks.equal('its time', [empty.error?.code, empty.endedAt - empty.beganAt], ['timeout', 15_100]);
  checks.equal('in its queue', empty.stat.queueMs, 15_000);
  checks.holds('names the bucket', empty.error?.message.includes('retry budget') === true, empty.error?.message);
  vendor.clear();
  vendor.script(FAILS, {});
  const filled = await world.stream({ overrides: { timeouts: { queueMs: 0 } } });
  checks.within('filled', filled.stat.queueMs, [1_000, 5_000]);
  checks.equal('and then tried again', filled.stat.outcome, 'success');
  await world.close();
}

/** Where another route is left, an open breaker ends the tries on this one. */
async function routes(scene: Scene): Promise<void> {
  const vendors = [new ScriptedVendor('bard'), new ScriptedVendor('scald')];
  const [bard, scald] = vendors;
  const breaker = { minimumCalls: 2, failureRate: 0.5, openMs: 60_000 };
  const world = await ScriptedWorld.open(scene, { vendors, config: { retry: RETRY, breaker } });
  bard?.script(FAILS, FAILS);
  const run = await world.stream({ overrides: { routes: [{ provider: 'scald' }] } });
  world.checks.equal('at once', [run.text, gapsOf(run)], ['Well said.', [1_100, 100]]);
  world.checks.equal('both', [bard?.requests.length, scald?.requests.length], [2, 1]);
  const alone = await world.stream();
  world.checks.equal(
    'alone it waits',
    [waitsOf(alone).map((wait) => wait.for), alone.stat.outcome],
    [['breaker'], 'success'],
  );
  scald?.script(FAILS, FAILS, FAILS, FAILS, FAILS);
  const single = await ScriptedWorld.open(scene, { config: { limits: { maxRequests: 3 }, retry: RETRY } });
  single.vendor.script(FAILS, FAILS, FAILS);
  const bounded = await single.stream();
  world.checks.equal('no more requests', [bounded.error?.code, bounded.requests.length], ['retry-exhausted', 3]);
  await single.close();
  await world.close();
}
