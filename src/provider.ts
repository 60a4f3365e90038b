/**
 * The entry for authors of providers: codecs, requests over HTTP, the chat-completions protocol, and the verdicts on
 * failures. Errors come from `scriptorium`, the plugin itself from `scriptorium/plugin`.
 */

export type * from './contract.js';

// Providers over HTTP
export { httpProvider } from './providers/http-provider.js';
export type { AnswerHead, AnswerReader, Codec, Emit, FailedAnswer } from './providers/codec.js';
export { byCredential } from './providers/by-credential.js';
export type { ByCredential } from './providers/by-credential.js';
export { CREDENTIAL } from './core/credential.js';
export { accountName, endpointUrl, lowerCaseNames } from './providers/endpoint.js';
export type { Account } from './providers/endpoint.js';
export { getJson } from './providers/get-json.js';
export { cutShort, malformed, refuseEmpty, withoutCalls } from './providers/no-answer.js';

// The chat-completions protocol
export { chatBody } from './chat/chat-body.js';
export { chatCap } from './chat/chat-cap.js';
export type { ChatCap } from './chat/chat-cap.js';
export { ChatReader } from './chat/chat-reader.js';
export type { ChatReaderParts } from './chat/chat-reader.js';
export { finishReasonOf } from './chat/finish.js';
export { joinPieces } from './chat/join-pieces.js';
export { THOUGHTS_IN_TEXT, thoughtsFrom } from './chat/thoughts-at-head.js';
export type { ThoughtsInText, ThoughtsTable } from './chat/thoughts-at-head.js';
export { keptAsItCame, Unknown } from './chat/unknown.js';
export type { ReadFields } from './chat/read-fields.js';
export { readUsage } from './chat/usage.js';
export type { UsageReading } from './chat/usage.js';

// The server's side of the chat-completions protocol
export { readChatRequest } from './chat/server/read-chat-request.js';
export type { ChatRequest } from './chat/server/read-chat-request.js';
export { chatAnswer } from './chat/server/chat-answer.js';
export type { ChatHead } from './chat/server/chat-answer.js';
export { ChatChunks } from './chat/server/chat-chunks.js';
export type { ChatChunksOptions } from './chat/server/chat-chunks.js';
export { chatFailure } from './chat/server/chat-failure.js';
export type { ChatDialect, ChatFailure } from './chat/server/chat-failure.js';
export { chatUsage } from './chat/server/chat-usage.js';
export type { ChatUsage } from './chat/server/chat-usage.js';

// JSON
export { asErrorText, asList, asObject, asText, parseObject } from './chat/json.js';
export type { Json } from './chat/json.js';

// Numbers from outside
export {
  asCount,
  asDollars,
  asNumber,
  asResetTime,
  isAccountDollars,
  isDollars,
  isPrice,
} from './core/outside/numbers.js';
export { WrongNumbers } from './core/outside/wrong-numbers.js';
export type { Reject } from './core/outside/wrong-numbers.js';

// Failures: verdicts, waits and wording
export { never, shouldRetry, statusOf, verdictOfStatus } from './chat/verdict.js';
export type { Verdict } from './chat/verdict.js';
export { positive, retryAfterMs } from './chat/retry-after.js';
export { durationMs, waitInBody } from './chat/wait-in-body.js';
export { codesOf, errorInBody, errorOf, reasonOf, statusWithin } from './chat/error-in-body.js';
export { verdictOfWords } from './chat/failure-words.js';
export type { ToldFailure } from './chat/failure-words.js';
export { AN_HTML_PAGE, remedyFor } from './chat/remedy.js';
export type { Finding, Remedies } from './chat/remedy.js';
export { keyRemedy, settingOf } from './providers/key-remedy.js';
export type { SourceOf } from './providers/key-remedy.js';
export { snippet, unexpectedContent, withRemedy } from './chat/wording.js';

// Continuations
export { continuedMessages } from './core/continuation.js';
export { fitsPattern } from './chat/look-up-model.js';
export { prefillFrom } from './chat/prefill.js';
export { modelVersion } from './chat/model-version.js';
export type { PrefillTable } from './chat/prefill.js';

// Texts and sessions
export { textIn } from './core/message.js';
export { onceEach } from './core/util/once-each.js';
export { wholeCharacters } from './core/util/whole-characters.js';
export type { WholeCharacters } from './core/util/whole-characters.js';
export { SESSION } from './core/routes.js';
