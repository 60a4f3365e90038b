import type { Content, Json, Part, TextPart } from 'scriptorium/provider';
import { refused } from './refuse.js';

/** One block of a message, as the API has it. */
export type Block = Json & { readonly type: string };

/** The blocks of a content. Blank texts are left out: the API refuses them. @throws GenerationError `bad-request` for sound and for parts of other vendors */
export function blocksOf(content: Content): readonly Block[] {
  const parts: readonly Part[] = typeof content === 'string' ? [{ type: 'text', text: content }] : content;
  return parts.filter((part) => part.type !== 'text' || part.text !== '').map(blockOf);
}

export function textBlock({ text, cache }: TextPart): Block {
  return { type: 'text', text, ...(cache === true && { cache_control: { type: 'ephemeral' } }) };
}

function blockOf(part: Part): Block {
  switch (part.type) {
    case 'text':
      return textBlock(part);
    case 'image':
      return { type: 'image', source: sourceOf(part.url) };
    case 'file':
      return {
        type: 'document',
        source: documentOf(part.url),
        ...(part.filename !== undefined && { title: part.filename }),
      };
    case 'audio':
      throw refused(
        "Anthropic's Messages API takes no sound; leave the audio part out, or send it to another provider.",
      );
    case 'other':
      throw refused(
        `Anthropic's Messages API does not take the part "${part.raw.type}" of another vendor. Leave it out, or send it to another provider.`,
      );
  }
}

function sourceOf(url: string): Json {
  const data = readDataUrl(url);
  return data === undefined
    ? { type: 'url', url }
    : { type: 'base64', media_type: data.mediaType, data: data.bytes().toString('base64') };
}

/** A document is a PDF or plain text, and plain text is sent as it reads. */
function documentOf(url: string): Json {
  const data = readDataUrl(url);
  return data?.mediaType.startsWith('text/') === true
    ? { type: 'text', media_type: 'text/plain', data: data.bytes().toString('utf8') }
    : sourceOf(url);
}

interface Data {
  readonly mediaType: string;
  bytes(): Buffer;
}

/** Source: RFC 2397. */
function readDataUrl(url: string): Data | undefined {
  const comma = url.indexOf(',');
  if (!/^data:/i.test(url) || comma === -1) return undefined;
  const [mediaType = '', ...parameters] = url.slice('data:'.length, comma).split(';');
  const isBase64 = parameters.some((parameter) => parameter.trim().toLowerCase() === 'base64');
  const given = url.slice(comma + 1);
  return {
    mediaType: mediaType.toLowerCase() || 'text/plain',
    bytes: () => (isBase64 ? Buffer.from(given, 'base64') : Buffer.from(unescaped(given))),
  };
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw refused('The data: URL of a part is neither base64 nor properly escaped text.');
  }
}
