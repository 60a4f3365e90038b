import type { ItemRecord } from '../journal/item.js';
import type { RunStatus } from '../journal/run-status.js';
import type { Finding } from './finding.js';

/** One kind of check. Takes the items of a run in their order. */
export interface Auditor {
  take(record: ItemRecord): void;
  /** Returns its findings, after the last item. */
  end(run: RunStatus): readonly Finding[] | Promise<readonly Finding[]>;
}
