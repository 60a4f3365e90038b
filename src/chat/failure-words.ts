import { cutText, LONGEST_ERROR_TEXT } from '../core/outside/text.js';
import { never } from './verdict.js';
import type { Verdict } from './verdict.js';

/** A failure, as its server tells it. */
export interface ToldFailure {
  /** The failing status; undefined if nothing names one. */
  readonly status: number | undefined;
  /** Codes and types, in the server's own words. */
  readonly codes: readonly string[];
  readonly message: string;
  /** The field of the request that is wrong, if the server names it. */
  readonly param?: unknown;
}

/** Statuses of requests that a server refuses, which say little: vendors use one for another. */
const VAGUE: ReadonlySet<number | undefined> = new Set([undefined, 400, 404, 410, 413, 422]);

/**
 * The verdict on a refusal that another route may not share: the prompt is too long for this model, or the model is gone.
 * Vendors report both with almost any status, so their codes and words count. Undefined for any other failure.
 * @see docs/write-a-provider.md
 * @example
 * ```ts
 * verdictOfWords({ status: 400, codes: [], message: 'The model `quill-1` has been decommissioned.' }); // not-found
 * ```
 */
export function verdictOfWords(told: ToldFailure): Verdict | undefined {
  const failure = { ...told, message: cutText(told.message, LONGEST_ERROR_TEXT) };
  if (!VAGUE.has(failure.status)) return undefined;
  if (isTooLong(failure)) return never('context-length');
  return isModelGone(failure) ? never('not-found') : undefined;
}

const TOO_LONG_CODES =
  /context_?(length|size|window)|^(prompt|input)_too_long$|token_limit_exceeded|tokens_limit_reached|^request_too_large$/i;
/** Of a text: a name may be too long as well. */
const LONG_TEXT_CODES = /^string_(above_max_length|too_long)$/i;
const TEXT_FIELDS = /^(messages|input|prompt|system|instructions|contents?)\b/i;

/** How vendors say that a prompt is too long. What limits an answer is another matter: see `ONLY_ANSWER`. */
const TOO_LONG_WORDS = [
  /max(imum)? (context|prompt|input|sequence) (length|size)/i,
  /max(imum)? length of (the )?(context|prompt|input)/i,
  /context (length|size|window|limit)[^.]*(exceed|overflow|of only|too small)/i,
  /(exceed|overflow|larger|longer|too (long|large))[^.]*(context|sequence) ?(length|size|window|limit)/i,
  /\b(prompt|input|conversation|chat)( text| history)? (is|was|are) too (long|large)/i,
  /\b(prompt|input|request) too long\b/i,
  /\bprompt exceeds/i,
  /(input|prompt) (length|tokens?|token count)[^.]*exceed/i,
  /exceed[^.]* (maximum|max|model|allowed)[^.]*(number of tokens|token limit|input tokens|prompt tokens)/i,
  /exceeds? the (maximum|allowed) (prompt|input)/i,
  /too many (input |prompt )?tokens/i,
  /total number of tokens in the prompt/i,
  /reduce (the|your) (length of (the|your) )?(messages|prompt|input|context)/i,
  /range of input length/i,
  /first \d+ tokens when context/i,
  /too large for (the )?model|too large for \S+ model/i,
  /inputs?\b.* tokens .*must be <=/i,
] as const;

/** "Too many tokens, please wait before trying again." */
const THROTTLED = /please wait|per (minute|day)|throttl/i;

/** About the cap of the answer, unless the prompt is named, too. */
const ONLY_ANSWER = /max_(completion_|output_|new_)?tokens|max(Output)?Tokens|(output|completion) tokens/;
const PROMPT_NAMED = /prompt|input|context|messages|sequence/i;

function isTooLong({ codes, message, param }: ToldFailure): boolean {
  if (codes.some((code) => TOO_LONG_CODES.test(code))) return true;
  if (codes.some((code) => LONG_TEXT_CODES.test(code))) return TEXT_FIELDS.test(fieldIn(message, param));
  if (ONLY_ANSWER.test(message) && !PROMPT_NAMED.test(message)) return false;
  return !THROTTLED.test(message) && TOO_LONG_WORDS.some((words) => words.test(message));
}

/** "Invalid 'tools[0].function.name': …", "body.user: …"; without a field it is the prompt. */
function fieldIn(message: string, param: unknown): string {
  if (typeof param === 'string') return param;
  const [, quoted, placed] = /'([\w.[\]]+)'|^(?:body\.)?([\w.[\]]+): /.exec(message) ?? [];
  return quoted ?? placed ?? 'messages';
}

const GONE_CODES =
  /^(model_?(not_?found|not_?exist|not_?available|not_?supported|decommissioned|deprecated|retired|unavailable_upstream|terminated)|deployment_?not_?found|(unknown|invalid|unavailable|unsupported)_model|no_such_model|free_variant_ended)$/i;

const A_MODEL = /\b(models?|deployment|engine)\b|模型/i;
const GONE_WORDS = [
  /decommissioned|discontinued|retired|sunset|shut ?down|end[- ]of[- ](its[- ])?life/i,
  /(has|have) been (deprecated|removed)|(is|are) (now )?deprecated|(was|is) removed/i,
  /no longer (available|supported|served|offered)/i,
  /(does not|doesn't|not) exist|not found|不存在/i,
  /(invalid|unknown|unrecognized) model|no such model|not a valid model|model identifier is invalid/i,
  /unable to access (the )?(non-serverless )?model/i,
  /requested model (\S+ )?is not supported/i,
  /marked by provider as legacy/i,
] as const;
/** A sentence about one of these is about the request, although it may name the model. */
const SOMETHING_ELSE =
  /\b(parameters?|params?|arguments?|fields?|options?|settings?|features?|tools?|functions?|schema|images?|files?|headers?|format|property|endpoint|url|`?temperature`?|`?top_p`?)\b/i;

function isModelGone({ codes, message }: ToldFailure): boolean {
  if (codes.some((code) => GONE_CODES.test(code))) return true;
  return sentencesOf(message).some(
    (sentence) =>
      A_MODEL.test(sentence) && GONE_WORDS.some((words) => words.test(sentence)) && !SOMETHING_ELSE.test(sentence),
  );
}

/** Names of models hold full stops. */
function sentencesOf(message: string): readonly string[] {
  return message.split(/(?<=[.!?;])\s+|\n/);
}
