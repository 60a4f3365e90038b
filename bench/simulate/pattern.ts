/** A message without its numbers, names of generations and quotations: equal for two violations of one kind. */
export function patternOf(message: string): string {
  return message.replaceAll(/"(?:[^"\\]|\\.)*"/g, '"…"').replaceAll(/[\w.-]*\d[\w.-]*/g, '#');
}
