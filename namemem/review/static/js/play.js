// Playing sounds, and telling people what happens. Every other script imports from here.
export const base = document.body.dataset.base;
export const csrf = document.querySelector('meta[name="csrf"]').content;

const sounds = new Map(); // address → blob: address, so that nothing is fetched twice
let playing = null;

export function tell(text) { document.getElementById('status').textContent = text; }

let fading = 0;
export function warn(text) {
  const place = document.getElementById('alert');
  place.textContent = text;
  clearTimeout(fading);
  if (text) fading = setTimeout(() => { place.textContent = ''; }, 9000);
}

/** An answer of the server, or an Error whose message is for people; `about` has the details. */
export async function ask(address, options = {}) {
  let answer;
  try {
    answer = await fetch(address, options);
  } catch {
    throw new Error('The server does not answer. Check the connection, and try again.');
  }
  if (answer.ok) return answer;
  let about = {};
  try { about = await answer.json(); } catch { /* no JSON: the status has to do */ }
  const again = answer.headers.get('Retry-After');
  const when = answer.status === 503 && again ? ` Try again in ${again} seconds.` : '';
  const error = new Error((about.detail || `The server answered ${answer.status}.`) + when);
  error.about = about;
  error.status = answer.status;
  throw error;
}

/** Sends a form with the session's token. */
export function send(address, form) {
  return ask(address, { method: 'POST', body: form, headers: { 'X-CSRF-Token': csrf } });
}

export const sayAddress = (ipa, text) =>
  `${base}/say?ipa=${encodeURIComponent(ipa)}${text ? `&text=${encodeURIComponent(text)}` : ''}`;

/** Plays a sound to its end; resolves to true, or to false when another one took its place. */
export async function play(address) {
  if (!sounds.has(address)) {
    const blob = await (await ask(address)).blob();
    if (sounds.size > 200) sounds.clear();
    sounds.set(address, URL.createObjectURL(blob));
  }
  return playElement(new Audio(sounds.get(address)));
}

export function playElement(audio) {
  if (playing) playing.stop();
  return new Promise((resolve, reject) => {
    const done = (value) => { if (playing === mine) playing = null; resolve(value); };
    const mine = { stop: () => { audio.pause(); done(false); } };
    playing = mine;
    audio.addEventListener('ended', () => done(true));
    audio.addEventListener('error', () => reject(new Error('This sound cannot be played.')));
    audio.play().catch((error) => {
      if (error.name === 'AbortError') done(false);
      else reject(new Error('The browser does not let the page play sound yet. Click once more.'));
    });
  });
}

/** Whether something sounds just now: what is only hovered over does not interrupt it. */
export const busy = () => playing !== null;

export const say = (ipa, text) => play(sayAddress(ipa, text));

/** Plays for a button: it shows that it plays, and troubles are told. */
export async function playFor(button, work) {
  button.classList.add('is-playing');
  warn('');
  try {
    return await work();
  } catch (error) {
    warn(error.message);
    return false;
  } finally {
    button.classList.remove('is-playing');
  }
}

document.addEventListener('click', (event) => {
  const button = event.target.closest('button.play');
  if (!button) return;
  const address = button.dataset.url || sayAddress(button.dataset.say, button.dataset.text);
  playFor(button, () => play(address));
});

document.addEventListener('htmx:sendError', () => warn('The server does not answer. Check the connection, and try again.'));
document.addEventListener('htmx:responseError', (event) => warn(`The server answered ${event.detail.xhr.status}. Load the page again.`));
