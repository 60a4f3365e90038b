import { basename } from 'node:path';

/** What Node says of a call of the file system that has failed: `ENOENT: no such file or directory, open 'x.txt'`. */
const OF_THE_SYSTEM = /(?:Error: )?\b(E[A-Z]+): [^,\n]*, \w+(?: '([^'\n]*)'(?: -> '[^'\n]*')?)?/g;

const WORDS: Readonly<Record<string, string>> = {
  EACCES: 'permission is denied',
  EBUSY: 'it is in use',
  EEXIST: 'there is one already',
  EFBIG: 'it would be too large',
  EINVAL: 'the name is not allowed there',
  EIO: 'the disk does not work',
  EISDIR: 'it is a folder',
  ELOOP: 'its symbolic links lead in a circle',
  EMFILE: 'too many files are open',
  ENAMETOOLONG: 'the name is too long',
  ENOENT: 'there is no such file or folder',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of the path is not a folder',
  EPERM: 'it is not permitted',
  EROFS: 'the disk is read-only',
};

/**
 * Puts the system's codes in a message into words. The path stays, unless the message has it anyway.
 * @example
 * plainMessage("The file a.txt cannot be read: Error: ENOENT: no such file or directory, open '/x/a.txt'")
 * // 'The file a.txt cannot be read: there is no such file or folder'
 */
export function plainMessage(message: string): string {
  return message.replaceAll(OF_THE_SYSTEM, (said: string, code: string, path: string | undefined) => {
    const words = WORDS[code];
    if (words === undefined) return said;
    const isNamed = path === undefined || message.replace(said, '').includes(basename(path));
    return isNamed ? words : `${path}: ${words}`;
  });
}
