import { asObject, malformed } from 'scriptorium/provider';
import type { Json } from 'scriptorium/provider';

/** What should be an object may hide text if it is not. @throws GenerationError `malformed-answer` */
export function objectOf(value: unknown): Json {
  const object = asObject(value);
  if (object === undefined) throw malformed(value);
  return object;
}
