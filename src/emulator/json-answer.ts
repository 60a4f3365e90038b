import { usageUpTo } from './answer.js';
import { completionOf } from './chunks.js';
import { deltasOf, durationOf } from './delivery.js';
import type { Delivery } from './delivery.js';
import { PROVIDER_FAILED, deltasBefore, misbehave, placeOf } from './misbehave.js';
import type { Spoiler } from './misbehave.js';

/**
 * Sends an answer as one JSON body, after the time that its tokens take. It is billed in full as soon as it is begun, as vendors do. The
 * fault strikes in its place. @throws AnswerSpoiled or ConnectionGone when the answer does not come to its end.
 */
export async function sendAnswer(delivery: Delivery): Promise<void> {
  const { answer, exchange, fault, record, settings } = delivery;
  const spoiler = spoilerOf(delivery);
  await misbehave('before-headers', delivery, spoiler);
  delivery.bill(usageUpTo(answer));
  await exchange.pause(durationOf(answer.content.length + answer.reasoning.length, settings));
  const body = bodyOf(delivery);
  exchange.open(200, {
    'content-type': 'application/json',
    ...(placeOf(fault) === undefined && { 'content-length': Buffer.byteLength(body) }),
  });
  record.status = 200;
  await misbehave('after-headers', delivery, spoiler);
  if (deltasBefore(fault) !== Infinity) await strikeInside(delivery, body, spoiler);
  record.text = answer.content.join('');
  record.finishReason = fault.finishReason ?? answer.finishReason;
  if (placeOf(fault) === 'after-finish') {
    await exchange.write(body.slice(0, -1));
    await misbehave('after-finish', delivery, spoiler);
  }
  record.usageSent = fault.noUsage !== true;
  await exchange.end(body);
}

/** Sends the body up to the text of the deltas that come before the fault, and lets it strike. */
async function strikeInside(delivery: Delivery, body: string, spoiler: Spoiler): Promise<void> {
  const { answer, exchange, fault, record, settings } = delivery;
  if (fault.errorChunk === undefined) {
    const marker = answer.tool === undefined ? '"content":"' : '"arguments":"';
    record.text = deltasOf(answer.content, settings).slice(0, deltasBefore(fault)).flat().join('');
    await exchange.write(body.slice(0, body.indexOf(marker) + marker.length + JSON.stringify(record.text).length - 2));
  }
  await misbehave('after-deltas', delivery, spoiler);
}

function bodyOf({ answer, fault }: Delivery): string {
  return completionOf(answer, {
    text: answer.content.join(''),
    finishReason: fault.finishReason ?? answer.finishReason,
    ...(answer.reasoning.length > 0 && !answer.hidesReasoning && { reasoning: answer.reasoning.join('') }),
    ...(fault.noUsage !== true && { usage: usageUpTo(answer) }),
  });
}

function spoilerOf({ answer, exchange, fault, record, settings }: Delivery): Spoiler {
  return {
    silence: () => undefined,
    truncate: () => exchange.end(),
    garbage: async ({ data = '\u0000 \n.' }) => {
      await exchange.end(data);
      return 'ended';
    },
    error: ({ error = PROVIDER_FAILED, errorIn = 'top', withUsage = false }) => {
      const usage = withUsage ? usageUpTo(answer) : undefined;
      record.usageSent = withUsage;
      if (errorIn === 'top') return exchange.end(JSON.stringify({ error, ...(usage && { usage }) }));
      record.finishReason = 'error';
      record.text = deltasOf(answer.content, settings).slice(0, deltasBefore(fault)).flat().join('');
      return exchange.end(
        completionOf(answer, { text: record.text, finishReason: 'error', choiceError: error, ...(usage && { usage }) }),
      );
    },
  };
}
