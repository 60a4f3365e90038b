// A small biography as a BookGen pipeline would write it: an outline, then its chapters, a few at a time, with progress
// on the way and the statistics of the book at the end.
import { collect, createPipeline, readText } from 'scriptorium';
import type { GenerationResult, Pipeline } from 'scriptorium';
import { openrouter } from 'scriptorium/plugins/openrouter';
import { filter, from, lastValueFrom, map, mergeMap, toArray } from 'rxjs';

const SUBJECT = 'Ada Lovelace';
const CHAPTERS = 4;
const AT_ONCE = 2;

interface Chapter {
  readonly number: number;
  readonly title: string;
  readonly text: string;
  /** False where the token cap or a filter cut it. */
  readonly isWhole: boolean;
}

await using pipeline = await createPipeline({ plugins: [openrouter()] });

// Progress of all generations, watched from outside, so that no callback has to be passed on.
pipeline.generations$
  .pipe(filter(({ event }) => event.type === 'attempt-start' || event.type === 'retry-scheduled'))
  .subscribe(({ labels, event }) => console.log(`[${labels.chapter ?? 'outline'}] ${event.type}`));

const titles = await outline(pipeline);
const chapters = await lastValueFrom(
  from(titles.map((title, index) => ({ number: index + 1, title }))).pipe(
    mergeMap((chapter) => write(pipeline, chapter), AT_ONCE),
    toArray(),
  ),
);
chapters.sort((a, b) => a.number - b.number);

for (const { number, title, text, isWhole } of chapters)
  console.log(`${number}. ${title}: ${countWords(text)} words${isWhole ? '' : ' (cut off)'}`);
const { requests, tokens, cost, timeToFirstTokenMs } = pipeline.stats();
console.log(
  `${requests} generations, ${tokens.total} tokens, $${cost.known.toFixed(4)}, first token after ${timeToFirstTokenMs.p50} ms`,
);

async function outline(book: Pipeline): Promise<readonly string[]> {
  const { text } = await book.generate({
    system: 'You plan biographies.',
    prompt: `Give ${CHAPTERS} chapter titles for a biography of ${SUBJECT}, one a line.`,
    maxTokens: 200,
    labels: { book: 'ada' },
  });
  const lines = text
    .split(/[\n.;]+/)
    .map((line) => line.replace(/^[\s\d.)-]+/, '').trim())
    .filter((line) => line !== '');
  return Array.from({ length: CHAPTERS }, (_, index) => lines[index] ?? `Chapter ${index + 1}`);
}

/** One chapter; says how far it has come every 100 words. A break fails the stream; a cut shows only in how it ended. */
function write(book: Pipeline, { number, title }: Pick<Chapter, 'number' | 'title'>) {
  const input = {
    system: 'You write biographies, in flowing prose, without headings.',
    prompt: `Write chapter ${number}, "${title}", of a biography of ${SUBJECT}.`,
    labels: { book: 'ada', chapter: String(number) },
  };
  return book.stream(input).pipe(
    readText(input, () => {
      let [text, reported] = ['', 0];
      return (piece) => {
        text += piece;
        const hundreds = Math.floor(countWords(text) / 100);
        if (hundreds > reported) console.log(`[${number}] ${hundreds * 100} words`);
        reported = Math.max(reported, hundreds);
      };
    }),
    collect(input),
    map((result: GenerationResult): Chapter => ({
      number,
      title,
      text: result.text,
      isWhole: result.finishReason.unified === 'stop',
    })),
  );
}

function countWords(text: string): number {
  return text.split(/\s+/).length;
}
