import type { Prefill } from '../../core/continuation.js';
import type { ContinuationRequest } from '../../core/request.js';
import { shown } from './answers.js';
import { GOOD, streamed } from './told.js';
import { must } from '../must.js';
import type { ProviderScene } from './scene.js';

const GIVEN: ContinuationRequest = {
  text: 'It was a dark night when the storm',
  anchor: ' broke over the town',
  instruction: 'Go on with the words given.',
  reason: 'interrupted',
  byInstruction: false,
};

/**
 * A text to go on from is encoded by what the model can do (`capabilities`), or refused with `cannot-continue` before
 * anything is sent. It is never left out: the model would begin again, and the splice would be a lie.
 */
export async function goesOnOrRefuses(scene: ProviderScene, models: readonly string[]): Promise<void> {
  for (const model of models) {
    for (const continuation of [GIVEN, { ...GIVEN, byInstruction: true }]) {
      const request = scene.request({ model, continuation });
      const prefill = scene.provider.capabilities?.(request).prefill ?? 'none';
      await proveOne(scene, request, prefill === 'exact' && continuation.byInstruction ? 'instructed' : prefill);
    }
  }
}

async function proveOne(
  { server, dialect, watch }: ProviderScene,
  request: ReturnType<ProviderScene['request']>,
  prefill: Prefill,
): Promise<void> {
  const before = server.requests.length;
  server.answerWith(streamed(dialect, GOOD));
  const { failure } = await watch(request);
  const sent = server.requests.slice(before);
  if (prefill === 'none') {
    must(
      failure?.code === 'cannot-continue' && sent.length === 0,
      `${request.model} cannot go on from a text (capabilities), but the request ended with ${failure?.code ?? 'success'} after ${sent.length} request(s) instead of cannot-continue after none.`,
    );
    return;
  }
  must(
    failure === undefined,
    `${request.model} can go on from a text ("${prefill}"), but the request to do so failed: ${failure?.message ?? ''}`,
  );
  const body = sent[0] ?? '';
  must(
    body.includes(GIVEN.text),
    `${request.model} was to go on from a text ("${prefill}"), which is not in the request.`,
  );
  const [hasAnchor, hasInstruction] = [body.includes(GIVEN.text + GIVEN.anchor), body.includes(GIVEN.instruction)];
  const right = prefill === 'exact' ? hasAnchor && !hasInstruction : !hasAnchor && hasInstruction;
  must(
    right,
    `${request.model} was to go on from a text ("${prefill}"): the request ${hasAnchor ? 'has' : 'lacks'} the anchor and ${hasInstruction ? 'has' : 'lacks'} the instruction. Encode it with continuedMessages(request, ${shown(prefill)}).`,
  );
}
