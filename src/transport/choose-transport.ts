import { ConfigError } from '../core/errors/classes.js';
import type { NamedTransport, Transport, TransportOptions, TransportWrap } from '../core/transport.js';
import { fetchTransport } from './fetch-transport.js';

const BUILT_IN: NamedTransport = { name: 'node-fetch', make: fetchTransport };

export interface TransportChoice {
  /** Transports beside the built-in one. */
  readonly added: readonly NamedTransport[];
  readonly wraps: readonly TransportWrap[];
  readonly options: TransportOptions;
}

/**
 * Creates the named transport and wraps it, the first wrap innermost. Closing it closes every layer once, the outermost
 * first, even if a wrap does not forward `close`.
 * @throws ConfigError for an unknown name
 */
export function chooseTransport(name: string, { added, wraps, options }: TransportChoice): Transport {
  const known = [BUILT_IN, ...added];
  const chosen = known.find((transport) => transport.name === name);
  if (chosen === undefined)
    throw new ConfigError(`No transport "${name}"; known: ${known.map((transport) => transport.name).join(', ')}.`);
  const transport = chosen.make(options);
  if (wraps.length === 0) return transport;
  let outermost = closedOnce(transport);
  const layers = [outermost];
  for (const wrap of wraps) {
    outermost = closedOnce(wrap(outermost));
    layers.unshift(outermost);
  }
  return {
    open: (request, signal, monitor) => outermost.open(request, signal, monitor),
    close: () => layers.forEach((layer) => layer.close()),
  };
}

function closedOnce(transport: Transport): Required<Transport> {
  let isClosed = false;
  return {
    open: (request, signal, monitor) => transport.open(request, signal, monitor),
    close: () => {
      if (isClosed) return;
      isClosed = true;
      transport.close?.();
    },
  };
}
