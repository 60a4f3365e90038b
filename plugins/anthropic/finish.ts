import { asText } from 'scriptorium/provider';
import type { FinishReason } from 'scriptorium/provider';

const UNIFIED: ReadonlyMap<string, FinishReason['unified']> = new Map([
  ['end_turn', 'stop'],
  ['stop_sequence', 'stop'],
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'length'],
  ['tool_use', 'tool-calls'],
  ['refusal', 'content-filter'],
]);

/** `pause_turn`, where the vendor's own tools took too long, and what is not known yet, are `other`. */
export function readFinish(stopReason: unknown): FinishReason | undefined {
  const raw = asText(stopReason);
  return raw === undefined ? undefined : { unified: UNIFIED.get(raw) ?? 'other', raw };
}
