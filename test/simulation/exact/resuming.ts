import { ApiError, GenerationError, RateLimitError } from 'scriptorium';
import type { Scenario } from '../scene.js';
import { BROKEN, eventsOf, onBreak } from './breaks.js';
import { ScriptedWorld, startsOf } from './scripted-world.js';
import type { Run } from './scripted-world.js';

const SEA = 'The sea was calm. The wind had died down by noon';
const ANCHOR = 'had died down by noon';
const RETRY = { jitter: 'none', baseMs: 1_000, maxAttempts: 3 } as const;

export const resuming: Scenario = {
  name: 'resuming',
  about: 'A text that broke off is continued, begun anew or handed over, as its caller has chosen.',
  run: async (scene) => {
    const world = await ScriptedWorld.open(scene, { config: { retry: RETRY, breaker: { minimumCalls: 1_000 } } });
    await choices(world);
    await causes(world);
    await withoutProgress(world);
    await bounds(world);
    await world.close();
  },
};

/** What a caller may choose for a text that broke off. */
async function choices(world: ScriptedWorld): Promise<void> {
  const { checks, vendor } = world;
  const cut = { texts: [SEA], end: BROKEN };
  vendor.script(cut);
  const failed = await world.stream(onBreak('fail'));
  checks.equal(
    'fail',
    [failed.error?.code, failed.error?.partial?.text, failed.text, failed.requests.length, failed.error?.status],
    ['interrupted', SEA, SEA, 1, 500],
  );
  checks.holds('says why', failed.error?.message.includes('The server broke down.') === true, failed.error?.message);
  const { cause } = failed.error ?? {};
  checks.equal('its cause', GenerationError.is(cause) && cause.code, 'server-error');
  vendor.script(cut, { texts: ['Another ', 'text.'] });
  const anew = await world.stream(onBreak('restart'));
  checks.equal(
    'restart',
    [anew.text, anew.requests.length, anew.requests[1]?.messages.length],
    ['Another text.', 2, 1],
  );
  checks.equal('its event', eventsOf(anew, 'restart', 'continuation'), [{ type: 'restart', reason: 'server-error' }]);
  vendor.script(cut, { texts: ['Another ', 'text.'] });
  const whole = await world.generate(onBreak('restart'));
  checks.equal('a whole text anew', [whole.text, whole.requests.length], ['Another text.', 2]);
  vendor.script(cut);
  const notWhole = await world.generate(onBreak('fail'));
  checks.equal(
    'no whole text',
    [notWhole.error?.code, notWhole.text, notWhole.requests.length],
    ['interrupted', SEA, 1],
  );
  // A text that is cut again after a restart is restarted again.
  vendor.script(cut, { texts: ['Another '], end: BROKEN }, { texts: ['The third.'] });
  const third = await world.stream(onBreak('restart'));
  checks.equal('twice anew', [third.text, eventsOf(third, 'restart').length], ['The third.', 2]);
  // What text() has given out cannot be taken back.
  vendor.script(cut, { texts: [`${ANCHOR}, too.`] });
  let text = '';
  const id = 'plain-text';
  await new Promise<void>((resolve) => {
    world.process.pipeline
      .text({ id, model: 'a-model', prompt: 'Begin.', ...onBreak('restart') })
      .subscribe({ next: (delta) => (text += delta), error: () => resolve(), complete: () => resolve() });
  });
  checks.equal('text() is continued', text, `${SEA}, too.`);
}

/** Only what another request may mend is continued. */
async function causes(world: ScriptedWorld): Promise<void> {
  const { checks, vendor } = world;
  for (const [cause, isContinued] of [
    [new ApiError('overloaded', 'The server is overloaded.', { retryable: true }), true],
    [new ApiError('connection', 'The connection was reset.', { retryable: true }), true],
    [new ApiError('server-error', 'The server gave up for good.', { retryable: false }), false],
    [new ApiError('content-filter', 'The text was stopped by a filter.'), false],
  ] as const) {
    vendor.script({ texts: [SEA], end: cause }, ...(isContinued ? [{ texts: [`${ANCHOR}, too.`] }] : []));
    const run = await world.stream();
    checks.equal(
      `after ${cause.code}`,
      [run.text, run.requests.length, run.error === undefined],
      isContinued ? [`${SEA}, too.`, 2, true] : [SEA, 1, false],
    );
  }
  // A 429 in the middle of a text is waited for, and never sends the text again.
  const retryAt = world.process.clock.now() + 5_000;
  vendor.script(
    { texts: [SEA], end: new RateLimitError('Too many requests for now.', { retryAt }) },
    { texts: [`${ANCHOR}, too.`] },
  );
  const limited = await world.stream();
  checks.equal('after a 429', [limited.text, eventsOf(limited, 'restart').length], [`${SEA}, too.`, 0]);
  checks.within('not before its time', startsOf(limited)[1], [limited.beganAt + 4_900, limited.beganAt + 5_700]);
}

/** Breaks that add nothing count as attempts, with the backoff between them. */
async function withoutProgress(world: ScriptedWorld): Promise<void> {
  const { checks, vendor } = world;
  const nothing = { texts: [], end: BROKEN };
  vendor.script({ texts: [SEA], end: BROKEN }, nothing, nothing, { texts: [`${ANCHOR}, too.`] });
  const third = await world.stream();
  const gaps = (run: Run): readonly number[] =>
    startsOf(run)
      .slice(1)
      .map((at, index) => at - (startsOf(run)[index] ?? NaN));
  checks.equal('after two that add nothing', [third.text, third.requests.length], [`${SEA}, too.`, 4]);
  checks.equal('between them', gaps(third), [110, 1_100, 2_100]);
  checks.equal('all backoff', third.stat.backoffMs, 3_000);
  vendor.script({ texts: [SEA], end: BROKEN }, nothing, nothing, nothing);
  const given = await world.stream();
  checks.equal(
    'after three',
    [given.error?.code, given.error?.partial?.text, given.requests.length],
    ['interrupted', SEA, 4],
  );
  // An answer that breaks off before it is joined has added nothing.
  const unjoined = { texts: ['had died '], end: BROKEN };
  vendor.script({ texts: [SEA], end: BROKEN }, unjoined, unjoined, { texts: [`${ANCHOR}, too.`] });
  const held = await world.stream();
  checks.equal('after two that are not joined', [held.text, held.requests.length], [`${SEA}, too.`, 4]);
  checks.equal('between those', gaps(held), [110, 1_110, 2_110]);
  checks.equal('no word twice', eventsOf(held, 'continuation').length, 1);
  vendor.script({ texts: [SEA], end: BROKEN }, unjoined, unjoined, unjoined);
  const never = await world.stream();
  checks.equal('never joined', [never.error?.code, never.text, never.requests.length], ['interrupted', SEA, 4]);
  // Each piece of new text begins the count anew.
  const piece = (more: string): object => ({ texts: [more], end: BROKEN });
  vendor.script(
    piece(SEA),
    nothing,
    piece(`${ANCHOR} and then it rose again`),
    nothing,
    piece('and then it rose again and blew over the sea'),
    nothing,
    { texts: ['and blew over the sea.'] },
  );
  const far = await world.stream();
  checks.equal('with progress', far.text, `${SEA} and then it rose again and blew over the sea.`);
  checks.equal(
    'its segments',
    eventsOf(far, 'continuation').map((event) => 'segment' in event && event.segment),
    [2, 3, 4],
  );
}

/** The most splices, requests and time. */
async function bounds(world: ScriptedWorld): Promise<void> {
  const { checks, vendor, scene } = world;
  const piece = (more: string): object => ({ texts: [more], end: BROKEN });
  for (const [maxSegments, requests] of [
    [0, 1],
    [1, 2],
    [2, 3],
  ] as const) {
    const pieces = [piece(SEA), piece(`${ANCHOR} and then it rose again`), piece('and then it rose again and blew')];
    vendor.script(...pieces.slice(0, requests));
    const run = await world.stream({ overrides: { continuity: { maxSegments } } });
    checks.equal(`${maxSegments} splices`, [run.error?.code, run.requests.length], ['interrupted', requests]);
    checks.holds(
      'names the limit',
      run.error?.message.includes(`no more than ${maxSegments} splices`) === true,
      run.error,
    );
    vendor.script(...Array.from({ length: maxSegments + 1 }, () => piece('Another ')));
    const anew = await world.stream({ overrides: { continuity: { maxSegments, onBreak: 'restart' } } });
    checks.equal('restarts too', [anew.requests.length, anew.error?.code], [maxSegments + 1, 'interrupted']);
  }
  vendor.script({ texts: [SEA], end: BROKEN }, { texts: [], end: BROKEN });
  const run = await world.stream({ deadlineMs: 1_000 });
  checks.equal('no time left', [run.error?.code, run.text, run.requests.length], ['interrupted', SEA, 2]);
  checks.within('it fails at once', run.endedAt - run.beganAt, [200, 300]);
  const bounded = await ScriptedWorld.open(scene, { config: { limits: { maxRequests: 2 }, retry: RETRY } });
  bounded.vendor.script(piece(SEA), piece(`${ANCHOR} and then it rose again`));
  const two = await bounded.stream();
  checks.equal('two requests', [two.error?.code, two.requests.length], ['interrupted', 2]);
  checks.holds('says so', two.error?.message.includes('no more than 2 requests') === true, two.error?.message);
  await bounded.close();
}
