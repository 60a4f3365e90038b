import { definePlugin, whole } from 'scriptorium/plugin';
import type { Plugin } from 'scriptorium/plugin';
import { loadUndici } from './load-undici.js';
import { undiciTransport } from './undici-transport.js';

export interface UndiciOptions {
  /** How long a connection is kept when no request uses it; less where the server says so. */
  readonly keepAliveMs?: number | undefined;
}

/** The longest that one of Node's timers can wait. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Adds the transport `undici`, which `transport: 'undici'` in the configuration chooses: the HTTP client of that name in
 * place of node-fetch. The package `undici` must be installed beside this one.
 */
export const undici = (options: UndiciOptions = {}): Plugin =>
  definePlugin({
    name: 'undici',
    apiVersion: 1,
    config: {
      keepAliveMs: {
        doc: 'How long an idle connection is kept, in milliseconds; less where the server says so',
        format: whole(1, LONGEST_TIMER_MS),
        default: 60_000,
      },
    },
    options,
    setup: async (host) => {
      const { keepAliveMs } = host.config;
      const library = await loadUndici();
      host.addTransport('undici', (transport) => undiciTransport(library, { ...transport, keepAliveMs }));
    },
  });

/** So that a configuration can load it by name: `"load": ["scriptorium/plugins/undici"]`. */
export default undici;
