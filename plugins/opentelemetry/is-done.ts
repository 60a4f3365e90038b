import type { Clock } from 'scriptorium/plugin';

/** Whether a promise is fulfilled in time. It goes on where it is not, and must not reject. */
export async function isDone(
  promise: Promise<unknown>,
  { clock, ms }: { readonly clock: Clock; readonly ms: number },
): Promise<boolean> {
  let cancel = (): void => undefined;
  const timeUp = new Promise<false>((resolve) => {
    cancel = clock.setTimer(ms, () => resolve(false));
  });
  try {
    return await Promise.race([promise.then(() => true), timeUp]);
  } finally {
    cancel();
  }
}
