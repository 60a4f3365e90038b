import { composeAnswer, emptied } from './answer.js';
import type { Bookkeeper } from './books.js';
import { readChatRequest } from './chat-request.js';
import type { ChatRequest } from './chat-request.js';
import { turnsOf } from './conversation.js';
import { RequestRefused } from './errors.js';
import { ConnectionGone, withHeaders } from './exchange.js';
import type { Exchange } from './exchange.js';
import type { FaultSource } from './fault-source.js';
import type { Fault, Reply } from './faults.js';
import type { Host } from './host.js';
import { checkKey, readJson } from './incoming.js';
import type { IncomingRequest } from './incoming.js';
import { sendAnswer } from './json-answer.js';
import type { Limiter } from './limits.js';
import type { PromptCache } from './prompt-cache.js';
import { AnswerSpoiled } from './misbehave.js';
import type { ServiceSettings } from './options.js';
import { envelope, reply } from './reply.js';
import { noteArrival, noteEnd, noteUsage } from './request-log.js';
import type { RequestRecord } from './request-log.js';
import { streamAnswer } from './stream-answer.js';
import type { Writer } from './writer.js';

/** The state of one emulated service. */
export interface ServiceState {
  readonly settings: ServiceSettings;
  readonly host: Host;
  readonly faults: FaultSource;
  readonly write: Writer;
  /** Every chat request since the start or the last `clear`. */
  readonly log: RequestRecord[];
  /** Every other request, as `GET /key`. */
  readonly lookUps: string[];
  /** Replaced by `clear`. */
  account: Account;
}

/** The counts of the vendor. */
export interface Account {
  readonly bookkeeper: Bookkeeper;
  readonly limiter: Limiter;
  readonly promptCache: PromptCache;
}

const CAPTIVE_PORTAL =
  '<!doctype html>\n<html><head><title>Welcome</title></head><body><h1>Please sign in to the network</h1></body></html>\n';

/** Serves `POST /chat/completions`; notes it from beginning to end. Never rejects. */
export async function answerChat(incoming: IncomingRequest, raw: Exchange, service: ServiceState): Promise<void> {
  const { account, host, log } = service;
  const record = noteArrival(incoming, host);
  log.push(record);
  account.bookkeeper.arrived();
  const end = () => noteEnd(record, raw.ending, host.now());
  if (raw.signal.aborted) end();
  else raw.signal.addEventListener('abort', end, { once: true });
  const exchange = withHeaders(raw, () => ({ 'x-generation-id': record.id, ...lowerCased(record.fault?.headers) }));
  try {
    const turn = { account, exchange, record, service };
    await serve(await admit(incoming, turn), turn);
  } catch (error) {
    if (isMistake(error)) host.mistake?.(error);
    await refuse(error, exchange, record);
  }
}

/** One request while it is served. */
interface Turn {
  /** The account at the time of arrival. */
  readonly account: Account;
  readonly exchange: Exchange;
  readonly record: RequestRecord;
  readonly service: ServiceState;
}

/** Reads a request and lets it through the limits. @throws RequestRefused */
async function admit(incoming: IncomingRequest, { account, record, service }: Turn): Promise<ChatRequest> {
  try {
    record.body = await readJson(incoming);
    checkKey(incoming, service.settings.apiKey);
    const request = readChatRequest(record.body);
    record.model = request.modelId;
    record.stream = request.stream;
    const now = service.host.now();
    account.limiter.admit(request.modelId, now);
    account.bookkeeper.accepted(request.modelId, now);
    return request;
  } catch (error) {
    if (error instanceof RequestRefused) account.bookkeeper.refused(error.details.kind ?? 'invalid');
    throw error;
  }
}

async function serve(request: ChatRequest, { account, exchange, record, service }: Turn): Promise<void> {
  const { faults, host, log, settings, write } = service;
  record.fault = faults.next(record, log.lastIndexOf(record));
  const fault = record.fault ?? {};
  await exchange.pause(fault.delayMs ?? 0);
  const otherReply = replyOf(fault);
  if (otherReply !== undefined || fault.empty === true) record.outcome = 'faulted';
  if (otherReply !== undefined) {
    record.status = otherReply.status;
    return reply(exchange, otherReply);
  }
  const maxTokens = Math.min(request.maxTokens ?? Infinity, fault.capTokens ?? Infinity);
  const head = { id: record.id, created: Math.floor(host.now() / 1000) };
  const composed = composeAnswer({ ...request, maxTokens }, head, write);
  const promptTokens = Math.ceil(composed.promptTokens * settings.promptTokenFactor);
  const cachedTokens = settings.promptCache ? account.promptCache.read(request.modelId, turnsOf(request.messages)) : 0;
  const whole = { ...composed, promptTokens, cachedTokens: Math.min(cachedTokens, promptTokens) };
  const answer = fault.empty === true ? emptied(whole) : whole;
  return (request.stream && fault.noStream !== true ? streamAnswer : sendAnswer)({
    ...{ answer, exchange, fault, host, record, settings },
    bill: (usage) => {
      account.bookkeeper.bill(record.usage, usage);
      noteUsage(record, usage);
    },
  });
}

/** The answer of a fault in place of a completion. */
function replyOf(fault: Fault): Reply | undefined {
  if (fault.status !== undefined) return fault;
  return fault.html === undefined
    ? undefined
    : { status: 200, body: fault.html === true ? CAPTIVE_PORTAL : fault.html };
}

/** Whether the emulator itself is to blame for an error. */
function isMistake(error: unknown): boolean {
  return ![ConnectionGone, AnswerSpoiled, RequestRefused].some((expected) => error instanceof expected);
}

async function refuse(error: unknown, exchange: Exchange, record: RequestRecord): Promise<void> {
  if (error instanceof ConnectionGone || error instanceof AnswerSpoiled || exchange.signal.aborted) return;
  const refusal =
    error instanceof RequestRefused ? error : new RequestRefused(500, { code: 500, message: String(error) });
  if (exchange.isOpen) {
    exchange.reset();
    return;
  }
  const { headers, beside } = refusal.details;
  record.status = refusal.status;
  const body = { ...envelope(refusal.error), ...beside };
  await reply(exchange, { status: refusal.status, body }, headers).catch(() => undefined);
}

function lowerCased(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
