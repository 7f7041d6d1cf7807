"""Where callers live: names put into the text that a voice framework is about to speak.

- `namemem.integrations.pipecat`: a text transform for Pipecat's TTS services.
- `namemem.integrations.livekit`: a text transform for LiveKit Agents.
- `namemem.integrations.wyoming`: a proxy before a Wyoming TTS (Home Assistant).

All three stand on `NamesInText`, which needs no framework and no server:

    >>> from namemem.integrations import NamesInText
    >>> names = NamesInText("cartesia", names={"Siobhan": "ʃɪˈvɔːn"})
    >>> names.insert("Good morning, Siobhan!")
    'Good morning, <<ʃ|ɪ|ˈ|v|ɔ|n>>!'

The frameworks themselves come with the extras `pipecat`, `livekit` and `wyoming`; only the proxy
imports its one, and only when it is started.
"""

from namemem.integrations.fetching import FreshNames, names_of
from namemem.integrations.names import NamesInText, NameStream

__all__ = ["FreshNames", "NameStream", "NamesInText", "names_of"]
