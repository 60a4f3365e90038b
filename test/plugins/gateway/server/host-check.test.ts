import { describe, expect, it } from '@jest/globals';
import { GenerationError } from 'scriptorium';
import { hostCheck, isLoopback } from '../../../../plugins/gateway/server/host-check.js';

/** The hosts that a gateway refuses. */
function refused(host: string, allowHosts: readonly string[], asked: readonly string[]): readonly string[] {
  const check = hostCheck({ host, allowHosts });
  return asked.filter((name) => {
    try {
      check({ url: '/', headers: { host: name } });
      return false;
    } catch (error) {
      expect(error).toBeInstanceOf(GenerationError);
      expect(error).toMatchObject({ code: 'permission', status: 403 });
      return true;
    }
  });
}

const LOOPBACK = ['localhost', 'localhost:8787', 'LOCALHOST.', '127.0.0.1:1', '127.9.9.9', '[::1]', '[::1]:8787'];

describe('the check of the host', () => {
  it('takes the names of the loopback address, with any port', () => {
    expect(refused('127.0.0.1', [], LOOPBACK)).toEqual([]);
  });

  it('refuses other names and addresses, and names that only look alike', () => {
    const foreign = [
      'evil.example',
      'localhost.evil.example',
      '127.0.0.1.evil.example',
      '10.0.0.1',
      '[fd00::1]:80',
      '',
    ];
    expect(refused('127.0.0.1', [], foreign)).toEqual(foreign);
  });

  it('takes the bound host and the names that it was given', () => {
    expect(refused('10.0.0.7', ['Gateway.internal'], ['10.0.0.7:8787', 'gateway.internal', '10.0.0.8'])).toEqual([
      '10.0.0.8',
    ]);
  });

  it('takes every address, and no further name, on all addresses', () => {
    expect(refused('0.0.0.0', [], ['192.168.1.2:8787', '[fd00::1]:8787', 'evil.example'])).toEqual(['evil.example']);
    expect(refused('::', [], ['192.168.1.2', 'evil.example'])).toEqual(['evil.example']);
  });

  it('takes a request without the header, and refuses one from a page of another host', () => {
    const check = hostCheck({ host: '127.0.0.1', allowHosts: [] });
    expect(() => check({ url: '/', headers: {} })).not.toThrow();
    const from = (origin: string) => () => check({ url: '/', headers: { host: '127.0.0.1', origin } });
    expect(from('http://localhost:3000')).not.toThrow();
    expect(from('https://evil.example')).toThrow('--allow-host evil.example');
    expect(from('null')).toThrow('"null"');
  });

  it('knows the addresses that only this machine reaches', () => {
    expect(['127.0.0.1', '127.1.2.3', 'localhost', '::1'].filter((host) => !isLoopback(host))).toEqual([]);
    expect(['0.0.0.0', '::', '10.0.0.1', '127.example'].filter(isLoopback)).toEqual([]);
  });
});
