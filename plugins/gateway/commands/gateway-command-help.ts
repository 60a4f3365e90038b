/** The help of `scriptorium gateway`, for terminals of 80 columns. */
export const gatewayCommandHelp = (name: string): string => `Usage: scriptorium ${name} key <add|list|revoke> [options]

Adds, lists and revokes the keys of a gateway. Running gateways notice a change
within a second.

Commands:
  key add NAME      make a key, print it once, and store its SHA-256
  key list          show the keys, their policies and their states
  key revoke NAME   refuse the key from now on, and end its generations

Options of "key add":
  --policy <name>   the rules for its requests (default: those of the gateway)
  --expires <time>  the time that it is valid, such as 12h, 90d, 4w
                    (default: until it is revoked)

  -h, --help        show this
`;
