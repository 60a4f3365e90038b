import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { sectionsOf } from 'scriptorium/plugins/book';
import type { DefectKind } from 'scriptorium/plugins/book';
import { simulate } from 'scriptorium/testing';
import type { Planted, PlantedDefect } from '../../../src/emulator/author/defects.js';
import { runs } from '../../support/runs.js';
import { writeSimulated } from './simulated-book.js';
import type { Written } from './simulated-book.js';

const SUBJECT = 'Ada Lovelace';
const BOOK = { subject: SUBJECT, chapters: 6, words: 2_400, sections: ['prologue', 'epilogue', 'cast'] } as const;
/** The outline and two chapters. */
const BEFORE_THE_THIRD = 3;
const SECTIONS = sectionsOf(BOOK);

/** What each planted defect is called. */
const FOUND_AS: Readonly<Record<PlantedDefect, DefectKind>> = {
  short: 'too-short',
  long: 'too-long',
  cut: 'cut',
  'doubled-paragraph': 'repeated-paragraph',
  'paragraph-of-another-section': 'repeated-paragraph',
  preamble: 'preamble',
  'wrong-heading': 'heading',
  'other-language': 'language',
  'wrong-year': 'year',
  'invented-url': 'url',
};

/** They need no model, so no stubborn author can keep them in. */
const MENDED_HERE: readonly PlantedDefect[] = ['preamble', 'wrong-heading'];
/** They need none either, but without them the section may be too short. */
const LEAVES_A_HOLE: readonly PlantedDefect[] = ['doubled-paragraph', 'paragraph-of-another-section'];

function written(seed: number, model: string, language: 'en' | 'es'): Promise<Written> {
  const book = { input: { ...BOOK, language }, model, vendor: { seed, promptCache: true } };
  return simulate({ seed }, (world) => writeSimulated(world, book)).then(({ value }) => value);
}

const aBook = fc.tuple(fc.integer({ min: 1, max: 1e6 }), fc.constantFrom('en' as const, 'es' as const));

describe('a book of an author whose answer key is known', () => {
  it('has every planted defect found, and mended in two rounds or listed; none is invented', async () => {
    await fc.assert(
      fc.asyncProperty(aBook, async ([seed, language]) => {
        const { end, vendor } = await written(seed, 'scriptorium/careless-author', language);
        expect(end.sections.map(judged(vendor))).toEqual(SECTIONS.map(({ id }) => expected(vendor, id)));
      }),
      { numRuns: runs(0.2) },
    );
  });

  it('costs one request a section and one for the outline where nothing is wrong', async () => {
    await fc.assert(
      fc.asyncProperty(aBook, async ([seed, language]) => {
        const { end, vendor } = await written(seed, 'scriptorium/author', language);
        expect(vendor.requests.length).toBe(SECTIONS.length + 1);
        expect(end.sections.flatMap(({ mended, warnings }) => [...mended, ...warnings])).toEqual([]);
      }),
      { numRuns: runs(0.06) },
    );
  });

  it('reads seven tenths of its prompts from the cache from the third chapter on', async () => {
    const { vendor } = await written(1, 'scriptorium/author', 'en');
    const usages = vendor.requests.slice(BEFORE_THE_THIRD).map(({ usage }) => usage);
    const sum = (of: (usage: NonNullable<(typeof usages)[number]>) => number): number =>
      usages.reduce((all, usage) => all + (usage === undefined ? 0 : of(usage)), 0);
    expect(
      sum((usage) => usage.prompt_tokens_details.cached_tokens) / sum((usage) => usage.prompt_tokens),
    ).toBeGreaterThan(0.7);
  });
});

interface Judged {
  readonly section: string;
  /** Whether what was planted there was found; defects that follow from it may be found, too. */
  readonly isFound: boolean;
  readonly isClean: boolean;
}

function judged(vendor: Written['vendor']) {
  return ({ section, mended, warnings }: Written['end']['sections'][number]): Judged => {
    const planted = vendor.planted(SUBJECT, section);
    const kinds = [...mended, ...warnings].map(({ kind }) => kind);
    const isFound = planted === undefined ? kinds.length > 0 : kinds.includes(FOUND_AS[planted.defect]);
    return { section, isFound, isClean: mayBeEither(planted) || warnings.length === 0 };
  };
}

function expected(vendor: Written['vendor'], section: string): Judged {
  const planted = vendor.planted(SUBJECT, section);
  const isKept = planted?.isStubborn === true && !MENDED_HERE.includes(planted.defect);
  return { section, isFound: planted !== undefined, isClean: mayBeEither(planted) || !isKept };
}

function mayBeEither(planted: Planted | undefined): boolean {
  return planted?.isStubborn === true && LEAVES_A_HOLE.includes(planted.defect);
}
