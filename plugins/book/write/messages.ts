import type { GenerationInput, Message } from 'scriptorium';
import type { Defect } from '../check/defect.js';
import type { ChapterCanon } from '../outline/canon-block.js';
import { outlineSchema } from '../outline/outline.js';
import type { Canon, Outline } from '../outline/outline.js';
import { filledPrompt } from '../prompts/prompts.js';
import type { BookRole, BookSpec } from '../spec/book-spec.js';
import { languageOf } from '../spec/language.js';
import type { Section } from '../spec/sections.js';
import { headingOf } from './heading.js';

/** A chapter that is written already, for those after it. */
export interface Told {
  readonly number: number;
  readonly canon: ChapterCanon;
}

/** A section, and what was told before it. */
export interface SectionRequest {
  readonly section: Section;
  readonly outline: Outline;
  /** Earlier chapters, in order. */
  readonly told: readonly Told[];
}

/** The request for the outline. @param problems of the answer before */
export function outlineInput(
  spec: BookSpec,
  again?: { readonly answer: string; readonly problems: readonly string[] },
) {
  const { chapters, words } = spec;
  const schema = outlineSchema(chapters);
  const values = {
    ...subjectValues(spec),
    chapters: String(chapters),
    chapterWords: String(Math.round(words / chapters)),
  };
  const prompt = `${filledPrompt(spec.prompts.outline, values)}\n\n${task(spec, { kind: 'outline', chapters })}`;
  const messages: readonly Message[] = [
    { role: 'system', content: filledPrompt(spec.prompts.rules, values) },
    { role: 'user', content: prompt },
    ...(again === undefined ? [] : retry(again)),
  ];
  const responseFormat = { type: 'json-schema', name: 'outline', schema } as const;
  return request(spec, { role: 'outline', section: 'outline', messages, responseFormat });
}

function retry({
  answer,
  problems,
}: {
  readonly answer: string;
  readonly problems: readonly string[];
}): readonly Message[] {
  const content = `That is not what was asked for: ${problems.join(' ')} Answer again, with the whole JSON object and nothing else.`;
  return [
    { role: 'assistant', content: answer },
    { role: 'user', content },
  ];
}

/** The request for a section. */
export function sectionInput(spec: BookSpec, { section, outline, told }: SectionRequest): GenerationInput {
  const heading = headingOf(section, outline, spec.language);
  const words = String(section.targetWords);
  const plan = section.number === undefined ? undefined : outline.chapters[section.number - 1];
  const { prompts } = spec;
  const prompt =
    plan === undefined
      ? filledPrompt(prompts.section, { heading, words, kind: heading.replace(/^# /u, '') })
      : filledPrompt(prompts.chapter, { heading, words, title: plan.title, brief: plan.brief });
  const content = `${prompt}\n\n${task(spec, { kind: section.kind, section: section.id, words: section.targetWords, heading })}`;
  const messages = [...prefix(spec, outline, told), user(content)];
  return request(spec, { role: 'chapter', section: section.id, messages });
}

/** The request to write a section again without its defects. */
export function repairInput(
  spec: BookSpec,
  { section, outline, told }: SectionRequest,
  { text, defects }: { readonly text: string; readonly defects: readonly Defect[] },
): GenerationInput {
  const heading = headingOf(section, outline, spec.language);
  const list = defects.map(({ message }) => `- ${message}`).join('\n');
  const values = { heading, words: String(section.targetWords), defects: list, text };
  const brief = task(spec, { kind: 'repair', section: section.id, words: section.targetWords, heading });
  const content = `${brief}\n\n${filledPrompt(spec.prompts.repair, values)}`;
  return request(spec, {
    role: 'repair',
    section: section.id,
    messages: [...prefix(spec, outline, told), user(content)],
  });
}

/** The JSON Schema of a judgement. */
const JUDGEMENT = {
  type: 'object',
  properties: {
    verdict: { type: 'string', enum: ['accept', 'reject'] },
    problems: { type: 'array', maxItems: 3, items: { type: 'string' } },
  },
  required: ['verdict', 'problems'],
} as const;

/** The request to judge a section. */
export function judgeInput(spec: BookSpec, { section, outline, told }: SectionRequest, text: string): GenerationInput {
  const heading = headingOf(section, outline, spec.language);
  const brief = task(spec, { kind: 'judge', section: section.id, words: section.targetWords, heading });
  const content = `${brief}\n\n${filledPrompt(spec.prompts.judge, { heading, text })}`;
  const responseFormat = { type: 'json-schema', name: 'judgement', schema: JUDGEMENT } as const;
  const messages = [...prefix(spec, outline, told), user(content)];
  return request(spec, { role: 'judge', section: section.id, messages, responseFormat });
}

/** The rules, the outline and its facts, the same for all sections; then what was told, to which each chapter adds at the end. */
function prefix(spec: BookSpec, outline: Outline, told: readonly Told[]): readonly Message[] {
  const rules = filledPrompt(spec.prompts.rules, subjectValues(spec));
  const plan = outline.chapters.map(({ title, brief }, index) => `${index + 1}. ${title}: ${brief}`).join('\n');
  const system = `${rules}\n\n<outline>\n${outline.title}\n${plan}\n</outline>\n\n<facts>\n${factLines(outline.canon)}\n</facts>`;
  const summaries = told
    .map(({ number, canon }) => `<told chapter="${number}">\n${toldLines(canon)}\n</told>`)
    .join('\n');
  return [
    { role: 'system', content: [{ type: 'text', text: system, cache: true }] },
    ...(told.length === 0 ? [] : [user([{ type: 'text', text: summaries, cache: true }])]),
  ];
}

function toldLines(canon: ChapterCanon): string {
  return [canon.summary, factLines(canon)].filter((line) => line !== '').join('\n');
}

function factLines({ people, events }: Canon): string {
  return [
    ...people.map(({ name, born, died, role }) => {
      const life = born === undefined && died === undefined ? '' : ` (${born ?? ''}–${died ?? ''})`;
      return `- ${name}${life}${role === undefined ? '' : `: ${role}`}`;
    }),
    ...events.map(({ year, event }) => `- ${year}: ${event}`),
  ].join('\n');
}

/** The request in one line for programs that stand in for a model. */
function task({ subject, language }: BookSpec, values: Readonly<Record<string, string | number>>): string {
  const all: Readonly<Record<string, string | number>> = { ...values, subject, language };
  const attributes = Object.entries(all).map(([name, value]) => `${name}=${JSON.stringify(String(value))}`);
  return `<task ${attributes.join(' ')} />`;
}

function user(content: Extract<Message, { readonly role: 'user' }>['content']): Message {
  return { role: 'user', content };
}

function subjectValues({ subject, language }: BookSpec) {
  return { subject, language: languageOf(language).name };
}

interface Asked extends Pick<GenerationInput, 'responseFormat'> {
  readonly role: BookRole;
  readonly section: string;
  readonly messages: readonly Message[];
}

function request({ models }: BookSpec, { role, section, ...input }: Asked): GenerationInput {
  const model = models[role];
  // JSON that was cut cannot be continued.
  const isText = input.responseFormat === undefined;
  return {
    ...input,
    ...(model !== undefined && { model }),
    ...(isText && { overrides: { continuity: { onLength: 'continue' } } }),
    labels: { section, role },
  };
}
