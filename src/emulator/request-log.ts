import type { Ending } from './exchange.js';
import type { Fault } from './faults.js';
import { generationId } from './generation-id.js';
import type { Host } from './host.js';
import type { IncomingRequest } from './incoming.js';
import type { WireUsage } from './usage.js';

/**
 * How a request ended. `completed`: answered to the end, by a refusal (4xx) too. `cancelled`: the client left first, out of a stall as well.
 * `faulted`: a fault spoiled the answer, or the emulator was closed. `running` until then.
 */
export type Outcome = 'running' | 'completed' | 'cancelled' | 'faulted';

/** A request to `/chat/completions`, noted when its head arrives and kept up to date while it is served. */
export interface LoggedRequest {
  /** The generation's id, as the answer's `X-Generation-Id` tells it. */
  readonly id: string;
  /** Epoch milliseconds. */
  readonly arrivedAt: number;
  /** When the answer was sent, or the connection lost (epoch milliseconds); undefined until then. */
  readonly closedAt: number | undefined;
  /** As received, the key redacted. */
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed; undefined until it has arrived, and if it is no JSON. */
  readonly body: unknown;
  /** The model that answers, as the request names it. */
  readonly model: string | undefined;
  readonly stream: boolean;
  /** The fault that this request was given. */
  readonly fault: Fault | undefined;
  readonly outcome: Outcome;
  /** The status of the answer; undefined if none was sent. */
  readonly status: number | undefined;
  /** The text written to the client, without its wrapping. */
  readonly text: string;
  readonly finishReason: string | undefined;
  /** The usage of the request: the prompt, and the tokens written (of a JSON answer, all). Undefined if nothing was generated. */
  readonly usage: WireUsage | undefined;
  /** Whether the client was told the usage. */
  readonly usageSent: boolean;
  /** The cost of that usage, in US dollars. */
  readonly cost: number;
}

/** The same while it is being written. */
export type RequestRecord = { -readonly [Field in keyof LoggedRequest]: LoggedRequest[Field] };

/** Notes a request whose head has arrived. */
export function noteArrival({ headers }: IncomingRequest, host: Host): RequestRecord {
  return {
    id: generationId(host),
    arrivedAt: host.now(),
    closedAt: undefined,
    headers: redacted(headers),
    body: undefined,
    model: undefined,
    stream: false,
    fault: undefined,
    outcome: 'running',
    status: undefined,
    text: '',
    finishReason: undefined,
    usage: undefined,
    usageSent: false,
    cost: 0,
  };
}

/** Notes how and when the exchange of a request ended. */
export function noteEnd(record: RequestRecord, ending: Ending | undefined, now: number): void {
  record.closedAt = now;
  if (record.outcome !== 'running') return;
  record.outcome = ending === 'sent' ? 'completed' : ending === 'shut-down' ? 'faulted' : 'cancelled';
}

/** Notes what the request has used so far. */
export function noteUsage(record: RequestRecord, usage: WireUsage): void {
  record.usage = usage;
  record.cost = usage.cost;
}

function redacted(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return 'authorization' in headers ? { ...headers, authorization: '[redacted]' } : { ...headers };
}
