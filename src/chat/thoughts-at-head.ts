/** What a piece of text holds. Either may be empty. */
export interface Apart {
  readonly thought: string;
  readonly text: string;
}

const TAGS = [
  ['<think>', '</think>'],
  ['<thinking>', '</thinking>'],
] as const;
const NOTHING: Apart = { thought: '', text: '' };

/**
 * Takes thoughts out of a text that begins with them: `<think>Hm.</think>`, as open models write where their server does not
 * separate the two. Such a tag anywhere else is text. The blanks between the thoughts and the text belong to neither.
 */
export class ThoughtsAtHead {
  private state: 'start' | 'thought' | 'gap' | 'text' = 'start';
  /** Text that may be part of a tag. */
  private held = '';
  private close = '';

  /** Whether all that follows is text. */
  get isOver(): boolean {
    return this.state === 'text';
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
    if (TAGS.some(([open]) => open.startsWith(head))) {
      this.held = text;
      return NOTHING;
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
