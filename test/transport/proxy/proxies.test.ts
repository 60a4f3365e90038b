import { describe, expect, it } from '@jest/globals';
import { ConfigError } from 'scriptorium';
import { proxiesOf } from '../../../src/transport/proxy/proxies.js';

const URLS = { plain: 'http://example.com/v1', encrypted: 'https://example.com/v1' };

/** Which variable decides about a plain and an encrypted request. */
function sources(proxy: string | false, environment: NodeJS.ProcessEnv) {
  const { choose } = proxiesOf(proxy, environment);
  return { plain: choose?.(URLS.plain)?.source, encrypted: choose?.(URLS.encrypted)?.source };
}

describe('the choice of a proxy', () => {
  it.each([
    [{ HTTPS_PROXY: 'http://p:1' }, { plain: undefined, encrypted: 'HTTPS_PROXY' }],
    [{ HTTP_PROXY: 'http://p:1' }, { plain: 'HTTP_PROXY', encrypted: undefined }],
    [{ ALL_PROXY: 'http://p:1' }, { plain: 'ALL_PROXY', encrypted: 'ALL_PROXY' }],
    [
      { https_proxy: 'p:1', HTTPS_PROXY: 'http://q:1' },
      { plain: undefined, encrypted: 'https_proxy' },
    ],
    [
      { https_proxy: '', HTTPS_PROXY: 'http://q:1' },
      { plain: undefined, encrypted: 'HTTPS_PROXY' },
    ],
    [
      { ALL_PROXY: 'http://p:1', HTTP_PROXY: 'http://q:1' },
      { plain: 'HTTP_PROXY', encrypted: 'ALL_PROXY' },
    ],
    [
      { ALL_PROXY: 'http://p:1', no_proxy: 'example.com' },
      { plain: undefined, encrypted: undefined },
    ],
  ])('by %j', (environment, expected) => {
    expect(sources('env', environment)).toEqual(expected);
  });

  it('is none where no variable names one, or the configuration switches it off', () => {
    expect(proxiesOf('env', {}).choose).toBeUndefined();
    expect(proxiesOf('env', { HTTPS_PROXY: ' ', NO_PROXY: '*' }).choose).toBeUndefined();
    expect(proxiesOf(false, { HTTPS_PROXY: 'http://p:1' }).choose).toBeUndefined();
  });

  it('is that of the configuration, but for the hosts of NO_PROXY', () => {
    expect(sources('http://p:1', { HTTPS_PROXY: 'http://q:1' })).toEqual({ plain: 'proxy', encrypted: 'proxy' });
    expect(sources('http://p:1', { NO_PROXY: 'example.com' })).toEqual({ plain: undefined, encrypted: undefined });
  });

  it('keeps user and password out of the address', () => {
    const { choose, secrets } = proxiesOf('env', { HTTPS_PROXY: 'http://us%40er:p%23ss:wo@proxy.test:3128/' });
    const proxy = choose?.(URLS.encrypted);
    expect(proxy).toMatchObject({ url: 'http://proxy.test:3128', source: 'HTTPS_PROXY' });
    const header = Buffer.from('us@er:p#ss:wo').toString('base64');
    expect(proxy?.authorization?.reveal()).toBe(`Basic ${header}`);
    expect(secrets.map((secret) => secret.reveal())).toEqual(expect.arrayContaining(['p%23ss:wo', 'p#ss:wo', header]));
  });

  it.each([
    ['socks5://user:hidden@proxy.test:1080', 'socks5://[…]@proxy.test:1080'],
    ['http://user:hid/den@proxy.test', 'http://[…]@proxy.test'],
    ['http://', 'http://'],
  ])('refuses %s before anything is sent', (address, shown) => {
    const { choose } = proxiesOf('env', { ALL_PROXY: address });
    expect(() => choose?.(URLS.encrypted)).toThrow(ConfigError);
    expect(() => choose?.(URLS.encrypted)).toThrow(`ALL_PROXY is ${shown}, which is not the address of an HTTP proxy`);
  });
});
