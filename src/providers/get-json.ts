import { GenerationError } from '../core/errors/generation-error.js';
import type { Connection } from '../core/provider.js';
import { parseJson } from '../core/outside/json.js';
import type { WireRequest } from '../core/transport.js';
import { readSome, readWhole } from '../transport/read-body.js';
import type { Codec } from './codec.js';
import { tooLarge } from './no-answer.js';
import { refuseRedirect } from './redirect.js';

const MAX_BODY = 16 * 1024 * 1024;
const MAX_ERROR_BODY = 64 * 1024;
const WITHIN_MS = 30_000;

/**
 * Fetches one JSON document from a vendor, such as its catalogue or the account. Gives up after 30 s.
 * @param classify converts an answer that is not JSON, or whose status is not 200, to an error
 * @throws GenerationError from `classify`, or `timeout`, `redirect`, `buffer-limit`, `malformed-answer`
 * @see docs/write-a-provider.md
 * @example
 * ```ts
 * const request = { method: 'GET' as const, url: `${baseUrl}/models`, headers: {} };
 * const catalogue = asObject(await getJson(request, connection, codec.classify));
 * ```
 */
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
      throw new GenerationError('timeout', `No answer from ${request.url} within ${WITHIN_MS / 1000} s.`, {
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
    return parseJson(text);
  } catch (error) {
    throw error instanceof RangeError ? tooLarge() : otherwise();
  }
}
