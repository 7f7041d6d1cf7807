// The recording: waveform, spectrogram, and the heard phones as regions in the colour of their
// confidence. A click on a phone plays just that.
import { playElement, playFor, say, warn } from './play.js';

const place = document.getElementById('wave');
const style = getComputedStyle(document.documentElement);
const ink = (name) => style.getPropertyValue(name).trim();
const phones = JSON.parse(place.dataset.phones);
const problem = document.getElementById('wave-problem');

const regions = WaveSurfer.Regions.create();
const wave = WaveSurfer.create({
  container: place,
  url: place.dataset.url,
  height: 80,
  sampleRate: 16000,
  normalize: true,
  waveColor: ink('--field'),
  progressColor: ink('--accent'),
  cursorColor: ink('--ink'),
  cspNonce: document.querySelector('meta[name="nonce"]').content,
  plugins: [regions, WaveSurfer.Spectrogram.create({ height: 120, frequencyMax: 8000, fftSamples: 512, scale: 'mel', labels: false })],
});

wave.on('error', () => {
  problem.textContent = 'The recording cannot be loaded. It may have been erased, or the server is gone.';
  problem.hidden = false;
});
wave.on('ready', () => {
  for (const phone of phones) {
    const label = document.createElement('span');
    label.textContent = phone.ipa;
    Object.assign(label.style, { padding: '0 2px', font: '14px system-ui, sans-serif', color: ink('--ink') });
    regions.addRegion({
      start: phone.start, end: phone.end, content: label, drag: false, resize: false,
      color: `color-mix(in srgb, ${ink(`--c${phone.colour}`)} 32%, transparent)`,
    });
  }
  place.dataset.ready = 'yes';
});
regions.on('region-clicked', (region, event) => { event.stopPropagation(); stretch(region.start, region.end); });

function stretch(start, end) {
  warn('');
  wave.play(start, end).catch(() => warn('The recording cannot be played.'));
}

/** Plays the name in the recording to its end. */
function original() {
  const audio = new Audio(place.dataset.url);
  const end = Number(place.dataset.end) + 0.08;
  audio.currentTime = Math.max(0, Number(place.dataset.start) - 0.08);
  audio.addEventListener('timeupdate', () => {
    if (audio.currentTime >= end && !audio.paused) { audio.pause(); audio.dispatchEvent(new Event('ended')); }
  });
  return playElement(audio);
}

for (const button of document.querySelectorAll('button.phone')) {
  button.addEventListener('click', () => stretch(Number(button.dataset.start), Number(button.dataset.end)));
}
for (const button of document.querySelectorAll('button.original')) {
  button.addEventListener('click', () => playFor(button, original));
}
const both = document.getElementById('ab');
both?.addEventListener('click', () => playFor(both, async () => (await original()) && say(both.dataset.sayUrl)));
