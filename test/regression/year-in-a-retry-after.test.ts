import { expect, it } from '@jest/globals';
import { aScene, success } from '../support/scene.js';
import { answers, refuses } from '../support/wire.js';

it('a Retry-After that is no date, but holds a year, is no reason to give up until then', async () => {
  const { pipeline } = await aScene([
    refuses('503 Service Unavailable', undefined, ['retry-after: maintenance until 2099']),
    answers('Once.'),
  ]);
  expect((await success(pipeline)).tries).toEqual(['overloaded', 'ok']);
});
