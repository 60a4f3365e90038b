import { disk } from '../../src/files/disk.js';
import type { Disk, DiskHandle } from '../../src/files/disk.js';

/** The disk of this machine, on which some calls fail. */
export interface BrokenDisk extends Disk {
  /** Whether a call has failed. */
  readonly hasFailed: () => boolean;
  /** Closes what the calls that failed have left open. */
  readonly closeFiles: () => Promise<void>;
}

/** A disk on which the process dies before a call: that one and all later ones do nothing and fail. */
export function dyingDisk(at: number): BrokenDisk {
  return brokenDisk((call) => call >= at, 'the process is dead');
}

/** A disk on which one call fails. */
export function failingDisk(at: number): BrokenDisk {
  return brokenDisk((call) => call === at, 'ENOSPC: no space left on device');
}

/** @param fails whether a call fails, by its number from 0 */
function brokenDisk(fails: (call: number) => boolean, message: string): BrokenDisk {
  const handles: DiskHandle[] = [];
  let calls = 0;
  let hasFailed = false;
  const before = (): void => {
    const isFailing = fails(calls);
    calls += 1;
    if (!isFailing) return;
    hasFailed = true;
    throw Object.assign(new Error(message), { code: 'ENOSPC' });
  };
  const { open, ...others } = watched(disk, before);
  return {
    ...others,
    open: async (...args: Parameters<Disk['open']>) => {
      const handle = await open(...args);
      handles.push(handle);
      return watched(handle, before);
    },
    hasFailed: () => hasFailed,
    closeFiles: async () => {
      await Promise.all(handles.map((handle) => handle.close()));
    },
  };
}

function watched<T extends Disk | DiskHandle>(calls: T, before: () => void): T {
  const names = [
    ...['access', 'link', 'lstat', 'open', 'readlink', 'rename', 'unlink'],
    ...['appendFile', 'chmod', 'close', 'read', 'sync', 'truncate'],
  ].filter((name) => name in calls);
  return Object.fromEntries(
    names.map((name) => [
      name,
      async (...args: unknown[]): Promise<unknown> => {
        before();
        return (calls as unknown as Record<string, (...given: unknown[]) => Promise<unknown>>)[name]!(...args);
      },
    ]),
  ) as unknown as T;
}
