import type { ItemRecord, ItemStatus } from '../journal/item.js';
import { RunError } from '../journal/run-error.js';
import type { PatientJournal } from './patient-journal.js';

/** Reads items of a run by their id; a journal pages them by index. */
export class ItemRecords {
  private readonly indexes = new Map<string, number>();
  private last: number | undefined;

  constructor(
    private readonly store: PatientJournal,
    private readonly run: string,
  ) {}

  async recordOf(item: string): Promise<ItemRecord> {
    const index = await this.indexOf(item);
    const [record] = await this.store.call((journal) => journal.records(this.run, { after: index - 1, limit: 1 }));
    return record?.item === item ? record : noItem(item);
  }

  async statusOf(item: string): Promise<ItemStatus> {
    const index = await this.indexOf(item);
    const [status] = await this.store.call((journal) => journal.items(this.run, { after: index - 1, limit: 1 }));
    return status?.item === item ? status : noItem(item);
  }

  private async indexOf(item: string): Promise<number> {
    for (;;) {
      const known = this.indexes.get(item);
      if (known !== undefined) return known;
      const { last } = this;
      const page = await this.store.call((journal) =>
        journal.items(this.run, last === undefined ? {} : { after: last }),
      );
      const end = page.at(-1);
      if (end === undefined) return noItem(item);
      for (const { item: id, index } of page) this.indexes.set(id, index);
      this.last = end.index;
    }
  }
}

function noItem(item: string): never {
  throw new RunError('unknown-run', `The journal has no item "${item}" any more. Was the run removed?`);
}
