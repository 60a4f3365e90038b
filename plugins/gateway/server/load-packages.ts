import { ConfigError } from 'scriptorium';

/** The package fastify. @throws ConfigError that says what to install, if it is missing */
export const loadFastify = (load = () => import('fastify')) => loaded(load);

/** The package @fastify/swagger. @throws ConfigError that says what to install, if it is missing */
export const loadSwagger = (load = () => import('@fastify/swagger')) => loaded(load);

async function loaded<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw new ConfigError(
      'The gateway needs two packages that are not installed beside scriptorium: npm i fastify@5 @fastify/swagger@9',
      { cause: error },
    );
  }
}

function isMissing(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';
}
