/** What the shell is told. */
export const EXIT = { ok: 0, failed: 1, usage: 2, cutByTokenCap: 3, interrupted: 130, terminated: 143 } as const;
