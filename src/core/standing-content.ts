import { isCommitPoint, isContent } from './events.js';
import type { ContentEvent, GenerationEvent } from './events.js';

/** Gathers the content of one answer that stands: without that of void attempts, and without what a restart has voided. */
export class StandingContent {
  private readonly content: ContentEvent[] = [];
  /** How many of the last ones belong to an attempt without its answer yet; they are void when the next attempt starts. */
  private pending = 0;
  private hasAnswer = false;

  get events(): readonly ContentEvent[] {
    return this.content;
  }

  take(event: GenerationEvent): void {
    if (event.type === 'restart') this.content.length = 0;
    else if (event.type === 'attempt-start') this.content.length -= this.pending;
    else if (isContent(event)) {
      this.content.push(event);
      this.hasAnswer ||= isCommitPoint(event);
      this.pending = this.hasAnswer ? 0 : this.pending + 1;
      return;
    } else return;
    [this.pending, this.hasAnswer] = [0, false];
  }
}
