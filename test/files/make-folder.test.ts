import { existsSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeFolder } from 'scriptorium/plugin';

const folder = mkdtempSync(join(tmpdir(), 'make-folder-'));
afterAll(() => rmSync(folder, { recursive: true }));

const codeOf = (path: string): unknown => {
  try {
    makeFolder(path);
    return 'made';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
};

describe('makeFolder', () => {
  it('makes a folder and those above it, and leaves one that is there', () => {
    const path = join(folder, 'a', 'b', 'c');
    makeFolder(path);
    writeFileSync(join(path, 'file'), 'kept');
    makeFolder(path);
    expect(existsSync(join(path, 'file'))).toBe(true);
  });

  it('follows links to folders', () => {
    symlinkSync(folder, join(folder, 'link'));
    makeFolder(join(folder, 'link', 'behind'));
    expect(statSync(join(folder, 'behind')).isDirectory()).toBe(true);
  });

  it('fails where a file is in the way', () => {
    writeFileSync(join(folder, 'file'), '');
    expect({ itself: codeOf(join(folder, 'file')), below: codeOf(join(folder, 'file', 'x', 'y')) }).toEqual({
      itself: 'EEXIST',
      below: 'ENOTDIR',
    });
  });

  const onLinux = process.platform === 'linux' ? it : it.skip;
  onLinux('fails where no folder can be made and the system calls it missing', () => {
    expect(codeOf('/proc/x/y/z')).toBe('ENOENT');
  });
});
