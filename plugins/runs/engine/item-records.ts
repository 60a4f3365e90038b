import type { ClaimedItem, ItemRecord, ItemStatus } from '../journal/item.js';
import { RunError } from '../journal/run-error.js';
import type { PatientJournal } from './patient-journal.js';

/** Reads claimed items as they are now; a journal pages the items of a run by index. */
export class ItemRecords {
  constructor(private readonly store: PatientJournal) {}

  async recordOf({ lease: { run, item }, index }: ClaimedItem): Promise<ItemRecord> {
    const [record] = await this.store.call((journal) => journal.records(run, only(index)));
    return record?.item === item ? record : noItem(item);
  }

  async statusOf({ lease: { run, item }, index }: ClaimedItem): Promise<ItemStatus> {
    const [status] = await this.store.call((journal) => journal.items(run, only(index)));
    return status?.item === item ? status : noItem(item);
  }
}

function only(index: number): { readonly after: number; readonly limit: number } {
  return { after: index - 1, limit: 1 };
}

function noItem(item: string): never {
  throw new RunError('unknown-run', `The journal has no item "${item}" any more. Was the run removed?`);
}
