import type { Readable } from 'node:stream';

/** How long a pipe may say nothing before it counts as one that nobody writes to. */
const SILENT_AFTER_MS = 1_000;

/** Whether something comes on a stream, its end included, before it counts as silent. Takes nothing out of it. */
export function hasInput(stream: Readable): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (has: boolean): void => {
      clearTimeout(timer);
      for (const event of EVENTS) stream.off(event, come);
      resolve(has);
    };
    const come = (): void => settle(true);
    const timer = setTimeout(settle, SILENT_AFTER_MS, false);
    for (const event of EVENTS) stream.once(event, come);
    if (stream.readableEnded || stream.destroyed) come();
  });
}

const EVENTS = ['readable', 'end', 'error', 'close'] as const;
