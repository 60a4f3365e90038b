/** What an `npm run` around these tests leaves in the environment would lead another npm astray, and a key of the user's would be used. */
export const environment = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) =>
      !/^(npm_(package|lifecycle|config_local_prefix)|INIT_CWD$|NODE_ENV$|NODE_OPTIONS$|OPENROUTER_|SCRIPTORIUM_)/.test(
        name,
      ),
  ),
);
