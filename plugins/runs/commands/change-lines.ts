import { shown, shownJson } from 'scriptorium/plugin';
import type { Clock, Shown } from 'scriptorium/plugin';
import type { ItemStatus } from '../journal/item.js';
import type { RunStatus } from '../journal/run-status.js';
import { costText, counted, itemCount, reasonText, untilText, whole } from '../progress/format.js';

/** Dependencies of `ChangeLines`. */
export interface ChangeParts {
  /** `{ "type": "run" | "item", … }` with the fields of the status, for each change; otherwise words for a change of state. */
  readonly isJson: boolean;
  readonly clock: Clock;
  readonly print: (line: Shown) => void;
}

/** Prints what differs from what was printed before. */
export class ChangeLines {
  private readonly printed = new Map<string, string>();

  constructor(private readonly parts: ChangeParts) {}

  run(run: RunStatus): void {
    const { isJson, clock, print } = this.parts;
    if (this.isNew(run.id, isJson ? run : { state: run.state, items: run.items, until: run.until }))
      print(isJson ? shownJson({ type: 'run', ...run }) : runText(run, clock.now()));
  }

  item(item: ItemStatus): void {
    const { isJson, clock, print } = this.parts;
    const { state, until, reason } = item;
    if (
      this.isNew(`${item.run}/${item.index}`, isJson ? item : { state, reason, ...(state !== 'leased' && { until }) })
    )
      print(isJson ? shownJson({ type: 'item', ...item }) : itemText(item, clock.now()));
  }

  private isNew(key: string, value: object): boolean {
    const text = JSON.stringify(value);
    if (this.printed.get(key) === text) return false;
    this.printed.set(key, text);
    return true;
  }
}

function runText(run: RunStatus, now: number): Shown {
  const { name, state, items, words, cost, until } = run;
  const wait = until === undefined ? '' : `, ${untilText(until, now)}`;
  return shown`${name}: ${state}, ${whole(items.done)} of ${counted(itemCount(run), 'item')} done, ${counted(words, 'word')}, ${costText(cost)}${wait}`;
}

function itemText({ item, state, words, until, reason }: ItemStatus, now: number): Shown {
  const parts = [
    state === 'leased' ? 'is being written' : state,
    ...(words === undefined ? [] : [counted(words, 'word')]),
    ...(until === undefined || state === 'leased' ? [] : [untilText(until, now)]),
    ...(reason === undefined || state === 'leased' ? [] : [reasonText(reason) ?? reason]),
  ];
  return shown`  ${item}: ${parts.join(', ')}`;
}
