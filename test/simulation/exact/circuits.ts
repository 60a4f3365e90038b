import { of } from 'rxjs';
import { ApiError, GenerationError, RateLimitError, TimeoutError, tokens } from 'scriptorium';
import type { BreakerPass, Breakers, GenerationInput } from 'scriptorium';
import type { Scenario, Scene } from '../scene.js';
import { BROKEN } from './breaks.js';
import { ScriptedWorld, startsOf, waitsOf } from './scripted-world.js';
import type { Run } from './scripted-world.js';

const MINIMUM = 4;
const CONNECTIONS = 3;
const OPEN_MS = 4_000;
const LEASE_MS = 20_000;
const LATE = 'Nothing came before the time was over.';

export const circuits: Scenario = {
  name: 'circuits',
  about: 'What a failure says about its server opens its breaker, and one probe at a time closes it.',
  run: async (scene) => {
    const world = await ScriptedWorld.open(scene, {
      config: {
        retry: { maxAttempts: 1 },
        timeouts: { firstTokenMs: LEASE_MS },
        continuity: { onBreak: 'fail' },
        breaker: { minimumCalls: MINIMUM, failureRate: 0.5, connectionFailures: CONNECTIONS, openMs: OPEN_MS },
      },
    });
    await verdicts(world);
    await elsewhere(world);
    await probes(world);
    await leases(world);
    await windows(world);
    await world.close();
    await reported(scene);
  },
};

/** Failures, and how many of them in a row open the breaker; undefined if none do. */
const FAILURES: readonly (readonly [GenerationError, number | undefined, (string | undefined)?])[] = [
  [BROKEN, MINIMUM],
  [BROKEN, MINIMUM, 'Some text.'],
  [new ApiError('overloaded', 'The server is overloaded.'), MINIMUM],
  [new ApiError('truncated', 'The answer ended early.'), MINIMUM],
  [new ApiError('empty-answer', 'The answer was empty.'), MINIMUM],
  [new ApiError('malformed-answer', 'The answer is not JSON.'), MINIMUM],
  [new ApiError('unexpected-content', 'The answer is a page.'), MINIMUM],
  [new ApiError('protocol', 'The answer is not HTTP.'), MINIMUM],
  [new ApiError('tls', 'The certificate has expired.'), MINIMUM],
  [new ApiError('connection', 'The connection was reset.'), CONNECTIONS],
  [new ApiError('connection', 'The connection was reset.'), MINIMUM, 'Some text.'],
  [new ApiError('dns', 'The host is not known.'), CONNECTIONS],
  [new ApiError('dns', 'The host is not known.'), MINIMUM, 'Some text.'],
  [new TimeoutError('connect', LATE), CONNECTIONS],
  [new TimeoutError('headers', LATE), MINIMUM],
  [new TimeoutError('first-token', LATE), MINIMUM],
  [new TimeoutError('idle', LATE), MINIMUM],
  [new TimeoutError('content-idle', LATE), MINIMUM],
  [new TimeoutError('attempt', LATE), MINIMUM],
  [new TimeoutError('queue', LATE), undefined],
  [new TimeoutError('deadline', LATE), undefined],
  [new GenerationError('timeout', LATE), MINIMUM],
  [new RateLimitError('Too many requests for now.'), undefined],
  [new ApiError('bad-request', 'The request is wrong.', { status: 400 }), undefined],
  [new ApiError('authentication', 'The key is wrong.', { status: 401 }), undefined],
  [new ApiError('content-filter', 'A filter stopped it.'), undefined],
  [new GenerationError('internal', 'The codec has a mistake.'), undefined],
];

/** A breaker that lives elsewhere gets one verdict for each call, as soon as it is known. */
async function reported(scene: Scene): Promise<void> {
  const verdicts: string[] = [];
  let isProbe = false;
  const pass: BreakerPass = {
    get isProbe() {
      return isProbe;
    },
    isValid: () => true,
    record: (verdict) => void verdicts.push(verdict),
    release: () => void verdicts.push('released'),
  };
  const breakers: Breakers = { acquire: () => of({ type: 'admitted' as const, lease: pass }), isOpen: () => false };
  const world = await ScriptedWorld.open(scene, {
    config: { retry: { maxAttempts: 1 }, continuity: { onBreak: 'fail' } },
    register: (container) => void container.register<Breakers>(tokens.BREAKERS, { useValue: breakers }),
  });
  const verdictOf = (calls: number | undefined): string =>
    calls === undefined ? 'neutral' : calls === CONNECTIONS ? 'connection-failure' : 'failure';
  for (const [end, calls, text] of FAILURES) {
    verdicts.length = 0;
    world.vendor.script({ texts: text === undefined ? [] : [text], end });
    await world.stream();
    world.checks.equal(`the verdict on ${end.code}`, verdicts, [verdictOf(calls)]);
  }
  verdicts.length = 0;
  await world.stream();
  await world.stream({}, { leaveAfterMs: 50 });
  world.checks.equal('whole, and left', verdicts, ['success', 'neutral']);
  [isProbe, verdicts.length] = [true, 0];
  world.vendor.script({ texts: ['A word.'], end: BROKEN });
  await world.stream();
  world.checks.equal('a probe has succeeded with its first word', verdicts, ['success']);
  await world.close();
}

let models = 0;
const ofItsOwn = (): Partial<GenerationInput> => ({ model: `model-${(models += 1)}` });

const isHeld = (run: Run): boolean => waitsOf(run).some((wait) => wait.for === 'breaker');

async function verdicts(world: ScriptedWorld): Promise<void> {
  for (const [end, calls, text] of FAILURES) {
    const input = ofItsOwn();
    const about = `${end.code}${end instanceof TimeoutError ? ` (${end.timer})` : ''}${text === undefined ? '' : ' after text'}`;
    for (let call = 0; call < (calls ?? 2 * MINIMUM); call += 1) {
      world.vendor.script({ texts: text === undefined ? [] : [text], end });
      const run = await world.stream(input);
      world.checks.equal(`${about}, call ${call + 1}`, [isHeld(run), run.requests.length], [false, 1]);
    }
    const next = await world.stream(input, { leaveAfterMs: 500 });
    world.checks.equal(`after ${calls} of ${about}`, isHeld(next), calls !== undefined);
  }
}

/** An open breaker sends a generation to its other route at once. Its error names the time of the next attempt. */
async function elsewhere(world: ScriptedWorld): Promise<void> {
  const { checks, vendor } = world;
  const input = await opened(world);
  const openedAt = world.process.clock.now();
  const routes = { overrides: { routes: [{ model: 'another' }] } };
  const run = await world.stream({ ...input, ...routes });
  checks.equal(
    'it is served elsewhere',
    [run.text, run.requests[0]?.model, waitsOf(run)],
    ['Well said.', 'another', []],
  );
  vendor.script({ texts: [], end: new ApiError('context-length', 'The prompt is too long.', { status: 400 }) });
  const { error } = await world.stream({ ...input, ...routes });
  const [open] = error?.routeFailures ?? [];
  checks.equal(
    'its cause',
    [error?.code, open?.code, open?.provider, open?.model],
    ['context-length', 'circuit-open', 'bard', input.model],
  );
  checks.within('when', (open?.retryAt ?? NaN) - openedAt, [OPEN_MS - 100, OPEN_MS * 1.1]);
  checks.equal(
    'its message',
    open?.message,
    `Circuit open: "bard" keeps failing with ${input.model}. Next attempt at ${new Date(open?.retryAt ?? 0).toISOString()}.`,
  );
  // While a probe is under way, the time is that of its lease.
  await world.scene.world.sleep(OPEN_MS * 1.1);
  vendor.script({ end: 'silence', texts: [] });
  const probe = world.stream(input, { leaveAfterMs: 1_000 });
  await world.scene.world.sleep(10);
  vendor.script({ texts: [], end: new ApiError('context-length', 'The prompt is too long.', { status: 400 }) });
  const beside = await world.stream({ ...input, ...routes });
  checks.equal('beside a probe', beside.error?.routeFailures?.[0]?.code, 'circuit-open');
  await probe;
}

/** A model whose breaker has just opened. */
async function opened(world: ScriptedWorld): Promise<Partial<GenerationInput>> {
  const input = ofItsOwn();
  for (let call = 0; call < MINIMUM; call += 1) {
    world.vendor.script({ texts: [], end: BROKEN });
    await world.stream(input);
  }
  return input;
}

/** One probe at a time. Its first content closes the breaker, and its failure doubles the wait. */
async function probes(world: ScriptedWorld): Promise<void> {
  const { checks, vendor } = world;
  const input = await opened(world);
  const openedAt = world.now;
  vendor.script(
    { afterMs: 1_000, texts: [], end: BROKEN },
    { afterMs: 1_000, texts: ['Some ', 'text.'], gapMs: 2_000 },
  );
  const runs = await Promise.all([0, 1, 2, 3].map(() => world.stream(input)));
  const [first, second, third, fourth] = runs.map((run) => startsOf(run)[0] ?? NaN);
  checks.equal(
    'all wait',
    runs.map((run) => waitsOf(run).map((wait) => wait.for)),
    [['breaker'], ['breaker'], ['breaker'], ['breaker']],
  );
  checks.within('the first', (first ?? NaN) - openedAt, [OPEN_MS, OPEN_MS * 1.1]);
  const failedAt = (first ?? NaN) + 1_000;
  checks.within('the second', (second ?? NaN) - failedAt, [2 * OPEN_MS, 2 * OPEN_MS * 1.1]);
  checks.within('the third, with the first word', (third ?? NaN) - (second ?? NaN), [1_000, 1_000]);
  checks.equal('the fourth with it', fourth, third);
  checks.within('a wait is in its queue', runs[0]?.stat.queueMs, [
    (first ?? NaN) - openedAt,
    (first ?? NaN) - openedAt,
  ]);
  const [until] = waitsOf(runs[0] ?? (runs[1] as Run)).map(({ untilMs = NaN }) => untilMs);
  checks.within('it ends as reported', (until ?? NaN) - world.process.clock.now() + world.now, [
    first ?? 0,
    first ?? 0,
  ]);
  // Closed, it counts anew, and opens for the first time again.
  const again = await opened(world);
  const closedAt = world.now;
  const probe = await world.stream(again);
  checks.within('as at first', (startsOf(probe)[0] ?? NaN) - closedAt, [OPEN_MS, OPEN_MS * 1.1]);
  for (let call = 0; call < MINIMUM - 1; call += 1) {
    vendor.script({ texts: [], end: BROKEN });
    checks.equal('closed', isHeld(await world.stream(again)), false);
  }
  checks.equal('below the minimum', isHeld(await world.stream(again)), false);
  await withoutVerdict(world);
}

/** A probe whose end says nothing gives its place to the next. */
async function withoutVerdict(world: ScriptedWorld): Promise<void> {
  const { checks, vendor } = world;
  const input = await opened(world);
  vendor.script({ texts: [], end: new ApiError('bad-request', 'The request is wrong.') });
  const [wrong, next] = await Promise.all([world.stream(input), world.stream(input)]);
  checks.equal('the next is the probe', (startsOf(next)[0] ?? NaN) - (startsOf(wrong)[0] ?? NaN), 100);
  const left = await opened(world);
  vendor.script({ texts: [], end: 'silence' });
  const [leaving, after] = await Promise.all([world.stream(left, { leaveAfterMs: 6_000 }), world.stream(left)]);
  checks.within('as it leaves', startsOf(after)[0], [leaving.beganAt + 6_000, leaving.beganAt + 6_000]);
}

/** A probe that hangs holds the others back for its lease, and no longer. Its late end does not disturb the next. */
async function leases(world: ScriptedWorld): Promise<void> {
  const { checks, vendor } = world;
  const input = await opened(world);
  vendor.script(
    { afterMs: LEASE_MS + 1_000, texts: [], end: new ApiError('bad-request', 'The request is wrong.') },
    { afterMs: 5_000 },
  );
  const [hanging, second, third] = await Promise.all([0, 1, 2].map(() => world.stream(input)));
  const starts = [hanging, second, third].map((run) => (run && startsOf(run)[0]) ?? NaN);
  checks.equal('the second probe', (starts[1] ?? NaN) - (starts[0] ?? NaN), LEASE_MS);
  checks.equal('all after it', (starts[2] ?? NaN) - (starts[1] ?? NaN), 5_000);
}

/** Only calls of the last half minute count, and the share of failures among them. */
async function windows(world: ScriptedWorld): Promise<void> {
  const { checks, vendor, scene } = world;
  const input = ofItsOwn();
  const call = async (fails: boolean): Promise<boolean> => {
    vendor.script(fails ? { texts: [], end: BROKEN } : {});
    return isHeld(await world.stream(input));
  };
  const connection = { texts: [], end: new ApiError('connection', 'The connection was reset.') };
  for (const fails of [true, true, true]) checks.equal('three', await call(fails), false);
  await scene.world.sleep(30_000);
  for (const fails of [true, false, false, false, true, false]) checks.equal('others', await call(fails), false);
  await scene.world.sleep(30_000);
  for (const fails of [true, false, true, false]) checks.equal('half of four', await call(fails), false);
  checks.equal('open with the half', isHeld(await world.stream(input, { leaveAfterMs: 50 })), true);
  const mixed = ofItsOwn();
  for (const reply of [{}, {}, {}, {}, connection, connection, {}, connection, connection, {}]) {
    vendor.script(reply);
    checks.equal('not in a row', isHeld(await world.stream(mixed)), false);
  }
}
