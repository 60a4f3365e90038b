import type { IncomingMessage, ServerResponse } from 'node:http';
import { composeAnswer, emptied } from './answer.js';
import { readChatRequest } from './chat-request.js';
import { RequestRefused } from './errors.js';
import { ConnectionGone, exchangeOver } from './exchange.js';
import type { Exchange } from './exchange.js';
import type { FaultSource } from './fault-source.js';
import type { Fault, Reply } from './faults.js';
import { checkKey, readJson } from './incoming.js';
import { sendAnswer } from './json-answer.js';
import { AnswerSpoiled } from './misbehave.js';
import type { EmulatorSettings } from './options.js';
import { envelope, reply } from './reply.js';
import { noteArrival } from './request-log.js';
import type { RequestRecord } from './request-log.js';
import { streamAnswer } from './stream-answer.js';
import type { Writer } from './writer.js';

/** What one emulator serves its requests with. */
export interface Service {
  readonly settings: EmulatorSettings;
  readonly faults: FaultSource;
  readonly write: Writer;
  /** Every chat request since the start or the last `clear`. */
  readonly log: RequestRecord[];
  /** Every other request, as `GET /key`. */
  readonly lookUps: string[];
  isClosing(): boolean;
}

const CAPTIVE_PORTAL =
  '<!doctype html>\n<html><head><title>Welcome</title></head><body><h1>Please sign in to the network</h1></body></html>\n';

/** Serves `POST /chat/completions`; notes it from beginning to end. Never rejects. */
export async function answerChat(incoming: IncomingMessage, response: ServerResponse, service: Service): Promise<void> {
  const record = noteArrival(incoming.headers);
  service.log.push(record);
  response.once('close', () => {
    record.closedAt = Date.now();
    if (record.outcome !== 'running') return;
    record.outcome = response.writableFinished ? 'completed' : service.isClosing() ? 'faulted' : 'cancelled';
  });
  const exchange = exchangeOver(response, () => ({
    'x-generation-id': record.id,
    ...lowerCased(record.fault?.headers),
  }));
  try {
    await serve(incoming, { exchange, record, service });
  } catch (error) {
    await refuse(error, exchange, record);
  }
}

/** What a request is served with, one by one. */
interface Turnaround {
  readonly exchange: Exchange;
  readonly record: RequestRecord;
  readonly service: Service;
}

async function serve(incoming: IncomingMessage, { exchange, record, service }: Turnaround): Promise<void> {
  const { faults, log, settings, write } = service;
  record.body = await readJson(incoming);
  checkKey(incoming, settings.apiKey);
  const request = readChatRequest(record.body);
  record.model = request.modelId;
  record.stream = request.stream;
  record.fault = faults.next(record, log.indexOf(record));
  const fault = record.fault ?? {};
  await exchange.pause(fault.delayMs ?? 0);
  const otherReply = replyOf(fault);
  if (otherReply !== undefined || fault.empty === true) record.outcome = 'faulted';
  if (otherReply !== undefined) {
    record.status = otherReply.status;
    return reply(exchange, otherReply);
  }
  const maxTokens = Math.min(request.maxTokens ?? Infinity, fault.capTokens ?? Infinity);
  const whole = composeAnswer({ ...request, maxTokens }, record.id, write);
  const answer = fault.empty === true ? emptied(whole) : whole;
  return (request.stream ? streamAnswer : sendAnswer)({ answer, exchange, fault, record, settings });
}

/** What a fault has answered in place of a completion. */
function replyOf(fault: Fault): Reply | undefined {
  if (fault.status !== undefined) return fault;
  return fault.html === undefined
    ? undefined
    : { status: 200, body: fault.html === true ? CAPTIVE_PORTAL : fault.html };
}

async function refuse(error: unknown, exchange: Exchange, record: RequestRecord): Promise<void> {
  if (error instanceof ConnectionGone || error instanceof AnswerSpoiled || exchange.signal.aborted) return;
  const refusal =
    error instanceof RequestRefused ? error : new RequestRefused(500, { code: 500, message: String(error) });
  if (exchange.isOpen) {
    exchange.reset();
    return;
  }
  record.status = refusal.status;
  await reply(exchange, { status: refusal.status, body: envelope(refusal.error) }).catch(() => undefined);
}

function lowerCased(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
