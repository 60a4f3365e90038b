import type { RunLimits } from '../journal/run-spec.js';
import { cancelDependants, endIfOver, move, wake } from './changes.js';
import type { StoredRun } from './stored-run.js';

/** Lets items be claimed again: parked and failed ones, and those that were cancelled because of failed ones. */
export function resume(run: StoredRun, limits: Partial<RunLimits>, now: number): void {
  if (run.state === 'done') return;
  run.limits = { ...run.limits, ...limits };
  Object.assign(run, { state: 'running', endedAt: undefined });
  for (const item of run.items) {
    if (item.state === 'failed') Object.assign(item, { tries: 0, restarts: 0 });
    if (item.state === 'failed' || item.state === 'parked') move(item, { state: 'ready' }, now);
    if (item.state === 'cancelled' && !item.isCancelledAlone) move(item, { state: 'waiting' }, now);
  }
  for (const item of run.items) if (item.isCancelledAlone) cancelDependants(run, item, now);
  wake(run, now);
  endIfOver(run, now);
}
