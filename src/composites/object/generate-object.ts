import type { Clock } from '../../core/clock.js';
import { toGenerationError } from '../../core/errors/classify.js';
import { GenerationError } from '../../core/errors/generation-error.js';
import type { PartialAnswer } from '../../core/errors/generation-error.js';
import { InterruptedError, InvalidObjectError } from '../../core/errors/classes.js';
import { isWholeEnd } from '../../core/events.js';
import type { Redact } from '../../core/ports.js';
import { sumCost, sumUsage } from '../../core/usage.js';
import { findJson } from './find-json.js';
import type { GenerationInput } from '../../input/generation-input.js';
import type { ObjectInput, ObjectResult } from './object-input.js';
import { askingAgain, askingFor, repairInstruction } from './object-prompt.js';
import { objectSchema } from './object-schema.js';
import type { Checked, ObjectSchema } from './object-schema.js';
import type { GenerationResult } from '../../core/result.js';
import { scrubbed } from '../../core/errors/scrub.js';
import { isName } from '../../input/tool-formats.js';
import { untilStopped } from './until-stopped.js';
import type { OnStop } from './until-stopped.js';

/** Dependencies of `generateObject`. */
export interface ObjectParts {
  readonly generate: (input: GenerationInput) => Promise<GenerationResult>;
  readonly clock: Clock;
  readonly redact: Redact;
  readonly onStop: OnStop;
}

/**
 * Generates an answer, parses it as JSON and checks it. If it is invalid, the model gets one more generation, with its
 * answer and the issues. A cut answer is never accepted, even if it could be parsed.
 * @throws GenerationError with the attempts and the usage of both generations
 * @see docs/objects.md
 */
export async function generateObject(input: ObjectInput<unknown>, parts: ObjectParts): Promise<ObjectResult<unknown>> {
  checkFields(input);
  const schema = await objectSchema(input);
  const asking = askingFor(input, schema);
  const startedAt = parts.clock.monotonic();
  const first = await parts.generate(asking);
  const checked = await check(first, schema, parts);
  if ('object' in checked) return { object: checked.object, ...first };

  const { deadlineMs } = input;
  const remainingMs =
    deadlineMs === undefined ? undefined : Math.max(1, Math.ceil(startedAt + deadlineMs - parts.clock.monotonic()));
  const again = askingAgain(asking, first, repairInstruction(shortened(checked.issues), schema));
  const second = await parts.generate({ ...again, id: undefined, deadlineMs: remainingMs }).catch((error: unknown) => {
    throw afterTheFirst(error, first);
  });
  const answer = together(first, second);
  const checkedAgain = await check(answer, schema, parts);
  if ('object' in checkedAgain) return { object: checkedAgain.object, ...answer };
  throw notValid(shortened(checkedAgain.issues), answer);
}

function checkFields(input: ObjectInput<unknown> & Pick<GenerationInput, 'responseFormat' | 'continueFrom'>): void {
  if (input.responseFormat !== undefined)
    throw new GenerationError('invalid-input', 'responseFormat is derived from the schema. Remove it.');
  if (input.continueFrom !== undefined)
    throw new GenerationError('invalid-input', 'An object cannot be continued from a text. Remove continueFrom.');
  if (input.name !== undefined && !isName(input.name))
    throw new GenerationError('invalid-input', 'name must have at most 64 characters: letters, digits, "_" and "-".');
}

/**
 * Checks an answer against the schema.
 * @throws GenerationError if the answer is incomplete, or if the schema itself fails
 */
async function check(
  answer: GenerationResult,
  schema: ObjectSchema,
  { redact, onStop }: Pick<ObjectParts, 'redact' | 'onStop'>,
): Promise<Checked> {
  const {
    provider,
    model,
    finishReason: { unified, raw },
    attempts,
  } = answer;
  if (!isWholeEnd(unified)) {
    const why =
      unified === 'length'
        ? 'the answer reached the token cap. Raise maxTokens'
        : `the model stopped with "${raw ?? unified}"`;
    throw new InterruptedError(`The object is incomplete: ${why}.`, { provider, model }).withDetails({
      attempts,
      partial: partialOf(answer),
    });
  }
  const json = findJson(answer.text);
  if (json === undefined)
    return { issues: ['The answer is neither JSON nor a text with exactly one Markdown fence of JSON.'] };
  try {
    const checked = await untilStopped(schema.check(json.value), onStop);
    return 'object' in checked ? checked : { issues: checked.issues.map(redact) };
  } catch (error) {
    throw scrubbed(toGenerationError(error), redact).withDetails({
      provider,
      model,
      attempts,
      partial: partialOf(answer),
    });
  }
}

const MOST_ISSUES = 10;

function shortened(issues: readonly string[]): readonly string[] {
  const more = issues.length - MOST_ISSUES;
  return more > 0 ? [...issues.slice(0, MOST_ISSUES), `… and ${more} more.`] : issues;
}

function notValid(issues: readonly string[], answer: GenerationResult): InvalidObjectError {
  const { provider, model, attempts } = answer;
  const message = `Two answers of the model did not match the schema. Issues of the second: ${issues.join('; ')}`;
  return new InvalidObjectError(message, { provider, model, issues, retryable: true }).withDetails({
    attempts,
    partial: partialOf(answer),
  });
}

function partialOf({ text, usage }: GenerationResult): PartialAnswer {
  return { text, usage, toolCallsOpen: false };
}

/** Returns the second answer with the usage and cost of both. */
function together(first: GenerationResult, second: GenerationResult): GenerationResult {
  const attempts = [...first.attempts, ...second.attempts];
  return {
    ...second,
    attempts,
    usage: sumUsage([first.usage, second.usage]),
    cost: sumCost(attempts.map(({ usage }) => usage)),
  };
}

/** Adds the first generation's text, usage and attempts to the error of the second. */
function afterTheFirst(error: unknown, { text, usage, attempts }: GenerationResult): GenerationError {
  const failure = toGenerationError(error);
  const written = failure.partial?.text ?? '';
  const partial: PartialAnswer = {
    text: written.length > text.length ? written : text,
    usage: sumUsage([usage, ...failure.attempts.map((attempt) => attempt.usage)]),
    toolCallsOpen: failure.partial?.toolCallsOpen ?? false,
  };
  return Object.assign(failure.withDetails({ attempts: [...attempts, ...failure.attempts] }), { partial });
}
