import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { pid } from 'node:process';
import type { Worker } from '../journal/item.js';

/** A worker of this process. */
export function ownWorker(): Worker {
  return { id: randomUUID(), machine: hostname(), pid, startedAt: '' };
}
