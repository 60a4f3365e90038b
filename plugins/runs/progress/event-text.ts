import { shown } from 'scriptorium/plugin';
import type { Shown } from 'scriptorium/plugin';
import type { ItemParked, RunEvent } from '../engine/run-event.js';
import { costText, counted, dollars, durationText, itemCount, reasonText, untilText, whole } from './format.js';

/** A line about an event that stays on the screen. Undefined for events that need none. @param now epoch milliseconds */
export function eventText(event: RunEvent, now: number): Shown | undefined {
  switch (event.type) {
    case 'run-start':
      return startText(event);
    case 'item-done': {
      const { words = 0, cost } = event.record;
      return shown`${event.item}: ${counted(words, 'word')}, ${costText(cost)}`;
    }
    case 'item-retry':
      return shown`${event.item}: ${event.error.message} Trying again in ${durationText(event.retryInMs)}.`;
    case 'item-failed':
      return shown`${event.item}: failed: ${event.error.message}`;
    case 'item-parked':
      return parkedText(event, now);
    case 'item-reset':
      return shown`${event.item}: begins again, since nothing can be joined to its text: ${event.error.message}`;
    case 'item-lost':
      return shown`${event.item}: another process has it now, or it was cancelled`;
    case 'run-waiting':
      if (event.untilMs === undefined) return shown`Waiting for other processes, which write the rest.`;
      return shown`Waiting ${untilText(event.untilMs, now)}: ${reasonText(event.reason) ?? 'nothing is ready'}`;
    case 'journal-away':
      return shown`New text is kept in memory until it can be written: ${event.message}`;
    case 'journal-back':
      return shown`The journal can be written again.`;
    default:
      return undefined;
  }
}

function startText({ run, isNew }: Extract<RunEvent, { readonly type: 'run-start' }>): Shown {
  const all = counted(itemCount(run), 'item');
  if (isNew) return shown`Run "${run.name}": ${all}`;
  const { done, leased } = run.items;
  const others =
    leased > 0
      ? ` Another process works on ${counted(leased, 'item')}; this one helps, or takes over if it is dead.`
      : '';
  return shown`Run "${run.name}" goes on: ${whole(done)} of ${all} are done.${others}`;
}

function parkedText({ item, reason, untilMs, needsUsd }: ItemParked, now: number): Shown {
  if (needsUsd !== undefined) return shown`${item}: waits until ${dollars(needsUsd)} of the budget are free for it`;
  const until = untilMs === undefined ? 'until the run is resumed' : untilText(untilMs, now);
  return shown`${item}: parked ${until}: ${reasonText(reason) ?? 'unknown reason'}`;
}
