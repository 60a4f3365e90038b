import type { Json } from 'scriptorium/provider';

/** What events carry already. */
const TOLD = new Set(['type', 'role', 'id', 'model', 'content', 'usage', 'stop_reason', 'delta', 'message']);

/** What the vendor says of an answer beside its content, in its own shape; the last word on each counts. */
export class Metadata {
  private readonly fields = new Map<string, unknown>();

  take(values: Json): void {
    for (const [key, value] of Object.entries(values)) if (value != null && !TOLD.has(key)) this.fields.set(key, value);
  }

  whole(): Json {
    return Object.fromEntries(this.fields);
  }
}
