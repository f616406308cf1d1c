// Goes on with lists that are live. Everything else works without.
'use strict';
(() => {
  const list = document.querySelector('ol[data-live]');
  if (!list || !window.EventSource) return;

  const most = Number(list.dataset.most) || 40;
  let after = Number(list.dataset.after) || 0;
  let source = null;
  let paused = false;
  let untold = 0;

  const bar = document.createElement('p');
  bar.className = 'live';
  const label = document.createElement('span');
  const button = document.createElement('button');
  button.type = 'button';
  bar.append(label, button);
  list.before(bar);

  const say = (text) => { label.textContent = text; };
  const all = (name) => document.querySelectorAll(`[data-${name}]`);
  const fill = (name, text) => all(name).forEach((place) => { place.textContent = text; });

  // The server drew it as it draws the page, escaped; a template runs nothing.
  const add = (event) => {
    after = Number(event.lastEventId) + 1;
    const holder = document.createElement('template');
    holder.innerHTML = event.data;
    const entry = holder.content.firstElementChild;
    if (!entry) return;
    entry.classList.add('fresh');
    list.prepend(entry);
    while (list.children.length > most) list.lastElementChild.remove();
    const empty = document.querySelector('.empty + .live');
    if (empty) empty.previousElementSibling.remove();
    untold += 1;
  };

  const status = (event) => {
    const told = JSON.parse(event.data);
    fill('now', told.now);
    fill('pending', String(told.pending));
    fill('tasks', String(told.tasks));
    all('tasks').forEach((place) => place.classList.toggle('none', told.tasks === 0));
  };

  // More happened than is sent one by one, or the org began again. Only the list is taken from the page: what somebody
  // is typing stays.
  const catchUp = async () => {
    close();
    say('Catching up…');
    try {
      await new Promise((done) => { setTimeout(done, 1000); });
      const answer = await fetch(location.href);
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      const fresh = page.querySelector('ol[data-live]');
      list.replaceChildren(...fresh.children);
      after = Number(fresh.dataset.after);
      open();
    } catch {
      say('Not live: load the page again.');
    }
  };

  const open = () => {
    if (source || paused || document.hidden) return;
    const join = list.dataset.live.includes('?') ? '&' : '?';
    source = new EventSource(`${list.dataset.live}${join}after=${after}`);
    source.onopen = () => say('Live');
    source.onerror = () => {
      const over = source.readyState === EventSource.CLOSED;
      say(over ? 'Not live: load the page again.' : 'Connecting again…');
      if (over) close();
    };
    source.addEventListener('entry', add);
    source.addEventListener('status', status);
    source.addEventListener('reload', catchUp);
  };

  const close = () => {
    if (source) source.close();
    source = null;
  };

  button.textContent = 'Pause';
  say('Connecting…');
  button.addEventListener('click', () => {
    paused = !paused;
    button.textContent = paused ? 'Go on' : 'Pause';
    if (paused) { close(); say('Paused'); } else { open(); }
  });

  // A browser has six connections to a host, and a page nobody sees needs none.
  document.addEventListener('visibilitychange', () => { if (document.hidden) close(); else open(); });
  addEventListener('pagehide', close);
  addEventListener('pageshow', open);

  setInterval(() => {
    if (!untold) return;
    fill('announce', untold === 1 ? 'One more event.' : `${untold} more events.`);
    untold = 0;
  }, 3000);

  open();
})();
