/** What a new plugin may be. */
export const KINDS = ['sink', 'interceptor', 'provider'] as const;

export type Kind = (typeof KINDS)[number];
