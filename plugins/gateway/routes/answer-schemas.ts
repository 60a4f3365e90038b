// The JSON Schemas of the gateway's answers, for `/openapi.json`. Answers with fields of a vendor's own allow further ones.

/** A JSON Schema. */
export type Schema = Readonly<Record<string, unknown>>;

const TEXT = { type: 'string' };
const NUMBER = { type: 'number' };
const COUNT = { type: 'integer', minimum: 0 };
const FLAG = { type: 'boolean' };
const orNull = ({ type, ...rest }: Schema): Schema => ({ ...rest, type: [type, 'null'] });
const list = (items: Schema): Schema => ({ type: 'array', items });

/** An object that has all of these fields, some further ones perhaps, and no others. */
function closed(required: Readonly<Record<string, Schema>>, optional: Readonly<Record<string, Schema>> = {}): Schema {
  const properties = { ...required, ...optional };
  return { type: 'object', required: Object.keys(required), properties, additionalProperties: false };
}

/** An object that has all of these fields, and any further ones. */
function open(required: Readonly<Record<string, Schema>>, optional: Readonly<Record<string, Schema>> = {}): Schema {
  return { ...closed(required, optional), additionalProperties: true };
}

/** A failure in the envelope of the chat protocol. */
export const FAILURE = closed({
  error: closed(
    { message: TEXT, type: TEXT, param: { type: 'null' }, code: { type: ['string', 'integer'] } },
    { metadata: closed({ error_type: TEXT }, { provider_name: TEXT }) },
  ),
});

/** The state of the process. */
export const HEALTH = closed({ status: { type: 'string', enum: ['ok', 'stopping'] } });

/** The list of models. */
export const MODELS = closed({
  object: { const: 'list' },
  data: list(
    open(
      { id: TEXT, object: { const: 'model' }, owned_by: TEXT, created: NUMBER, name: TEXT },
      { context_length: orNull(NUMBER), supported_parameters: list(TEXT) },
    ),
  ),
});

/** What a vendor says of the key in use. */
export const KEY = closed({
  data: closed(
    {
      label: TEXT,
      limit: orNull(NUMBER),
      limit_reset: orNull(TEXT),
      limit_remaining: orNull(NUMBER),
      usage: NUMBER,
      usage_daily: NUMBER,
      usage_weekly: NUMBER,
      usage_monthly: NUMBER,
      is_free_tier: FLAG,
      is_management_key: FLAG,
      expires_at: orNull(TEXT),
    },
    { rate_limit: { type: 'object' } },
  ),
});

/** A vendor's record of an answer. */
export const GENERATION = closed({
  data: open({
    id: TEXT,
    created_at: orNull(TEXT),
    model: orNull(TEXT),
    provider_name: orNull(TEXT),
    total_cost: orNull(NUMBER),
    tokens_prompt: orNull(NUMBER),
    tokens_completion: orNull(NUMBER),
    latency: orNull(NUMBER),
    generation_time: orNull(NUMBER),
    finish_reason: orNull(TEXT),
    streamed: orNull(FLAG),
    cancelled: orNull(FLAG),
  }),
});

/** A text, and the totals under the names of BookGen's service. */
export const GENERATED = closed({
  content: TEXT,
  stats: closed({
    requests: COUNT,
    successful_requests: COUNT,
    failed_requests: COUNT,
    total_tokens: NUMBER,
    total_prompt_tokens: NUMBER,
    total_completion_tokens: NUMBER,
    total_cost: NUMBER,
    errors: list(closed({ timestamp: TEXT, error: TEXT })),
    start_time: TEXT,
    uptime_seconds: NUMBER,
    success_rate: NUMBER,
  }),
});

/** A failure as FastAPI has it. */
export const DETAIL = closed({ detail: TEXT });

const USAGE = closed(
  {
    prompt_tokens: COUNT,
    completion_tokens: COUNT,
    total_tokens: COUNT,
    prompt_tokens_details: closed({ cached_tokens: COUNT, cache_write_tokens: COUNT }),
    completion_tokens_details: closed({ reasoning_tokens: COUNT }),
  },
  { cost: NUMBER },
);

/** A chat completion as one object. */
export const CHAT_ANSWER = closed({
  id: TEXT,
  object: { const: 'chat.completion' },
  created: COUNT,
  model: TEXT,
  provider: TEXT,
  system_fingerprint: { type: 'null' },
  usage: USAGE,
  choices: list(
    closed(
      {
        index: COUNT,
        finish_reason: { type: 'string', enum: ['stop', 'length', 'content_filter', 'tool_calls'] },
        logprobs: { type: 'null' },
        message: closed(
          { role: { const: 'assistant' }, content: TEXT, refusal: { type: 'null' } },
          {
            reasoning: TEXT,
            reasoning_details: list({}),
            tool_calls: list(
              closed({ id: TEXT, type: { const: 'function' }, function: closed({ name: TEXT, arguments: TEXT }) }),
            ),
            annotations: list({}),
            images: list(closed({ type: { const: 'image_url' }, image_url: closed({ url: TEXT }) })),
          },
        ),
      },
      { native_finish_reason: orNull(TEXT) },
    ),
  ),
});

/** One answer in a description. */
export function answer(description: string, schema: Schema, type = 'application/json'): Schema {
  return { description, content: { [type]: { schema } } };
}

/** The failures of a route. */
export const FAILURES: Schema = {
  '4xx': answer('The request was refused', FAILURE),
  '5xx': answer('The request failed', FAILURE),
};
