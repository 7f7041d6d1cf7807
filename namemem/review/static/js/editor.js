// Correcting a pronunciation without reading IPA: sounds as blocks, tiles to pick from, stress by
// a click, a respelling or IPA. The server knows phonetics; this page only puts texts together.
// Whatever is to be saved has been heard before.
import { ask, base, busy, playFor, say, warn } from './play.js';

const byId = (id) => document.getElementById(id);
const name = byId('name').dataset;
const blocks = byId('blocks');
const picker = byId('picker');
let now = JSON.parse(byId('editor').dataset.start);
let past = []; // what was there before each change, for Undo
const heard = new Set();
let spot = null; // [word, syllable, unit] whose sound is being picked
let adding = false;

const MARKS = { 0: '', 1: 'ˈ', 2: 'ˌ' };
const written = (words) => words
  .filter((word) => word.length)
  .map((word) => word.map((s) => MARKS[s.stress] + s.units.map((u) => u.ipa).join('') + s.tone).join('.'))
  .join(' ');
const copied = () => structuredClone(now.words);

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

const hidden = (text) => element('span', { class: 'vh' }, text); // for screen readers only

function draw() {
  if (!now) return;
  byId('now-respelling').textContent = now.respelling;
  byId('now-ipa').textContent = `/${now.ipa}/`;
  byId('save-ipa').value = now.exact;
  if (document.activeElement !== byId('ipa')) byId('ipa').value = now.ipa;
  blocks.replaceChildren();
  now.words.forEach((word, w) => {
    if (w) blocks.append(element('span', { class: 'gap' }));
    word.forEach((syllable, s) => {
      const main = syllable.stress === 1;
      const block = element('div', { class: `block${main ? ' stressed' : ''}` });
      const units = element('div', { class: 'units' });
      syllable.units.forEach((unit, u) => {
        const button = element('button', { type: 'button', class: 'unit', 'data-spot': `${w},${s},${u}` },
          hidden('Change '), unit.letters, element('small', { class: 'ipa' }, unit.ipa), hidden(`, ${unit.hint}`));
        if (spot && spot.join() === `${w},${s},${u}`) button.setAttribute('aria-pressed', 'true');
        button.addEventListener('click', () => open([w, s, u]));
        units.append(button);
      });
      block.append(units);
      const stress = element('button', { type: 'button', class: 'stress', 'aria-pressed': String(main) }, main ? 'stressed' : 'stress this', hidden(`, syllable ${s + 1}`));
      stress.addEventListener('click', () => restress(w, s));
      block.append(stress);
      blocks.append(block);
    });
  });
  gate();
}

function gate() {
  const changed = now && now.exact !== name.saved;
  const known = now && heard.has(now.exact);
  byId('save-button').disabled = byId('save-approve').disabled = !(changed && known);
  byId('undo').disabled = !past.length;
  byId('replay').disabled = !now;
  byId('save-note').textContent = changed ? (known ? 'Not saved yet.' : 'Hear it before you save it.') : '';
}

export async function hear(button = byId('replay')) {
  const what = now.exact;
  const ended = await playFor(button, () => say(what));
  if (ended) heard.add(what);
  gate();
  return ended;
}

/** Takes another pronunciation, draws it, and plays it. Throws what the server says against it. */
export async function propose(query, why = '') {
  const answer = await (await ask(`${base}/check?${new URLSearchParams(query)}`)).json();
  if (!now || answer.exact !== now.exact) past.push(now);
  now = answer;
  if (why) byId('why').value = why;
  close();
  draw();
  await hear();
}

const attempt = (query, why) => propose(query, why).catch((error) => warn(error.message));

function restress(w, s) {
  const words = copied();
  for (const syllable of words[w]) if (syllable.stress === 1) syllable.stress = 0;
  words[w][s].stress = 1;
  attempt({ ipa: written(words) });
}

function open(where) {
  spot = where;
  adding = false;
  byId('pick-after').setAttribute('aria-pressed', 'false');
  const unit = now.words[where[0]][where[1]].units[where[2]];
  byId('picking').textContent = `Change “${unit.letters}” to …`;
  byId('pick-remove').disabled = now.words.flat().flatMap((s) => s.units).length < 2;
  for (const tile of picker.querySelectorAll('.tile')) {
    tile.setAttribute('aria-pressed', String(tile.dataset.ipa === unit.ipa.replace(/[ːˑ]/g, '')));
  }
  picker.hidden = false;
  draw();
  (picker.querySelector('.tile[aria-pressed="true"]') || picker.querySelector('.tile')).focus();
}

function close() {
  if (picker) picker.hidden = true;
  spot = null;
}

function pick(ipa) {
  const words = copied();
  const units = words[spot[0]][spot[1]].units;
  if (adding) units.splice(spot[2] + 1, 0, { ipa });
  else if (ipa) units[spot[2]] = { ipa };
  else units.splice(spot[2], 1);
  if (!units.length) words[spot[0]].splice(spot[1], 1);
  attempt({ ipa: written(words) });
}

let hovering = 0;
for (const tile of document.querySelectorAll('.tile')) {
  tile.addEventListener('click', () => { clearTimeout(hovering); pick(tile.dataset.ipa); });
  tile.addEventListener('pointerenter', (event) => {
    if (event.pointerType !== 'mouse') return;
    hovering = setTimeout(() => { if (!busy()) playFor(tile, () => say(tile.dataset.word)); }, 300);
  });
  tile.addEventListener('pointerleave', () => clearTimeout(hovering));
}
byId('pick-remove')?.addEventListener('click', () => { adding = false; pick(''); });
byId('pick-after')?.addEventListener('click', (event) => {
  adding = !adding;
  event.target.setAttribute('aria-pressed', String(adding));
  byId('picking').textContent = adding ? 'Add a sound after it: …' : 'Change it to …';
});
byId('pick-close')?.addEventListener('click', () => { const where = spot; close(); draw(); focusUnit(where); });
picker?.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') byId('pick-close').click();
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step || !event.target.matches('.tile')) return;
  const all = [...picker.querySelectorAll('.tile')];
  all[(all.indexOf(event.target) + step + all.length) % all.length].focus();
  event.preventDefault();
});
const focusUnit = (where) => where && blocks.querySelector(`[data-spot="${where.join()}"]`)?.focus();

/** What is wrong with a typed text, its symbol marked where it stands. */
function blame(place, text, error) {
  place.replaceChildren();
  place.hidden = !error;
  if (!error) return;
  const at = error.about?.position;
  if (Number.isInteger(at) && at < [...text].length) {
    const signs = [...text];
    const size = Math.max(1, [...(error.about.symbol || '')].length);
    place.append(signs.slice(0, at).join(''), element('mark', {}, signs.slice(at, at + size).join('')),
      signs.slice(at + size).join(''), element('br'));
  }
  place.append(error.message);
}

function typed(input, button, place, notation) {
  const use = async () => {
    const text = input.value;
    try {
      await propose({ [notation]: text });
      blame(place, text, null);
    } catch (error) { blame(place, text, error); }
  };
  button.addEventListener('click', use);
  input.addEventListener('keydown', (event) => { if (event.key === 'Enter') { event.preventDefault(); use(); } });
  let waiting = 0;
  input.addEventListener('input', () => {
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      const text = input.value;
      if (!text) { blame(place, text, null); return; }
      try {
        await ask(`${base}/check?${new URLSearchParams({ [notation]: text })}`);
        if (text === input.value) blame(place, text, null);
      } catch (error) { if (text === input.value) blame(place, text, error); }
    }, 250);
  });
}
typed(byId('respell'), byId('respell-use'), byId('respell-problem'), 'respelling');
typed(byId('ipa'), byId('ipa-use'), byId('ipa-problem'), 'ipa');

for (const key of document.querySelectorAll('.key')) {
  key.addEventListener('click', () => {
    const field = byId('ipa');
    field.setRangeText(key.dataset.key, field.selectionStart, field.selectionEnd, 'end');
    field.focus();
    field.dispatchEvent(new Event('input'));
  });
}

function undo() {
  if (!past.length) return;
  now = past.pop();
  close();
  draw();
  if (now) hear();
}
byId('undo').addEventListener('click', undo);
byId('replay').addEventListener('click', () => now && hear());
document.addEventListener('keydown', (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === 'z' && !event.target.matches('input, textarea')) { event.preventDefault(); undo(); }
});
document.addEventListener('click', (event) => {
  const button = event.target.closest('button.use');
  if (!button) return;
  attempt({ ipa: button.dataset.use }, button.dataset.why);
  byId('editor').scrollIntoView({ block: 'start' });
});
let leaving = false;
byId('save').addEventListener('submit', () => { leaving = true; });
window.addEventListener('beforeunload', (event) => {
  if (!leaving && now && past.length && now.exact !== name.saved) event.preventDefault();
});
draw();
