import { createHash } from 'node:crypto';
import { chatBody, endpointUrl, lowerCaseNames, modelVersion, SESSION } from 'scriptorium/provider';
import type { GenerationRequest, PrefillTable, Remedies, Secret, WireRequest } from 'scriptorium/provider';
import { prefillOf } from './prefill.js';

/** Where requests go, and what they say about their sender. */
export interface Endpoint {
  readonly id: string;
  readonly baseUrl: string;
  /** Null where only the catalogue is asked for, which needs none. */
  readonly apiKey: Secret | null;
  readonly siteUrl: string;
  readonly siteTitle: string;
  readonly prefill: PrefillTable | null;
  /** What to do about failures. */
  readonly remedies: Remedies;
}

/**
 * A generation as OpenRouter's chat completion. What is undefined is left out, so that the model's own default holds; 0
 * is sent as 0. `providerOptions` go in as they are and win over the fields above them; the order of keys is always the
 * same, since OpenRouter's cache depends on it. OpenRouter leaves out what a model does not know, but not what it refuses beside
 * something else: of a temperature and a top-p, newer Claudes get the temperature alone.
 * @param tell called with a sentence for what is left out
 */
export function encodeChat(
  request: GenerationRequest,
  endpoint: Endpoint,
  tell: (sentence: string) => void,
): WireRequest {
  const isOneTooMany =
    request.temperature !== undefined && request.topP !== undefined && takesOneSampler(request.model);
  if (isOneTooMany) tell(`${endpoint.id}: left out topP for ${request.model}${BESIDE_TEMPERATURE}.`);
  return {
    method: 'POST',
    url: endpointUrl(endpoint, 'chat/completions'),
    headers: { 'content-type': 'application/json', ...endpointHeaders(endpoint), ...lowerCaseNames(request.headers) },
    body: JSON.stringify(
      // A literal of many fields after a spread costs ten times as much in V8.
      Object.assign({}, chatBody(request, prefillOf(request, endpoint)), ownFields(request), {
        ...(isOneTooMany && { top_p: undefined }),
        ...request.providerOptions[endpoint.id],
        stream: request.wire === 'sse',
      }),
    ),
  };
}

const BESIDE_TEMPERATURE = ' (refused beside a temperature; set temperature to null to send topP instead)';

/** Claude from 4.1 on; 4.0 takes both, but recommends one. */
function takesOneSampler(model: string): boolean {
  return (modelVersion(model, 'claude') ?? 0) >= 400;
}

/** The fields that OpenRouter has beside those of all chat completions. */
function ownFields(request: GenerationRequest): Readonly<Record<string, unknown>> {
  const { topK, minP, topA, repetitionPenalty, reasoning } = request;
  return {
    top_k: topK,
    min_p: minP,
    top_a: topA,
    repetition_penalty: repetitionPenalty,
    reasoning: reasoning && {
      effort: reasoning.effort,
      max_tokens: reasoning.maxTokens,
      exclude: reasoning.exclude,
    },
    session_id: sessionId(request),
  };
}

/** OpenRouter keeps a session with one host of its model, whose cache has the prompt. It takes 256 characters at the most. */
function sessionId({ context }: GenerationRequest): string | undefined {
  const session = context.get(SESSION);
  return session === undefined || session.length <= 256 ? session : createHash('sha256').update(session).digest('hex');
}

/** The key, and the application's name, which OpenRouter shows in its rankings; `x-title` is the older name of the same. */
export function endpointHeaders({ apiKey, siteUrl, siteTitle }: Endpoint): Record<string, string> {
  return {
    'http-referer': siteUrl,
    'x-openrouter-title': siteTitle,
    'x-title': siteTitle,
    ...(apiKey && { authorization: `Bearer ${apiKey.reveal()}` }),
  };
}
