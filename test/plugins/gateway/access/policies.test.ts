import { describe, expect, it } from '@jest/globals';
import { ConfigError } from 'scriptorium';
import type { GenerationInput } from 'scriptorium';
import type { Asked } from '../../../../plugins/gateway/access/access.js';
import { makeAccess } from '../../../../plugins/gateway/access/make-access.js';
import { checkPolicies } from '../../../../plugins/gateway/access/policies/check-policies.js';
import { widenings } from '../../../../plugins/gateway/access/policies/widenings.js';
import type { Policy } from '../../../../plugins/gateway/access/policy.js';
import { ManualClock } from 'scriptorium/testing';
import { aScene, asking, thrownBy } from './scene.js';

/** The input that a pipeline gets for a request under a policy. */
function inputOf(policy: Policy, input: GenerationInput = {}, asked: Asked = asking()): GenerationInput {
  const access = makeAccess({ policy, clock: new ManualClock(), warn: () => undefined });
  const made = access.inputOf(input, access.clientOf(asked), asked);
  access.close();
  return made;
}

const refusalOf = (...request: Parameters<typeof inputOf>) => thrownBy(() => inputOf(...request));

describe('the models of a policy', () => {
  const policy = { models: ['a/one', 'b/*'], aliases: { writer: 'c/hidden' } };

  it('are those of its list, of its patterns, and those that its aliases stand for', () => {
    const models = ['a/one', 'b/any:free', 'writer'].map((model) => inputOf(policy, { model }).model);
    expect(models).toEqual(['a/one', 'b/any:free', 'c/hidden']);
  });

  it('are named by the refusal of another one', () => {
    expect(['a/one:online', 'c/hidden', 'A/ONE'].map((model) => refusalOf(policy, { model }))).toMatchObject([
      { status: 403, message: 'The model "a/one:online" is not allowed for this key. Allowed: a/one, b/*.' },
      { status: 403, code: 'permission' },
      { status: 403, code: 'permission' },
    ]);
  });

  it('are named up to five', () => {
    const models = ['m1', 'm2', 'm3', 'm4', 'm5', 'm6'];
    expect(refusalOf({ models }, { model: 'x' }).message).toContain('Allowed: m1, m2, m3, m4, m5, ….');
  });

  it('hold for the routes of a request too, in its body and in its header', () => {
    const asked = asking({ 'x-scriptorium-routes': 'b/two, writer' });
    expect({
      inHeader: inputOf(policy, { model: 'a/one' }, asked).overrides?.routes,
      inBody: inputOf(policy, { model: 'a/one', overrides: { routes: [{ model: 'writer' }] } }).overrides?.routes,
      refusedInBody: refusalOf(policy, { model: 'a/one', overrides: { routes: [{ model: 'c/x' }] } }).status,
      refusedInHeader: refusalOf(policy, { model: 'a/one' }, asking({ 'x-scriptorium-routes': 'a/one,c/x' })).status,
    }).toEqual({
      inHeader: [{ model: 'b/two' }, { model: 'c/hidden' }],
      inBody: [{ model: 'c/hidden' }],
      refusedInBody: 403,
      refusedInHeader: 403,
    });
  });

  it('are the only ones that a strategy may choose', () => {
    expect(inputOf({ ...policy, routes: 'cheapest' }, { model: 'a/one' }).overrides).toMatchObject({
      routes: 'cheapest',
      routing: { models: ['a/one'] },
    });
  });

  it('cannot be left by fields for the vendor', () => {
    const fields = [{ models: ['c/x'] }, { preset: 'mine' }, { model: 'c/x' }];
    const codes = fields.map(
      (field) => refusalOf(policy, { model: 'a/one', providerOptions: { openrouter: field } }).status,
    );
    expect({
      codes,
      free: inputOf({}, { providerOptions: { openrouter: { preset: 'mine' } } }).providerOptions,
    }).toEqual({ codes: [403, 403, 403], free: { openrouter: { preset: 'mine' } } });
  });

  it('give a request without a model the first of the list', () => {
    expect({
      first: inputOf(policy).model,
      free: inputOf({}).model,
      none: refusalOf({ models: ['b/*'] }).status,
    }).toEqual({
      first: 'a/one',
      free: undefined,
      none: 403,
    });
  });
});

describe('labels', () => {
  it('come from the request, the policy, the URL and the header; the later wins', () => {
    const asked = asking(
      { 'x-scriptorium-labels': 'chapter=3, title=Ada%2C%20the%20first' },
      { book: 'url', chapter: '2' },
    );
    const policy = { labels: { team: 'red', book: 'policy', app: 'policy' } };
    expect(inputOf(policy, { labels: { app: 'client', page: '1' } }, asked).labels).toEqual({
      app: 'policy',
      page: '1',
      team: 'red',
      book: 'url',
      chapter: '3',
      title: 'Ada, the first',
    });
  });

  it.each(['book', '=x', 'a b=c', 'book=%zz', '__proto__=x'])('are refused if the header is "%s"', (header) => {
    expect(refusalOf({}, {}, asking({ 'x-scriptorium-labels': header }))).toMatchObject({
      code: 'invalid-input',
      message: expect.stringContaining('x-scriptorium-labels') as unknown,
    });
  });
});

describe('headers', () => {
  const policy: Policy = {
    deadlineMs: 60_000,
    continuity: { onLength: 'continue', maxSegments: 4, targetWords: 1_000 },
  };

  it('narrow a policy', () => {
    const asked = asking({
      'x-scriptorium-deadline-ms': '30000',
      'x-scriptorium-continue': 'stop',
      'x-scriptorium-max-segments': '0',
      'x-scriptorium-target-words': '500',
      'x-scriptorium-cache': 'on',
    });
    expect(inputOf(policy, {}, asked)).toMatchObject({
      deadlineMs: 30_000,
      overrides: {
        continuity: { onLength: 'stop', maxSegments: 0, targetWords: 500 },
        cache: { enabled: true, sampled: true },
      },
    });
  });

  it('that are not sent leave the values of the policy', () => {
    expect(inputOf(policy)).toMatchObject({ deadlineMs: 60_000, overrides: { continuity: policy.continuity } });
  });

  it('may say anything where the policy says nothing', () => {
    const asked = asking({ 'x-scriptorium-continue': 'continue', 'x-scriptorium-target-words': '5000' });
    expect(inputOf({}, {}, asked).overrides?.continuity).toEqual({ onLength: 'continue', targetWords: 5_000 });
  });

  it.each([
    ['x-scriptorium-deadline-ms', '60001'],
    ['x-scriptorium-max-segments', '5'],
    ['x-scriptorium-target-words', '1001'],
    ['x-scriptorium-deadline-ms', '0'],
    ['x-scriptorium-deadline-ms', '1e3'],
    ['x-scriptorium-deadline-ms', '2147483648'],
    ['x-scriptorium-cache', 'maybe'],
    ['x-scriptorium-continue', 'yes'],
    ['x-scriptorium-budget', '100'],
  ])('that widen it or make no sense are refused by name: %s: %s', (header, value) => {
    expect(refusalOf(policy, {}, asking({ [header]: value }))).toMatchObject({
      code: 'invalid-input',
      message: expect.stringContaining(`The header ${header} `) as unknown,
    });
  });

  it('cannot continue what the policy stops at the token cap', () => {
    const stopping: Policy = { continuity: { onLength: 'stop' } };
    expect(refusalOf(stopping, {}, asking({ 'x-scriptorium-continue': 'continue' })).code).toBe('invalid-input');
  });
});

describe("a client's token cap", () => {
  it('is multiplied, and as a ceiling of the whole answer it is not continued', () => {
    const continuity = { onLength: 'continue' } as const;
    const under = (means: 'segment' | 'ceiling', maxTokens?: number) => {
      const input = inputOf({ continuity, maxTokens: { means, factor: 3 } }, { maxTokens });
      return { maxTokens: input.maxTokens, onLength: input.overrides?.continuity?.onLength };
    };
    expect({ segment: under('segment', 100), ceiling: under('ceiling', 100), none: under('ceiling') }).toEqual({
      segment: { maxTokens: 300, onLength: 'continue' },
      ceiling: { maxTokens: 300, onLength: 'stop' },
      none: { maxTokens: undefined, onLength: 'continue' },
    });
  });
});

describe('the wait of a policy', () => {
  it('bounds the waits of the pipeline, beside other settings of the request', () => {
    const given = { overrides: { timeouts: { connectMs: 5 }, retry: { maxAttempts: 2 } } };
    expect({
      long: inputOf({ maxWaitMs: 280_000 }, given).overrides,
      none: inputOf({ maxWaitMs: 0 }).overrides,
    }).toEqual({
      long: { timeouts: { connectMs: 5, queueMs: 280_000 }, retry: { maxAttempts: 2, maxRetryAfterMs: 280_000 } },
      none: { timeouts: { queueMs: 1 }, retry: { maxRetryAfterMs: 0 } },
    });
  });
});

describe('a policy that a request chooses', () => {
  const policies = {
    day: { models: ['a/*'], budget: { dayUsd: 5 }, limits: { concurrency: 4 } },
    night: { models: ['a/one'], budget: { dayUsd: 1 } },
    rich: { budget: { dayUsd: 50 } },
  };

  it('is free where no key is needed, and has an account of its own', () => {
    const { access } = aScene({ policy: { labels: { team: 'red' } }, policies });
    const client = access.clientOf(asking({}, { policy: 'rich' }));
    expect({ name: client.name, policy: client.policy }).toEqual({
      name: 'local/rich',
      policy: { labels: { team: 'red' }, budget: { dayUsd: 50 }, watch: true },
    });
    access.close();
  });

  it("narrows a key's policy, in the URL or in a header, and never widens it", async () => {
    const { access, keys, pass } = aScene({ policies });
    const key = await keys.add({ name: 'ada', policy: 'day', now: 0 });
    await pass(1_000);
    const clientWith = (headers: Asked['headers'], inUrl: Asked['inUrl'] = {}) =>
      access.clientOf(asking({ 'x-api-key': key, ...headers }, inUrl));
    const night = { models: ['a/one'], budget: { dayUsd: 1 }, limits: { concurrency: 4 } };
    expect({
      own: clientWith({}).policy,
      inUrl: clientWith({}, { policy: 'night' }).policy,
      inHeader: clientWith({ 'x-scriptorium-policy': 'night' }).policy,
      wider: thrownBy(() => clientWith({ 'x-scriptorium-policy': 'rich' })),
      unknown: thrownBy(() => clientWith({}, { policy: 'constructor' })).code,
    }).toMatchObject({
      own: policies.day,
      inUrl: night,
      inHeader: night,
      wider: {
        code: 'invalid-input',
        message:
          'The header x-scriptorium-policy names the policy "rich", which would allow more than the key does: budget.dayUsd. Choose a policy that narrows the key\'s.',
      },
      unknown: 'invalid-input',
    });
    access.close();
  });

  it('is a label of no generation', () => {
    const { access } = aScene({ policies });
    const asked = asking({}, { policy: 'night', book: 'ada' });
    expect(access.inputOf({ model: 'a/one' }, access.clientOf(asked), asked).labels).toEqual({ book: 'ada' });
    access.close();
  });

  it('refuses a key whose policy is not configured any more', async () => {
    const { access, keys, pass } = aScene({ policies });
    const key = await keys.add({ name: 'ada', policy: 'gone', now: 0 });
    await pass(1_000);
    expect(thrownBy(() => access.clientOf(asking({ 'x-api-key': key })))).toMatchObject({
      status: 403,
      message: expect.stringContaining('"gone"') as unknown,
    });
    access.close();
  });

  it.each<[string, Policy, Policy]>([
    ['budget.monthUsd', { budget: { monthUsd: 2 } }, { budget: { monthUsd: 1 } }],
    ['limits.requestsPerMinute', { limits: { requestsPerMinute: 2 } }, { limits: { requestsPerMinute: 1 } }],
    ['continuity.targetWords', { continuity: { targetWords: 0 } }, { continuity: { targetWords: 10 } }],
    ['continuity.onLength', { continuity: { onLength: 'continue' } }, { continuity: { onLength: 'stop' } }],
    ['maxTokens.means', { maxTokens: { means: 'segment', factor: 1 } }, { maxTokens: { means: 'ceiling', factor: 1 } }],
    ['models', { models: ['*'] }, { models: ['a/*'] }],
    ['models', { models: ['a/*', 'b/x'] }, { models: ['a/*'] }],
    ['routes', { routes: [{ model: 'b/x' }] }, { models: ['a/*'] }],
    ['maxWaitMs', { maxWaitMs: 2 }, { maxWaitMs: 1 }],
    ['reattachMs', { reattachMs: 2 }, { reattachMs: 1 }],
  ])('widens another by %s', (key, own, base) => {
    expect({ wider: widenings(own, base), back: widenings(base, own), free: widenings(own, {}) }).toEqual({
      wider: [key],
      back: [],
      free: [],
    });
  });

  it('widens another by watch where that one leaves it out, since no key may watch by default', () => {
    const wider = [{}, { watch: false }, { watch: true }].map((base) => widenings({ watch: true }, base));
    expect(wider).toEqual([['watch'], ['watch'], []]);
  });
});

describe('the check of policies', () => {
  it('takes all that a policy can be', () => {
    const policy: Required<Policy> = {
      models: ['a/*'],
      aliases: { writer: 'a/one' },
      routes: [{ model: 'a/two' }],
      labels: { team: 'red' },
      budget: { dayUsd: 0.5, monthUsd: 5, totalUsd: 50, generationUsd: 0.1 },
      limits: { requestsPerMinute: 60, tokensPerMinute: 100_000, concurrency: 8 },
      continuity: { onLength: 'continue', maxSegments: 8, targetWords: 3_000, targetTokens: 0 },
      maxTokens: { means: 'segment', factor: 3 },
      deadlineMs: 600_000,
      maxWaitMs: 280_000,
      reattachMs: 900_000,
      keepAliveJson: true,
      watch: true,
    };
    expect(checkPolicies({ night: policy, day: { routes: 'fastest' } }, 'policies')).toEqual({
      night: policy,
      day: { routes: 'fastest' },
    });
  });

  it.each<[unknown, string]>([
    [[], 'plugins.gateway.policies is [], but must be an object of policies by name'],
    [{ night: null }, 'plugins.gateway.policies.night is null, but must be an object.'],
    [{ 'a/b': {} }, 'plugins.gateway.policies has a policy "a/b". Use letters'],
    [{ night: { budgt: {} } }, 'plugins.gateway.policies.night has no key "budgt"; known: models, aliases, routes'],
    [{ night: { budget: { dayUsd: -1 } } }, 'policies.night.budget.dayUsd is -1, but must be US dollars above 0'],
    [{ night: { budget: { dayUsd: 0 } } }, 'leave it out for no limit'],
    [{ night: { budget: { dayUsd: '5' } } }, 'policies.night.budget.dayUsd is "5", but must be'],
    [
      { night: { limits: { concurrency: 1.5 } } },
      'policies.night.limits.concurrency is 1.5, but must be a whole number',
    ],
    [{ night: { models: 'a/one' } }, 'policies.night.models is "a/one", but must be a list of texts'],
    [{ night: { routes: '[{"model":"a"}]' } }, 'policies.night.routes is '],
    [{ night: { maxTokens: { factor: 3 } } }, 'policies.night.maxTokens needs both keys'],
    [{ night: { maxTokens: { means: 'all', factor: 3 } } }, 'must be one of "segment", "ceiling"'],
    [{ night: { maxWaitMs: Infinity } }, 'policies.night.maxWaitMs is null, but must be milliseconds'],
  ])('refuses %j by path, value and remedy', (policies, message) => {
    const error = thrownBy(() => checkPolicies(policies, 'plugins.gateway.policies'));
    expect({ isConfigError: error instanceof ConfigError, message: error.message }).toEqual({
      isConfigError: true,
      message: expect.stringContaining(message) as unknown,
    });
  });

  it('lists all problems, and happens before the gateway starts', () => {
    const error = thrownBy(() =>
      aScene({ policies: { night: { maxWaitMs: -1 }, day: { reattachMs: -1 } } }),
    ) as unknown as ConfigError;
    expect(error.problems).toEqual([
      expect.stringContaining('policies.night.maxWaitMs is -1'),
      expect.stringContaining('policies.day.reattachMs is -1'),
    ]);
  });
});
