import type { ClaimedItem } from '../journal/item.js';
import { ItemEnds } from './item-ends.js';
import type { Consequence } from './item-ends.js';
import { WorkItem } from './work-item.js';
import type { WorkParts } from './work-item.js';

/** Works on claimed items of one run, any number at once, each to its end. */
export class ItemWorker {
  private readonly inFlight = new Map<string, WorkItem>();
  private readonly ends: ItemEnds;

  constructor(private readonly parts: WorkParts) {
    this.ends = new ItemEnds(parts);
  }

  /** The items that are worked on now. */
  get count(): number {
    return this.inFlight.size;
  }

  has(item: string): boolean {
    return this.inFlight.has(item);
  }

  /** Resolves when the end of the item is journalled, or its lease is lost. @throws RunError of the journal, but `lease-lost` */
  async work(claimed: ClaimedItem): Promise<Consequence> {
    const { item } = claimed.lease;
    const work = new WorkItem(this.parts, claimed);
    let consequence: Consequence = { type: 'none' };
    this.inFlight.set(item, work);
    try {
      await work.run(async (ending) => {
        consequence = await this.ends.write(work, ending);
      });
    } finally {
      this.inFlight.delete(item);
    }
    return consequence;
  }

  /** Ends all generations, and gives their leases back. A whole answer is still committed. */
  stop(): void {
    for (const work of this.inFlight.values()) work.leave({ type: 'stop' });
  }
}
