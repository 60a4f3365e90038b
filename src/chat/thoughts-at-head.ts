import { continuedMessages } from '../core/continuation.js';
import type { Prefill } from '../core/continuation.js';
import type { GenerationRequest } from '../core/request.js';
import { lookUpModel } from './look-up-model.js';

/** What a piece of text holds. Either may be empty. */
export interface Apart {
  readonly thought: string;
  readonly text: string;
}

/**
 * Where a model's thoughts stand if its server leaves them in the text: `tagged` between tags at its head, if it begins with
 * one; `opened` likewise, and also up to the first `</think>` of a text that begins without a tag, because the chat template
 * has opened it in the prompt; `none` nowhere, so that a tag at the head is text.
 */
export const THOUGHTS_IN_TEXT = ['tagged', 'opened', 'none'] as const;

/** A value of `THOUGHTS_IN_TEXT`. */
export type ThoughtsInText = (typeof THOUGHTS_IN_TEXT)[number];

/** Maps model names, or patterns with `*`, to where their thoughts stand. */
export type ThoughtsTable = Readonly<Record<string, ThoughtsInText>>;

/**
 * Returns where the thoughts of a request's model stand in the text, by the exact name first, then by the first matching
 * pattern. By default they stand between tags.
 * @param prefill how the model continues a text: no template opens a tag after the assistant's own words
 * @see docs/dialects.md
 * @example
 * ```ts
 * thoughtsFrom({ 'deepseek-r1*': 'opened' }, request, 'instructed'); // 'opened' for deepseek-r1:8b
 * ```
 */
export function thoughtsFrom(
  table: ThoughtsTable | null | undefined,
  request: GenerationRequest,
  prefill: Prefill,
): ThoughtsInText {
  const found = (table == null ? undefined : lookUpModel(table, request.model)) ?? 'tagged';
  if (found !== 'opened') return found;
  return continuedMessages(request, prefill).at(-1)?.role === 'assistant' ? 'tagged' : 'opened';
}

/** The tags of DeepSeek, Qwen and most open models, of LG's and Google's, of Mistral's, Cohere's, ByteDance's and Moonshot's. */
const TAGS = [
  ['<think>', '</think>'],
  ['<thinking>', '</thinking>'],
  ['<thought>', '</thought>'],
  ['[THINK]', '[/THINK]'],
  ['<|START_THINKING|>', '<|END_THINKING|>'],
  ['<seed:think>', '</seed:think>'],
  ['◁think▷', '◁/think▷'],
] as const;
const LEFT_OPEN = '</think>';
const NOTHING: Apart = { thought: '', text: '' };

/** Blanks before a tag. A model that writes more of them has lost its way, and each piece would be looked at again. */
const MOST_BLANKS = 1_024;

/**
 * Takes thoughts out of a text that begins with them: `<think>Hm.</think>`, as open models write where their server does not
 * separate the two. Such a tag anywhere else is text. The blanks between the thoughts and the text belong to neither.
 */
export class ThoughtsAtHead {
  private state: 'start' | 'thought' | 'gap' | 'text' = 'start';
  /** Text that may be part of a tag. */
  private held = '';
  private close = '';
  private areElsewhere = false;

  constructor(private readonly where: ThoughtsInText = 'tagged') {
    if (where === 'none') this.state = 'text';
  }

  /** Whether all that follows is text. */
  get isOver(): boolean {
    return this.state === 'text';
  }

  /** The server has put thoughts elsewhere: a text that has not begun yet holds none without a tag. */
  standElsewhere(): void {
    this.areElsewhere = true;
  }

  take(piece: string): Apart {
    const text = this.held + piece;
    this.held = '';
    switch (this.state) {
      case 'start':
        return this.start(text);
      case 'thought':
        return this.think(text);
      case 'gap':
        return this.gap(text);
      case 'text':
        return { thought: '', text };
    }
  }

  /** What was held back, at the end of the answer. */
  rest(): Apart {
    const { held, state } = this;
    this.held = '';
    return state === 'thought' ? { thought: held, text: '' } : { thought: '', text: held };
  }

  private start(text: string): Apart {
    const head = text.trimStart();
    const tag = TAGS.find(([open]) => head.startsWith(open));
    if (tag !== undefined) {
      const [open, close] = tag;
      [this.state, this.close] = ['thought', close];
      return this.think(head.slice(open.length));
    }
    if (text.length - head.length <= MOST_BLANKS && TAGS.some(([open]) => open.startsWith(head))) {
      this.held = text;
      return NOTHING;
    }
    if (this.where === 'opened' && !this.areElsewhere) {
      [this.state, this.close] = ['thought', LEFT_OPEN];
      return this.think(text);
    }
    this.state = 'text';
    return { thought: '', text };
  }

  private think(text: string): Apart {
    const end = text.indexOf(this.close);
    if (end === -1) {
      const kept = lengthOfStart(text, this.close);
      this.held = text.slice(text.length - kept);
      return { thought: text.slice(0, text.length - kept), text: '' };
    }
    this.state = 'gap';
    const { text: rest } = this.gap(text.slice(end + this.close.length));
    return { thought: text.slice(0, end), text: rest };
  }

  private gap(text: string): Apart {
    const rest = text.trimStart();
    if (rest !== '') this.state = 'text';
    return { thought: '', text: rest };
  }
}

/** The length of the longest end of a text with which a tag begins. */
function lengthOfStart(text: string, tag: string): number {
  for (let length = Math.min(tag.length - 1, text.length); length > 0; length -= 1)
    if (text.endsWith(tag.slice(0, length))) return length;
  return 0;
}
