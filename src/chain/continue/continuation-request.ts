import { textIn } from '../../core/message.js';
import type { ContinuationRequest, GenerationRequest } from '../../core/request.js';
import { continuationInstruction } from './instruction.js';
import { anchorStart } from './splice/anchor.js';

export interface ContinueFrom extends Pick<ContinuationRequest, 'reason' | 'byInstruction'> {
  readonly text: string;
  /** The user's own wording of the instruction. */
  readonly custom: string | null;
}

/** The same request, to go on from a text. */
export function continueFrom(
  request: GenerationRequest,
  { text, custom, reason, byInstruction }: ContinueFrom,
): GenerationRequest {
  const at = anchorStart(text.trimEnd());
  const anchor = text.slice(at);
  const prompt = request.messages
    .filter(({ role }) => role !== 'assistant')
    .map(({ content }) => textIn(content))
    .join('\n');
  const instruction = continuationInstruction({ prompt, anchor: anchor.trim(), custom });
  return { ...request, continuation: { text: text.slice(0, at), anchor, instruction, reason, byInstruction } };
}

/** The whole text that a request is to go on from; empty if it is a fresh one. */
export function continuedText({ continuation }: GenerationRequest): string {
  return continuation === undefined ? '' : continuation.text + continuation.anchor;
}
