import { of } from 'rxjs';
import type { Lease, Slots } from 'scriptorium/plugin';
import { uniqueName } from '../queue/port-parts.js';
import type { RedisPortParts } from '../queue/port-parts.js';
import { RemoteQueue, RemoteQueues } from '../queue/remote-queue.js';
import type { Grants } from '../queue/remote-queue.js';
import { HeldSlots } from './held-slots.js';
import { SLOT_LEASE_MS, TAKE_SLOTS } from './slot-scripts.js';

/** The settings that slots read. */
export interface SlotSettings {
  readonly concurrency: { readonly max: number };
}

const WITHOUT_LIMIT: Lease = { isValid: () => true, release: () => undefined };

/** Concurrency limits in Redis, which all processes that use it share. */
export function redisSlots(parts: RedisPortParts<SlotSettings>): Slots {
  const { connection, clock, config, random } = parts;
  let name: string | undefined;
  let questions = 0;
  let isListening = false;
  const held = new Map<string, HeldSlots>();
  const queues = new RemoteQueues<Lease>(
    (key) => new RemoteQueue({ waitReason: 'slot', clock, random, ask: (count) => ask(key, count) }),
  );
  const ask = async (key: string, count: number): Promise<Grants<Lease>> => {
    name ??= uniqueName(random());
    const id = `${name}:${(questions += 1)}`;
    const known = held.get(key) ?? new HeldSlots(parts, key, () => held.delete(key));
    held.set(key, known);
    const { max } = config().concurrency;
    const args = [parts.time?.() ?? '', max, SLOT_LEASE_MS, id, count];
    try {
      const taken = Number(await connection.run(TAKE_SLOTS, known.keys, args));
      return { leases: Array.from({ length: taken }, (_, at) => known.hold(`${id}:${at + 1}`)) };
    } catch (error) {
      // The server may have taken them all the same.
      known.giveBack(Array.from({ length: count }, (_, at) => `${id}:${at + 1}`));
      throw error;
    }
  };
  const listen = (): void => {
    if (isListening) return;
    isListening = true;
    connection
      .messages(connection.key('slots', 'changes'))
      .subscribe((key) => queues.serve(key === '' ? undefined : key));
  };
  return {
    acquire: (key, options) => {
      if (config().concurrency.max === 0) return of({ type: 'admitted', lease: WITHOUT_LIMIT });
      listen();
      return queues.acquire(key, options);
    },
  };
}
