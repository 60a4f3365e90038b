import { HOLD } from './splice.js';
import type { Splice, SpliceDecision, SpliceEnd } from './splice.js';

/**
 * The splice for a text that is too short to prove anything: the request was sent afresh. The answer is joined only if it
 * begins with the whole delivered text, to the character.
 */
export class FreshSplice implements Splice {
  private at = 0;
  private isLost = false;
  private isBlank = true;

  constructor(private readonly text: string) {}

  take(characters: string): SpliceDecision {
    const { at, text } = this;
    const length = Math.min(characters.length, text.length - at);
    this.isBlank &&= characters.trim() === '';
    this.isLost ||= !text.startsWith(characters.slice(0, length), at);
    if (this.isLost) return this.isBlank ? HOLD : { type: 'untrusted', doubt: 'differs' };
    this.at += length;
    return length === characters.length ? HOLD : { type: 'emit', text: characters.slice(length) };
  }

  close(): SpliceEnd {
    if (this.isBlank) return { type: 'untrusted', doubt: 'nothing' };
    return this.at === this.text.length ? { type: 'whole', text: '' } : { type: 'untrusted', doubt: 'differs' };
  }
}
