import { Subscription } from 'rxjs';
import { GOOD, streamed } from './told.js';
import { must } from '../must.js';
import { inTime } from './scene.js';
import type { ProviderScene } from './scene.js';
import type { Reply } from './wire-server.js';

/** How soon a server sees that its client has left. */
const LEAVING_MS = 1_000;

/** Whoever unsubscribes hears nothing more, and the server sees the socket close: before the status, and in the middle of the text. */
export async function closesTheSocketOfWhoLeaves(scene: ProviderScene): Promise<void> {
  await leave(scene, { ending: 'silence' }, 'before the status');
  await leave(
    scene,
    { ...streamed(scene.dialect, GOOD, { isCut: true }), ending: 'stall' },
    'in the middle of the text',
  );
}

async function leave(
  { provider, server, connection, request }: ProviderScene,
  reply: Reply,
  when: string,
): Promise<void> {
  server.answerWith(reply);
  const [sent, leavers] = [server.requests.length, server.leavers];
  const heard: string[] = [];
  const state = { hasLeft: false };
  const note = (what: string): void => {
    if (state.hasLeft) heard.push(what);
  };
  const subscription = new Subscription();
  const text = new Promise<void>((resolve, reject) => {
    subscription.add(
      provider.generate(request(), connection).subscribe({
        next: (event) => {
          note(event.type);
          if (event.type === 'text-delta') resolve();
        },
        error: (error: unknown) => {
          note('an error');
          reject(error instanceof Error ? error : new Error(String(error)));
        },
        complete: () => note('the end'),
      }),
    );
  });
  text.catch(() => undefined);
  await (reply.ending === 'silence'
    ? until(() => server.requests.length > sent, 'The provider has sent nothing')
    : inTime('No text has come', text));
  state.hasLeft = true;
  subscription.unsubscribe();
  await until(() => server.leavers > leavers, `The socket of a subscriber who left ${when} is still open`);
  await server.roundTrip();
  must(heard.length === 0, `A subscriber who had left ${when} has still heard ${heard.join(', ')}.`);
}

async function until(holds: () => boolean, complaint: string): Promise<void> {
  const state = { isOver: false };
  const looking = (async () => {
    while (!holds() && !state.isOver) await new Promise((resolve) => setImmediate(resolve));
  })();
  await inTime(complaint, looking, LEAVING_MS).finally(() => {
    state.isOver = true;
  });
}
