import { taskOf } from './author/task.js';
import type { ChatRequest, ReasoningRequest } from './chat-request.js';
import { turnsOf } from './conversation.js';
import type { Turn } from './conversation.js';
import type { Prices } from './models.js';
import { writeProse } from './prose.js';
import { seedOf } from './random.js';
import { sampleOf } from './sample.js';
import { tokensOf } from './tokens.js';
import { usageOf } from './usage.js';
import type { WireUsage } from './usage.js';
import type { Writer } from './writer.js';

/** How an answer ends. */
export type FinishReason = 'stop' | 'length' | 'tool_calls';

/** A whole answer, before any of it is sent. */
export interface Answer {
  /** The generation's id, `gen-…`. */
  readonly id: string;
  /** Epoch seconds. */
  readonly created: number;
  readonly modelId: string;
  readonly prices: Prices;
  readonly promptTokens: number;
  /** Of these, the ones that were read from a cache. */
  readonly cachedTokens: number;
  /** The model's thoughts, token by token. */
  readonly reasoning: readonly string[];
  /** The thoughts are counted but not sent. */
  readonly hidesReasoning: boolean;
  /** The answer is the call of this tool, and `content` its arguments. */
  readonly tool?: string;
  /** The text, token by token. */
  readonly content: readonly string[];
  readonly finishReason: FinishReason;
}

/** Tokens that a message takes besides its text. */
const MESSAGE_OVERHEAD = 4;

/** The identity of an answer. */
export type AnswerHead = Pick<Answer, 'id' | 'created'>;

/** Works out the answer to a request. The token cap counts thoughts too, which get half of it at the most. */
export function composeAnswer(request: ChatRequest, head: AnswerHead, write: Writer): Answer {
  const { model, modelId, maxTokens = Infinity, reasoning, shape } = request;
  const turns = turnsOf(request.messages);
  const thoughts = reasoning === undefined ? [] : think(turns, reasoning, Math.floor(maxTokens / 2));
  const prose = write(model, turns).answer;
  const isItself = shape === undefined || (model.author === 'biographer' && taskOf(turns) !== undefined);
  const tokens = tokensOf(isItself ? prose : JSON.stringify(sampleOf(shape.schema, prose)));
  const room = maxTokens - thoughts.length;
  return {
    ...head,
    modelId,
    prices: model.prices,
    promptTokens: turns.reduce((sum, { text }) => sum + tokensOf(text).length + MESSAGE_OVERHEAD, 0),
    cachedTokens: 0,
    reasoning: thoughts,
    hidesReasoning: reasoning?.exclude ?? false,
    content: tokens.slice(0, room),
    finishReason: tokens.length > room ? 'length' : shape?.tool === undefined ? 'stop' : 'tool_calls',
    ...(shape?.tool !== undefined && { tool: shape.tool }),
  };
}

/** The answer with nothing in it, not even a prompt that counts. */
export function emptied(answer: Answer): Answer {
  const { tool: _tool, ...rest } = answer;
  return { ...rest, promptTokens: 0, cachedTokens: 0, reasoning: [], content: [], finishReason: 'stop' };
}

/** The usage of an answer when so many tokens of its content, and of its thoughts, were generated; all by default. */
export function usageUpTo(
  answer: Answer,
  contentTokens = answer.content.length,
  reasoningTokens = answer.reasoning.length,
): WireUsage {
  const { promptTokens, cachedTokens } = answer;
  return usageOf({ promptTokens, cachedTokens, contentTokens, reasoningTokens }, answer.prices);
}

function think(turns: readonly Turn[], { tokens }: ReasoningRequest, most: number): readonly string[] {
  const count = Math.min(tokens, most);
  const prose = writeProse({ seed: seedOf('thoughts', turns), length: { unit: 'words', atLeast: count } });
  return tokensOf(prose.replaceAll('\n\n', ' ')).slice(0, count);
}
