/** The largest body of a request, in bytes: many chapters of a book fit. A larger one is refused with 413. */
export const BODY_BYTES = 10 * 1024 * 1024;
