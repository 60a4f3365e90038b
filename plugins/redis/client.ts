import type { Cluster, Redis, RedisOptions } from 'ioredis';
import type { RedisAddress } from './address.js';
import type { IoRedis } from './load-ioredis.js';

/** A client of one server, or of a cluster. */
export type RedisClient = Redis | Cluster;

const CONNECT_MS = 5_000;
/** A connection that has been lost is tried again after such a time, longer after each failure. */
const RECONNECT_MS = 100;
const LONGEST_RECONNECT_MS = 2_000;

/** What a client is for. */
export interface RedisClientUse {
  /** It only listens: its subscriptions wait for the connection. */
  readonly isForMessages?: boolean;
}

/** Makes a client that connects when it is told to, and again whenever it has lost its connection. */
export function redisClient(
  { Redis, Cluster }: IoRedis,
  addresses: readonly RedisAddress[],
  { isForMessages = false }: RedisClientUse = {},
): RedisClient {
  const [first] = addresses;
  if (first === undefined) throw new Error('no address');
  const retry = (times: number): number => Math.min(times * RECONNECT_MS, LONGEST_RECONNECT_MS);
  const { username, password, isEncrypted, db } = first;
  const options = {
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(isEncrypted && { tls: {} }),
    connectTimeout: CONNECT_MS,
    // What was asked on a lost connection has had its answer: that the server is away.
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: isForMessages ? null : 0,
    disableClientInfo: true,
  } satisfies RedisOptions;
  if (addresses.length === 1)
    return new Redis({
      ...options,
      host: first.host,
      port: first.port,
      db,
      lazyConnect: true,
      enableOfflineQueue: isForMessages,
      retryStrategy: retry,
    });
  return new Cluster(
    addresses.map(({ host, port }) => ({ host, port })),
    { redisOptions: options, lazyConnect: true, enableOfflineQueue: isForMessages, clusterRetryStrategy: retry },
  );
}
