import type { Usage } from 'scriptorium';
import type { JournalCost } from '../journal/item.js';
import { dollarsOf, picoDollars } from '../sqlite/pico-dollars.js';

type Part = 'known' | 'estimated';

/** A billionth of a cent, to which some journals round each sum. */
const ROUNDING = 1e11;

/** The sum of what attempts have cost, to a pico-dollar, and as `sumCost` rounds it. */
export class CostSum {
  private readonly pico = { known: 0n, estimated: 0n };
  private readonly rounded = { known: 0, estimated: 0 };
  private unmeasured = 0;

  add({ costUsd, estimatedCostUsd }: Usage): void {
    if (costUsd !== undefined) this.addTo('known', costUsd);
    else if (estimatedCostUsd !== undefined) this.addTo('estimated', estimatedCostUsd);
    else this.unmeasured += 1;
  }

  get cost(): JournalCost {
    return { known: this.dollars('known'), estimated: this.dollars('estimated'), unmeasuredAttempts: this.unmeasured };
  }

  /** Whether a sum is right, exactly or rounded. */
  matches(part: Part, found: number): boolean {
    return found === this.dollars(part) || found === this.rounded[part];
  }

  private addTo(part: Part, dollars: number): void {
    this.pico[part] += BigInt(picoDollars(dollars));
    this.rounded[part] = Math.round((this.rounded[part] + dollars) * ROUNDING) / ROUNDING;
  }

  private dollars(part: Part): number {
    return dollarsOf(Number(this.pico[part]));
  }
}
