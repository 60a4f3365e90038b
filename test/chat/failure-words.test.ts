import { describe, expect, it } from '@jest/globals';
import { verdictOfWords } from 'scriptorium/provider';

const byMessage = (message: string, status: number | undefined = 400) =>
  verdictOfWords({ status, codes: [], message })?.code;
const byCode = (code: string, more: object = {}) =>
  verdictOfWords({ status: 400, codes: ['invalid_request_error', code], message: 'no', ...more })?.code;

describe('a prompt that is too long', () => {
  it.each([
    "This model's maximum context length is 8192 tokens. However, you requested 10000 tokens (9000 in the messages, 1000 in the completion).",
    "This endpoint's maximum context length is 32768 tokens. However, you requested about 40000 tokens.",
    'Your input exceeds the context window of this model. Please adjust your input and try again.',
    'prompt is too long: 214315 tokens > 200000 maximum',
    'input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000',
    'The input token count (1048577) exceeds the maximum number of tokens allowed (1048576).',
    'Input is too long for requested model.',
    'Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length',
    'Please reduce the length of the messages or completion.',
    'Input validation error: `inputs` tokens + `max_new_tokens` must be <= 8193. Given: 9000 `inputs` tokens and 512 `max_new_tokens`',
    "This model's maximum prompt length is 131072 but the request contains 537812 tokens.",
    'too many tokens: total number of tokens in the prompt cannot exceed 4081 - received 5000.',
    'Invalid request: Your request exceeded model token limit: 131072',
    'Range of input length should be [1, 30720]',
    'the request exceeds the available context size. try increasing the context size or enable context shift',
    'Trying to keep the first 4506 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens.',
    'Request body too large for gpt-4o model. Max size: 8000 tokens.',
    'Prompt exceeds max length',
    'The prompt is too long: 140000, model maximum context length: 131071',
    "'max_tokens' or 'max_completion_tokens' is too large: 8192. This model's maximum context length is 4096 tokens and your request has 20 input tokens.",
    'Requested token count exceeds the model’s maximum context length of 131072 tokens.',
    'litellm.ContextWindowExceededError: the prompt is longer than the context window',
  ])('is seen in "%s"', (message) => {
    for (const status of [400, 413, 422, undefined]) expect(byMessage(message, status)).toBe('context-length');
  });

  it.each([
    'context_length_exceeded',
    'exceed_context_size_error',
    'ContextWindowExceededError',
    'model_context_window_exceeded',
    'tokens_limit_reached',
    'token_limit_exceeded',
    'prompt_too_long',
    'request_too_large',
  ])('is seen in the code %s', (code) => {
    expect(byCode(code)).toBe('context-length');
  });

  it('is seen where a text is too long, and not where a name is', () => {
    const content = "Invalid 'messages[1].content': string too long. Expected a string with maximum length 1048576.";
    const name = "Invalid 'tools[0].function.name': string too long. Expected a string with maximum length 64.";
    expect([
      byCode('string_above_max_length'),
      byCode('string_above_max_length', { message: content }),
      byCode('string_above_max_length', { param: 'messages[1].content' }),
      byCode('string_above_max_length', { message: name }),
      byCode('string_above_max_length', { param: 'user' }),
      byCode('string_too_long', { message: 'body.messages.0.content: String should have at most 9 characters' }),
      byCode('string_too_long', { message: 'body.user: String should have at most 64 characters' }),
    ]).toEqual([...Array<string>(3).fill('context-length'), undefined, undefined, 'context-length', undefined]);
  });

  it.each([
    'max_tokens must be <= 4096',
    'max_tokens: 8192 > 4096, which is the maximum allowed number of output tokens for claude-3-opus-20240229',
    'max_tokens is too large: 200000. This model supports at most 16384 completion tokens, whereas you provided 200000.',
    'maxOutputTokens exceeds the maximum number of tokens allowed (8192).',
    'messages.0.content.1.image.source: image is too large',
    'tools: too many tools; at most 128 are allowed',
    'stop: list is too long',
    '`temperature` must be between 0 and 2',
    'messages: at least one message is required',
    'failed to parse the context of the grammar',
    'Unknown parameter: context_window',
  ])('is not seen in "%s"', (message) => {
    expect(byMessage(message)).toBeUndefined();
  });
});

describe('a model that is gone', () => {
  it.each([
    'The model `llama2-70b-4096` has been decommissioned and is no longer supported. Please refer to https://console.groq.com/docs/deprecations for a recommendation on which model to use instead.',
    'The model `gpt-4-32k` has been deprecated, learn more here: https://platform.openai.com/docs/deprecations',
    'The model `gpt-9` does not exist or you do not have access to it.',
    'Unable to access model a/b. Please visit https://api.together.ai/models to view the list of supported models.',
    'Invalid model: mistral-small-1',
    'Model Not Exist',
    'models/gemini-pro is not found for API version v1beta, or is not supported for generateContent. Call ListModels to see the list of available models and their supported methods.',
    'Gemini 1.0 Pro Vision model has been deprecated on July 12, 2024. Consider switching to a different model.',
    'x/y is not a valid model ID',
    "model 'command-x' not found, make sure the correct model ID was used and that you have access to the model.",
    'The provided model identifier is invalid.',
    'This model version has reached the end of its life. Please refer to the AWS documentation for more details.',
    'Access denied. This Model is marked by provider as Legacy and you have not been actively using the model in the last 15 days.',
    'Model not found, inaccessible, and/or not deployed',
    'model "llama9" not found, try pulling it first',
    "Invalid model 'pplx-70b-online'. Permitted models can be found in the documentation.",
    'The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, please wait a moment and try again.',
    'Unknown model: gpt-9',
    'Model does not exist. Please check it carefully.',
    '模型不存在，请检查模型代码。',
    "The model 'a/b' has reached its end of life on 2025-10-01 and is no longer available.",
    'The requested model is not supported.',
    'The engine ada is no longer available.',
  ])('is seen in "%s"', (message) => {
    for (const status of [400, 404, 410, 422, undefined]) expect(byMessage(message, status)).toBe('not-found');
  });

  it.each([
    'model_not_found',
    'model_decommissioned',
    'ModelDeprecated',
    'DeploymentNotFound',
    'model_not_available',
    'invalid_model',
    'unknown_model',
    'model_not_supported',
    'free_variant_ended',
    'model_unavailable_upstream',
  ])('is seen in the code %s', (code) => {
    expect(byCode(code)).toBe('not-found');
  });

  it.each([
    '`temperature` is deprecated for this model.',
    "The model's parameter `top_k` has been deprecated.",
    'The `functions` field is no longer supported by this model; use `tools`.',
    "tool_choice: the function 'look_up' does not exist for this model",
    'The image for the model was not found.',
    'This model does not support image input.',
    'response_format of type json_object is not supported by this model',
    'Thinking is not supported on this model.',
    'The file a.pdf does not exist.',
    'Previous response with id resp_1 not found.',
    'Reasoning is deprecated. Choose a model that reasons by itself.',
  ])('is not seen in "%s"', (message) => {
    expect(byMessage(message)).toBeUndefined();
  });
});

describe('words', () => {
  it.each([401, 402, 403, 408, 429, 500, 502, 503])('say nothing beside a %i, which is plain', (status) => {
    expect(byMessage('prompt is too long', status)).toBeUndefined();
    expect(byMessage('The model `x` does not exist.', status)).toBeUndefined();
  });
});

describe('words that only sound like it', () => {
  it('speak of throttling', () => {
    expect(byMessage('Too many tokens, please wait before trying again.')).toBeUndefined();
    expect(byMessage('Too many tokens per minute.')).toBeUndefined();
  });

  it('take no long time, however many they are', () => {
    expect(byMessage(`exceed ${'maximum '.repeat(100_000)}`)).toBeUndefined();
  });
});
