/** Draws the circuit breakers, and the line and the limits of each key. */
export const LIMITS = String.raw`
const BREAKERS = { closed: ['✓', 'Closed', 'finished'], open: ['✕', 'Open', 'failed'], probing: ['↻', 'Probing', 'retrying'] };
function breakerNode({ provider, model, state: name, untilMs }) {
  const [mark, word, look] = BREAKERS[name];
  const until = untilMs === undefined ? '' : name === 'open'
    ? (untilMs > serverNow() ? 'next attempt in ' + duration(untilMs - serverNow()) + ' (at ' + clockTime(untilMs) + ')' : 'the next attempt decides')
    : 'the attempt under way decides';
  return make('li', '', markedChip(mark, word, look), ' ', make('bdi', '', model), make('span', 'note', ['by ' + provider, until].filter(Boolean).join(' · ')));
}
function drawBreakers() {
  drawList('breaker', state.breakers.map(breakerNode));
}
const LIMIT_NAMES = { concurrency: 'generations at once', requestsPerMinute: 'requests in a minute', tokensPerMinute: 'tokens in a minute' };
function keyNode({ name, running, waiting, limits }) {
  const lines = Object.entries(LIMIT_NAMES).filter(([limit]) => limits[limit] !== undefined).flatMap(([limit, words]) => {
    const { used, limit: most } = limits[limit];
    return [bar(used / most, name + ', ' + words, used >= most ? 'high' : 'low'), make('span', 'note', count(used) + ' of ' + count(most) + ' ' + words)];
  });
  const line = count(running) + ' running' + (waiting > 0 ? ', ' + count(waiting) + ' waiting in its line' : '');
  return make('li', '', make('strong', '', make('bdi', '', name)), make('span', 'note', line), ...lines);
}
function drawKeys() {
  drawList('client', state.keys.map(keyNode));
}
`;
