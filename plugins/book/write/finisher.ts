import type { GenerationInput } from 'scriptorium';
import { asList, asText } from 'scriptorium/provider';
import { sectionDefects } from '../check/check-section.js';
import type { Expectations } from '../check/check-section.js';
import type { Defect, DefectKind } from '../check/defect.js';
import { mended } from '../check/mend.js';
import { takeCanon } from '../outline/canon-block.js';
import { objectIn } from '../outline/json.js';
import type { BookRole, BookSpec } from '../spec/book-spec.js';
import { judgeInput, repairInput } from './messages.js';
import type { SectionRequest } from './messages.js';
import type { Answer } from './steps.js';

/** At most so many times a section is written again. */
const REPAIR_ROUNDS = 2;

/** Sends a request for a section. @param round from 1, for requests that may be made again */
export type AskFor = (role: BookRole, input: GenerationInput, round: number) => Promise<Answer>;

/** A section as it goes into the book. */
export interface Finished {
  readonly text: string;
  readonly mended: readonly Defect[];
  readonly warnings: readonly Defect[];
}

/** What a section is checked with. */
export interface FinishParts {
  readonly spec: BookSpec;
  readonly request: SectionRequest;
  readonly expected: Expectations & { readonly heading: string };
  readonly ask: AskFor;
}

/**
 * Mends a section, checks it, and has it written again until nothing is wrong, two times at the most. A new version that is no
 * better is not taken.
 */
export async function finishSection(first: Answer, parts: FinishParts): Promise<Finished> {
  const { spec, request, expected, ask } = parts;
  const begun = mended(first.text, expected.heading);
  const fixed = [...begun.defects];
  let best = { text: begun.text, defects: await defectsOf({ ...first, text: begun.text }, 1, parts) };
  for (let round = 1; round <= REPAIR_ROUNDS && best.defects.length > 0; round += 1) {
    const answer = await ask('repair', repairInput(spec, request, best), round);
    const { text } = mended(takeCanon(answer.text).text, expected.heading);
    const defects = await defectsOf({ ...answer, text }, round + 1, parts);
    if (!isBetter(defects, best.defects)) continue;
    fixed.push(...best.defects.filter(({ kind }) => !defects.some((left) => left.kind === kind)));
    best = { text, defects };
  }
  return { text: best.text, mended: fixed, warnings: best.defects };
}

/** What a new version must not bring in, however much it mends. */
const GRAVE: readonly DefectKind[] = ['too-short', 'cut', 'language'];

function isBetter(defects: readonly Defect[], before: readonly Defect[]): boolean {
  const isNew = ({ kind }: Defect): boolean => GRAVE.includes(kind) && !before.some((old) => old.kind === kind);
  return defects.length < before.length && !defects.some(isNew);
}

const CUT: Defect = { kind: 'cut', message: 'The model was cut off before the end of the section.' };

/** A judge is asked only about a section in which the program finds nothing. */
async function defectsOf({ text, isWhole }: Answer, round: number, { spec, request, expected, ask }: FinishParts) {
  const checked = sectionDefects(text, expected);
  const isSeen = isWhole || checked.some(({ kind }) => kind === 'cut');
  const found = isSeen ? checked : [...checked, CUT];
  if (found.length > 0 || spec.models.judge === undefined) return found;
  const judgement = objectIn((await ask('judge', judgeInput(spec, request, text), round)).text);
  if (judgement?.verdict !== 'reject') return found;
  return asList(judgement.problems).flatMap((problem): readonly Defect[] => {
    const message = asText(problem);
    return message === undefined ? [] : [{ kind: 'judged', message }];
  });
}
