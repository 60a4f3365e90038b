import { describe, expect, it } from '@jest/globals';
import { GenerationError } from 'scriptorium';
import type { ModelInfo } from 'scriptorium';
import { RunError } from 'scriptorium/plugins/runs';
import type { BatchItem, BatchOptions } from 'scriptorium/plugins/runs';
import { item, RunScene, settled } from './run-scene.js';
import type { RunSceneOptions } from './run-scene.js';

/** The refusal of a batch. Nothing may have been sent, and no run created. */
async function refusalOf(
  items: readonly BatchItem[],
  options: Partial<BatchOptions> = {},
  scene: RunSceneOptions = {},
): Promise<string> {
  const opened = await RunScene.open(scene);
  const worked = opened.batch(items, options);
  await settled();
  expect({ asked: opened.asked, runs: await opened.inner.runs(), told: worked.told }).toEqual({
    asked: [],
    runs: [],
    told: [],
  });
  const { error } = worked.outcome as { readonly error: RunError };
  expect({ isRunError: RunError.is(error), code: error.code }).toEqual({ isRunError: true, code: 'invalid-spec' });
  return error.message;
}

const withInput = (input: object): BatchItem => ({ id: 'a', input: { prompt: 'Write.', ...input } });

describe('items of a batch', () => {
  it('are refused with the same id', async () => {
    expect(await refusalOf([item('a'), item('b'), item('a')])).toBe('Items 1 and 3 have the same id "a".');
  });

  it('are refused with an id that cannot be printed, or is too long', async () => {
    expect(await refusalOf([item('a\u0000')])).toMatch(/Item 1 has the id "a\\u0000"/);
    expect(await refusalOf([item('a'.repeat(101))])).toMatch(/1 to 100 printable characters/);
  });

  it('have their place as their id by default', async () => {
    const scene = await RunScene.open();
    scene.batch([{ input: { prompt: 'One.' } }, { input: { prompt: 'Two.' } }]);
    await settled();
    expect((await scene.inner.items('ada')).map((each) => each.item)).toEqual(['1', '2']);
  });

  it('are refused if they wait for an unknown item, or for each other', async () => {
    expect(await refusalOf([item('chapter-1'), item('b', { after: ['chapter-2'] })])).toBe(
      'Item "b" comes after "chapter-2", but there is no such item. Did you mean "chapter-1"?',
    );
    const circle = [item('a', { after: ['b'] }), item('b', { after: ['c'] }), item('c', { after: ['b'] })];
    expect(await refusalOf(circle)).toMatch(
      /Items wait for each other: ("b" after "c" after "b"|"c" after "b" after "c")/,
    );
  });

  it.each([
    ['signal', { signal: new AbortController().signal }, /Item "a" has input\.signal\. A signal cannot be kept/],
    ['id', { id: 'mine' }, /Item "a" has input\.id\. The run makes the ids/],
    ['continueFrom', { continueFrom: 'Ada' }, /Item "a" has input\.continueFrom\. A run keeps the text/],
    [
      'a function',
      { providerOptions: { mine: { pick: () => 1 } } },
      /input\.providerOptions\.mine\.pick is a function/,
    ],
    [
      'a Standard Schema',
      { tools: [{ name: 't', parameters: { '~standard': {} } }] },
      /input\.tools\[0\]\.parameters is a Standard Schema/,
    ],
    [
      'a date',
      { providerOptions: { mine: { at: new Date(0) } } },
      /input\.providerOptions\.mine\.at is an object of the class Date/,
    ],
    ['a number that JSON does not have', { temperature: NaN }, /input\.temperature is NaN/],
  ])('are refused with %s, which cannot be kept', async (_, input, message) => {
    expect(await refusalOf([withInput(input)])).toMatch(message);
  });

  it('are refused with what a generation would refuse', async () => {
    expect(await refusalOf([withInput({ maxTokens: -1 })])).toMatch(/^Item "a": maxTokens is -1/);
    expect(await refusalOf([{ ...item('a'), afer: ['b'] } as BatchItem])).toBe(
      'Item "a" has no field "afer". Did you mean "after"?',
    );
  });

  it('are kept with the defaults of the pipeline', async () => {
    const scene = await RunScene.open({
      config: { defaults: { temperature: 0.3 }, continuity: { onLength: 'continue' } },
    });
    scene.batch([item('a')]);
    await settled();
    expect((await scene.record('a')).input).toMatchObject({
      provider: 'mine',
      model: 'm',
      temperature: 0.3,
      wire: 'sse',
      overrides: { continuity: { onLength: 'continue', onBreak: 'resume' } },
    });
  });
});

describe('options of a batch', () => {
  it.each([
    ['concurrency', { concurrency: 0.5 }, 'concurrency is 0.5, but must be a whole number of at least 1.'],
    ['budgetUsd', { budgetUsd: -1 }, 'budgetUsd is -1, but must be a number of at least 0.'],
    ['leaseMs', { leaseMs: NaN }, 'leaseMs is NaN, but must be a number of at least 100.'],
    ['name', { name: ' ' }, 'The name of the run is " ", but must be 1 to 100 printable characters.'],
    [
      'journal',
      { journal: 'redis://me:canary@host/x' },
      'journal is redis://…@host/x, but must be a journal, "sqlite:PATH" or "postgres://USER@HOST/DATABASE".',
    ],
    [
      'data',
      { data: { call: () => 1 } },
      'data.call is a function, which a run cannot keep. Pass data that can be written as JSON.',
    ],
  ])('are refused with a wrong %s', async (_, options, message) => {
    expect(await refusalOf([item('a')], options)).toBe(message);
  });

  it('name the run after its items by default', async () => {
    const scene = await RunScene.open();
    const [first, second] = [
      scene.batch([item('a')], { name: undefined }),
      scene.batch([item('a')], { name: undefined }),
    ];
    await settled();
    const runs = [first, second].map((worked) => worked.of('run-start')[0]?.run);
    expect(runs[0]?.name).toMatch(/^[0-9a-f]{12}$/);
    expect(runs[1]?.id).toBe(runs[0]?.id);
  });
});

describe('the hash of a run', () => {
  const hashOf = async (items: readonly BatchItem[], config = {}) => {
    const scene = await RunScene.open({ config });
    const worked = scene.batch(items);
    await settled();
    return worked.of('run-start')[0]?.run.hash;
  };

  it('depends on the items as they were passed: not on the order of fields, nor on defaults', async () => {
    const one: BatchItem = { id: 'a', input: { prompt: 'Write.', maxTokens: 10 } };
    const same: BatchItem = { input: { maxTokens: 10, prompt: 'Write.', model: undefined }, after: [], id: 'a' };
    const hash = await hashOf([one]);
    expect(await hashOf([same], { defaults: { temperature: 0.1 } })).toBe(hash);
    expect(await hashOf([{ ...one, input: { ...one.input, maxTokens: 11 } }])).not.toBe(hash);
  });

  it('keeps a run of the same name with other items from being mixed up', async () => {
    const scene = await RunScene.open();
    scene.batch([item('a')]).leave();
    await settled();
    const worked = scene.batch([item('a', { input: { prompt: 'Another.' } })]);
    await settled();
    expect(worked.outcome).toMatchObject({ error: { code: 'changed-spec' } });
  });
});

describe('the models of a batch', () => {
  const live = (id: string): ModelInfo => ({ id, source: 'live' });
  const asking = (model: string): BatchItem => withInput({ model });

  it('are checked before anything is sent', async () => {
    const models = [live('quill-large'), live('quill-small')];
    expect(await refusalOf([item('b'), asking('quil-large')], {}, { models: [...models, live('m')] })).toBe(
      'Item "a": "mine" offers no model "quil-large". Did you mean "quill-large"?',
    );
  });

  it.each(['m', 'm:free', 'm-2026-01-01', 'family-latest'])(
    'may go by names that vendors take and do not list, such as %s',
    async (model) => {
      const scene = await RunScene.open({ models: [live('m'), live('family-1')] });
      scene.batch([asking(model)]);
      await settled();
      expect(scene.asked).toHaveLength(1);
    },
  );

  it('cannot be checked by a stored list, which may be old', async () => {
    const scene = await RunScene.open({ models: [{ id: 'other', source: 'snapshot' }] });
    scene.batch([item('a')]);
    await settled();
    expect(scene.asked).toHaveLength(1);
  });

  it('are asked for once, and need not be known', async () => {
    const error = new GenerationError('connection', 'The vendor is away.');
    const scene = await RunScene.open({ models: error });
    scene.batch([item('a'), item('b')]);
    await settled();
    expect({ asked: scene.asked.length, questions: scene.questions, warnings: scene.warnings }).toEqual({
      asked: 2,
      questions: 1,
      warnings: [
        'The models of "mine" cannot be loaded, so prices may be unknown and names unchecked: The vendor is away.',
      ],
    });
  });

  it('have a price once the vendor was asked', async () => {
    const price = { prompt: '0.001', completion: '0.01' };
    const scene = await RunScene.open({ models: [{ ...live('m'), price }] });
    const created: unknown[] = [];
    const { inner } = scene;
    const journal = new Proxy(inner, {
      get: (target, name) =>
        name === 'createRun'
          ? (spec: { items: readonly { isPriced: boolean }[] }) => {
              created.push(...spec.items.map(({ isPriced }) => isPriced));
              return inner.createRun(spec as never);
            }
          : (Reflect.get(target, name) as unknown),
    });
    scene.batch([item('a')], { journal });
    await settled();
    expect(created).toEqual([true]);
  });
});
