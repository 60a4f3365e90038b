import { get } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { GenerationError } from 'scriptorium';
import type { Batch } from '../../../../plugins/gateway/page/feed/batch.js';
import { MOST_VIEWERS } from '../../../../plugins/gateway/page/page-routes.js';
import { eventually } from '../../../support/eventually.js';
import { aPage, LOCAL, observed, start, words } from './a-page.js';

interface Watching {
  readonly response: IncomingMessage;
  text: string;
  isClosed: boolean;
}

function opened(url: string, headers: Readonly<Record<string, string>> = {}): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => get(url, { headers, agent: false }, resolve).once('error', reject));
}

async function watching(url: string, headers?: Readonly<Record<string, string>>): Promise<Watching> {
  const response = await opened(url, headers);
  const watch: Watching = { response, text: '', isClosed: false };
  response.setEncoding('utf8').on('data', (text: string) => (watch.text += text));
  response.once('close', () => (watch.isClosed = true)).on('error', () => undefined);
  return watch;
}

const batchesOf = ({ text }: Watching): readonly Batch[] =>
  text
    .split('\n\n')
    .filter((block) => block.startsWith('data: '))
    .map((block) => JSON.parse(block.slice('data: '.length)) as Batch);

describe('the page over HTTP', () => {
  it('is one document that forbids all but its own script, style and server', async () => {
    const { url } = await aPage();
    const response = await fetch(url);
    const page = await response.text();
    expect({ status: response.status, type: response.headers.get('content-type') }).toEqual({
      status: 200,
      type: 'text/html; charset=utf-8',
    });
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).not.toContain('unsafe');
    expect(policy.split('; ').map((directive) => directive.replace(/'sha256-[^']+'/, 'HASH'))).toEqual([
      "default-src 'none'",
      'style-src HASH',
      'script-src HASH',
      "connect-src 'self'",
      'img-src data:',
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
    ]);
    expect(page).not.toMatch(
      /<(?:script|img|iframe)[^>]* src=|<link[^>]*href="(?!data:)|@import|url\(| style=| on[a-z]+=/,
    );
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
    expect(page).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function/);
  });

  it('streams what happens, under a prefix too', async () => {
    const { url, generations$ } = await aPage({ prefix: '/llm' });
    const watch = await watching(`${url}/events`);
    expect(watch.response.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
    });
    await eventually(() => batchesOf(watch).length === 1);
    generations$.next(observed('one', start()));
    generations$.next(observed('one', words('Call me <b>Ishmael</b>.')));
    await eventually(() => batchesOf(watch).some(({ rows }) => rows?.[0]?.text === 'Call me <b>Ishmael</b>.'));
    watch.response.destroy();
  });

  it('refuses a client without access, in the words of the envelope', async () => {
    const { url } = await aPage({
      access: {
        clientOf: ({ headers }) => {
          if (headers.authorization === 'Bearer right') return LOCAL;
          throw new GenerationError('authentication', 'The key is not known.');
        },
      },
    });
    const response = await fetch(`${url}/events`, { headers: { authorization: 'Bearer wrong' } });
    expect({ status: response.status, body: await response.json() }).toMatchObject({
      status: 401,
      body: { error: { message: 'The key is not known.', type: 'authentication_error' } },
    });
    const watch = await watching(`${url}/events`, { authorization: 'Bearer right' });
    expect(watch.response.statusCode).toBe(200);
    expect((await fetch(url)).status).toBe(200);
  });

  it('ends the events of a key that is revoked', async () => {
    const revoking = new AbortController();
    const { url } = await aPage({
      access: { clientOf: () => ({ ...LOCAL, signal: revoking.signal }) },
    });
    const watch = await watching(`${url}/events`);
    await eventually(() => batchesOf(watch).length === 1);
    revoking.abort();
    await eventually(() => watch.isClosed);
    expect(watch.response.complete).toBe(true);
  });

  it('closes while pages watch, one of which does not read', async () => {
    const { url, generations$, close } = await aPage();
    const reading = await watching(`${url}/events`);
    const notReading = await opened(`${url}/events`);
    notReading.pause();
    await eventually(() => batchesOf(reading).length === 1);
    await close();
    await eventually(() => reading.isClosed);
    expect({ isWhole: reading.response.complete, isObserved: generations$.observed }).toEqual({
      isWhole: true,
      isObserved: false,
    });
    notReading.on('error', () => undefined).destroy();
  });

  it('lets 32 pages watch, and asks further ones to come later', async () => {
    const { url } = await aPage();
    const watches = await Promise.all(Array.from({ length: MOST_VIEWERS }, () => watching(`${url}/events`)));
    const refused = await fetch(`${url}/events`);
    expect({ status: refused.status, body: await refused.json() }).toMatchObject({
      status: 503,
      body: { error: { message: '32 pages watch already. Close one of them.' } },
    });
    watches[0]?.response.destroy();
    let status = 0;
    await eventually(async () => {
      const { response } = await watching(`${url}/events`);
      status = response.statusCode ?? 0;
      return status === 200;
    });
    expect(status).toBe(200);
  });
});
