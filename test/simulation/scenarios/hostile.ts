import { inspect } from 'node:util';
import { openrouter } from 'scriptorium/plugins/openrouter';
import { definePlugin } from 'scriptorium/plugin';
import type { Plugin } from 'scriptorium/plugin';
import { tap } from 'rxjs';
import type { Random } from '../../../src/core/clock.js';
import type { Serve } from '../../../src/testing/simulation/host.js';
import { oneOf, wholeNumber } from '../../../src/testing/simulation/seeded.js';
import { CLOTHINGS } from '../../support/clothed-secrets.js';
import { promptOf, readingOf } from './choices.js';
import { scaled } from '../scene.js';
import type { Scenario } from '../scene.js';
import { Stage } from '../stage.js';

const KEY = 'sk-simulated-ca"na\\ry/7d1f+Zq';
/** Comes after JSON that is nested too deep. */
const UNREAD = 'The deep end.';
const CLOTHED = Object.values(CLOTHINGS).map((clothe) => clothe(KEY));
const NUMBERS: readonly [unknown, ...unknown[]] = [
  -1,
  -1e6,
  -1e308,
  0.5,
  2 ** 31,
  1e6,
  1e15,
  1e300,
  1e308,
  '1e400',
  'many',
  null,
  [],
  {},
  true,
];
const WAITS: readonly [string, ...string[]] = [
  '1e300',
  '9000000000000',
  '-5',
  'NaN',
  '1795800000000000000',
  'Thu, 01 Jan 2099 00:00:00 GMT',
  '3',
  '0',
];

export const hostile: Scenario = {
  name: 'hostile',
  about: 'A vendor sends numbers that cannot be true, JSON of any depth, and the key back; the books stay sound.',
  run: async (scene) => {
    const { world, random } = scene;
    const stage = new Stage(scene);
    const vendor = world.host('hostile.test', serve(random));
    const process = await stage.process('writer', {
      plugins: [
        openrouter({ id: 'hostile', apiKey: KEY, baseUrl: `${vendor.url}/api/v1` }),
        watching((leak) => world.violation(leak)),
      ],
      config: {
        rateLimit: { tokensPerMinute: 40_000 },
        budget: { processUsd: 900_000, dayTokens: 10_000_000, unknownPrice: 'allow' },
      },
    });
    await stage.crowd(scaled(scene, 80), 12, async (index) => {
      await world.sleep(wholeNumber(random, 0, 20_000));
      const input = { provider: 'hostile', model: 'a/liar', prompt: promptOf(random), maxTokens: 200 };
      const { id, text } = await stage.generate(process, input, readingOf(random));
      world.check(!text.includes(UNREAD), () => `${id} goes on after JSON that is nested too deep.`);
      if (index % 10 === 0) await process.pipeline.key('hostile').catch(() => undefined);
    });
    const { cost, tokens } = process.pipeline.stats();
    for (const [name, amount] of Object.entries({ ...cost, ...tokens }))
      world.check(Number.isFinite(amount) && amount >= 0, () => `The sum ${name} is ${amount}.`);
    for (const { scope, spent, reserved } of await process.pipeline.budgets()) {
      for (const [name, amount] of Object.entries(spent))
        world.check(
          Number.isFinite(amount) && amount >= 0,
          () => `The budget of ${scope} has spent ${amount} ${name}.`,
        );
      // What is asked about later stays reserved until then.
      const isLess = scope === 'process' && spent.tokens + reserved.tokens < tokens.total;
      world.check(
        !isLess,
        () =>
          `The process has spent ${spent.tokens} and reserved ${reserved.tokens} tokens; ${tokens.total} were counted.`,
      );
    }
    await stage.close();
  },
};

/** Looks for the key in everything that leaves a process. */
function watching(report: (leak: string) => void): Plugin {
  const look = (what: string, value: unknown): void => {
    const texts = [JSON.stringify(value), inspect(value, { depth: 12, showHidden: true })];
    if (texts.some((text) => CLOTHED.some((form) => text.includes(form)))) report(`The key is in ${what}: ${texts[0]}`);
  };
  return definePlugin({
    name: 'watching',
    apiVersion: 1,
    setup: (host) => {
      host.addStatSink({ name: 'watching', record: (stat) => look('a stat', stat) });
      host.addInterceptor({
        name: 'watching',
        phase: 'observe',
        intercept: (request, next) =>
          next(request).pipe(
            tap({ next: (event) => look('an event', event), error: (error: unknown) => look('an error', error) }),
          ),
      });
    },
  });
}

function serve(random: Random): Serve {
  const wild = () => (random() < 0.2 ? wholeNumber(random, 0, 500) : oneOf(random, NUMBERS));
  const echo = (): string => oneOf(random, ['nothing', ...CLOTHED]);
  return async ({ url }, exchange) => {
    if (url.pathname.endsWith('/key')) {
      exchange.open(200, { 'content-type': 'application/json' });
      const free = { used: wild(), limit: wild(), remaining: wild() };
      return exchange.end(JSON.stringify({ data: { limit: wild(), usage: wild(), free_model_daily_requests: free } }));
    }
    const kind = random();
    if (kind < 0.15) {
      exchange.open(oneOf(random, [400, 429, 429, 500, 503]), { 'retry-after': oneOf(random, WAITS) });
      const metadata = { raw: echo(), headers: { 'X-RateLimit-Reset': oneOf(random, WAITS) } };
      return exchange.end(JSON.stringify({ error: { message: `No luck with ${echo()}.`, metadata } }));
    }
    exchange.open(200, { 'content-type': 'text/event-stream' });
    const event = (fields: object, more = ''): string =>
      `data: ${JSON.stringify({ id: `gen-${echo()}`, model: echo(), ...fields }).slice(0, -1)}${more}}\n\n`;
    const delta = { role: 'assistant', content: 'A whale of a tale. ' };
    await exchange.write(event({ choices: [{ index: 0, delta }] }));
    await exchange.pause(wholeNumber(random, 0, 2_000));
    const depth = wholeNumber(random, 1, 6_000);
    const deep = `${'{"a":['.repeat(depth)}${']}'.repeat(depth)}`;
    if (kind < 0.3) await exchange.write(event({}, `,"${oneOf(random, ['error', 'usage', 'field'])}":${deep}`));
    const usage = {
      prompt_tokens: wild(),
      completion_tokens: wild(),
      cost: wild(),
      prompt_tokens_details: { cached_tokens: wild(), cache_write_tokens: wild() },
      completion_tokens_details: { reasoning_tokens: wild() },
      note: echo(),
    };
    const end = {
      index: 0,
      delta: { content: kind < 0.3 && depth > 100 ? UNREAD : 'The end.' },
      finish_reason: 'stop',
      native_finish_reason: echo(),
    };
    await exchange.write(event({ choices: [end], usage, [echo()]: { [echo()]: echo() } }));
    return exchange.end('data: [DONE]\n\n');
  };
}
