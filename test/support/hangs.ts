/** How long a process or a condition may take, on a busy machine too. It only ends what hangs, before Jest ends the test itself. */
export const HANGS_AFTER_MS = 200_000;
