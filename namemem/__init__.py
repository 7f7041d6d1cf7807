"""namemem: remembers how people say their own names.

The flow: audio in (`audio`) → words and phones heard (`asr`, `phone_recognition`) → a name's
pronunciation (`name_spotting`, `g2p`, `reconcile`, `introductions`) → a person (`service`,
`store`) → text-to-speech out (`tts`).
"""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("namemem")
except PackageNotFoundError:  # running from a source tree that was never installed
    __version__ = "0.0.0"

__all__ = ["__version__"]
