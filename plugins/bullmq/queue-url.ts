import { Secret } from 'scriptorium';
import type { Format } from 'scriptorium/plugin';
import { backendOf } from './address.js';

/** The format of `plugins.bullmq.url`. It may hold a password, so it is kept as a secret. */
export const queueUrl: Format<Secret> = {
  description: 'redis://HOST:PORT, rediss://USER:PASSWORD@HOST:PORT/DB or postgres://USER:PASSWORD@HOST/DATABASE',
  read: (value) => {
    const text = value instanceof Secret ? value.reveal() : value;
    return typeof text === 'string' && backendOf(text) !== undefined ? new Secret(text) : undefined;
  },
};
