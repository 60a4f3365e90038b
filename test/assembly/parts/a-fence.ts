import { Subject } from 'rxjs';
import { Fence } from '../../../src/assembly/parts/fence.js';
import type { FenceParts } from '../../../src/assembly/parts/fence.js';
import { ManualClock } from '../../../src/testing/manual-clock.js';
import { MemoryLogger } from '../../chain/observe/memory-logger.js';

/** A fence around the part "limits" that waits for answers for two seconds. */
export function aFence(parts: Partial<FenceParts> = {}) {
  const clock = new ManualClock();
  const logger = new MemoryLogger();
  const fence = new Fence({
    name: 'limits',
    answerMs: 2_000,
    onFailure: 'closed',
    clock,
    logger,
    redact: (text) => text.replaceAll('sk-secret', '[secret]'),
    ...parts,
  });
  const signals = { clock, random: () => 0, ended: new Subject<void>() };
  return { clock, logger, fence, signals, waiting: { ...signals, patienceMs: 1_000 } };
}

/** An answer of the wrong shape, for a port of any type. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- it is the type that the port expects
export function garbage<T>(value: unknown): T {
  return value as T;
}

/** Ways in which a function can fail to answer. */
export const THROWS = (): never => {
  throw new Error('no route to sk-secret');
};
export const REJECTS = (): Promise<never> => Promise.reject(new Error('no route to sk-secret'));
export const HANGS = (): Promise<never> => new Promise(() => undefined);
