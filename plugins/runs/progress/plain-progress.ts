import type { Writable } from 'node:stream';
import type { Clock } from 'scriptorium/plugin';
import { eventText } from './event-text.js';
import { OutageText } from './outage-text.js';
import type { Progress } from './progress.js';
import { say } from './say.js';

/** A line for each change, where there is no terminal. */
export function plainProgress(stderr: Writable, clock: Clock): Progress {
  let isClosed = false;
  const outage = new OutageText();
  return {
    take: (event) => {
      const text = isClosed ? undefined : (outage.take(event) ?? eventText(event, clock.now()));
      if (text !== undefined) say(stderr, text);
    },
    close: () => {
      isClosed = true;
    },
  };
}
