import { credits, keyInfo } from './account.js';
import { catalogue } from './catalogue.js';
import { answerChat } from './chat.js';
import type { ServiceState } from './chat.js';
import { RequestRefused, forbidden, notFound } from './errors.js';
import type { Exchange } from './exchange.js';
import { generationRecord } from './generation-record.js';
import { checkKey } from './incoming.js';
import type { IncomingRequest } from './incoming.js';
import type { ServiceSettings } from './options.js';
import { envelope, reply } from './reply.js';

/** The path that all of the protocol lies under. */
export const BASE_PATH = '/api/v1';

/** Serves any request. Never rejects; what the emulator does not know is a 404 with an error envelope. */
export async function route(incoming: IncomingRequest, exchange: Exchange, service: ServiceState): Promise<void> {
  const [path = '', query = ''] = incoming.path.split('?', 2);
  if (incoming.method === 'POST' && path === `${BASE_PATH}/chat/completions`)
    return answerChat(incoming, exchange, service);
  service.lookUps.push(`${incoming.method} ${path.replace(BASE_PATH, '')}`);
  await reply(exchange, replyTo(incoming, { path, query }, service)).catch(() => undefined);
}

interface Target {
  readonly path: string;
  readonly query: string;
}

function replyTo(incoming: IncomingRequest, target: Target, service: ServiceState): { status: number; body: object } {
  try {
    return { status: 200, body: lookUp(incoming, target, service) };
  } catch (error) {
    if (!(error instanceof RequestRefused)) service.host.mistake?.(error);
    const refusal =
      error instanceof RequestRefused ? error : new RequestRefused(500, { code: 500, message: String(error) });
    return { status: refusal.status, body: envelope(refusal.error) };
  }
}

function lookUp(incoming: IncomingRequest, { path, query }: Target, service: ServiceState): object {
  const { host, settings } = service;
  const { bookkeeper, limiter } = service.account;
  switch (`${incoming.method} ${path}`) {
    case `GET ${BASE_PATH}/models`:
      return catalogue(settings.catalogue);
    case `GET ${BASE_PATH}/key`: {
      checkKey(incoming, settings.apiKey);
      const { costUsd } = bookkeeper.books;
      return keyInfo({ costUsd, freeRequestsToday: limiter.freeRequestsToday(host.now()) }, settings);
    }
    case `GET ${BASE_PATH}/credits`:
      checkManagementKey(incoming, settings);
      return credits(bookkeeper.books.costUsd, settings);
    case `GET ${BASE_PATH}/generation`:
      checkKey(incoming, settings.apiKey);
      return generation(new URLSearchParams(query).get('id') ?? '', service);
    default:
      throw notFound(`No ${incoming.method} ${path} here; the protocol lies under ${BASE_PATH}`);
  }
}

function generation(id: string, { host, log, settings }: ServiceState): object {
  const request = log.find((logged) => logged.id === id);
  const isKnown = host.now() - (request?.closedAt ?? Infinity) >= settings.recordAfterMs;
  const record = request && isKnown ? generationRecord(request) : undefined;
  if (record === undefined) throw notFound(`Generation ${id} not found`);
  return record;
}

function checkManagementKey(incoming: IncomingRequest, { apiKey, managementKey }: ServiceSettings): void {
  if (managementKey !== undefined && incoming.headers['authorization'] === `Bearer ${managementKey}`) return;
  checkKey(incoming, apiKey);
  throw forbidden('Only management keys can perform this operation');
}
