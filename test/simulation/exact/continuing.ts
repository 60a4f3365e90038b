import { ApiError } from 'scriptorium';
import type { GenerationEvent } from 'scriptorium';
import type { Scenario, Scene } from '../scene.js';
import { BROKEN, eventsOf, onBreak } from './breaks.js';
import { ScriptedVendor } from './scripted-vendor.js';
import { ScriptedWorld } from './scripted-world.js';

const SEA = 'The sea was calm. The wind had died down by noon';
const ANCHOR = 'had died down by noon';
const RETRY = { jitter: 'none', baseMs: 1_000, maxAttempts: 3 } as const;

export const continuing: Scenario = {
  name: 'continuing',
  about: 'Given texts, texts cut by their cap, and texts of several routes go on where they ended.',
  run: async (scene) => {
    const world = await ScriptedWorld.open(scene, { config: { retry: RETRY, breaker: { minimumCalls: 1_000 } } });
    await given(world);
    await emptyAnswers(world);
    await world.close();
    await toolCalls(scene);
    await lengths(scene);
    await routes(scene);
  },
};

/** A text that the caller gives is continued as if it had broken off. */
async function given(world: ScriptedWorld): Promise<void> {
  const { checks, vendor } = world;
  vendor.script({ texts: [ANCHOR, ', too.'] });
  const run = await world.stream({ continueFrom: SEA });
  checks.equal('only what is new', [run.text, run.requests.length, run.requests[0]?.messages.length], [', too.', 1, 3]);
  const reason = { type: 'continuation', segment: 2, reason: 'given', provider: 'bard', model: 'a-model' };
  checks.equal('its splice', eventsOf(run, 'continuation'), [reason]);
  vendor.script({ texts: [ANCHOR, ', too.'] });
  checks.equal('the whole', (await world.generate({ continueFrom: SEA })).text, `${SEA}, too.`);
  vendor.script({ texts: [ANCHOR, ' and then it rose'], end: BROKEN }, { texts: ['noon and then it rose again.'] });
  const cut = await world.generate({ continueFrom: SEA });
  checks.equal('cut after it', [cut.text, cut.requests.length], [`${SEA} and then it rose again.`, 2]);
  vendor.script({ texts: ['Once upon a time there was a sea, which was calm, and it was noon. '.repeat(6)] });
  const astray = await world.stream({ continueFrom: SEA });
  checks.equal('not joined', [astray.error?.code, astray.text, astray.requests.length], ['interrupted', '', 1]);
  checks.holds('says what was given', astray.error?.message.includes('continueFrom') === true, astray.error?.message);
  checks.equal('the given text is kept', astray.error?.partial?.text, SEA);
  vendor.script(
    { texts: ['Once upon a time there was a sea, which was calm, and it was noon. '.repeat(6)] },
    { texts: ['Anew.'] },
  );
  const anew = await world.generate({ continueFrom: SEA, ...onBreak('restart') });
  checks.equal('anew if allowed', [anew.text, anew.requests.length], ['Anew.', 2]);
  // A failure before anything was added explains itself.
  vendor.script({ texts: [], end: new ApiError('authentication', 'The key is not valid.', { status: 401 }) });
  const denied = await world.stream({ continueFrom: SEA });
  checks.equal('denied', [denied.error?.code, denied.error?.partial?.text], ['authentication', SEA]);
  vendor.script({
    texts: [ANCHOR, ', too'],
    end: new ApiError('server-error', 'It gave up for good.', { status: 500 }),
  });
  const later = await world.stream({ continueFrom: SEA });
  checks.equal('after new text', [later.error?.code, later.error?.partial?.text], ['interrupted', `${SEA}, too`]);
}

/** An empty answer proves nothing. Asked for the last words, a model may prove that they were the last. */
async function emptyAnswers(world: ScriptedWorld): Promise<void> {
  const { checks, vendor } = world;
  vendor.script({ texts: [SEA], end: BROKEN }, { texts: [] }, { texts: [ANCHOR] });
  const whole = await world.stream();
  checks.equal('whole', [whole.text, whole.stat.outcome, whole.requests.length], [SEA, 'success', 3]);
  checks.equal('asked for its words', whole.requests[2]?.messages.at(-1)?.role, 'user');
  vendor.script({ texts: [SEA], end: BROKEN }, { texts: [] }, { texts: [`${ANCHOR}, too.`] });
  const more = await world.stream();
  checks.equal('not whole', [more.text, more.stat.outcome], [`${SEA}, too.`, 'success']);
}

/** A text with a tool call is never continued. */
async function toolCalls(scene: Scene): Promise<void> {
  const world = await ScriptedWorld.open(scene, { config: { retry: RETRY } });
  const { checks, vendor } = world;
  const opened: GenerationEvent = { type: 'response-metadata', toolCallsOpen: true };
  vendor.script({ before: [{ type: 'text-delta', delta: 'I look it up.' }, opened], texts: [], end: BROKEN });
  const open = await world.stream();
  checks.equal(
    'a call had begun',
    [open.error?.code, open.error?.partial?.toolCallsOpen, open.error?.partial?.text, open.requests.length],
    ['interrupted', true, 'I look it up.', 1],
  );
  const call: GenerationEvent = { type: 'tool-call', index: 0, id: 'call-1', name: 'note', arguments: '{}' };
  vendor.script({ before: [call], texts: [' And then'], end: BROKEN }, { texts: ['No call.'] });
  const anew = await world.generate();
  checks.equal(
    'after a call',
    [anew.text, anew.requests.length, anew.requests[1]?.messages.length],
    ['No call.', 2, 1],
  );
  vendor.script({ before: [call], texts: [], end: BROKEN });
  const alone = await world.stream();
  checks.equal('a call alone', [alone.error?.code, alone.requests.length], ['interrupted', 1]);
  await world.close();
}

/** A text that its token cap has cut is continued where that is wanted. */
async function lengths(scene: Scene): Promise<void> {
  const config = { continuity: { onLength: 'continue' }, retry: RETRY } as const;
  const world = await ScriptedWorld.open(scene, { config });
  const { checks, vendor } = world;
  vendor.script(
    { texts: [SEA], end: 'length' },
    { texts: [`${ANCHOR} and then it rose`], end: 'length' },
    {
      texts: ['noon and then it rose again.'],
    },
  );
  const run = await world.stream();
  checks.equal('the text', [run.text, run.requests.length], [`${SEA} and then it rose again.`, 3]);
  const reasons = eventsOf(run, 'continuation').map((event) => 'reason' in event && event.reason);
  checks.equal('why', reasons, ['length', 'length']);
  vendor.script({ texts: [SEA], end: 'length' }, { texts: ['No such text as that was ever written. '.repeat(9)] });
  const astray = await world.stream();
  const end = astray.events.at(-1)?.event;
  checks.equal(
    'not joined',
    [astray.text, astray.stat.outcome, end?.type === 'generation-end' && end.finishReason.unified],
    [SEA, 'success', 'length'],
  );
  // The rest of a continued text that breaks off is continued, too.
  vendor.script(
    { texts: [SEA], end: 'length' },
    { texts: [`${ANCHOR} and then it rose`], end: BROKEN },
    { texts: ['noon and then it rose again.'] },
  );
  const cut = await world.stream();
  checks.equal('cut and broken', [cut.text, cut.requests.length], [`${SEA} and then it rose again.`, 3]);
  vendor.script({ texts: [SEA], end: 'length' });
  const stopped = await world.stream({ overrides: { continuity: { onLength: 'stop' } } });
  checks.equal('not wanted', [stopped.text, stopped.requests.length], [SEA, 1]);
  await world.close();
}

/** A route that broke off has one more try; then the next one goes on with the text, by its own ability. */
async function routes(scene: Scene): Promise<void> {
  const vendors = [new ScriptedVendor('bard'), new ScriptedVendor('scald', { prefill: 'exact' })];
  const [bard, scald] = vendors;
  const world = await ScriptedWorld.open(scene, { vendors, config: { retry: RETRY } });
  const input = { overrides: { routes: [{ provider: 'scald', model: 'another' }] } };
  bard?.script({ texts: [SEA], end: BROKEN }, { texts: [`${ANCHOR} and then`], end: BROKEN });
  scald?.script({ texts: [' it rose again.'] });
  const run = await world.stream(input);
  world.checks.equal('the text', run.text, `${SEA} and then it rose again.`);
  const splices = eventsOf(run, 'continuation').map((event) => 'model' in event && [event.model, event.provider]);
  world.checks.equal('its models', splices, [
    ['a-model', 'bard'],
    ['another', 'scald'],
  ]);
  world.checks.equal('as a prefill', run.requests.at(-1)?.messages.at(-1), {
    role: 'assistant',
    content: `${SEA} and then`,
  });
  world.checks.equal(
    'whose attempts',
    run.attempts.map(({ provider, model }) => `${provider}/${model}`),
    ['bard/a-model', 'bard/a-model', 'scald/another'],
  );
  await world.close();
}
