/** What a vendor adds to the name of the same model: a variant, a date, a version. */
const ADDED = /^(?::[^/]*|-(?:v\d+-)?\d[\d-]{3,}(?::[^/]*)?)$/u;

/** The model that a vendor names in its answer, if it is another than the requested one. */
export function otherModel(requested: string, named: string | undefined): string | undefined {
  if (named === undefined || named === requested) return undefined;
  const [plain = requested] = requested.split(':', 1);
  return named === plain || (named.startsWith(plain) && ADDED.test(named.slice(plain.length))) ? undefined : named;
}
