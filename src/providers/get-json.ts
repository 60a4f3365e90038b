import { GenerationError } from '../core/errors/generation-error.js';
import type { Connection } from '../core/provider.js';
import type { WireRequest } from '../core/transport.js';
import { readSome, readWhole } from '../transport/read-body.js';
import type { Codec } from './codec.js';
import { refuseRedirect } from './redirect.js';

const MAX_BODY = 16 * 1024 * 1024;
const MAX_ERROR_BODY = 64 * 1024;
const WITHIN_MS = 30_000;

/** Asks a vendor for one JSON document that is no generation: its catalogue, the account. Gives up after 30 s. */
export async function getJson(
  request: WireRequest,
  connection: Connection,
  classify: Codec['classify'],
): Promise<unknown> {
  const { clock, monitor } = connection;
  const controller = new AbortController();
  const cancel = clock.setTimer(WITHIN_MS, () => controller.abort());
  try {
    const { status, headers, body } = await connection.open(request, controller.signal);
    if (status >= 300 && status <= 399) throw refuseRedirect(request.url, status, headers.get('location'));
    if (status !== 200)
      throw classify({
        status,
        headers,
        body: await readSome(body, { maxBytes: MAX_ERROR_BODY, withinMs: WITHIN_MS, clock }),
        now: clock.now(),
      });
    const text = await readWhole(body, MAX_BODY, (count) => monitor.onBytes(count));
    return parse(text, () => classify({ status, headers, body: text, now: clock.now() }));
  } catch (error) {
    if (controller.signal.aborted)
      throw new GenerationError('timeout', `${request.url} did not answer within ${WITHIN_MS / 1000} s.`, {
        retryable: true,
        cause: error,
      });
    throw error;
  } finally {
    cancel();
    controller.abort();
  }
}

function parse(text: string, otherwise: () => GenerationError): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw otherwise();
  }
}
