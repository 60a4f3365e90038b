import * as library from 'undici';
import type { ConfigInput } from 'scriptorium';
import type { Plugin, Transport, TransportOptions } from 'scriptorium/plugin';
import { undici } from 'scriptorium/plugins/undici';
import { undiciTransport } from '../../plugins/undici/undici-transport.js';
import { fetchTransport } from '../../src/transport/fetch-transport.js';

/** The HTTP transports there are, each with the plugin that brings it. */
const TRANSPORTS = {
  'node-fetch': { make: fetchTransport, plugins: [] },
  undici: {
    make: (options) => undiciTransport(library, { keepAliveMs: 60_000, ...options }),
    plugins: [undici()],
  },
} as const satisfies Record<
  string,
  { readonly make: (options: TransportOptions) => Transport; readonly plugins: readonly Plugin[] }
>;

/** The transports by name. */
export type TransportName = keyof typeof TRANSPORTS;

/** The transport that the tests of this run go over: `TRANSPORT=undici npm test -- test/faults`. */
export const transportName: TransportName = named(process.env.TRANSPORT ?? 'node-fetch');

/** What a pipeline needs to go over it. */
export const transportPlugins: readonly Plugin[] = TRANSPORTS[transportName].plugins;
export const transportConfig: ConfigInput = { transport: transportName };

/** One of that kind, without a pipeline. */
export function aTransportOf(name: TransportName = transportName, options: TransportOptions = {}): Transport {
  return TRANSPORTS[name].make(options);
}

/** What is true over this run's transport, where the two HTTP clients rightly differ. */
export function over<T>(truths: Readonly<Record<TransportName, T>>): T {
  return truths[transportName];
}

function named(name: string): TransportName {
  if (Object.hasOwn(TRANSPORTS, name)) return name as TransportName;
  throw new Error(`TRANSPORT must be one of ${Object.keys(TRANSPORTS).join(', ')}; it is "${name}".`);
}
