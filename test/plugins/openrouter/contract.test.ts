import { openrouter } from 'scriptorium/plugins/openrouter';
import { chatDialect, describeProvider, providerOf } from 'scriptorium/testing';

describeProvider('openrouter', {
  make: ({ url, apiKey }) =>
    providerOf(openrouter(), {
      baseUrl: `${url}/api/v1`,
      apiKey,
      prefill: { 'a/none': 'none', 'a/told': 'instructed', 'a/begun': 'exact' },
    }),
  dialect: chatDialect,
  request: { model: 'a/model' },
  models: ['a/model', 'a/told', 'a/begun', 'a/none'],
});
