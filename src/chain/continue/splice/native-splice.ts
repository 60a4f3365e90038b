import { anchorStart } from './anchor.js';
import { CutSpace } from './cut-space.js';
import { HOLD } from './splice.js';
import type { Splice, SpliceDecision, SpliceEnd } from './splice.js';
import { RepeatedHead } from './repeated-head.js';
import { sentenceStarts } from './sentence-starts.js';
import { isSpaceAt } from './white-space.js';

/**
 * The splice for native prefill: the model continues at the very end of the text, so nothing is cut. An answer that
 * contradicts the white space at the cut, or begins by repeating delivered text, shows that the model did not.
 */
export class NativeSplice implements Splice {
  private readonly space: CutSpace;
  /** New text that is held. */
  private held = '';
  /** Set from the first visible character. */
  private head: RepeatedHead | undefined;

  constructor(private readonly text: string) {
    this.space = new CutSpace(text.slice(text.trimEnd().length));
  }

  take(characters: string): SpliceDecision {
    for (let at = 0; at < characters.length; at += 1) {
      if (this.head === undefined && isSpaceAt(characters, at)) {
        if (!this.space.take(characters.charAt(at))) return { type: 'untrusted', doubt: 'differs' };
        continue;
      }
      if (this.head === undefined && this.space.isContradicted) return { type: 'untrusted', doubt: 'differs' };
      this.head ??= this.begin();
      const verdict = this.head.take(characters, at);
      if (verdict === 'repeats') return { type: 'untrusted', doubt: 'repeats' };
      if (verdict === 'new') return { type: 'emit', text: this.held + characters.slice(at) };
      this.held += characters.charAt(at);
    }
    return HOLD;
  }

  close(): SpliceEnd {
    if (this.head === undefined) return { type: 'untrusted', doubt: 'nothing' };
    return this.head.isRepeatedWord ? { type: 'untrusted', doubt: 'repeats' } : { type: 'joined', text: this.held };
  }

  private begin(): RepeatedHead {
    this.held = this.space.added;
    const body = this.text.trimEnd();
    const start = body.length - body.trimStart().length;
    const ways = [...new Set([start, anchorStart(body), ...sentenceStarts(body, body.length)])];
    return new RepeatedHead(body, { ways, isInsideWord: this.space.isEmpty });
  }
}
