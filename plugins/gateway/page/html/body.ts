/** The landmarks, headings and forms of the page; its script fills them. The class `feed` marks those that show the feed. */
export const BODY = `<body>
<a class="skip feed" href="#live">Skip to the live generations</a>
<header class="top">
<h1>Scriptorium</h1>
<p id="status" role="status" data-state="off"><span class="mark" aria-hidden="true">○</span> <span id="status-text">Connecting …</span></p>
<nav class="feed" aria-label="Sections"><a href="#runs" id="runs-link" hidden>Runs</a> <a href="#live">Live</a> <a href="#ended">Ended</a> <a href="#queues">Queues</a> <a href="#breakers">Breakers</a> <a href="#budgets">Budgets</a> <a href="#errors">Errors</a> <a href="#playground">Playground</a></nav>
<p class="buttons"><button type="button" class="feed" id="pause" aria-pressed="false">Pause</button> <button type="button" id="forget" hidden>Forget key</button></p>
</header>
<main>
<section id="access" aria-labelledby="access-title" hidden>
<h2 id="access-title">This gateway needs a key</h2>
<form id="key-form">
<label for="key">Key</label>
<input id="key" type="password" autocomplete="off" spellcheck="false" placeholder="sk-scr-…" required aria-describedby="key-note">
<button type="submit">Open</button>
<p class="note" id="key-note">The key stays in this tab and is forgotten with it.</p>
<p class="problem" id="key-problem" role="alert"></p>
</form>
</section>
<p class="problem" id="refusal" role="alert" hidden></p>
<noscript><p class="problem">This page needs JavaScript.</p></noscript>
<section class="feed" aria-labelledby="totals-title">
<h2 id="totals-title" class="hidden">Totals</h2>
<dl class="cards" id="totals"></dl>
</section>
<div class="columns">
<div class="wide feed">
<section id="runs-section" aria-labelledby="runs" hidden>
<h2 id="runs" tabindex="-1">Runs</h2>
<ul class="list" id="run-rows"></ul>
<p class="note" id="run-note">None.</p>
</section>
<section aria-labelledby="live">
<h2 id="live" tabindex="-1">Live generations <span class="count" id="live-count"></span></h2>
<ul class="rows" id="rows"></ul>
<p class="note" id="rows-note">No generation is running.</p>
</section>
<section aria-labelledby="ended">
<h2 id="ended" tabindex="-1">Ended <span class="count">the last 20</span></h2>
<ul class="ended" id="ended-rows"></ul>
<p class="note" id="ended-note">None yet.</p>
</section>
</div>
<div class="narrow">
<section class="feed" aria-labelledby="queues">
<h2 id="queues" tabindex="-1">Queues and limits</h2>
<ul class="list" id="queue-rows"></ul>
<p class="note" id="queue-note">Nothing waits.</p>
<h3 class="under" id="keys">Keys</h3>
<ul class="list" id="client-rows" aria-labelledby="keys"></ul>
<p class="note" id="client-note">No key with limits has asked yet.</p>
</section>
<section class="feed" aria-labelledby="breakers">
<h2 id="breakers" tabindex="-1">Breakers</h2>
<ul class="list" id="breaker-rows"></ul>
<p class="note" id="breaker-note">No model has been asked yet.</p>
</section>
<section class="feed" aria-labelledby="budgets">
<h2 id="budgets" tabindex="-1">Budgets</h2>
<ul class="list" id="budget-rows"></ul>
<p class="note" id="budget-note">No budget is configured.</p>
</section>
<section class="feed" aria-labelledby="errors">
<h2 id="errors" tabindex="-1">Last errors</h2>
<ul class="list" id="error-rows"></ul>
<p class="note" id="error-note">None.</p>
</section>
<section class="feed" aria-labelledby="parts">
<h2 id="parts" tabindex="-1">Parts</h2>
<ul class="list" id="part-rows"></ul>
<p class="note" id="part-note">Nothing has been used yet.</p>
</section>
<section aria-labelledby="playground">
<h2 id="playground" tabindex="-1">Playground</h2>
<form id="play">
<label for="model">Model</label>
<input id="model" list="models" autocomplete="off" spellcheck="false" placeholder="the gateway’s default">
<datalist id="models"></datalist>
<label for="prompt">Prompt</label>
<textarea id="prompt" rows="4" required aria-describedby="prompt-note"></textarea>
<p class="note" id="prompt-note">Ctrl + Enter sends. The answer is paid for.</p>
<p class="buttons"><button type="submit" id="send">Send</button> <button type="button" id="stop" disabled>Stop</button></p>
</form>
<p class="note" id="play-status" role="status"></p>
<div class="answer" id="answer" tabindex="0" role="region" aria-label="Answer" dir="auto" hidden></div>
</section>
</div>
</div>
</main>
</body>`;
