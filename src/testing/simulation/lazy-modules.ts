/**
 * Loads what the pipeline imports on first use (Ajv, by `generateObject`). Loading takes the machine's time: within a
 * world, the first run of a seed would differ from the next.
 */
export async function loadLazyModules(): Promise<void> {
  await Promise.all([import('ajv'), import('ajv/dist/2020.js')]);
}
