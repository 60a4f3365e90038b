import type { WireMessage } from './conversation.js';
import { invalidRequest, modelNotFound } from './errors.js';
import { DEFAULT_MODEL, findModel } from './models.js';
import type { EmulatedModel } from './models.js';
import { readShape } from './shape.js';
import type { Shape } from './shape.js';

/** The fields of a chat request that the emulator uses; everything else in the body is tolerated and logged. */
export interface ChatRequest {
  readonly model: EmulatedModel;
  /** The model as the request names it. */
  readonly modelId: string;
  readonly messages: readonly WireMessage[];
  readonly stream: boolean;
  readonly maxTokens?: number;
  readonly reasoning?: ReasoningRequest;
  /** The answer is to be JSON, or the call of a tool. */
  readonly shape?: Shape;
}

/** How much the model is to think, and whether its thoughts are shown. */
export interface ReasoningRequest {
  readonly tokens: number;
  readonly exclude: boolean;
}

const REASONING_TOKENS: Readonly<Record<string, number>> = {
  minimal: 8,
  low: 16,
  medium: 32,
  high: 64,
  xhigh: 96,
  max: 128,
};
const MOST_REASONING = 4_096;

/** Reads a parsed body. @throws RequestRefused (400) if it is no chat request, or names no model that the emulator has. */
export function readChatRequest(body: unknown): ChatRequest {
  if (!isRecord(body)) throw invalidRequest('The body must be a JSON object');
  const { messages } = body;
  if (!Array.isArray(messages) || messages.length === 0)
    throw invalidRequest('messages: expected an array of at least one message');
  if (!messages.every(isMessage)) throw invalidRequest('messages: every message needs a role');
  const maxTokens = body['max_completion_tokens'] ?? body['max_tokens'] ?? undefined;
  if (maxTokens !== undefined && !isPositiveInteger(maxTokens))
    throw invalidRequest('max_tokens: expected a positive integer');
  const reasoning = readReasoning(body['reasoning']);
  const shape = readShape(body);
  return {
    ...readModel(body),
    messages,
    stream: body['stream'] === true,
    ...(maxTokens !== undefined && { maxTokens }),
    ...(reasoning && { reasoning }),
    ...(shape && { shape }),
  };
}

/** The first known model of `model` and then `models`; the default where the request names none. */
function readModel({ model, models }: Readonly<Record<string, unknown>>): Pick<ChatRequest, 'model' | 'modelId'> {
  const named = [model, ...(Array.isArray(models) ? (models as unknown[]) : [])].filter((id) => typeof id === 'string');
  for (const modelId of named.length > 0 ? named : [DEFAULT_MODEL]) {
    const found = findModel(modelId);
    if (found !== undefined) return { model: found, modelId };
  }
  throw modelNotFound(named);
}

function readReasoning(reasoning: unknown): ReasoningRequest | undefined {
  if (!isRecord(reasoning)) return undefined;
  const { effort, max_tokens: budget, enabled } = reasoning;
  const exclude = reasoning['exclude'] === true;
  if (isPositiveInteger(budget)) return { tokens: Math.min(budget, MOST_REASONING), exclude };
  const tokens =
    typeof effort === 'string' ? REASONING_TOKENS[effort] : enabled === true ? REASONING_TOKENS['medium'] : undefined;
  return tokens === undefined ? undefined : { tokens, exclude };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isMessage(value: unknown): value is WireMessage {
  return isRecord(value) && typeof value['role'] === 'string';
}

function isPositiveInteger(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) > 0;
}
