import { concat, firstValueFrom, throwError } from 'rxjs';
import { ApiError, GenerationError, RateLimitError } from 'scriptorium';
import type { GenerationEvent, GenerationInput, InterceptorDefinition, Usage } from 'scriptorium';
import type { Scenario, Scene } from '../scene.js';
import { ScriptedVendor, USAGE } from './scripted-vendor.js';
import { ScriptedWorld } from './scripted-world.js';

/** US dollars a token. */
const PRICE = { prompt: '0.000002', completion: '0.00001', reasoning: '0.00003', cacheRead: '0.0000005' };

export const bills: Scenario = {
  name: 'bills',
  about: 'Every token and cent of every attempt is counted, whoever has given the figure.',
  run: async (scene) => {
    await prices(scene);
    await sums(scene);
    await estimates(scene);
    await records(scene);
    await names(scene);
    await mistakes(scene);
  },
};

/** The vendor's own figure wins; without one, the price table counts; without both, the attempt is unmeasured. */
async function prices(scene: Scene): Promise<void> {
  for (const [price, usage, cost] of [
    [PRICE, { inputTokens: 1_000, outputTokens: 100 }, { known: 0, estimated: 0.003, unmeasuredAttempts: 0 }],
    [
      PRICE,
      { inputTokens: 1_000, outputTokens: 100, costUsd: 0.5 },
      { known: 0.5, estimated: 0, unmeasuredAttempts: 0 },
    ],
    [PRICE, { inputTokens: 7, outputTokens: 3, costUsd: 0 }, { known: 0, estimated: 0, unmeasuredAttempts: 0 }],
    [
      PRICE,
      { inputTokens: 1_000, outputTokens: 100, cachedInputTokens: 400, reasoningTokens: 50 },
      { known: 0, estimated: 0.0034, unmeasuredAttempts: 0 },
    ],
    [undefined, { inputTokens: 1_000, outputTokens: 100 }, { known: 0, estimated: 0, unmeasuredAttempts: 1 }],
    [
      undefined,
      { inputTokens: 1_000, outputTokens: 100, costUsd: 2 },
      { known: 2, estimated: 0, unmeasuredAttempts: 0 },
    ],
  ] as const) {
    const world = await ScriptedWorld.open(scene, { vendors: [new ScriptedVendor('bard', price && { price })] });
    world.vendor.script({ usage: { ...usage, source: 'reported' } });
    const { stat, attempts, events } = await world.stream();
    world.checks.equal(`the cost of ${JSON.stringify(usage)}`, stat.cost, cost);
    const [attempt] = attempts;
    world.checks.equal(
      'its attempt',
      attempt?.usage.estimatedCostUsd,
      cost.estimated === 0 ? undefined : cost.estimated,
    );
    const end = events.at(-1)?.event;
    world.checks.equal('at its end', end?.type === 'generation-end' && end.usage.inputTokens, usage.inputTokens);
    // Without any usage there is nothing to estimate.
    world.vendor.script({ texts: [], end: new ApiError('bad-request', 'The request is wrong.', { status: 400 }) });
    const unmeasured = await world.stream();
    world.checks.equal('an attempt without usage', unmeasured.stat.cost, {
      known: 0,
      estimated: 0,
      unmeasuredAttempts: 1,
    });
    await world.close();
  }
}

/** The sums over several attempts, field by field. */
async function sums(scene: Scene): Promise<void> {
  const world = await ScriptedWorld.open(scene, { vendors: [new ScriptedVendor('bard', { prefill: 'exact' })] });
  const details = { cachedInputTokens: 3, cacheWriteTokens: 2, reasoningTokens: 1 };
  const cut = new ApiError('server-error', 'The server broke down.', { retryable: true, status: 500 });
  const reported = (usage: Partial<Usage>): { readonly type: 'response-metadata'; readonly usage: Usage } => ({
    type: 'response-metadata',
    usage: { inputTokens: 10, outputTokens: 4, source: 'reported', ...usage },
  });
  world.vendor.script(
    { texts: ['One'], after: [reported({ costUsd: 0.1, ...details })], end: cut },
    { texts: [' two'], after: [reported({ costUsd: 0.2 })], end: cut },
    { texts: [' three'], after: [reported({})], end: cut },
    { texts: [' four.'], usage: { ...USAGE, ...details, costUsd: 0.3 } },
  );
  const { stat, text, events } = await world.stream();
  world.checks.equal('the text', text, 'One two three four.');
  const usage = {
    inputTokens: 40,
    outputTokens: 17,
    cachedInputTokens: 6,
    cacheWriteTokens: 4,
    reasoningTokens: 2,
    costUsd: 0.6,
    source: 'reported',
  };
  world.checks.equal('its usage', stat.usage, usage);
  world.checks.equal('its cost', stat.cost, { known: 0.6, estimated: 0, unmeasuredAttempts: 1 });
  const end = events.at(-1)?.event;
  world.checks.equal('the usage at its end', end?.type === 'generation-end' && end.usage, usage);
  await world.close();
}

/** What arrives without usage is estimated; what was never sent is free. */
async function estimates(scene: Scene): Promise<void> {
  const world = await ScriptedWorld.open(scene, {
    config: { continuity: { onBreak: 'fail' }, retry: { maxAttempts: 1 } },
  });
  const failure = new ApiError('server-error', 'The server broke down.', { retryable: true });
  const interim = {
    type: 'response-metadata' as const,
    usage: { inputTokens: 50, outputTokens: 3, source: 'estimated' as const },
  };
  const prompt = 'Write about twenty.';
  const broken = async (before: readonly GenerationEvent[], texts: readonly string[]) => {
    world.vendor.script({ before, texts, end: failure });
    const { stat } = await world.stream({ prompt });
    const { inputTokens, outputTokens, source, costUsd } = stat.usage;
    return [inputTokens, outputTokens, source, costUsd];
  };
  world.checks.equal('by the text', await broken([], ['abcde', 'fghi']), [5, 3, 'estimated', undefined]);
  world.checks.equal(
    'by the thoughts too',
    await broken([{ type: 'reasoning-delta', delta: 'abcdefgh', attempt: 1 }], ['ijkl']),
    [5, 3, 'estimated', undefined],
  );
  world.checks.equal('by an interim count', await broken([interim], ['abcd']), [50, 3, 'estimated', undefined]);
  world.checks.equal('by more text than counted', await broken([interim], ['abcd'.repeat(6)]), [
    50,
    6,
    'estimated',
    undefined,
  ]);
  world.checks.equal('by nothing', await broken([], []), [0, 0, 'unmeasured', undefined]);
  const call = { type: 'tool-call' as const, index: 0, id: 'call-1', name: 'note', arguments: '{"a":"bcdef"}' };
  world.checks.equal('by a tool call', await broken([call], []), [5, 4, 'estimated', undefined]);
  for (const [code, sent] of [
    ['connection', false],
    ['internal', false],
    ['cannot-continue', false],
    ['server-error', true],
  ] as const) {
    const end = new ApiError(code, 'It failed before it was sent.', {
      ...(code === 'connection' && { neverSent: true }),
    });
    world.vendor.script({ texts: [], end });
    const { attempts, stat } = await world.stream();
    world.checks.equal(
      `sent before ${code}`,
      attempts.map((attempt) => attempt.sent),
      [sent],
    );
    world.checks.equal(`the cost before ${code}`, stat.cost.unmeasuredAttempts, sent ? 1 : 0);
  }
  const early = await world.stream({}, { leaveAt: 'attempt-start' });
  const [attempt] = early.attempts;
  world.checks.equal(
    'left as it begins',
    [attempt?.outcome, attempt?.sent, early.stat.cost.unmeasuredAttempts, early.requests.length],
    ['cancelled', false, 0, 0],
  );
  const left = { leaveAfterMs: 50 };
  world.vendor.script({});
  const cancelled = await world.stream({}, left);
  world.checks.equal('left early', [cancelled.stat.outcome, cancelled.stat.cost.unmeasuredAttempts], ['cancelled', 1]);
  await world.close();
}

/** What each attempt's record says. */
async function records(scene: Scene): Promise<void> {
  const relabel: InterceptorDefinition = {
    name: 'relabel',
    phase: 'prepare',
    intercept: (request, next) => next({ ...request, labels: { ...request.labels, shelf: '3' } }),
  };
  const world = await ScriptedWorld.open(scene, {
    interceptors: [relabel],
    config: { retry: { jitter: 'none', baseMs: 1_000 } },
  });
  const failure = new ApiError('server-error', 'The server broke down.', { retryable: true, status: 503 });
  world.vendor.script(
    { texts: [], afterMs: 300, end: failure },
    {
      before: [{ type: 'response-metadata', responseId: 'answer-2' }],
      afterMs: 200,
      gapMs: 50,
      texts: ['a', 'b', 'c'],
    },
  );
  const { attempts, stat, beganAt } = await world.stream({ labels: { book: 'ada' } });
  const about = { provider: 'bard', model: 'a-model' };
  const start = attempts[0]?.startedAt ?? NaN;
  const labels = { book: 'ada', shelf: '3' };
  const sum = { inputTokens: 0, outputTokens: 0, source: 'unmeasured' };
  world.checks.equal('its attempts', attempts, [
    {
      ...{ type: 'attempt-end', generationId: stat.generationId, labels, attempt: 1, ...about, outcome: 'error' },
      ...{ startedAt: start, sent: true, latencyMs: 300, usage: sum, errorCode: 'server-error', status: 503 },
    },
    {
      ...{ type: 'attempt-end', generationId: stat.generationId, labels, attempt: 2, ...about, outcome: 'success' },
      ...{ startedAt: start + 1_300, sent: true, latencyMs: 400, usage: USAGE, timeToFirstTokenMs: 250 },
      responseId: 'answer-2',
    },
  ]);
  world.checks.equal(
    'the whole',
    [stat.latencyMs, stat.backoffMs, stat.queueMs, stat.timeToFirstTokenMs, stat.attempts, stat.labels, stat.startedAt],
    [1_700, 1_000, 0, 1_550, 2, { ...labels }, start],
  );
  world.checks.equal('about', [stat.provider, stat.model, beganAt], ['bard', 'a-model', 0]);
  await world.close();
}

/** The stat of an input that names nothing, or something wrong. */
async function names(scene: Scene): Promise<void> {
  const [first, second] = [new ScriptedVendor('bard', { defaultModel: 'the-bards-own' }), new ScriptedVendor('scald')];
  const plain = await ScriptedWorld.open(scene, { vendors: [first, second] });
  const named = await ScriptedWorld.open(scene, {
    vendors: [new ScriptedVendor('bard'), new ScriptedVendor('scald', { defaultModel: 'the-scalds-own' })],
    config: { defaults: { provider: 'scald', model: 'preset' } },
  });
  const wrong = (input: object): Partial<GenerationInput> => ({ model: undefined, ...input });
  const about = async (world: ScriptedWorld, input: object): Promise<readonly unknown[]> => {
    const { stat } = await world.stream(wrong(input));
    return [stat.provider, stat.model, stat.labels, stat.outcome];
  };
  const { checks } = plain;
  checks.equal('nothing', await about(plain, {}), ['bard', 'the-bards-own', {}, 'success']);
  checks.equal('a model', await about(plain, { model: 'mine' }), ['bard', 'mine', {}, 'success']);
  checks.equal('a provider', await about(plain, { provider: 'scald', model: 'mine' }), [
    'scald',
    'mine',
    {},
    'success',
  ]);
  checks.equal('no model at all', await about(plain, { provider: 'scald' }), ['scald', 'none', {}, 'error']);
  checks.equal('an unknown one', await about(plain, { provider: 'nobody' }), ['nobody', 'none', {}, 'error']);
  checks.equal('no text', await about(plain, { provider: 5, model: 7 }), ['bard', 'the-bards-own', {}, 'error']);
  checks.equal('labels', await about(plain, { labels: { a: 'b', c: 1 } }), [
    'bard',
    'the-bards-own',
    { a: 'b' },
    'error',
  ]);
  for (const labels of [null, 'text', ['a'], 7])
    checks.equal('no labels', await about(plain, { labels }), ['bard', 'the-bards-own', {}, 'error']);
  checks.equal('the configured', await about(named, {}), ['scald', 'preset', {}, 'success']);
  checks.equal('the other', await about(named, { provider: 'bard' }), ['bard', 'preset', {}, 'success']);
  const limited = new RateLimitError('The quota of the day is spent.', { quota: true });
  first.script({ texts: [], end: limited });
  const { error, attempts } = await plain.stream(wrong({}));
  checks.equal(
    'whose error',
    [error?.code, error?.provider, error?.model, error?.status, error?.attempts.length],
    ['quota', 'bard', 'the-bards-own', 429, 1],
  );
  checks.equal('its attempt', attempts[0]?.errorCode, 'quota');
  await identities(plain);
  await plain.close();
  await named.close();
}

/** Two generations that run at once never share an id. */
async function identities(world: ScriptedWorld): Promise<void> {
  const first = world.stream({ id: 'twice' });
  const error = await firstValueFrom(world.process.pipeline.stream({ id: 'twice', prompt: 'Begin.' })).catch(
    (failure: unknown) => failure,
  );
  world.checks.equal(
    'the second of two with one id',
    GenerationError.is(error) && [error.code, error.generationId === 'twice', error.message.includes('"twice"')],
    ['invalid-input', false, true],
  );
  world.checks.equal('the first of them', (await first).stat.outcome, 'success');
  const again = await world.stream({ id: 'twice' });
  world.checks.equal('the id is free again', again.stat.outcome, 'success');
}

/** Whatever an interceptor throws or repeats, a generation has one end and pays once. */
async function mistakes(scene: Scene): Promise<void> {
  const unreadable: unknown = new Proxy(
    {},
    {
      get: () => {
        throw new Error('not to be read');
      },
      has: () => {
        throw new Error('not to be read');
      },
    },
  );
  const throws: InterceptorDefinition = {
    name: 'throws',
    phase: 'observe',
    intercept: (request, next) => (request.model === 'unreadable' ? throwError(() => unreadable) : next(request)),
  };
  const repeats: InterceptorDefinition = {
    name: 'repeats',
    phase: 'observe',
    intercept: (request, next) => concat(next(request), next(request)),
  };
  const world = await ScriptedWorld.open(scene, { interceptors: [throws] });
  const { error, stat } = await world.stream({ model: 'unreadable' });
  world.checks.equal('an unreadable error', [error?.code, stat.errorCode], ['internal', 'internal']);
  await world.close();
  const again = await ScriptedWorld.open(scene, { interceptors: [repeats] });
  const twice = await again.stream();
  again.checks.equal('asked again after the end', [twice.requests.length, twice.attempts.length], [1, 1]);
  await again.close();
}
