import type { IncomingMessage, ServerResponse } from 'node:http';
import { credits, keyInfo } from './account.js';
import { catalogue } from './catalogue.js';
import { answerChat } from './chat.js';
import type { Service } from './chat.js';
import { RequestRefused, forbidden, notFound } from './errors.js';
import { generationRecord } from './generation-record.js';
import { checkKey } from './incoming.js';
import type { EmulatorSettings } from './options.js';
import { envelope } from './reply.js';

/** The path that all of the protocol lies under. */
export const BASE_PATH = '/api/v1';

/** Serves any request. Never rejects; what the emulator does not know is a 404 with an error envelope. */
export async function route(incoming: IncomingMessage, response: ServerResponse, service: Service): Promise<void> {
  const [path = '', query = ''] = (incoming.url ?? '').split('?', 2);
  if (incoming.method === 'POST' && path === `${BASE_PATH}/chat/completions`)
    return answerChat(incoming, response, service);
  incoming.resume();
  service.lookUps.push(`${incoming.method ?? ''} ${path.replace(BASE_PATH, '')}`);
  try {
    send(response, 200, lookUp(incoming, { path, query }, service));
  } catch (error) {
    const refusal =
      error instanceof RequestRefused ? error : new RequestRefused(500, { code: 500, message: String(error) });
    send(response, refusal.status, envelope(refusal.error));
  }
}

function lookUp(
  incoming: IncomingMessage,
  { path, query }: { readonly path: string; readonly query: string },
  { log, settings }: Service,
): object {
  switch (`${incoming.method ?? ''} ${path}`) {
    case `GET ${BASE_PATH}/models`:
      return catalogue(settings.catalogue);
    case `GET ${BASE_PATH}/key`:
      checkKey(incoming, settings.apiKey);
      return keyInfo(log, settings);
    case `GET ${BASE_PATH}/credits`:
      checkManagementKey(incoming, settings);
      return credits(log, settings);
    case `GET ${BASE_PATH}/generation`: {
      checkKey(incoming, settings.apiKey);
      const id = new URLSearchParams(query).get('id') ?? '';
      const request = log.find((logged) => logged.id === id);
      const isKnown = Date.now() - (request?.closedAt ?? Infinity) >= settings.recordAfterMs;
      const record = request && isKnown ? generationRecord(request) : undefined;
      if (record === undefined) throw notFound(`Generation ${id} not found`);
      return record;
    }
    default:
      throw notFound(`No ${incoming.method ?? ''} ${path} here; the protocol lies under ${BASE_PATH}`);
  }
}

function checkManagementKey(incoming: IncomingMessage, { apiKey, managementKey }: EmulatorSettings): void {
  if (managementKey !== undefined && incoming.headers.authorization === `Bearer ${managementKey}`) return;
  checkKey(incoming, apiKey);
  throw forbidden('Only management keys can perform this operation');
}

function send(response: ServerResponse, status: number, body: object): void {
  response.on('error', () => undefined);
  const text = JSON.stringify(body);
  response
    .writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
    .end(text);
}
