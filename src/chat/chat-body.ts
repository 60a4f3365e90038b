import { continuedMessages } from '../core/continuation.js';
import type { Prefill } from '../core/continuation.js';
import type { Content, Message, Part } from '../core/message.js';
import type { GenerationRequest, ResponseFormat, Tool, ToolChoice } from '../core/request.js';

/**
 * Builds the fields that all chat-completions APIs share. Undefined fields are left out, so the model's own defaults
 * apply; 0 is sent as 0. The order of keys is constant, because vendors' caches may depend on it.
 * @param prefill how the model continues a text; decides how the delivered text is placed among the messages
 * @see docs/write-a-provider.md
 * @example
 * ```ts
 * encode: (request) => ({
 *   method: 'POST',
 *   url: endpointUrl(account, '/chat/completions'),
 *   headers,
 *   body: JSON.stringify({ ...chatBody(request, 'instructed'), stream: true }),
 * }),
 * ```
 */
export function chatBody(request: GenerationRequest, prefill: Prefill): Readonly<Record<string, unknown>> {
  const {
    model,
    maxTokens,
    temperature,
    topP,
    frequencyPenalty,
    presencePenalty,
    seed,
    stop,
    tools,
    toolChoice,
    responseFormat,
  } = request;
  return {
    model,
    messages: continuedMessages(request, prefill).map(chatMessage),
    max_tokens: maxTokens,
    temperature,
    top_p: topP,
    frequency_penalty: frequencyPenalty,
    presence_penalty: presencePenalty,
    seed,
    stop,
    tools: tools?.map(chatTool),
    tool_choice: toolChoice === undefined ? undefined : chatToolChoice(toolChoice),
    response_format: responseFormat === undefined ? undefined : chatFormat(responseFormat),
  };
}

function chatMessage(message: Message): object {
  switch (message.role) {
    case 'system':
    case 'user':
      return { role: message.role, content: chatContent(message.content) };
    case 'tool':
      return { role: 'tool', tool_call_id: message.toolCallId, content: chatContent(message.content) };
    case 'assistant': {
      const { content, toolCalls, reasoningDetails } = message;
      const calls = toolCalls?.map(({ id, name, arguments: given }) => ({
        id,
        type: 'function',
        function: { name, arguments: given },
      }));
      // Some vendors reject blank text next to tool calls.
      const isBlank = content.length === 0 && calls !== undefined;
      return {
        role: 'assistant',
        content: isBlank ? null : chatContent(content),
        ...(calls && { tool_calls: calls }),
        ...(reasoningDetails && { reasoning_details: reasoningDetails }),
      };
    }
  }
}

function chatContent(content: Content): unknown {
  return typeof content === 'string' ? content : content.map(chatPart);
}

function chatPart(part: Part): object {
  switch (part.type) {
    case 'text':
      return { type: 'text', text: part.text, ...(part.cache === true && { cache_control: { type: 'ephemeral' } }) };
    case 'image':
      return {
        type: 'image_url',
        image_url: { url: part.url, ...(part.detail !== undefined && { detail: part.detail }) },
      };
    case 'file':
      return {
        type: 'file',
        file: { ...(part.filename !== undefined && { filename: part.filename }), file_data: part.url },
      };
    case 'audio':
      return { type: 'input_audio', input_audio: { data: part.data, format: part.format } };
    case 'other':
      return part.raw;
  }
}

function chatTool({ name, description, parameters, strict }: Tool): object {
  return { type: 'function', function: { name, description, parameters, strict } };
}

function chatToolChoice(choice: ToolChoice): unknown {
  return typeof choice === 'string' ? choice : { type: 'function', function: { name: choice.name } };
}

function chatFormat(format: ResponseFormat): object {
  switch (format.type) {
    case 'text':
      return { type: 'text' };
    case 'json':
      return { type: 'json_object' };
    case 'json-schema':
      return {
        type: 'json_schema',
        json_schema: {
          name: format.name,
          description: format.description,
          schema: format.schema,
          strict: format.strict,
        },
      };
  }
}
