import { dirname } from 'node:path';
import { lastValueFrom, tap } from 'rxjs';
import type { Observable } from 'rxjs';
import { AbortError } from 'scriptorium';
import { makeFolder, shown } from 'scriptorium/plugin';
import type { Clock, CommandContext } from 'scriptorium/plugin';
import { counted, dollars, quoted, reasonText, say, untilText } from 'scriptorium/plugins/runs/progress';
import { checkBinder, exportBook, isBookFile } from '../export/export-book.js';
import { resolveSpec } from '../spec/resolve-spec.js';
import { wrong } from '../book-error.js';
import { folderFiles } from '../write/book-files.js';
import { specIn } from '../write/book-folder.js';
import type { BookEnd, BookEvent } from '../write/book-event.js';
import { readBook } from '../write/read-book.js';
import { resumeBook, writeBook } from '../write/write-book.js';
import type { WriteOptions } from '../write/write-book.js';
import type { BookCall } from './book-call.js';
import { bookInput, placeOf } from './book-input.js';
import type { Place } from './book-input.js';
import { markDone, nextSubject } from './collection.js';
import { withDemo } from './demo.js';
import { planLines } from './plan.js';
import { bookProgress } from './progress.js';

const EXIT = { done: 0, parked: 3 } as const;

/** `scriptorium book SUBJECT` */
export async function writeCommand(call: BookCall): Promise<number> {
  const { arguments: given, settings, context } = call;
  const { collection } = given;
  const subject = given.word ?? nextSubject(collection ?? '');
  const place = placeOf(given, subject);
  const input = bookInput({ ...given, prompts: given.prompts ?? settings.prompts ?? undefined }, subject);
  const spec = resolveSpec(input);
  if (spec.layout === 'bookgen' && spec.chapters !== BOOKGEN_CHAPTERS)
    say(context.stderr, shown`BookGen reads exactly ${BOOKGEN_CHAPTERS} chapters; this book has ${spec.chapters}.`);
  if (given.sections === undefined && !spec.sections.includes('sources'))
    say(context.stderr, shown`The book has no section of sources: none were given (--sources FILE).`);
  return withDemo(call, async (pipeline) => {
    if (given.plan) {
      for (const line of await planLines(spec, pipeline)) context.stdout.write(`${line}\n`);
      return EXIT.done;
    }
    const code = await bind(call, { ...place, subject }, writeBook(pipeline, input, optionsOf(call, place)));
    if (code === EXIT.done && collection !== undefined) await markDone(collection, subject);
    return code;
  });
}

const BOOKGEN_CHAPTERS = 20;

/** `scriptorium book resume DIR` */
export async function resumeCommand(call: BookCall): Promise<number> {
  const { word = '', output, budgetUsd } = call.arguments;
  const spec = specIn(folderFiles(word));
  if (spec === undefined)
    throw wrong(`There is no book in ${word}. Begin one with: scriptorium book SUBJECT -o ${word}`);
  if (output !== undefined && !isBookFile(output))
    throw wrong(`-o is "${output}"; "resume" binds a book into a file that ends with .epub, .docx or .md.`);
  const place = { folder: word, file: output };
  return withDemo(call, (pipeline) =>
    bind(call, { ...place, subject: spec.subject }, resumeBook(pipeline, { ...optionsOf(call, place), budgetUsd })),
  );
}

function optionsOf({ arguments: given, settings, clock, context }: BookCall, { folder }: Place): WriteOptions {
  const concurrency = given.concurrency ?? settings.concurrency;
  return { folder, concurrency, wait: given.wait, signal: context.signal, clock };
}

/** Writes the book to its end, binds it, and says how it went. */
async function bind(
  { context, clock, arguments: { demo } }: BookCall,
  place: Place & { readonly subject: string },
  events: Observable<BookEvent>,
): Promise<number> {
  const binding = place.file === undefined ? '' : ` -o ${quoted(place.file)}`;
  const resume = `scriptorium book resume ${quoted(place.folder)}${binding}${demo ? ' --demo' : ''}`;
  if (place.file !== undefined) await checkBinder(place.file);
  const progress = bookProgress(place.subject, context.stderr, clock);
  let title = place.subject;
  let isBegun = false;
  const watch = (event: BookEvent): void => {
    if (event.type === 'book-start') isBegun = true;
    if (event.type === 'book-outline') ({ title } = event.outline);
    progress.take(event);
  };
  const end = await lastValueFrom(events.pipe(tap(watch)))
    .finally(() => progress.close())
    .catch((error: unknown) => {
      if (isBegun) say(context.stderr, shown`What is written is kept. Go on with: ${resume}`);
      throw error;
    });
  if (end.type !== 'book-end') throw new Error('The work on a book did not end with book-end.');
  report(end, { context, clock, resume });
  if (end.state === 'stopped') throw new AbortError('The work on the book was stopped.');
  if (end.state === 'parked') return EXIT.parked;
  if (place.file !== undefined) {
    makeFolder(dirname(place.file));
    await exportBook(place.file, readBook(place.folder, title));
  }
  context.stdout.write(`${place.file ?? place.folder}\n`);
  return EXIT.done;
}

function report(
  end: BookEnd,
  {
    context: { stderr },
    clock,
    resume,
  }: { readonly context: CommandContext; readonly clock: Clock; readonly resume: string },
): void {
  for (const { section, warnings } of end.sections)
    for (const { message } of warnings) say(stderr, shown`${section} was accepted with a defect: ${message}`);
  say(stderr, shown`${counted(end.words, 'word')}, ${counted(end.requests, 'request')}, ${dollars(end.costUsd)}`);
  if (end.state === 'stopped') say(stderr, shown`Stopped; nothing is lost. Go on with: ${resume}`);
  if (end.state !== 'parked') return;
  const until = end.untilMs === undefined ? 'until it is resumed' : untilText(end.untilMs, clock.now());
  say(stderr, shown`Parked ${until}: ${reasonText(end.reason) ?? 'nothing can go on'}`);
  if (end.reason === 'budget') say(stderr, shown`Go on with: ${resume} --budget DOLLARS`);
  else say(stderr, shown`Go on then with: ${resume} (with --wait it goes on by itself)`);
}
