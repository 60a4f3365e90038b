import { access, rename } from 'node:fs/promises';

/**
 * Makes room for a new file: `file` becomes `file.1`, that `file.2` and so on; what was `file.<keep>` is gone. Where a number
 * is free, the files after it stay. The oldest is moved first, so that a stop in the middle loses nothing.
 */
export async function rotate(file: string, keep: number): Promise<void> {
  for (let number = await firstFree(file, keep); number > 1; number -= 1)
    await rename(`${file}.${number - 1}`, `${file}.${number}`);
  await rename(file, `${file}.1`);
}

async function firstFree(file: string, keep: number): Promise<number> {
  for (let number = 1; number < keep; number += 1) {
    const isThere = await access(`${file}.${number}`).then(
      () => true,
      () => false,
    );
    if (!isThere) return number;
  }
  return keep;
}
