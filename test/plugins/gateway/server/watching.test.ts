import { get } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { memoryStateStore } from 'scriptorium';
import type { Policy } from 'scriptorium/plugins/gateway';
import { keyStore } from '../../../../plugins/gateway/access/keys/key-store.js';
import { afterwards, served } from './served.js';
import type { Served } from './served.js';

/** A gateway with two keys: ada may watch, and bob has a policy that leaves it out. */
async function withTwoKeys(policies: Readonly<Record<string, Policy>> = {}) {
  const keys = memoryStateStore();
  const [ada, bob] = [
    await keyStore(keys).add({ name: 'ada', policy: 'watching', now: 0 }),
    await keyStore(keys).add({ name: 'bob', policy: 'working', now: 0 }),
  ];
  const made = await served({
    keys,
    policies: { watching: { watch: true }, working: {}, ...policies },
    metrics: (_, response) => void response.end('scriptorium_up 1\n'),
  });
  return { ...made, ada, bob };
}

type Headers = Readonly<Record<string, string>>;

/** The status of a GET, and the sentence of its refusal. An answer without an end is left. */
function seen({ url }: Pick<Served, 'url'>, path: string, headers: Headers = {}): Promise<object> {
  return new Promise((resolve, reject) => {
    const request = get(url + path, { headers, agent: false }, (response) => {
      const { statusCode: status = 0 } = response;
      if (status === 200) {
        resolve({ status });
        return;
      }
      let text = '';
      response.setEncoding('utf8').on('data', (piece: string) => (text += piece));
      response.on('end', () => {
        const { error } = JSON.parse(text) as { error: { message: string } };
        resolve({ status, message: error.message });
      });
    });
    request.once('error', reject);
    afterwards(() => void request.destroy());
  });
}

const withKey = (key: string): Headers => ({ authorization: `Bearer ${key}` });

/** The totals that `/generate` reports to a key. */
async function statsOf({ url }: Pick<Served, 'url'>, headers: Headers): Promise<Record<string, unknown>> {
  const answer = await fetch(`${url}/generate?prompt=Begin.`, { method: 'POST', headers });
  return ((await answer.json()) as { stats: Record<string, unknown> }).stats;
}

describe('the record of an answer', () => {
  it('is shown to the key that asked for it and to one that may watch, and to others it does not exist', async () => {
    const gateway = await withTwoKeys();
    const asked = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { ...withKey(gateway.bob), 'content-type': 'application/json' },
      body: JSON.stringify({ messages: [{ role: 'user', content: 'Begin.' }] }),
    });
    const { id } = (await asked.json()) as { readonly id: string };
    expect({
      bob: await seen(gateway, `/api/v1/generation?id=${id}`, withKey(gateway.bob)),
      ada: await seen(gateway, `/api/v1/generation?id=${id}`, withKey(gateway.ada)),
      other: await seen(gateway, '/api/v1/generation?id=gen-other', withKey(gateway.bob)),
    }).toEqual({
      bob: { status: 200 },
      ada: { status: 200 },
      other: {
        status: 404,
        message:
          'The key "bob" has no answer "gen-other" since the start of this gateway. Send the id of an answer, or set watch to true in the policy to see those of all keys.',
      },
    });
  });
});

describe('the routes that show the work of all keys', () => {
  const ROUTES = ['/events', '/api/v1/key', '/metrics'];

  it.each(ROUTES)(
    '%s is refused to a key whose policy does not let it watch, and answered to one that may',
    async (path) => {
      const gateway = await withTwoKeys();
      expect({
        bob: await seen(gateway, path, withKey(gateway.bob)),
        ada: await seen(gateway, path, withKey(gateway.ada)),
      }).toEqual({
        bob: {
          status: 403,
          message:
            'The policy of "bob" does not allow this, since it shows the work of all keys. Set watch to true in that policy to allow it.',
        },
        ada: { status: 200 },
      });
    },
  );

  it.each(ROUTES)('%s is answered where no key is needed, unless the policy says otherwise', async (path) => {
    const metrics = (_: unknown, response: { end: (text: string) => unknown }) => void response.end('');
    const [open, closed] = [await served({ metrics }), await served({ metrics, policy: { watch: false } })];
    expect({ open: await seen(open, path), closed: await seen(closed, path) }).toMatchObject({
      open: { status: 200 },
      closed: { status: 403 },
    });
  });

  it('cannot be opened by a policy that the request chooses', async () => {
    const gateway = await withTwoKeys();
    const headers = { ...withKey(gateway.bob), 'x-scriptorium-policy': 'watching' };
    expect(await seen(gateway, '/events', headers)).toEqual({
      status: 400,
      message:
        'The header x-scriptorium-policy names the policy "watching", which would allow more than the key does: watch. Choose a policy that narrows the key\'s.',
    });
  });
});

describe('the totals of /generate', () => {
  it('are those of the key alone where it may not watch, failures and prices included', async () => {
    const gateway = await withTwoKeys();
    await statsOf(gateway, withKey(gateway.ada));
    gateway.emulator.script({ status: 403 });
    await statsOf(gateway, withKey(gateway.bob));
    const [own, all] = [await statsOf(gateway, withKey(gateway.bob)), await statsOf(gateway, withKey(gateway.ada))];
    expect({ own, all }).toMatchObject({
      own: {
        requests: 2,
        successful_requests: 1,
        failed_requests: 1,
        success_rate: 0.5,
        start_time: expect.any(String),
      },
      all: { requests: 4, successful_requests: 3, failed_requests: 1 },
    });
    const { total_tokens, total_prompt_tokens, total_completion_tokens, total_cost, errors } = own;
    // Each answer of the emulator costs the same, and the failed one nothing.
    expect({ total_tokens, total_cost }).toEqual({
      total_tokens: Number(total_prompt_tokens) + Number(total_completion_tokens),
      total_cost: expect.closeTo(Number(all.total_cost) / 3, 12),
    });
    expect(Number(total_cost)).toBeGreaterThan(0);
    expect(errors).toEqual([{ timestamp: expect.stringMatching(/Z$/), error: expect.stringContaining('403') }]);
  });
});
