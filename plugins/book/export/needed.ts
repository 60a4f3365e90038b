import { GenerationError } from 'scriptorium';

/** Loads an optional package. @throws GenerationError `configuration` that says how to install it */
export async function needed<T>(
  load: () => Promise<T>,
  { packages, for: what }: { readonly packages: string; readonly for: string },
): Promise<T> {
  try {
    return await load();
  } catch (error) {
    throw new GenerationError(
      'configuration',
      `${what} needs packages that are not installed. Install them: npm i ${packages}`,
      {
        cause: error,
      },
    );
  }
}
