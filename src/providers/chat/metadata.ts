import { asObject } from './json.js';
import type { Json } from './json.js';

/** What events carry already. */
const TOLD = new Set(['choices', 'error']);
const TOLD_OF_CHOICE = new Set(['index', 'delta', 'message', 'finish_reason', 'error', 'logprobs']);
const TOLD_OF_DELTA = new Set(['role', 'content', 'reasoning', 'reasoning_content', 'reasoning_details', 'tool_calls', 'annotations', 'images']);

/**
 * What a vendor says beside the content, in its own shape: of the first chunk and of all that bring no content, where such
 * things stand; the last word on each counts. Chunks of text, of which there are thousands, are looked at only for
 * `logprobs`.
 */
export class Metadata {
  private readonly fields = new Map<string, unknown>();
  private readonly logprobs: unknown[] = [];

  take(chunk: Json, choice: Json, hadContent: boolean): void {
    if (choice.logprobs != null) this.logprobs.push(choice.logprobs);
    if (hadContent && this.fields.size > 0) return;
    this.note(chunk, TOLD);
    this.note(choice, TOLD_OF_CHOICE);
    this.note(asObject(choice.delta) ?? asObject(choice.message) ?? {}, TOLD_OF_DELTA);
  }

  whole(): Json {
    return { ...Object.fromEntries(this.fields), ...(this.logprobs.length > 0 && { logprobs: this.logprobs }) };
  }

  private note(values: Json, told: ReadonlySet<string>): void {
    for (const [key, value] of Object.entries(values)) if (value != null && !told.has(key)) this.fields.set(key, value);
  }
}
