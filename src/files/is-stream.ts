import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';

/**
 * Whether a path leads to something that takes bytes as they come and keeps no content to replace: a pipe, a device, a
 * socket, or a name of the process's own streams, such as /dev/stdout.
 */
export async function isStream(path: string): Promise<boolean> {
  if (/^\/(dev\/(fd\/|std(in|out|err)$)|proc\/)/.test(resolve(path))) return true;
  const stats = await stat(path).catch(() => undefined);
  return stats !== undefined && !stats.isFile() && !stats.isDirectory();
}
