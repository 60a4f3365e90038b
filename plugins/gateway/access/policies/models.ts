/** Whether a model may be asked for. A pattern may end in `*`. @param patterns undefined: all models */
export function isAllowed(model: string, patterns: readonly string[] | undefined): boolean {
  return patterns === undefined || patterns.some((pattern) => fits(model, pattern));
}

/** Whether every model of a pattern fits one of the others. @param patterns undefined: all models */
export function isCovered(pattern: string, patterns: readonly string[] | undefined): boolean {
  const start = pattern.endsWith('*') ? pattern.slice(0, -1) : undefined;
  return (
    patterns === undefined ||
    patterns.some((other) =>
      start === undefined ? fits(pattern, other) : other.endsWith('*') && start.startsWith(other.slice(0, -1)),
    )
  );
}

/** The names among the patterns that are models. */
export function namedModels(patterns: readonly string[]): readonly string[] {
  return patterns.filter((pattern) => !pattern.endsWith('*'));
}

function fits(model: string, pattern: string): boolean {
  return pattern.endsWith('*') ? model.startsWith(pattern.slice(0, -1)) : model === pattern;
}
