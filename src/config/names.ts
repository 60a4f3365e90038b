/** Names that could reach into an object's prototype. */
const FORBIDDEN: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);
/** Names that convict reads as parts of a schema. */
const RESERVED: ReadonlySet<string> = new Set(['format', 'default']);

/** True for a name that no configuration may hold anywhere. */
export function isForbidden(name: string): boolean {
  return FORBIDDEN.has(name);
}

/** Whether a plugin may call itself, or one of its keys, so. */
export function isUsableName(name: string): boolean {
  return !FORBIDDEN.has(name) && !RESERVED.has(name);
}
