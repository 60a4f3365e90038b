import type { Server } from 'node:http';
import { GenerationError } from 'scriptorium';
import type { Clock } from 'scriptorium/plugin';
import { rawRefusal } from './raw-refusal.js';

/** Answers in the envelope what Node would refuse by itself: an `Expect` other than 100-continue, and the method CONNECT. */
export function refuseExpectations(server: Server, clock: Clock): void {
  server.on('checkExpectation', ({ socket, headers }) => {
    socket.end(
      rawRefusal(
        new GenerationError(
          'invalid-input',
          `The header "expect: ${headers.expect ?? ''}" is not supported. Leave it out, or send "expect: 100-continue".`,
          { status: 417 },
        ),
        clock.now(),
      ),
    );
  });
  server.on('connect', (_request, socket) => {
    socket.on('error', () => undefined);
    socket.end(
      rawRefusal(
        new GenerationError('bad-request', 'The gateway is not a proxy. Send requests for its own paths.', {
          status: 405,
        }),
        clock.now(),
      ),
    );
  });
}
