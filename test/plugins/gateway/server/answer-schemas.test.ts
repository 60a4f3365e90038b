import { describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { served } from './served.js';
import type { Served } from './served.js';

const JSON_TYPE = { 'content-type': 'application/json' };
const BODY = JSON.stringify({ messages: [{ role: 'user', content: 'Begin.' }] });

interface Described {
  readonly paths: Record<
    string,
    Record<string, { readonly responses: Record<string, { readonly content?: Record<string, { schema: object }> }> }>
  >;
}

/** The schema of an answer, as `/openapi.json` has it. */
async function schemaOf({ url }: Served, [method, path]: readonly [string, string], status: number): Promise<object> {
  const { paths } = (await (await fetch(`${url}/openapi.json`)).json()) as Described;
  const responses = paths[path]?.[method.toLowerCase()]?.responses ?? {};
  const response = responses[status] ?? responses[`${String(status)[0]}XX`];
  const schema = response?.content?.['application/json']?.schema;
  if (schema === undefined)
    throw new Error(`${method} ${path} does not describe ${status}: ${JSON.stringify(responses)}`);
  return schema;
}

/** The problems of an answer by the schema that describes it. */
async function problems(scene: Served, route: readonly [string, string], answer: Response): Promise<unknown> {
  const ajv = new Ajv2020({ allErrors: true, strictTypes: false });
  const validate = ajv.compile(await schemaOf(scene, route, answer.status));
  const body: unknown = await answer.json();
  return validate(body) ? [] : { problems: validate.errors, body };
}

const post = (url: string, body = BODY) => fetch(url, { method: 'POST', headers: JSON_TYPE, body });

describe('the description of the answers', () => {
  it.each(['/healthz', '/readyz', '/v1/models', '/api/v1/models', '/api/v1/key'])('is true of GET %s', async (path) => {
    const scene = await served();
    expect(await problems(scene, ['GET', path], await fetch(scene.url + path))).toEqual([]);
  });

  it.each(['/v1/chat/completions', '/api/v1/chat/completions', '/chat/completions'])(
    'is true of a message, a refusal and a failure: POST %s',
    async (path) => {
      const scene = await served({ config: { retry: { maxAttempts: 1 } } });
      const [good, refused] = [await post(scene.url + path), await post(scene.url + path, '{}')];
      scene.emulator.script({ status: 500 });
      const failed = await post(scene.url + path);
      expect([good, refused, failed].map(({ status }) => status)).toEqual([200, 400, 500]);
      for (const answer of [good, refused, failed]) expect(await problems(scene, ['POST', path], answer)).toEqual([]);
    },
  );

  it('is true of the record of an answer, and of one that is not known', async () => {
    const scene = await served();
    const { id } = (await (await post(`${scene.url}/v1/chat/completions`)).json()) as { id: string };
    const route = ['GET', '/api/v1/generation'] as const;
    expect(await problems(scene, route, await fetch(`${scene.url}${route[1]}?id=${id}`))).toEqual([]);
    const without = await fetch(scene.url + route[1]);
    expect({ status: without.status, problems: await problems(scene, route, without) }).toEqual({
      status: 400,
      problems: [],
    });
  });

  it('is true of a text with its totals, of a refusal and of a failure: POST /generate', async () => {
    const scene = await served({ config: { retry: { maxAttempts: 1 } } });
    const route = ['POST', '/generate'] as const;
    const ask = (query = '?prompt=Begin.') => fetch(scene.url + route[1] + query, { method: 'POST' });
    scene.emulator.script({ status: 403 });
    const answers = [await ask(), await ask(), await ask('')];
    expect(answers.map(({ status }) => status)).toEqual([500, 200, 422]);
    for (const answer of answers) expect(await problems(scene, route, answer)).toEqual([]);
  });

  it('notices an answer with a missing field, a wrong type or an unknown field', async () => {
    const scene = await served();
    const health = (body: object) => problems(scene, ['GET', '/healthz'], Response.json(body));
    for (const wrong of [{}, { status: 1 }, { status: 'ok', more: true }]) expect(await health(wrong)).not.toEqual([]);
    expect(await health({ status: 'ok' })).toEqual([]);
  });
});
