/** The playground: one prompt through the gateway's own chat route, streamed into the page. */
export const PLAYGROUND = String.raw`
let leaving;
let areModelsAsked = false;
const say = (text) => setText($('play-status'), text);
/** Streams one answer. Resolves to a sentence about its end. */
async function play(signal) {
  const model = $('model').value.trim();
  const body = { ...(model !== '' && { model }), messages: [{ role: 'user', content: $('prompt').value }], stream: true, stream_options: { include_usage: true } };
  const response = await ask('v1/chat/completions', { method: 'POST', signal, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  if (!response.ok) return 'Refused: ' + await problemOf(response);
  let [usage, isWhole] = [undefined, false];
  for await (const data of eventsOf(response)) {
    if (data === '[DONE]') { isWhole = true; continue; }
    const chunk = JSON.parse(data);
    if (chunk.error !== undefined) return 'Failed: ' + chunk.error.message;
    const delta = chunk.choices && chunk.choices[0] && chunk.choices[0].delta;
    if (delta && typeof delta.content === 'string') { $('answer').append(delta.content); say('Writing …'); }
    if (chunk.usage) usage = chunk.usage;
  }
  if (!isWhole) return 'The connection broke. The answer is not whole.';
  return 'Whole.' + (usage === undefined ? '' : ' ' + plural(usage.completion_tokens, 'token') + (typeof usage.cost === 'number' ? ', ' + money(usage.cost) : '') + '.');
}
$('play').addEventListener('submit', async (event) => {
  event.preventDefault();
  if (leaving !== undefined) return;
  leaving = new AbortController();
  $('answer').replaceChildren();
  setHidden($('answer'), false);
  $('send').disabled = true;
  $('stop').disabled = false;
  say('Waiting for the first word …');
  const outcome = await play(leaving.signal).catch((error) => leaving.signal.aborted ? 'Stopped.' : 'The connection broke: ' + error.message);
  say(outcome);
  leaving = undefined;
  $('send').disabled = false;
  $('stop').disabled = true;
});
$('stop').addEventListener('click', () => leaving && leaving.abort());
$('prompt').addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) { event.preventDefault(); $('play').requestSubmit(); }
});
$('model').addEventListener('focus', async () => {
  if (areModelsAsked) return;
  areModelsAsked = true;
  try {
    const { data } = await (await ask('v1/models')).json();
    $('models').replaceChildren(...data.slice(0, 1000).map(({ id }) => { const option = make('option'); option.value = id; return option; }));
  } catch { areModelsAsked = false; }
});
`;
