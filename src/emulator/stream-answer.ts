import { usageUpTo } from './answer.js';
import { DONE, PROCESSING, chunkOf, eventOf, textChunks } from './chunks.js';
import { deltasOf, inBatches } from './delivery.js';
import type { Deltas, Delivery } from './delivery.js';
import { keepAlive } from './keep-alive.js';
import type { KeepAlive } from './keep-alive.js';
import { PROVIDER_FAILED, deltasBefore, deltasUpTo, insert, misbehave, placeOf } from './misbehave.js';
import type { Spoiler } from './misbehave.js';

const HEADERS = { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' };
const SIGNATURE = Buffer.from('emulated').toString('base64');

/**
 * Streams an answer: a comment, the thoughts, the text, the `finish_reason`, the same once more with the usage, `[DONE]`. The fault strikes
 * in its place. @throws AnswerSpoiled or ConnectionGone when the answer does not come to its end.
 */
export async function streamAnswer(delivery: Delivery): Promise<void> {
  const watch = keepAlive(delivery);
  const spoiler = spoilerOf(delivery, watch);
  try {
    await misbehave('before-headers', delivery, spoiler);
    delivery.exchange.open(200, HEADERS);
    delivery.record.status = 200;
    delivery.bill(usageUpTo(delivery.answer, 0, 0));
    watch.touch();
    await insert('after-headers', delivery);
    await misbehave('after-headers', delivery, spoiler);
    await delivery.exchange.write(PROCESSING);
    await think(delivery, watch);
    await speak(delivery, watch, spoiler);
    await finish(delivery, watch, spoiler);
  } finally {
    watch.stop();
  }
}

async function think(delivery: Delivery, watch: KeepAlive): Promise<void> {
  const { answer, exchange } = delivery;
  if (answer.hidesReasoning) {
    delivery.bill(usageUpTo(answer, 0));
    return;
  }
  let thoughts = 0;
  await inBatches(deltasOf(answer.reasoning, delivery.settings), delivery, (batch) => {
    watch.touch();
    thoughts += batch.flat().length;
    delivery.bill(usageUpTo(answer, 0, thoughts));
    return exchange.write(batch.map((tokens) => chunkOf(answer, { reasoning: tokens.join('') })).join(''));
  });
  if (thoughts > 0) await exchange.write(chunkOf(answer, { signature: SIGNATURE }));
}

async function speak(delivery: Delivery, watch: KeepAlive, spoiler: Spoiler): Promise<void> {
  const { answer, exchange, record } = delivery;
  let spoken = 0;
  const chunkWith = textChunks(answer);
  const say = (batch: Deltas) => {
    watch.touch();
    const texts = batch.map((tokens) => tokens.join(''));
    spoken += batch.reduce((sum, { length }) => sum + length, 0);
    record.text += texts.join('');
    delivery.bill(usageUpTo(answer, spoken));
    return exchange.write(texts.map(chunkWith).join(''));
  };
  if (answer.tool !== undefined) await exchange.write(chunkOf(answer, { opensCall: true }));
  const deltas = deltasOf(answer.content, delivery.settings);
  let said = 0;
  for (const { after, act } of happenings(delivery, spoiler)) {
    await inBatches(deltas.slice(said, after), delivery, say);
    await act();
    said = after;
  }
  await inBatches(deltas.slice(said), delivery, say);
}

/** The acts of the fault among the deltas, in order. Of several in one place, the misdeed comes last. */
function happenings(
  delivery: Delivery,
  spoiler: Spoiler,
): readonly { readonly after: number; readonly act: () => Promise<void> }[] {
  const { exchange, fault } = delivery;
  const all = [
    { after: deltasUpTo(fault.insert?.at), act: () => insert('after-deltas', delivery) },
    { after: deltasUpTo(fault.lull), act: () => exchange.pause(fault.lull?.ms ?? 0) },
    { after: deltasBefore(fault), act: () => misbehave('after-deltas', delivery, spoiler) },
  ];
  return all.filter(({ after }) => after !== Infinity).sort((a, b) => a.after - b.after);
}

async function finish(delivery: Delivery, watch: KeepAlive, spoiler: Spoiler): Promise<void> {
  const { answer, exchange, fault, record } = delivery;
  const { finishReason = answer.finishReason } = fault;
  record.finishReason = finishReason;
  await exchange.write(chunkOf(answer, { finishReason }));
  await insert('after-finish', delivery);
  await misbehave('after-finish', delivery, spoiler);
  watch.stop();
  if (fault.noUsage !== true) {
    record.usageSent = true;
    await exchange.write(chunkOf(answer, { finishReason, usage: usageUpTo(answer) }));
  }
  await close(delivery, spoiler);
}

async function close(delivery: Delivery, spoiler: Spoiler): Promise<void> {
  const { exchange, fault } = delivery;
  const last = fault.noDone === true ? '' : DONE;
  if (fault.insert?.at !== 'after-done' && placeOf(fault) !== 'after-done') return exchange.end(last);
  await exchange.write(last);
  await insert('after-done', delivery);
  await misbehave('after-done', delivery, spoiler);
  return exchange.end();
}

function spoilerOf({ answer, exchange, record }: Delivery, watch: KeepAlive): Spoiler {
  const end = (last: string, done = false) => {
    watch.stop();
    return exchange.end(done ? last + DONE : last);
  };
  return {
    silence: () => watch.stop(),
    truncate: ({ done }) => end('', done),
    garbage: async ({ data }) => {
      await exchange.write(data === undefined ? halfOf(chunkOf(answer, {})) : eventOf(data));
      return 'goes-on';
    },
    error: ({ error = PROVIDER_FAILED, errorIn = 'top', withUsage = false, done }) => {
      record.finishReason = 'error';
      record.usageSent = withUsage;
      const content = {
        ...(errorIn === 'top' ? { error } : { choiceError: error }),
        ...(withUsage && record.usage && { usage: record.usage }),
      };
      return end(chunkOf(answer, { finishReason: 'error', ...content }), done);
    },
  };
}

/** An event whose data breaks off in the middle. */
function halfOf(event: string): string {
  return `${event.slice(0, event.length / 2)}\n\n`;
}
