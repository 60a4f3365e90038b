import type { Clock } from '../../core/clock.js';
import { toGenerationError } from '../../core/errors/classify.js';
import { GenerationError } from '../../core/errors/generation-error.js';
import type { PartialAnswer } from '../../core/errors/generation-error.js';
import { InterruptedError, InvalidObjectError } from '../../core/errors/classes.js';
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

export interface ObjectParts {
  readonly generate: (input: GenerationInput) => Promise<GenerationResult>;
  readonly clock: Clock;
  readonly redact: Redact;
}

/**
 * A generation whose answer is read as JSON and checked. Where it is not valid, the model is asked once more, with its answer
 * and what is wrong with it: a generation of its own. An answer that was cut is no object, whatever could be read of it.
 * @throws GenerationError, with the attempts and the usage of both
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
  const second = await parts.generate({ ...again, deadlineMs: remainingMs }).catch((error: unknown) => {
    throw afterTheFirst(error, first);
  });
  const answer = together(first, second);
  const checkedAgain = await check(answer, schema, parts);
  if ('object' in checkedAgain) return { object: checkedAgain.object, ...answer };
  throw notValid(shortened(checkedAgain.issues), answer);
}

function checkFields(input: ObjectInput<unknown> & Pick<GenerationInput, 'responseFormat'>): void {
  if (input.responseFormat !== undefined)
    throw new GenerationError('invalid-input', 'responseFormat follows from the schema; leave it out.');
  if (input.name !== undefined && !isName(input.name))
    throw new GenerationError('invalid-input', 'name must be of letters, digits, "_" and "-", 64 at the most.');
}

/** @throws GenerationError if the answer is not whole, or the schema itself fails */
async function check(answer: GenerationResult, schema: ObjectSchema, { redact }: ObjectParts): Promise<Checked> {
  const {
    provider,
    model,
    finishReason: { unified, raw },
    attempts,
  } = answer;
  if (unified !== 'stop') {
    const why =
      unified === 'length'
        ? 'the answer reached its token cap; raise maxTokens'
        : `the model stopped with "${raw ?? unified}"`;
    throw new InterruptedError(`The object is not whole: ${why}.`, { provider, model }).withDetails({
      attempts,
      partial: partialOf(answer),
    });
  }
  const json = findJson(answer.text);
  if (json === undefined) return { issues: ['The answer is not JSON, nor does it hold one Markdown fence with JSON.'] };
  try {
    const checked = await schema.check(json.value);
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

/** One mistake made a hundred times need not be told a hundred times. */
function shortened(issues: readonly string[]): readonly string[] {
  const more = issues.length - MOST_ISSUES;
  return more > 0 ? [...issues.slice(0, MOST_ISSUES), `… and ${more} more.`] : issues;
}

function notValid(issues: readonly string[], answer: GenerationResult): InvalidObjectError {
  const { provider, model, attempts } = answer;
  const message = `The model was asked twice and did not write the object that was asked for: ${issues.join('; ')}`;
  return new InvalidObjectError(message, { provider, model, issues, retryable: true }).withDetails({
    attempts,
    partial: partialOf(answer),
  });
}

function partialOf({ text, usage }: GenerationResult): PartialAnswer {
  return { text, usage, toolCallsOpen: false };
}

/** The second answer, with the bill of both. */
function together(first: GenerationResult, second: GenerationResult): GenerationResult {
  const attempts = [...first.attempts, ...second.attempts];
  return {
    ...second,
    attempts,
    usage: sumUsage([first.usage, second.usage]),
    cost: sumCost(attempts.map(({ usage }) => usage)),
  };
}

/** The second generation failed: its error, with what both have written and used. */
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
