/**
 * The version that a model's name tells after the name of its family, as one number: 405 for `quill-large-4-5-20250929` and
 * `maker/quill-4.5`, 400 for `quill-large-4-20250514`. Infinity if it tells none, undefined for the model of another family.
 * @example
 * ```ts
 * modelVersion('maker/quill-4.5-large', 'quill'); // 405
 * ```
 */
export function modelVersion(model: string, family: string): number | undefined {
  const at = model.toLowerCase().indexOf(`${family.toLowerCase()}-`);
  if (at === -1) return undefined;
  const [major, minor = 0] = model
    .slice(at + family.length)
    .split(/[^a-z0-9]+/i)
    .filter((part) => /^\d{1,2}$/.test(part))
    .map(Number);
  return major === undefined ? Infinity : major * 100 + minor;
}
