import { HANGS_AFTER_MS } from './hangs.js';

/** Waits, as long as a busy machine may need, for something that the other side of a socket is about to notice. */
export async function eventually(holds: () => boolean | Promise<boolean>, withinMs = HANGS_AFTER_MS): Promise<void> {
  const giveUpAt = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > giveUpAt) throw new Error(`Still not so after ${withinMs} ms: ${holds.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
