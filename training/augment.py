"""What a microphone, a room and a codec do to clean speech.

Everything takes and gives float32 mono samples at 16 kHz in [-1, 1] and draws from the generator
that is passed in. The phones stay what they were.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.signal import butter, fftconvolve, resample_poly, sosfilt

RATE = 16_000
Samples = np.ndarray


def change_speed(x: Samples, factor: float) -> Samples:
    """Play faster or slower, pitch and formants with it: another vocal tract."""
    up, down = 100, round(100 * factor)
    return resample_poly(x, up, down).astype(np.float32)


def room(x: Samples, rng: np.random.Generator, seconds: float, direct: float) -> Samples:
    """Synthetic reverberation: decaying noise after a direct path; small `direct` is far field."""
    n = int(seconds * RATE)
    decay = np.exp(-6.9 * np.arange(n) / n)
    tail = rng.standard_normal(n) * decay
    early = int(0.002 * RATE)
    tail[:early] = 0.0
    for _ in range(6):
        tail[rng.integers(early, max(early + 1, min(n, 640)))] += rng.uniform(-4, 4)
    tail /= np.sqrt(np.sum(tail**2)) + 1e-9
    tail[0] = direct
    return fftconvolve(x, tail)[: len(x) + n // 4].astype(np.float32)


def coloured_noise(n: int, rng: np.random.Generator) -> Samples:
    """White, pink or brown noise, sometimes with hum or slow swells."""
    spectrum = np.fft.rfft(rng.standard_normal(n))
    frequency = np.maximum(np.fft.rfftfreq(n, 1 / RATE), 20.0)
    noise = np.fft.irfft(spectrum / frequency ** rng.uniform(0.0, 1.1), n)
    if rng.random() < 0.3:
        base = rng.choice((50.0, 60.0, 100.0, 120.0, 180.0))
        t = np.arange(n) / RATE
        hum = sum(np.sin(2 * np.pi * base * k * t) / k for k in range(1, 6))
        noise = noise / (noise.std() + 1e-9) + rng.uniform(0.3, 1.5) * hum
    if rng.random() < 0.3:
        knots = rng.uniform(0.2, 1.0, max(2, n // 4000 + 2))
        noise = noise * np.interp(np.linspace(0, len(knots) - 1, n), np.arange(len(knots)), knots)
    return noise.astype(np.float32)


def babble(n: int, rng: np.random.Generator, others: Sequence[Samples]) -> Samples:
    """Three to seven other clips at once, wrapped round to length `n`."""
    out = np.zeros(n, dtype=np.float32)
    for _ in range(int(rng.integers(3, 8))):
        other = others[int(rng.integers(len(others)))]
        start = int(rng.integers(len(other)))
        out += np.resize(np.roll(other, -start), n) / (other.std() + 1e-6)
    return out


def add_noise(x: Samples, noise: Samples, snr_db: float) -> Samples:
    """Mix at a signal-to-noise ratio; the signal's level is that of its louder half."""
    frames = x[: len(x) // 320 * 320].reshape(-1, 320)
    power = np.sort((frames**2).mean(1))
    level = power[len(power) // 2 :].mean() if len(power) else float((x**2).mean())
    gain = np.sqrt(level / (10 ** (snr_db / 10) * float((noise**2).mean()) + 1e-12))
    return (x + gain * noise).astype(np.float32)


def telephone(x: Samples, rng: np.random.Generator) -> Samples:
    """Band limits of telephones, small microphones and low-rate codecs; sometimes 8-bit mu-law."""
    low, high = rng.uniform(60, 300), rng.uniform(3300, 7000)
    out = sosfilt(butter(3, [low, high], "bandpass", fs=RATE, output="sos"), x)
    if rng.random() < 0.4:
        peak = np.abs(out).max() + 1e-9
        mu = np.sign(out) * np.log1p(255 * np.abs(out / peak)) / np.log(256)
        coarse = np.round(mu * 127) / 127
        out = np.sign(coarse) * (256 ** np.abs(coarse) - 1) / 255 * peak
    return out.astype(np.float32)


def tilt(x: Samples, rng: np.random.Generator) -> Samples:
    """Another microphone: one first-order shelf up or down."""
    a = rng.uniform(-0.4, 0.5)
    return np.append(x[:1], x[1:] - a * x[:-1]).astype(np.float32)


def pad(x: Samples, rng: np.random.Generator) -> Samples:
    """Silence before and after; one clip in six starts a few milliseconds late instead."""
    if rng.random() < 0.16:
        loud = np.flatnonzero(np.abs(x) > 0.02 * np.abs(x).max())
        start = int(loud[0]) if loud.size else 0
        x = x[start + int(rng.integers(0, 480)) :]
    before, after = rng.uniform(0, 0.5, 2) * RATE
    return np.concatenate([np.zeros(int(before)), x, np.zeros(int(after))]).astype(np.float32)


def timed(x: Samples, rng: np.random.Generator, strength: float = 1.0) -> Samples:
    """What changes when things are heard: another pace, and silence around or a late start."""
    if strength > 0 and rng.random() < 0.6:
        x = change_speed(x, float(rng.uniform(0.87, 1.15)))
    return pad(x, rng)


def coloured(
    x: Samples, rng: np.random.Generator, others: Sequence[Samples], strength: float = 1.0
) -> Samples:
    """A room, a microphone, noise, a telephone, a level: what is heard is heard when it was."""
    if rng.random() < 0.4 * strength:
        x = room(x, rng, float(rng.uniform(0.1, 0.7)), float(rng.uniform(0.5, 3.0)))
    if rng.random() < 0.4 * strength:
        x = tilt(x, rng)
    if rng.random() < 0.65 * strength:
        many = len(others) > 0 and rng.random() < 0.35
        noise = babble(len(x), rng, others) if many else coloured_noise(len(x), rng)
        x = add_noise(x, noise, float(rng.uniform(2 if not many else 5, 30)))
    else:
        x = x + rng.standard_normal(len(x)).astype(np.float32) * 10 ** rng.uniform(-5, -3)
    if rng.random() < 0.2 * strength:
        x = telephone(x, rng)
    peak = float(np.abs(x).max()) + 1e-9
    level = float(rng.uniform(0.03, 1.0)) if rng.random() < 0.7 else 1.3
    return np.clip(x / peak * level, -1.0, 1.0).astype(np.float32)


def augment(
    x: Samples, rng: np.random.Generator, others: Sequence[Samples], strength: float = 1.0
) -> Samples:
    """One random chain; `strength` 0 leaves only silence and gain, 1 reaches 0 dB and far rooms."""
    return coloured(timed(x, rng, strength), rng, others, strength)
