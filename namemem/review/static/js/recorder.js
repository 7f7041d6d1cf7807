// Recording in the browser: one button that starts and stops, webm/opus where it can.
import { warn } from './play.js';

const TYPES = ['audio/webm;codecs=opus', 'audio/ogg;codecs=opus', 'audio/mp4'];
const LONGEST = 25; // seconds

/** Makes `button` record; each finished take is given to `taken` as a blob. */
export function recorder(button, state, taken) {
  let running = null;
  const label = button.textContent;
  if (!navigator.mediaDevices?.getUserMedia || !window.MediaRecorder) {
    button.disabled = true;
    state.textContent = 'This browser records only over HTTPS or on this machine; choose a file instead.';
    return;
  }
  button.addEventListener('click', async () => {
    if (running) { running.stop(); return; }
    warn('');
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: true } });
    } catch {
      warn('The browser does not give us the microphone. Allow it for this page, or choose a file.');
      return;
    }
    const type = TYPES.find((one) => MediaRecorder.isTypeSupported(one));
    const parts = [];
    running = new MediaRecorder(stream, type ? { mimeType: type } : {});
    const begun = Date.now();
    const ticking = setInterval(() => {
      const seconds = Math.round((Date.now() - begun) / 1000);
      state.textContent = `recording, ${seconds} s`;
      if (seconds >= LONGEST) running?.stop();
    }, 250);
    running.addEventListener('dataavailable', (event) => parts.push(event.data));
    running.addEventListener('stop', () => {
      clearInterval(ticking);
      for (const track of stream.getTracks()) track.stop();
      const blob = new Blob(parts, { type: running.mimeType });
      running = null;
      button.textContent = label;
      state.textContent = '';
      taken(blob);
    });
    running.start();
    state.textContent = 'recording';
    button.textContent = '■ Stop';
  });
}

/** A form with the take in it. */
export function form(blob) {
  const made = new FormData();
  made.append('audio', blob, blob.type.includes('mp4') ? 'take.m4a' : 'take.webm');
  return made;
}
