import { lastValueFrom, tap } from 'rxjs';
import { writeBook } from 'scriptorium/plugins/book';
import type { BookEnd, BookEvent, BookFiles, BookInput } from 'scriptorium/plugins/book';
import { openrouter } from 'scriptorium/plugins/openrouter';
import { memoryJournal } from 'scriptorium/plugins/runs/testing';
import { emulatedVendor } from 'scriptorium/testing';
import type { EmulatedVendorOptions, SimulatedProcess, SimulatedVendor, World } from 'scriptorium/testing';
import { remoteJournal } from '../../simulation/scenarios/runs-world.js';

/** A book, the vendor that writes it, and the world in which that happens. */
export interface SimulatedBook {
  readonly input: BookInput;
  readonly model: string;
  readonly vendor?: EmulatedVendorOptions;
  /** Moments, in virtual milliseconds after the last one, at which the process is killed and started again. */
  readonly killsAfterMs?: readonly number[];
}

/** How it went. */
export interface Written {
  readonly end: BookEnd;
  readonly vendor: SimulatedVendor;
  /** The files of the book, by their path. */
  readonly files: ReadonlyMap<string, string>;
  /** Every text that a file has had, by its path. */
  readonly versions: ReadonlyMap<string, readonly string[]>;
  readonly events: readonly BookEvent[];
}

/** A person looks again at a book that has failed. */
const AFTER_A_FAILURE_MS = 600_000;

/** Writes a book in a simulated world, however often its process is killed. */
export async function writeSimulated(world: World, book: SimulatedBook): Promise<Written> {
  const vendor = emulatedVendor(world, { tokensPerSecond: 500, ...book.vendor });
  const database = world.host('database.test', () => undefined);
  let lives = 0;
  const journal = memoryJournal({ clock: database.clock, isAlive: ({ id }) => id === `writer ${lives}` });
  const disk = memoryDisk();
  const process = await world.process('writer', () => {
    lives += 1;
    return {
      environment: {},
      plugins: [openrouter({ apiKey: 'simulated', baseUrl: vendor.url })],
      config: { defaults: { model: book.model }, logging: { level: 'silent' } },
    };
  });
  const killing = killAt(world, process, book.killsAfterMs ?? []);
  const events: BookEvent[] = [];
  const write = (life: SimulatedProcess): Promise<BookEvent> =>
    lastValueFrom(
      writeBook(life.pipeline, book.input, {
        folder: 'book',
        wait: true,
        journal: remoteJournal(journal, world.remote(database, life.owner), life.clock),
        files: disk.filesOf(life.owner),
        clock: life.clock,
        engine: { random: world.random(`engine of life ${lives}`), worker: workerOf(lives) },
      }).pipe(tap((event) => events.push(event))),
    );
  for (;;) {
    if (!process.isRunning) {
      await world.sleep(100);
      continue;
    }
    const outcome = await process.run((life) => write(life).catch(() => undefined));
    if (outcome === 'killed') continue;
    if (outcome === undefined) {
      await world.sleep(AFTER_A_FAILURE_MS);
      continue;
    }
    await killing;
    if (outcome.type !== 'book-end') throw new Error('The book did not end.');
    return { end: outcome, vendor, files: disk.files, versions: disk.versions, events };
  }
}

async function killAt(world: World, process: SimulatedProcess, times: readonly number[]): Promise<void> {
  for (const ms of times) {
    await world.sleep(ms);
    await process.restart();
  }
}

function workerOf(life: number) {
  return { id: `writer ${life}`, machine: 'here', pid: life, startedAt: String(life) };
}

/** Files in memory that outlive a process. What a dead process writes is lost. */
function memoryDisk() {
  const files = new Map<string, string>();
  const versions = new Map<string, string[]>();
  const filesOf = (owner: { readonly condition: string }): BookFiles => ({
    read: (path) => files.get(path),
    write: (path, text) => {
      if (owner.condition === 'gone') return new Promise(() => undefined);
      files.set(path, text);
      versions.set(path, [...(versions.get(path) ?? []), text]);
      return Promise.resolve();
    },
    makeFolder: () => undefined,
  });
  return { files, versions, filesOf };
}
