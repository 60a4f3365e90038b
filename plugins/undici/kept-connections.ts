import type { HttpProxy } from 'scriptorium/plugin';
import { Connection } from './connection.js';
import { dialTo } from './dial.js';
import type { Dial } from './dial.js';
import type { Undici } from './load-undici.js';

export interface KeptConnections {
  /** The connection that served last, if one is free, or else a new one. */
  take(origin: string, proxy: HttpProxy | undefined): Connection;
  /** The connection is free again. */
  keep(connection: Connection): void;
  /** Closes one that is of no more use. */
  drop(connection: Connection): void;
  /** Closes all there are, free or not. */
  close(): void;
}

interface Origin {
  readonly dial: Dial;
  readonly free: Connection[];
}

/** All connections of a transport, as many as there are requests at once; what is free is used again, last in first out. */
export function keptConnections(library: Undici, keepAliveMs: number): KeptConnections {
  const all = new Set<Connection>();
  const origins = new Map<string, Origin>();

  const at = (name: string, proxy?: HttpProxy): Origin => {
    const origin = origins.get(name) ?? { dial: dialTo(name, proxy), free: [] };
    origins.set(name, origin);
    return origin;
  };
  const drop = (connection: Connection): void => {
    all.delete(connection);
    connection.close();
  };
  const open = (origin: string, { dial, free }: Origin): Connection => {
    // One that is not free belongs to its request, for which it may connect again.
    const onGone = (): void => {
      const index = free.indexOf(connection);
      if (index >= 0) free.splice(index, 1).forEach(drop);
    };
    const connection = new Connection({ library, origin, dial, keepAliveMs, onGone });
    all.add(connection);
    return connection;
  };
  return {
    take: (name, proxy) => {
      const origin = at(name, proxy);
      return origin.free.pop() ?? open(name, origin);
    },
    keep: (connection) => {
      connection.rest();
      at(connection.origin).free.push(connection);
    },
    drop,
    close: () => {
      for (const connection of all) connection.close();
      all.clear();
      origins.clear();
    },
  };
}
