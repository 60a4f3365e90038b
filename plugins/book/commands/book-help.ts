/** The help of `scriptorium book`, for terminals of 80 columns. */
export const BOOK_HELP = `Usage: scriptorium book SUBJECT [options]
       scriptorium book resume DIR [-o FILE] [--budget DOLLARS] [--wait]
       scriptorium book check DIR [--json]

Writes a biography: an outline, chapters that know what was told before, and the
sections around them. Each section is checked without a model, and written again
at most twice. The book survives the end of its process: "resume" goes on where
it was, and writes only what is missing.

Options:
  --chapters <n>        chapters (default: 20)
  --words <n>           words of all chapters together (default: 2550 a chapter)
  --language <code>     en (default), es, fr, de, it or pt
  --sections <list>     of prologue, introduction, chronology, epilogue, glossary,
                        cast, sources (default: all; sources only with --sources)
  -o, --output <path>   a folder, or a file that ends with .epub, .docx or .md;
                        the sections are then kept in a folder beside it
  --layout bookgen      the folders and names that BookGen reads: bios/<subject>
  -m, --model <id>      the model that writes
  --judge-model <id>    a model that judges each section, a request each
  --outline <file>      an outline as JSON, so that none is asked for
  --sources <file>      the text of the sources; they are never invented
  --prompts <dir>       prompts that replace the book's own: rules.md, outline.md,
                        chapter.md, section.md, repair.md, judge.md
  --budget <dollars>    most that the book may cost
  --concurrency <n>     sections at once, where none needs another (default: 2)
  --collection <file>   the first subject of a list without \u2705; marked when done
  --plan                print sections, requests, days and price; send nothing
  --wait                wait where nothing goes on before a time, and go on
  --demo                use the built-in emulator, which needs no key

"check" works on any folder of Markdown files, without a key.

Exit codes: 0 done, 1 failed, or defects found by "check", 3 parked until a time,
130 stopped; go on with "resume".
`;
