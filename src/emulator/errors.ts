/** The `error` of an envelope, an error chunk, or a choice. */
export interface WireError {
  readonly code: number | string;
  readonly message: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly availability?: Readonly<Record<string, unknown>>;
}

/** Why a request was refused: it is not valid, or one of the vendor's limits has been reached. */
export type RefusalKind = 'invalid' | 'per-minute' | 'per-day' | 'upstream';

/** More about a refusal. */
export interface RefusalDetails {
  /** `invalid` by default. */
  readonly kind?: RefusalKind;
  readonly headers?: Readonly<Record<string, string>>;
  /** Fields of the body beside `error`. */
  readonly beside?: Readonly<Record<string, unknown>>;
}

/** A request that the emulator refuses for a reason of the protocol; answered with the status and an error envelope. */
export class RequestRefused extends Error {
  override readonly name = 'RequestRefused';

  constructor(
    readonly status: number,
    readonly error: WireError,
    readonly details: RefusalDetails = {},
  ) {
    super(error.message);
  }
}

/** A 401 for a missing or unknown key. */
export function unauthorised(message: string): RequestRefused {
  return refused(401, message, 'authentication');
}

/** A 403 for what only a management key may ask. */
export function forbidden(message: string): RequestRefused {
  return refused(403, message, 'permission_denied');
}

/** A 400 for a body that is no chat request. */
export function invalidRequest(message: string): RequestRefused {
  return refused(400, message, 'invalid_request');
}

/** A 404 for anything that is not there. */
export function notFound(message: string): RequestRefused {
  return refused(404, message, 'not_found');
}

/** A 413 for a body beyond the emulator's own limit. */
export function tooLarge(message: string): RequestRefused {
  return refused(413, message, 'payload_too_large');
}

/** The 400 for model ids of which none is known. */
export function modelNotFound(models: readonly string[]): RequestRefused {
  return new RequestRefused(400, {
    code: 400,
    message: `${models.join(', ')} is not a valid model ID`,
    metadata: { error_type: 'invalid_request' },
    availability: { code: 'model_not_found', retryable: false, requested_models: models },
  });
}

function refused(status: number, message: string, type: string): RequestRefused {
  return new RequestRefused(status, { code: status, message, metadata: { error_type: type } });
}
