import type { Transport } from '../core/transport.js';
import { globalRunner } from './test-runner.js';
import type { TestRunner } from './test-runner.js';
import { ABORTING, REQUESTS } from './transport-cases.js';
import type { TransportCase } from './transport-cases.js';
import { CONNECTIONS, FAILURES } from './transport-failure-cases.js';
import { withTransport } from './transport-scene.js';

/**
 * Defines tests that prove what `Transport` promises, over real sockets to servers on 127.0.0.1 that they start
 * themselves. Looks at the sockets of this process: a transport that works elsewhere is judged by what the servers see.
 * @param make called once a test; the transport is closed after it
 * @param runner by default the global `describe` and `it`, which are touched only now
 */
export function describeTransport(
  name: string,
  make: () => Transport | Promise<Transport>,
  runner: TestRunner = globalRunner(),
): void {
  const groups: readonly (readonly [string, readonly TransportCase[]])[] = [
    ['a request', REQUESTS],
    ['aborting', ABORTING],
    ['a failure', FAILURES],
    ['a connection', CONNECTIONS],
  ];
  runner.describe(`the transport ${name}`, () => {
    for (const [group, cases] of groups) {
      runner.describe(group, () => {
        for (const [sentence, run] of cases) runner.it(sentence, () => withTransport(make, run));
      });
    }
  });
}
