import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { ConfigError } from 'scriptorium';
import { CANARY, failureOf, pipelineTo } from '../support/pipelines.js';

const URL_ = 'http://127.0.0.1:1/api/v1';
const withKey = (apiKey: string) => failureOf(pipelineTo(URL_, { plugins: { openrouter: { apiKey } } }));
const withBaseUrl = (baseUrl: string) => failureOf(pipelineTo(baseUrl));

describe('a key', () => {
  it.each([
    ['a carriage return', `${CANARY}\r`],
    ['a line feed', `${CANARY}\nX-Evil: 1`],
    ['CR and LF', `${CANARY}\r\nX-Evil: 1`],
    ['a blank', `${CANARY} ${CANARY}`],
    ['a letter beyond ASCII', `${CANARY}é`],
    ['a letter beyond Latin-1', `${CANARY}日`],
    ['a NUL', `${CANARY}\0`],
    ['a DEL', `${CANARY}\x7f`],
  ])('118: with %s is refused when the pipeline is made, and in no part of the message', async (_, key) => {
    const error = await withKey(key);
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.message).toContain('plugins.openrouter.apiKey');
    expect(inspect(error, { depth: 10 }) + JSON.stringify(error)).not.toContain(CANARY);
  });

  it('118: from the environment is refused in the same way', async () => {
    const error = await failureOf(
      pipelineTo(
        URL_,
        { plugins: { openrouter: { apiKey: undefined } } },
        { environment: { OPENROUTER_API_KEY: `${CANARY}\r\nX-Evil: 1` } },
      ),
    );
    expect(error).toBeInstanceOf(ConfigError);
    expect(inspect(error, { depth: 10 })).not.toContain(CANARY);
  });

  it('118: that is empty is a missing key', async () => {
    expect(await withKey('')).toBeInstanceOf(ConfigError);
  });
});

describe('a base URL', () => {
  it.each([
    ['a user and a password', `https://user:${CANARY}@openrouter.ai/api/v1`],
    ['a user', `https://${CANARY}@openrouter.ai/api/v1`],
    ['a query', `https://openrouter.ai/api/v1?key=${CANARY}`],
    ['a fragment', `https://openrouter.ai/api/v1#${CANARY}`],
  ])('119: with %s is refused, and the secret in it is in no part of the message', async (_, url) => {
    const error = await withBaseUrl(url);
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.message).toContain('plugins.openrouter.baseUrl');
    expect(inspect(error, { depth: 10 }) + JSON.stringify(error)).not.toContain(CANARY);
  });

  it.each([
    'file:///etc/passwd',
    'ftp://openrouter.ai',
    'data:text/plain,x',
    'javascript:alert(1)',
    'openrouter.ai/api/v1',
    '/api/v1',
    'not a url',
    'http://169.254.169.254/latest',
    'http://169.254.1.1',
    'http://0xa9fea9fe/',
    'http://2852039166/',
    'http://169.254.43518/',
    'http://[::ffff:169.254.169.254]/',
    'http://[fe80::1]/',
    'http://[fd00:ec2::254]/',
    'http://100.100.100.200/',
    'http://metadata.google.internal/',
    'http://METADATA.google.internal./',
    'http://metadata/',
  ])('119: %s is refused', async (url) => {
    const error = await withBaseUrl(url);
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.message).toContain('plugins.openrouter.baseUrl');
  });

  it.each(['https://openrouter.ai/api/v1', 'http://localhost:8080', 'http://127.0.0.1:1/', 'http://[::1]:9/v1'])(
    '119: %s is taken',
    async (url) => {
      await (await pipelineTo(url)).dispose();
    },
  );
});
