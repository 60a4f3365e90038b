/**
 * Wraps a function that reports something, so that it reports each sentence once.
 * @example
 * ```ts
 * const warn = onceEach((sentence) => host.logger.warn(sentence));
 * ```
 */
export function onceEach(report: (sentence: string) => void): (sentence: string) => void {
  const reported = new Set<string>();
  return (sentence) => {
    if (reported.has(sentence)) return;
    reported.add(sentence);
    report(sentence);
  };
}
