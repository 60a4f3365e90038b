import type { ServiceOptions } from '../../src/emulator/options.js';
import { emulatedService } from '../../src/emulator/service.js';
import type { EmulatedService } from '../../src/emulator/service.js';
import { user } from './client.js';
import { memoryExchange } from './memory-exchange.js';
import type { MemoryExchange } from './memory-exchange.js';
import { virtualHost } from './virtual-host.js';
import type { VirtualHost } from './virtual-host.js';

/** A service on a virtual host. */
export interface VirtualService {
  readonly host: VirtualHost;
  readonly service: EmulatedService;
  /** Starts a chat request. */
  readonly chat: (body?: object) => MemoryExchange;
  /** A chat request that is answered to its end before time goes on. */
  readonly chatNow: (body?: object) => Promise<MemoryExchange>;
  readonly get: (path: string) => Promise<unknown>;
}

export const HEADERS = { authorization: 'Bearer sk-or-v1-test', 'x-title': 'Test' };
export const CHAT_PATH = '/api/v1/chat/completions';
export const messages = [user('Write a chapter about the sea.')];

export function aService(options: ServiceOptions = {}, host = virtualHost()): VirtualService {
  const service = emulatedService(options, host);
  const send = (method: string, path: string, body = '') => {
    const exchange = memoryExchange(host);
    void service.serve({ method, path, headers: HEADERS, body }, exchange);
    return exchange;
  };
  const chat = (body: object = {}) => send('POST', CHAT_PATH, JSON.stringify({ messages, max_tokens: 5, ...body }));
  return {
    host,
    service,
    chat,
    chatNow: async (body) => {
      const exchange = chat(body);
      await host.advance(0);
      return exchange;
    },
    get: async (path) => {
      const exchange = send('GET', `/api/v1${path}`);
      await host.advance(0);
      return JSON.parse(exchange.text) as unknown;
    },
  };
}
