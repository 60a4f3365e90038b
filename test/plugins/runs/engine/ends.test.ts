import { describe, expect, it } from '@jest/globals';
import { BudgetError, GenerationError, RateLimitError } from 'scriptorium';
import { finish, item, RunScene, settled, text } from './run-scene.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const broken = () => new GenerationError('connection', 'The connection was reset.', { retryable: true });

/** Runs one item whose first try ends with an error. */
async function afterError(error: GenerationError, given: readonly string[] = []) {
  const scene = await RunScene.open();
  const worked = scene.batch([item('a')]);
  await settled();
  for (const piece of given) scene.last.answer.next(text(piece));
  scene.last.answer.error(error);
  await settled();
  return { scene, worked };
}

describe('a try that fails', () => {
  it('is repeated after a backoff, and keeps what it has written', async () => {
    const { scene, worked } = await afterError(broken(), ['Ada was']);
    // The pipeline continues the text itself first.
    scene.last.answer.error(broken());
    await settled();
    expect(worked.of('item-retry')[0]).toMatchObject({ item: 'a', retryInMs: 5_000 });
    expect(await scene.record('a')).toMatchObject({ state: 'ready', text: 'Ada was', tries: 0 });
    await scene.advance(5_000);
    expect(scene.last.request.continuation).toMatchObject({ reason: 'given' });
  });

  it('waits twice as long after each try that has added nothing, and fails after the last one', async () => {
    const scene = await RunScene.open();
    const worked = scene.batch([item('a'), item('b', { after: ['a'] })], { tries: 3 });
    await settled();
    for (const waitMs of [5_000, 10_000]) {
      scene.last.answer.error(broken());
      await settled();
      expect(worked.of('item-retry').at(-1)).toMatchObject({ retryInMs: waitMs });
      await scene.advance(waitMs);
    }
    scene.last.answer.error(broken());
    await settled();
    expect(worked.told.slice(-2)).toEqual(['item-failed a', 'run-end']);
    expect(worked.of('run-end')[0]).toMatchObject({ reason: 'ended', run: { state: 'failed' } });
    expect(await scene.record('b')).toMatchObject({ state: 'cancelled' });
  });

  it('fails at once where trying again would not help', async () => {
    const { scene, worked } = await afterError(new GenerationError('bad-request', 'No.'));
    expect(worked.told.at(-2)).toBe('item-failed a');
    expect(await scene.record('a')).toMatchObject({ state: 'failed', error: { code: 'bad-request' } });
  });

  it('is parked while a quota is spent beyond the patience, and goes on then', async () => {
    const scene = await RunScene.open();
    const worked = scene.batch([item('a')], { wait: true });
    await settled();
    const retryAt = scene.clock.now() + 2 * HOUR;
    scene.last.answer.error(new RateLimitError('Spent.', { quota: true, retryAt }));
    await settled();
    expect(worked.of('item-parked')).toEqual([{ type: 'item-parked', item: 'a', reason: 'quota', untilMs: retryAt }]);
    expect(worked.of('run-waiting').at(-1)).toEqual({ type: 'run-waiting', untilMs: retryAt, reason: 'quota' });
    await scene.advance(2 * HOUR - 1);
    expect(scene.asked).toHaveLength(1);
    await scene.advance(1);
    expect(scene.asked).toHaveLength(2);
  });

  it('ends the work as parked where it is not to wait', async () => {
    const retryAt = Date.UTC(2026, 0, 1, 5);
    const { worked } = await afterError(new RateLimitError('Spent.', { quota: true, retryAt }));
    expect(worked.of('run-end')[0]).toMatchObject({ reason: 'parked', run: { until: retryAt, reason: 'quota' } });
    expect(worked.outcome).toBe('completed');
  });

  it('waits for a time within the patience', async () => {
    const scene = await RunScene.open();
    const worked = scene.batch([item('a')], { patienceMs: 2 * HOUR });
    await settled();
    scene.last.answer.error(new RateLimitError('Slow.', { retryAt: scene.clock.now() + HOUR }));
    await settled();
    expect(worked.of('item-retry')[0]).toMatchObject({ retryInMs: HOUR });
    await scene.advance(HOUR);
    expect(scene.asked).toHaveLength(2);
  });

  it('is parked until midnight UTC where the budget of the day is spent', async () => {
    const error = new BudgetError('Spent.', { scope: 'day', unit: 'usd', limit: 1, spent: 1, reserved: 0, needed: 1 });
    const { worked } = await afterError(error);
    expect(worked.of('item-parked')[0]).toMatchObject({ reason: 'budget', untilMs: Date.UTC(2026, 0, 2) });
  });

  it('is parked until the run is resumed where another budget of the pipeline is spent', async () => {
    const about = { unit: 'usd', limit: 1, spent: 1, reserved: 0, needed: 1 } as const;
    const { worked } = await afterError(new BudgetError('Spent.', { scope: 'label', labelValue: 'ada', ...about }));
    expect(worked.of('item-parked')).toEqual([{ type: 'item-parked', item: 'a', reason: 'budget' }]);
    expect(worked.of('run-end')[0]).toMatchObject({ reason: 'parked' });
  });

  it('ends the work where the cause concerns every item, and parks it', async () => {
    const scene = await RunScene.open();
    const worked = scene.batch([item('a'), item('b'), item('c'), item('d'), item('e')], { concurrency: 2 });
    await settled();
    scene.asked[1]!.answer.next(text('Half of '));
    await settled();
    const error = new GenerationError('authentication', 'The key is wrong.');
    scene.asked[0]!.answer.error(error);
    await settled();
    expect(worked.outcome).toMatchObject({ error: { code: 'authentication' } });
    expect(scene.asked).toHaveLength(2);
    expect(await scene.record('a')).toMatchObject({ state: 'parked', reason: 'authentication' });
    expect(await scene.record('b')).toMatchObject({ state: 'ready', text: 'Half of ' });
  });
});

describe('a text to which nothing can be joined', () => {
  it('is voided after a second try, and written anew', async () => {
    const scene = await RunScene.open();
    const refusal = new GenerationError('cannot-continue', 'It cannot.');
    const worked = scene.batch([item('a')]);
    await settled();
    scene.last.answer.next(text('Ada was born in'));
    await settled();
    worked.leave();
    await settled();
    const second = scene.workOn('ada');
    await settled();
    scene.last.answer.error(refusal);
    await settled();
    expect(second.told).toEqual(['run-start', 'item-start a', 'item-retry a', 'run-waiting']);
    await scene.advance(5_000);
    scene.last.answer.error(refusal);
    await settled();
    expect(second.told.slice(4)).toEqual(['item-start a', 'item-reset a', 'item-start a']);
    expect(scene.last.request.continuation).toBeUndefined();
    expect(await scene.record('a')).toMatchObject({ text: '', restarts: 1 });
    scene.last.answer.next(text('Ada.'));
    finish(scene.last);
    await settled();
    expect((await scene.record('a')).text).toBe('Ada.');
  });
});

describe('the budget of a run', () => {
  const price = { prompt: '0', completion: '0.01' };
  const models = [{ id: 'm', price, source: 'live' as const }];

  const short = (id: string) => item(id, { input: { prompt: 'Write.', maxTokens: 10 } });

  it('is shared by the items in flight, and enforced inside each generation', async () => {
    const scene = await RunScene.open({ models });
    scene.batch([short('a'), short('b')], { concurrency: 2, budgetUsd: 10 });
    await settled();
    expect(scene.asked.map(({ request }) => request.overrides.budget)).toEqual([
      { generationUsd: 5 },
      { generationUsd: 5 },
    ]);
  });

  it('does not widen a limit of the caller', async () => {
    const scene = await RunScene.open({ models });
    const input = { ...short('a').input, overrides: { budget: { generationUsd: 1 } } };
    scene.batch([item('a', { input })], { budgetUsd: 10 });
    await settled();
    expect(scene.last.request.overrides.budget).toEqual({ generationUsd: 1 });
  });

  it('makes an item that needs more than its share wait until so much is left', async () => {
    const scene = await RunScene.open({ models });
    const input = { prompt: 'Write.', maxTokens: 60 };
    const worked = scene.batch([item('a', { input }), short('b')], { concurrency: 2, budgetUsd: 1 });
    await settled();
    expect(worked.told.slice(0, 4)).toEqual(['run-start', 'item-start a', 'item-start b', 'item-parked a']);
    expect(scene.open.map(({ request }) => request.labels['item'])).toEqual(['b']);
    scene.last.answer.next(text('Short.'));
    finish(scene.last, { costUsd: 0.01 });
    await settled();
    expect(scene.open.map(({ request }) => request.labels['item'])).toEqual(['a']);
    expect(scene.last.request.overrides.budget?.generationUsd).toBe(0.6);
  });
});

describe('a wait beyond the patience', () => {
  it('ends the generation and parks the item until then', async () => {
    const config = {
      rateLimit: { requestsPerDay: 1 },
      retry: { maxRetryAfterMs: 48 * HOUR },
      timeouts: { queueMs: 0 },
    };
    const scene = await RunScene.open({ config });
    const worked = scene.batch([item('a'), item('b')], { patienceMs: HOUR });
    await settled();
    expect(worked.of('item-parked')[0]).toEqual({
      type: 'item-parked',
      item: 'b',
      reason: 'quota',
      untilMs: Date.UTC(2026, 0, 2),
    });
    finish(scene.last);
    await settled();
    expect(worked.of('run-end')[0]).toMatchObject({ reason: 'parked', run: { items: { done: 1, parked: 1 } } });
  });
});
