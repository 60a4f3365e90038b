import { isDeepStrictEqual } from 'node:util';
import { GenerationError } from '../../core/errors/generation-error.js';
import { PHASES } from '../../core/interceptor.js';
import { stateOf } from '../../core/state.js';
import { must, said } from '../must.js';
import { copiesTheEvents, copiesTheRequest } from './copying.js';
import { inScene } from './scene.js';
import type { InterceptorContract, InterceptorRun, InterceptorScene, MakeInterceptor } from './scene.js';
import {
  answersEachRequest,
  callsNoBrokenAnswerWhole,
  handsOnBrokenTexts,
  stopsInTheMiddle,
  storesOnlyWholeAnswers,
} from './answer-promises.js';
import {
  beginsAnewAfterRestart,
  keepsGenerationsApart,
  keepsSubscriptionsApart,
  takesSegmentsAsOneText,
} from './text-promises.js';
import { ANSWER, STRANGE, TEXT } from './told.js';

/** Proves one promise. Rejects with an `Error` that names the mistake. Needs no test runner. */
export type InterceptorCheck = (interceptor: MakeInterceptor | InterceptorContract) => Promise<void>;

const over =
  (check: (contract: InterceptorContract) => Promise<void>): InterceptorCheck =>
  (interceptor) =>
    check(typeof interceptor === 'function' ? { make: interceptor } : interceptor);

const by = (check: (scene: InterceptorScene) => Promise<void>): InterceptorCheck =>
  over((contract) => inScene(contract, check));

/** The promises of every interceptor, each a sentence with the check that proves it. */
export const INTERCEPTOR_PROMISES = {
  'has a name and a place in the chain': by(hasItsPlace),
  'does nothing before it is subscribed to': by(isCold),
  'asks next once for one answer': by(asksOnce),
  'answers each subscription': by(answersAgain),
  'leaves the request as it is': by(copiesTheRequest),
  'leaves the events as they are': by(copiesTheEvents),
  'hands on the events that it does not know': by(forwardsStrangeEvents),
  'hands on a failure, or answers in its place': by(handsOnFailures),
  'hands on an unsubscription at once': by(handsOnUnsubscription),
  'leaves nothing behind': by(leavesNothing),
  'stops in the middle of an answer': over(stopsInTheMiddle),
  'begins its text anew after a restart': over(beginsAnewAfterRestart),
  'takes a continued text as one text': over(takesSegmentsAsOneText),
  'keeps subscriptions apart': over(keepsSubscriptionsApart),
  'keeps generations apart': over(keepsGenerationsApart),
  'answers each request with its own answer': over(answersEachRequest),
  'stores only whole answers': over(storesOnlyWholeAnswers),
  'never calls a broken answer whole': over(callsNoBrokenAnswerWhole),
  'hands on the text of a broken answer': over(handsOnBrokenTexts),
} as const satisfies Readonly<Record<string, InterceptorCheck>>;

async function hasItsPlace({ definition }: InterceptorScene): Promise<void> {
  await Promise.resolve();
  const { name, phase } = definition;
  must(
    typeof name === 'string' && name !== '',
    `The interceptor's name is ${said(name)}; it must be a text, unique in the chain.`,
  );
  must(PHASES.includes(phase), `The phase of "${name}" is ${said(phase)}; the phases are ${PHASES.join(', ')}.`);
  must(typeof definition.intercept === 'function', `"${name}" has no function intercept(request, next).`);
}

/** Called without a chain around it, which would put off even what is not put off. */
async function isCold({ definition, request, inner, clock, settle }: InterceptorScene): Promise<void> {
  const before = structuredClone({ ...stateOf(request), work: undefined });
  definition.intercept(request, inner.handler);
  const timers = clock.pending;
  await settle();
  must(
    inner.asked === 0,
    'It has started work before anybody subscribed: it subscribed to what next gives. Return next(request).pipe(…), and put what must happen first inside defer().',
  );
  must(
    timers === 0,
    `It has started work before anybody subscribed: it set ${timers} timer(s). Set them inside defer() or new Observable().`,
  );
  must(
    isDeepStrictEqual(before, structuredClone({ ...stateOf(request), work: undefined })),
    "It has started work before anybody subscribed: it changed the generation's state. Do that inside defer().",
  );
}

async function asksOnce(scene: InterceptorScene): Promise<void> {
  const run = scene.watch();
  await scene.settle();
  const ending = run.failure === undefined ? '' : ` It ended with: ${reasonOf(run.failure)}`;
  must(
    scene.inner.asked > 0,
    `It has never called next, or nobody has subscribed to what next gives: no model is asked. Return next(request).${ending}`,
  );
  must(
    scene.inner.asked === 1,
    `It has asked next ${scene.inner.asked} times for one good answer, and each one is paid for. Call next once, never subscribe inside the interceptor, and ask again only after a failure.`,
  );
  mustBeAnswered(run, 'A good answer of next');
}

async function answersAgain(scene: InterceptorScene): Promise<void> {
  for (const which of ['first', 'second']) {
    const run = scene.watch();
    await scene.settle();
    mustBeAnswered(run, `The ${which} of two subscriptions`);
  }
}

async function forwardsStrangeEvents(scene: InterceptorScene): Promise<void> {
  const events = [...STRANGE, ...ANSWER.slice(0, -1), ...STRANGE, ...ANSWER.slice(-1)];
  scene.inner.answerWith(events, 'complete');
  const run = scene.watch();
  await scene.settle();
  for (const event of STRANGE) {
    const count = run.events.filter((other) => isDeepStrictEqual(other, event)).length;
    must(
      count === 2,
      `Of 2 events of the type "${event.type}", which it cannot know, it has handed on ${count} as they were. Hand on every event that you do not understand.`,
    );
  }
}

async function handsOnFailures(scene: InterceptorScene): Promise<void> {
  scene.inner.answerWith([], new GenerationError('bad-request', 'The contract suite says no.'));
  const run = scene.watch();
  await scene.settle();
  must(
    run.isComplete || run.failure !== undefined,
    'A failure of next has got lost: the stream neither fails nor ends.',
  );
  must(run.isComplete || GenerationError.is(run.failure), `After a failure of next: ${said(run.failure)}`);
}

async function handsOnUnsubscription(scene: InterceptorScene): Promise<void> {
  const { inner, clock } = scene;
  inner.answerWith([TEXT], 'silence');
  const run = scene.watch();
  for (let turn = 0; turn < 20 && inner.asked === 0; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  const asked = inner.asked;
  run.stop();
  const [heard, open, timers] = [run.events.length, inner.open, clock.pending];
  await scene.settle();
  must(
    open === 0 || open < asked,
    'It keeps an unsubscription to itself: what next gives goes on, its socket stays open, and the answer is paid for to its end. Return next(request).pipe(…); in a new Observable, return the subscription as the teardown.',
  );
  must(
    open === 0,
    `It leaks a subscription: after its subscriber has left, ${open} of ${asked} subscriptions to what next gives are open. Never subscribe inside an interceptor without handing the subscription on.`,
  );
  must(
    timers === 0,
    `${timers} timer(s) of its own still run after its subscriber has left. Cancel them in the teardown.`,
  );
  must(inner.asked === asked, 'It has asked next again after its subscriber had left.');
  must(run.events.length === heard, 'Its subscriber still hears events after having left.');
}

async function leavesNothing(scene: InterceptorScene): Promise<void> {
  const run = scene.watch();
  for (let turn = 0; turn < 20 && !run.isComplete; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  if (!run.isComplete) await scene.settle();
  const { clock, inner } = scene;
  must(
    inner.open === 0,
    `It leaks a subscription: after the end of its answer, ${inner.open} subscription(s) to what next gives are open.`,
  );
  must(
    clock.pending === 0,
    `It leaks: ${clock.pending} timer(s) of its own still run after the end of its answer. Tie them to the subscription, with takeUntil or a teardown.`,
  );
}

/** Requests and events are frozen. The engine's own words for that do not say what to do. */
function reasonOf(failure: unknown): string {
  const words = said(failure);
  return /read only property|not extensible|Cannot (?:delete|redefine) property/.test(words)
    ? `${words}. It changes an event or a request that others get too; copy it to change it.`
    : words;
}

function mustBeAnswered({ isComplete, failure }: InterceptorRun, what: string): void {
  must(failure === undefined, `${what} has become a failure: ${reasonOf(failure)}`);
  must(isComplete, `${what} has come to no end: the stream neither completes nor fails.`);
}
