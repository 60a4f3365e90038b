import { plantedIn } from './author/defects.js';
import type { Planted } from './author/defects.js';
import { bookkeeper } from './books.js';
import type { Books } from './books.js';
import type { Account, ServiceState } from './chat.js';
import { turnsOf } from './conversation.js';
import type { WireMessage } from './conversation.js';
import { dayCount } from './day-count.js';
import type { Exchange } from './exchange.js';
import { faultSource } from './fault-source.js';
import type { Fault } from './faults.js';
import type { Host } from './host.js';
import type { IncomingRequest } from './incoming.js';
import { limiter } from './limits.js';
import { DEFAULT_MODEL, MODELS, findModel } from './models.js';
import { settingsOf } from './options.js';
import type { ServiceOptions, ServiceSettings } from './options.js';
import type { LoggedRequest } from './request-log.js';
import { promptCache } from './prompt-cache.js';
import { route } from './routes.js';
import { createWriter } from './writer.js';

/** Which text is asked for; the same fields as a chat request's. */
export interface TextRequest {
  readonly model?: string;
  readonly messages: readonly WireMessage[];
}

/** An emulated vendor as a test sees it and sets it up. */
export interface EmulatedVendor {
  /** Every request to `/chat/completions` in the order of arrival; its entries change while they are served. */
  readonly requests: readonly LoggedRequest[];
  /** Every other request in the order of arrival, as `GET /key`. */
  readonly lookUps: readonly string[];
  /** The requests received, accepted and billed since the start or the last `clear`: a snapshot. */
  readonly books: Books;
  /**
   * The whole text that belongs to a request, whatever its token cap, and however much of it is in the messages already. A text of a
   * foreign hand comes with what the model adds to it. Throws for an unknown model.
   */
  textFor(request: TextRequest): string;
  /** What `scriptorium/careless-author` has planted in a section of a book, such as `chapter-03`: its answer key. */
  planted(subject: string, section: string): Planted | undefined;
  /** Gives the well-formed requests to come one fault each, in this order, before the `fault` option is asked; undefined lets one pass. */
  script(...faults: readonly (Fault | undefined)[]): void;
  /** Forgets the log, the scripted faults, the books, and what has been counted against the limits. */
  clear(): void;
}

/** OpenRouter's protocol without a server around it. Its texts come from Moby-Dick or an embedded n-gram model, not from an LLM. */
export interface EmulatedService extends EmulatedVendor {
  /** Serves one request; resolves when no more is done for it. Never rejects. */
  serve(request: IncomingRequest, exchange: Exchange): Promise<void>;
}

/**
 * A service that takes time and chance from its host alone: equal options, hosts and requests, equal answers and ids.
 * @throws RangeError for an option that makes no sense
 */
export function emulatedService(options: ServiceOptions, host: Host): EmulatedService {
  const settings = settingsOf(options);
  const state: ServiceState = {
    settings,
    host,
    faults: faultSource(settings.fault),
    write: createWriter(settings),
    log: [],
    lookUps: [],
    account: openAccount(settings, host),
  };
  return {
    requests: state.log,
    lookUps: state.lookUps,
    get books() {
      return state.account.bookkeeper.books;
    },
    textFor: ({ model = DEFAULT_MODEL, messages }) => state.write(knownModel(model), turnsOf(messages)).whole,
    planted: (subject, section) => plantedIn(settings.seed, subject, section),
    script: state.faults.script,
    clear: () => {
      state.log.length = 0;
      state.lookUps.length = 0;
      state.faults.clear();
      state.account = openAccount(settings, host);
    },
    serve: (request, exchange) => route(request, exchange, state),
  };
}

function openAccount({ freeModelDailyRequests, limits }: ServiceSettings, host: Host): Account {
  const day = dayCount(limits.dayMs, { now: host.now(), seen: freeModelDailyRequests.used });
  return { bookkeeper: bookkeeper(limits.dayMs), limiter: limiter(limits, day), promptCache: promptCache() };
}

function knownModel(id: string) {
  const model = findModel(id);
  if (model === undefined) throw new Error(`No model "${id}"; known: ${MODELS.map((known) => known.id).join(', ')}`);
  return model;
}
