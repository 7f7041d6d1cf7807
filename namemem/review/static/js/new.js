// Adding somebody: a recording made here instead of a file, and hearing what is typed.
import { ask, base, playFor, say, send, tell, warn } from './play.js';
import { form, recorder } from './recorder.js';

const byId = (id) => document.getElementById(id);
let take = null;

recorder(byId('record'), byId('recording'), (blob) => {
  take = blob;
  byId('file').value = '';
  byId('take').src = URL.createObjectURL(blob);
  byId('take').hidden = false;
  byId('take').play().catch(() => {});
});
byId('file').addEventListener('change', () => {
  const [file] = byId('file').files;
  if (!file) return;
  take = file;
  byId('take').src = URL.createObjectURL(file);
  byId('take').hidden = false;
});
byId('recorded').addEventListener('submit', async (event) => {
  event.preventDefault();
  if (!take) { warn('Record something first, or choose a file.'); return; }
  const made = take instanceof File ? new FormData() : form(take);
  if (take instanceof File) made.append('audio', take);
  for (const field of ['spelling', 'language']) made.append(field, byId('recorded').elements[field].value);
  if (byId('recorded').elements.keep.checked) made.append('keep', 'true');
  byId('send').disabled = true;
  tell('Listening …');
  try {
    location.assign((await (await send(`${base}/new/recording`, made)).json()).go);
  } catch (error) {
    tell('');
    warn(error.message);
    byId('send').disabled = false;
  }
});

byId('hear').addEventListener('click', () => playFor(byId('hear'), async () => {
  const text = byId('respelling').value;
  if (!text.trim()) throw new Error('Type how it sounds first, such as shi-VAWN.');
  const read = await (await ask(`${base}/check?${new URLSearchParams({ respelling: text })}`)).json();
  byId('heard').textContent = `${read.respelling} /${read.ipa}/`;
  return say(read.exact);
}));
