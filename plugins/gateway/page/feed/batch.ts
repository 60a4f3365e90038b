import type { Ended, Tally } from './board.js';
import type { LiveGeneration } from './live-generation.js';
import type { Overview } from './overview.js';
import { rowPatch, sentRow } from './row-patch.js';
import type { RowPatch, SentRow } from './row-patch.js';

/** Everything that the page could show at one moment. */
export interface Moment {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly tally: Tally;
  readonly shown: readonly LiveGeneration[];
  readonly ended: readonly Ended[];
  readonly overview: Overview;
}

/** The changes since a viewer's last batch. The first one has everything. */
export interface Batch extends Partial<Overview> {
  readonly at: number;
  readonly tally?: Tally;
  /** The ids of the rows in their order; other rows are gone. */
  readonly order?: readonly string[];
  readonly rows?: readonly RowPatch[];
  /** Generations that have ended, the newest last. */
  readonly ended?: readonly Ended[];
}

/** The state that a viewer knows. */
export interface Sent {
  readonly tally: string;
  readonly order: string;
  readonly rows: ReadonlyMap<string, SentRow>;
  readonly ended: number;
  readonly sections: Readonly<Partial<Record<keyof Overview, string>>>;
}

/** The state of a viewer that has just come. */
export const NOTHING_SENT: Sent = { tally: '', order: ' ', rows: new Map(), ended: 0, sections: {} };

/** The next batch for a viewer, or undefined if nothing has changed, and the state that it knows afterwards. */
export function nextBatch(moment: Moment, sent: Sent): { readonly batch: Batch | undefined; readonly sent: Sent } {
  const { at, tally, shown, ended, overview } = moment;
  const order = shown.map(({ facts }) => facts.id);
  const rows = shown.flatMap((generation) => rowPatch(generation, sent.rows.get(generation.facts.id)) ?? []);
  const fresh = ended.filter(({ number }) => number > sent.ended);
  const after: Sent = {
    tally: JSON.stringify(tally),
    order: order.join(' '),
    rows: new Map(shown.map((generation) => [generation.facts.id, sentRow(generation)])),
    ended: ended.at(-1)?.number ?? sent.ended,
    sections: Object.fromEntries(SECTIONS.map((name) => [name, JSON.stringify(overview[name])])),
  };
  const changes: Omit<Batch, 'at'> = {
    ...(after.tally !== sent.tally && { tally }),
    ...(after.order !== sent.order && { order }),
    ...(rows.length > 0 && { rows }),
    ...(fresh.length > 0 && { ended: fresh }),
    ...Object.fromEntries(
      SECTIONS.filter((name) => after.sections[name] !== sent.sections[name]).map((name) => [name, overview[name]]),
    ),
  };
  return { batch: Object.keys(changes).length === 0 ? undefined : { at, ...changes }, sent: after };
}

const SECTIONS = [
  'totals',
  'errors',
  'parts',
  'budgets',
  'breakers',
  'keys',
  'runs',
] as const satisfies readonly (keyof Overview)[];
