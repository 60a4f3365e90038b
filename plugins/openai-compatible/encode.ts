import {
  asList,
  asObject,
  asText,
  chatBody,
  chatCap,
  endpointUrl,
  lowerCaseNames,
  prefillFrom,
} from 'scriptorium/provider';
import type { Billing, GenerationRequest, Json, Prefill, WireRequest } from 'scriptorium/provider';
import { isLocal } from './local-address.js';
import type { Begun, Preset } from './preset.js';
import { refusedSampling } from './sampling.js';
import type { Server } from './server.js';

/**
 * A generation as the server's chat completion: what all have in common, in the server's own words. Fields that it does not
 * know are left out. `providerOptions` go in as they are and win over the fields above them.
 * @param tell called with a sentence for each field that the request has and its model refuses
 */
export function encodeChat(request: GenerationRequest, server: Server, tell: (sentence: string) => void): WireRequest {
  const { preset, id } = server;
  const common = chatBody(request, prefillOf(request, server));
  const messages = asList(common.messages).map((message) => plain(asObject(message) ?? {}));
  const begun = isBegun(messages) ? preset.begun : {};
  const isStream = request.wire === 'sse';
  const refused = refusedSampling(request, preset);
  for (const field of refused.leftOut) tell(`${id}: left out ${field} for ${request.model}.`);
  return {
    method: 'POST',
    url: chatUrl(server, begun),
    headers: { ...serverHeaders(server), 'content-type': 'application/json', ...lowerCaseNames(request.headers) },
    body: JSON.stringify({
      ...common,
      messages: marked(messages, begun),
      ...ownNames(request, preset),
      ...refused.fields,
      reasoning_effort: preset.takesEffort ? request.reasoning?.effort : undefined,
      ...begun.body,
      stream_options: isStream && preset.asksForUsage ? { include_usage: true } : undefined,
      ...request.providerOptions[id],
      stream: isStream,
    }),
  };
}

/** What the request's model can do with a text to go on from: by the user's table, then by the preset's. */
export function prefillOf(request: GenerationRequest, { id, prefill, preset }: Server): Prefill {
  return prefillFrom([prefill ?? {}, preset.prefill], request, id);
}

/** Options whose fees are not known: the vendor's own searches and tools, predicted outputs, and dearer tiers. */
const PRICED_OPTIONS = ['web_search_options', 'tools', 'plugins', 'prediction', 'service_tier', 'prompt'] as const;

/** How the server bills a request. `n` answers are billed with each other. */
export function billingOf({ model, maxTokens, providerOptions }: GenerationRequest, server: Server): Billing {
  const own = asObject(providerOptions[server.id]) ?? {};
  const cap = chatCap({ [server.preset.names.maxTokens]: maxTokens, ...own });
  const unknownFees = [
    ...PRICED_OPTIONS.filter((name) => own[name] !== undefined),
    ...(cap.answers > 1 && cap.outputTokens === Infinity ? ['n'] : []),
  ];
  return {
    models: [asText(own.model) ?? model],
    isFree: server.preset.isLocal === true && isLocal(server.baseUrl),
    outputTokens: cap.outputTokens,
    ...(unknownFees.length > 0 && { unknownFees }),
  };
}

/** The key, if there is one, and what is configured. */
export function serverHeaders({ apiKey, headers }: Server): Record<string, string> {
  return { ...lowerCaseNames(headers), ...(apiKey !== null && { authorization: `Bearer ${apiKey.reveal()}` }) };
}

function chatUrl(server: Server, { path }: Begun): string {
  if (path === undefined) return endpointUrl(server, 'chat/completions');
  const root = server.baseUrl.replace(/\/+$/, '').replace(/\/v1$/, '');
  return endpointUrl({ baseUrl: root.endsWith(path) ? root : root + path }, 'chat/completions');
}

/** A conversation that ends with the assistant is to be gone on from. */
function isBegun(messages: readonly Json[]): boolean {
  return messages.at(-1)?.role === 'assistant';
}

function marked(messages: readonly Json[], { message: mark }: Begun): readonly Json[] {
  const last = messages.at(-1);
  return mark === undefined || last === undefined ? messages : [...messages.slice(0, -1), { ...last, ...mark }];
}

/** The fields that not all servers know: first all of them taken out, then those put in that this one has a name for. */
function ownNames(request: GenerationRequest, { names }: Preset): Json {
  const [maxTokens, seed] = [
    { max_tokens: undefined, [names.maxTokens]: request.maxTokens },
    { seed: undefined, ...named(names.seed, request.seed) },
  ];
  return {
    ...maxTokens,
    ...seed,
    ...named(names.topK, request.topK),
    ...named(names.minP, request.minP),
    ...named(names.repetitionPenalty, request.repetitionPenalty),
  };
}

function named(name: string | undefined, value: unknown): Json {
  return name === undefined ? {} : { [name]: value };
}

/** Without what only OpenRouter knows, which strict servers refuse: marks for its cache, and reasoning details. */
function plain({ reasoning_details: _details, content, ...message }: Json): Json {
  return {
    ...message,
    content: Array.isArray(content) ? content.map((part) => withoutCacheMark(asObject(part) ?? {})) : content,
  };
}

function withoutCacheMark({ cache_control: _mark, ...part }: Json): Json {
  return part;
}
