import { asObject, asText, chatCap, continuedMessages, lowerCaseNames } from 'scriptorium/provider';
import type {
  Billing,
  GenerationRequest,
  Json,
  ResponseFormat,
  Tool,
  ToolChoice,
  WireRequest,
} from 'scriptorium/provider';
import { conversationOf } from './conversation.js';
import { apiUrl, endpointHeaders } from './endpoint.js';
import type { Endpoint } from './endpoint.js';
import { prefillOf } from './prefill.js';
import { samplingOf } from './sampling.js';
import { isThinking, NO_THINKING, thinkingOf } from './thinking.js';

/** The API wants a token cap in every request: this one where a request has none, which all models take. */
const TOKEN_CAP = 4096;

/**
 * A generation as a request to the Messages API. `providerOptions` go in as they are and win over the fields above them,
 * each as a whole; the order of keys is always the same, since the prompt cache depends on it.
 * @param tell hears of what is in the request and cannot be sent to this model, a sentence each time
 * @throws GenerationError `bad-request` for what would have another meaning if it were left out
 */
export function encodeMessages(
  request: GenerationRequest,
  endpoint: Endpoint,
  tell: (sentence: string) => void,
): WireRequest {
  const { model, maxTokens = TOKEN_CAP, stop, tools, toolChoice, responseFormat, wire } = request;
  const { system, messages } = conversationOf(continuedMessages(request, prefillOf(request, endpoint)));
  const sampling = samplingOf(request, isThinking(request, endpoint.id));
  const own = request.providerOptions[endpoint.id] ?? {};
  const { thinking, effort, leftOut } = own.thinking === undefined ? thinkingOf(request, maxTokens) : NO_THINKING;
  const noFormat =
    responseFormat?.type === 'json'
      ? ['responseFormat "json" (the Messages API has schemas only; ask for JSON in the prompt)']
      : [];
  for (const field of [...sampling.leftOut, ...leftOut, ...noFormat]) tell(`Anthropic's ${model}: left out ${field}.`);
  const format = responseFormat === undefined ? undefined : formatOf(responseFormat);
  return {
    method: 'POST',
    url: apiUrl(endpoint, 'messages'),
    headers: { ...endpointHeaders(endpoint), 'content-type': 'application/json', ...lowerCaseNames(request.headers) },
    body: JSON.stringify({
      model,
      max_tokens: maxTokens,
      system,
      messages,
      ...sampling.fields,
      stop_sequences: stop,
      tools: tools?.map(toolOf),
      tool_choice: toolChoice === undefined ? undefined : choiceOf(toolChoice),
      thinking,
      output_config: effort === undefined && format === undefined ? undefined : { effort, format },
      ...own,
      stream: wire === 'sse',
    }),
  };
}

/** Options that cost what no price table here says: tools and containers of the vendor's own, dearer tiers and places. */
const PRICED_OPTIONS = ['tools', 'mcp_servers', 'container', 'service_tier', 'speed', 'inference_geo'] as const;

/** How the API bills a request: by the model and the cap that are sent. */
export function billingOf({ model, maxTokens = TOKEN_CAP, providerOptions }: GenerationRequest, id: string): Billing {
  const own = asObject(providerOptions[id]) ?? {};
  const { outputTokens } = chatCap({ max_tokens: maxTokens, ...own, max_completion_tokens: undefined, n: undefined });
  const unknownFees = PRICED_OPTIONS.filter((name) => own[name] !== undefined);
  return {
    models: [sentModel({ model, providerOptions }, id)],
    outputTokens,
    ...(unknownFees.length > 0 && { unknownFees }),
  };
}

/** The model that goes out: an option replaces the request's. */
export function sentModel(
  { model, providerOptions }: Pick<GenerationRequest, 'model' | 'providerOptions'>,
  id: string,
) {
  return asText(providerOptions[id]?.model) ?? model;
}

function toolOf({ name, description, parameters, strict }: Tool): Json {
  return { name, description, input_schema: { type: 'object', ...parameters }, strict };
}

function choiceOf(choice: ToolChoice): Json {
  switch (choice) {
    case 'auto':
    case 'none':
      return { type: choice };
    case 'required':
      return { type: 'any' };
    default:
      return { type: 'tool', name: choice.name };
  }
}

/** The schema alone: the API has no place for its name, and keeps to every schema strictly. */
function formatOf(format: ResponseFormat): Json | undefined {
  switch (format.type) {
    case 'text':
    case 'json':
      return undefined;
    case 'json-schema':
      return { type: 'json_schema', schema: format.schema };
  }
}
