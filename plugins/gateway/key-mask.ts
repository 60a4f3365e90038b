import { catchError, concat, concatMap, defer, throwError } from 'rxjs';
import type { GenerationEvent, InterceptorDefinition, Redact } from 'scriptorium/plugin';

/** A key is shorter. A longer word goes on in pieces. */
const LONGEST_HELD = 512;

/**
 * Masks the keys of the configuration in what models write: others than their owner read it here. A key may come in pieces, so
 * the last word of a text waits for what follows it.
 */
export function keyMask(redact: Redact): InterceptorDefinition {
  return {
    name: 'key-mask',
    phase: 'observe',
    intercept: (request, next) =>
      defer(() => {
        const held = new HeldWords(redact, lastWord(request.continueFrom ?? ''));
        return next(request).pipe(
          concatMap((event) => held.pass(event)),
          catchError((error: unknown) =>
            concat(
              held.release(),
              throwError(() => error),
            ),
          ),
        );
      }),
  };
}

class HeldWords {
  private text = '';
  private thought = '';
  private attempt = 0;

  /** @param before the last word of a text that is continued: a key may have begun in it */
  constructor(
    private readonly redact: Redact,
    private before: string,
  ) {}

  /** The events that an event lets go. */
  pass(event: GenerationEvent): readonly GenerationEvent[] {
    switch (event.type) {
      case 'text-delta': {
        const [gone, rest] = parted(this.text + event.delta);
        const delta = this.masked(gone);
        this.text = rest;
        return delta === '' ? [] : [{ type: 'text-delta', delta }];
      }
      case 'reasoning-delta': {
        const { attempt } = event;
        const [gone, rest] = parted((attempt === this.attempt ? this.thought : '') + event.delta);
        const delta = this.redact(gone);
        [this.thought, this.attempt] = [rest, attempt];
        return delta === '' ? [] : [{ type: 'reasoning-delta', attempt, delta }];
      }
      case 'restart':
        [this.text, this.thought, this.before] = ['', '', ''];
        return [event];
      case 'tool-call':
        return [...this.release(), { ...event, arguments: this.redact(event.arguments) }];
      case 'reasoning-details':
      case 'annotation':
      case 'image':
        return [...this.release(), this.copied(event)];
      case 'continuation':
      case 'generation-end':
        return [...this.release(), event];
      default:
        return [event];
    }
  }

  /** Releases the words that wait, masked. */
  release(): readonly GenerationEvent[] {
    const { redact, text, thought, attempt } = this;
    [this.text, this.thought] = ['', ''];
    return [
      ...(thought === '' ? [] : [{ type: 'reasoning-delta' as const, attempt, delta: redact(thought) }]),
      ...(text === '' ? [] : [{ type: 'text-delta' as const, delta: this.masked(text) }]),
    ];
  }

  /** A piece of the text, masked. The first one may be the rest of a key. */
  private masked(piece: string): string {
    const { before, redact } = this;
    if (before === '' || piece === '') return redact(piece);
    this.before = '';
    const whole = redact(before + piece);
    return whole.startsWith(before) ? whole.slice(before.length) : whole;
  }

  private copied<E extends GenerationEvent>(event: E): E {
    const json = JSON.stringify(event);
    const masked = this.redact(json);
    return masked === json ? event : (JSON.parse(masked) as E);
  }
}

/** Parts a text before its last word, which waits. */
function parted(text: string): readonly [gone: string, held: string] {
  const held = lastWord(text);
  return held.length > LONGEST_HELD ? [text, ''] : [text.slice(0, text.length - held.length), held];
}

function lastWord(text: string): string {
  let at = text.length;
  while (at > 0 && isInWord(text.charCodeAt(at - 1))) at -= 1;
  return text.slice(at);
}

/** Keys consist of visible ASCII characters. */
function isInWord(code: number): boolean {
  return code > 0x20 && code < 0x7f;
}
