import type { PrefillTable } from 'scriptorium/provider';

/** What is particular to one server among those that speak chat completions. What a server does not know is not sent. */
export interface Preset {
  /** `null`: it has to be configured. */
  readonly baseUrl: string | null;
  /** The variable that usually holds its key. Without one, a key may be left out. */
  readonly keyVariable?: string;
  /** What fields are called that not all servers know, or not by one name. */
  readonly names: FieldNames;
  /** It runs on a machine of the user's own, and costs nothing. */
  readonly isLocal?: boolean;
  /** Models, by name or pattern, that refuse a temperature and its kin. */
  readonly withoutSampling?: readonly string[];
  /** Whether it takes `reasoning_effort`. */
  readonly takesEffort: boolean;
  /** Whether it tells the usage of a stream only if `stream_options` asks for it. */
  readonly asksForUsage: boolean;
  /** `[DONE]` alone makes an answer whole, since it names no finish reason. */
  readonly endsByTerminator?: boolean;
  /** Takes back the parts of the content that hold thoughts, `{ type: 'thinking', thinking: […] }`. */
  readonly takesThoughts?: boolean;
  /** What its models do with a text to go on from; what is not in it is instructed. */
  readonly prefill: PrefillTable;
  /** How a conversation is marked that ends with an assistant's message, which is to be gone on from. */
  readonly begun: Begun;
}

export interface FieldNames {
  readonly maxTokens: 'max_tokens' | 'max_completion_tokens';
  readonly seed?: 'seed' | 'random_seed';
  readonly topK?: 'top_k';
  readonly minP?: 'min_p';
  readonly repetitionPenalty?: 'repetition_penalty' | 'repeat_penalty';
}

export interface Begun {
  /** In the assistant's message. */
  readonly message?: Readonly<Record<string, unknown>>;
  /** In the body. */
  readonly body?: Readonly<Record<string, unknown>>;
  /** The base path that takes such conversations, in place of `/v1`. */
  readonly path?: string;
  /** The answer begins with the text that it goes on from, which is taken off. */
  readonly isRepeated?: boolean;
}
