/** A value that is kept as JSON. */
export const parsed = (json: string): unknown => JSON.parse(json);

/** A value as JSON, or null. */
export const jsonOr = (value: unknown): string | null => (value === undefined ? null : JSON.stringify(value));
