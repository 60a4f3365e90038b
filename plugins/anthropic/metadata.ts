import type { Json, Unknown } from 'scriptorium/provider';
import { SILENT_EVENTS } from './known.js';

/** What events carry already. */
const TOLD = new Set(['type', 'role', 'id', 'model', 'content', 'usage', 'stop_reason', 'delta', 'message']);

/** What the vendor says of an answer beside its content, in its own shape; the last word on each counts. */
export class Metadata {
  private readonly fields = new Map<string, unknown>();
  private readonly events: Json[] = [];

  take(values: Json): void {
    for (const [key, value] of Object.entries(values)) if (value != null && !TOLD.has(key)) this.fields.set(key, value);
  }

  /** An event of another kind than those that are read. */
  takeEvent(event: Json, unknown: Unknown): void {
    if (SILENT_EVENTS.has(event.type)) return;
    this.events.push(event);
    unknown.name(`the event "${String(event.type)}"`);
  }

  whole(): Json {
    return { ...Object.fromEntries(this.fields), ...(this.events.length > 0 && { events: this.events }) };
  }
}
