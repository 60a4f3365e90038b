import type { IncomingHttpHeaders } from 'node:http';
import { GenerationError } from 'scriptorium';
import type { GenerationInput } from 'scriptorium/plugin';
import { readChatRequest } from 'scriptorium/provider';
import type { ChatRequest } from 'scriptorium/provider';
import type { Asked } from '../access/access.js';
import type { Client } from '../access/client.js';
import type { Job } from '../calls/call.js';
import type { GatewayParts } from '../parts.js';

/** A chat completion as it came. */
export interface Received extends Asked {
  readonly client: Client;
  readonly path: string;
  readonly body: string;
}

/**
 * The job of a chat completion, and the form of its answer.
 * @throws GenerationError `invalid-input` or `permission`
 */
export function chatJob(
  { access, provider }: GatewayParts,
  received: Received,
): Omit<ChatRequest, 'input'> & { readonly job: Job } {
  const { headers, inUrl, client, path, body } = received;
  const { input, isStream, wantsUsage } = readChatRequest(parsed(body), provider);
  const idempotencyKey = headers['idempotency-key'];
  const job = {
    client,
    input: access.inputOf(fromApp(input, headers), client, { headers, inUrl }),
    isStream,
    idempotencyKey: typeof idempotencyKey === 'string' && idempotencyKey !== '' ? idempotencyKey : undefined,
    path,
    body,
  };
  return { job, isStream, wantsUsage };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch (error) {
    // The parser's own message quotes the body.
    throw new GenerationError('invalid-input', 'The body is not valid JSON. Send a JSON object.', {
      status: 400,
      cause: error,
    });
  }
}

/** The names that an application gives itself go to the vendor, and its title becomes the label `app`. */
function fromApp(input: GenerationInput, headers: IncomingHttpHeaders): GenerationInput {
  const title = headerIn(headers, 'x-openrouter-title') ?? headerIn(headers, 'x-title');
  const site = headerIn(headers, 'http-referer') ?? headerIn(headers, 'referer');
  const names = {
    ...(site !== undefined && { 'http-referer': site }),
    ...(title !== undefined && { 'x-openrouter-title': title, 'x-title': title }),
  };
  return {
    ...input,
    ...(Object.keys(names).length > 0 && { headers: names }),
    ...(title !== undefined && { labels: { app: title } }),
  };
}

/** A header that may be sent on: printable ASCII. */
function headerIn(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' && /^[\x20-\x7e]+$/.test(value) ? value : undefined;
}
