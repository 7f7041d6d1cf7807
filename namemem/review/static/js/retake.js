// Another take of a name: recorded, played back, heard by the server, and saved only then.
import { playFor, say, send, tell, warn } from './play.js';
import { form, recorder } from './recorder.js';

const byId = (id) => document.getElementById(id);
const name = byId('name').dataset;
let take = null;
let result = null;

recorder(byId('record'), byId('recording'), async (blob) => {
  take = blob;
  byId('take').src = URL.createObjectURL(blob);
  byId('take').hidden = false;
  byId('take-result').hidden = true;
  tell('Listening …');
  try {
    result = await (await send(`${name.here}/try-take`, form(take))).json();
  } catch (error) {
    tell('');
    warn(error.message);
    return;
  }
  tell('');
  byId('take-respelling').textContent = result.respelling;
  byId('take-ipa').textContent = `/${result.ipa}/`;
  byId('take-percent').textContent = `${result.percent} % sure`;
  byId('take-quality').textContent = result.quality.join(' ');
  byId('take-quality').hidden = !result.quality.length;
  byId('take-save').disabled = true;
  byId('take-result').hidden = false;
  await hear();
});

async function hear() {
  if (await playFor(byId('take-hear'), () => say(result.exact))) byId('take-save').disabled = false;
}
byId('take-hear').addEventListener('click', hear);
byId('take-save').addEventListener('click', async () => {
  const made = form(take);
  made.append('version', name.version);
  if (byId('take-keep')?.checked) made.append('keep', 'true');
  byId('take-save').disabled = true;
  tell('Saving …');
  try {
    const answer = await (await send(`${name.here}/take`, made)).json();
    location.assign(answer.go);
  } catch (error) {
    tell('');
    warn(error.message);
    byId('take-save').disabled = false;
  }
});
