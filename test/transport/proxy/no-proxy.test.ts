import { describe, expect, it } from '@jest/globals';
import { directHosts } from '../../../src/transport/proxy/no-proxy.js';

describe('hosts that are reached without a proxy', () => {
  it.each([
    ['example.com', 'https://example.com/v1', true],
    ['example.com', 'https://api.example.com/v1', true],
    ['example.com', 'https://notexample.com/v1', false],
    ['.example.com', 'https://api.example.com/v1', true],
    ['*.example.com', 'https://api.example.com/v1', true],
    ['EXAMPLE.com', 'https://Example.COM./v1', true],
    ['a.test, example.com', 'https://example.com', true],
    ['a.test example.com', 'https://example.com', true],
    ['example.com:8443', 'https://example.com:8443', true],
    ['example.com:8443', 'https://example.com', false],
    ['example.com:443', 'https://example.com', true],
    ['example.com:80', 'http://example.com', true],
    ['localhost', 'http://localhost:11434', true],
    ['*', 'https://example.com', true],
    ['127.0.0.1', 'http://127.0.0.1:8080', true],
    ['127.0.0.1:8081', 'http://127.0.0.1:8080', false],
    ['0.0.1', 'http://127.0.0.1:8080', false],
    ['10.0.0.0/8', 'http://10.20.30.40', true],
    ['10.0.0.0/8', 'http://11.20.30.40', false],
    ['10.0.0.0/8', 'http://example.com', false],
    ['10.0.0.0/99', 'http://10.0.0.1', false],
    ['::1', 'http://[::1]:8080', true],
    ['[::1]', 'http://[::1]:8080', true],
    ['[::1]:8081', 'http://[::1]:8080', false],
    ['0:0:0:0:0:0:0:1', 'http://[::1]', true],
    ['fd00::/8', 'http://[fd12::1]', true],
    ['fd00::/8', 'http://[fe12::1]', false],
    ['', 'https://example.com', false],
  ])('%j and %s: %s', (list, url, isDirect) => {
    expect(directHosts(list)(new URL(url))).toBe(isDirect);
  });
});
