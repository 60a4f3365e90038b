import { codeOf } from './disk.js';

/** Further names are not tried. */
const MOST_NAMES = 1_000;

/** Takes the first of `name`, `name.2`, `name.3` … that is free. @param take fails with `EEXIST` if the name is taken */
export async function freeName<T>(name: string, take: (name: string) => Promise<T>): Promise<T> {
  for (let number = 1; ; number += 1) {
    try {
      return await take(numbered(name, number));
    } catch (error) {
      refuseOther(error, number);
    }
  }
}

/** The same, at once. */
export function freeNameSync<T>(name: string, take: (name: string) => T): T {
  for (let number = 1; ; number += 1) {
    try {
      return take(numbered(name, number));
    } catch (error) {
      refuseOther(error, number);
    }
  }
}

function numbered(name: string, number: number): string {
  return number === 1 ? name : `${name}.${number}`;
}

function refuseOther(error: unknown, number: number): void {
  if (codeOf(error) !== 'EEXIST' || number === MOST_NAMES) throw error;
}
