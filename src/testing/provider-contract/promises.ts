import {
  asksOncePerSubscription,
  handsOverTheText,
  handsOverWholeToolCalls,
  readsAnyChunks,
  readsWholeAnswers,
  tellsTheTokenCap,
  tellsTheUsage,
} from './answers.js';
import type { ProviderContract } from './contract.js';
import {
  classifiesStatuses,
  failsWithTheConnection,
  heedsErrorsInStreams,
  keepsTheKey,
  knowsTheEnd,
  refusesNothing,
  retriesNothing,
  tellsWhenToTryAgain,
} from './failures.js';
import { goesOnOrRefuses } from './going-on.js';
import { closesTheSocketOfWhoLeaves } from './leaving.js';
import { withProvider } from './scene.js';
import type { ProviderScene } from './scene.js';
import {
  heedsErrorsWithGoodStatus,
  mendsToolCalls,
  readsEveryReason,
  readsWaitsInWords,
  showsTheUpstreamsReason,
} from './vendors-words.js';
import { noticesCutBodies, readsEventsOfAnyType, sendsWholeCharacters } from './wire.js';

/** Proves one promise. Rejects with an `Error` that names the mistake. Needs no test runner. */
export type ProviderCheck = (contract: ProviderContract) => Promise<void>;

const by =
  (check: (scene: ProviderScene) => Promise<void>): ProviderCheck =>
  (contract) =>
    withProvider(contract, check);

/** The promises of every provider, each a sentence with the check that proves it. */
export const PROVIDER_PROMISES = {
  'sends nothing before it is subscribed to, and one request for each subscription': by(asksOncePerSubscription),
  'hands the text over in order and by the grammar of events': by(handsOverTheText),
  'gives the same events however the bytes are split': by(readsAnyChunks),
  'tells the usage that the vendor reports': by(tellsTheUsage),
  'hands over every tool call whole, once': by(handsOverWholeToolCalls),
  'mends tool calls without arguments, and takes promised calls that do not come for a failure': by(mendsToolCalls),
  'says when the token cap has ended an answer': by(tellsTheTokenCap),
  'reads every reason to end, and keeps its word': by(readsEveryReason),
  'reads an answer that was not streamed as one text': by(readsWholeAnswers),
  'takes a body that breaks off for a failure': by(noticesCutBodies),
  'reads events whatever their content type says': by(readsEventsOfAnyType),
  'takes a stream without its end for a failure': by(knowsTheEnd),
  'fails when the connection breaks': by(failsWithTheConnection),
  'takes an answer without a word for a failure': by(refusesNothing),
  'turns failing statuses into codes that say whether to try again': by(classifiesStatuses),
  'tells when the server will have the request again': by(tellsWhenToTryAgain),
  'reads a wait in the words of a refusal': by(readsWaitsInWords),
  'heeds an error inside a good stream': by(heedsErrorsInStreams),
  'takes an error with a good status for a failure': by(heedsErrorsWithGoodStatus),
  'shows the reason of the vendor behind the server': by(showsTheUpstreamsReason),
  'retries nothing': by(retriesNothing),
  'sends whole characters only': by(sendsWholeCharacters),
  'closes the socket of who leaves, and says nothing more': by(closesTheSocketOfWhoLeaves),
  'has the key in no error': by(keepsTheKey),
  'encodes a text to go on from, or refuses': (contract: ProviderContract) =>
    withProvider(contract, (scene) => goesOnOrRefuses(scene, contract.models ?? [scene.request().model])),
} as const satisfies Readonly<Record<string, ProviderCheck>>;
