"""Writes `golden/<target>.json` anew: `python tests/tts/write_golden.py [TARGET …]`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from namemem.phones import parse_ipa
from namemem.tts import get_target, target_names

GOLDEN = Path(__file__).parent / "golden"
NAMES = [
    ("Siobhan", "ʃɪˈvɔːn"),
    ("Athena", "əˈθiːnə"),
    ("Andrea", "ˈændɹiə"),
    ("Andrea", "ɑnˈdɹeɪə"),
    ("José", "xoˈse"),
    ("Nguyễn", "ŋwiən˧˥"),
    ("Zoë", "ˈzoʊi"),
    ("Jean", "ʒɑ̃"),
    ("Niamh", "nʲiəvˠ"),
    ("Xolani", "ǁɔˈlaːni"),
    ("Charles", "tʃɑɹlz"),
    ("María José", "maˈɾi.a xoˈse"),
    ("Jürgen", "ˈjʏʁɡn̩"),
    ("Łukasz", "ˈwukaʂ"),
    ("ʻAlani", "ʔaˈlani"),
    ("Hatshep", "ˈhæt.ʃɛp"),
    ('"/><break time="10s"/>', "bɒb"),
    ("]] [[h@l'oU]] \\", "ˈbɑbi"),
    ("\x00\x07Mo\u202e😀", "ˈmoʊ"),
]
LOCALES = ["en-GB", "de-DE", "fr-FR", "es-ES", "es-MX", "it-IT", "pt-BR"]
VOICES = {
    "kokoro": ["bf_emma"],
    "azure": LOCALES,
    "polly": LOCALES,
    "google": LOCALES,
    "rime": ["fr-FR", "es-MX", "it-IT"],
    "deepgram": ["aura-2-celeste-es"],
    "espeak": ["en-gb", "de", "fr", "es", "es-419", "it", "pt-br", "nl", "pl"],
}


def rows(name: str) -> list[dict[str, object]]:
    """Every name by default, some of them with other voices and alphabets."""
    asked: list[dict[str, str | None]] = [
        {"text": text, "ipa": ipa, "voice": None} for text, ipa in NAMES
    ]
    for voice in VOICES.get(name, []):
        asked += [{"text": text, "ipa": ipa, "voice": voice} for text, ipa in NAMES[:5]]
    for alphabet in get_target(name).alphabets[1:]:
        asked += [
            {"text": text, "ipa": ipa, "voice": None, "alphabet": alphabet}
            for text, ipa in NAMES[:5]
        ]
    found: list[dict[str, object]] = []
    for one in asked:
        target = get_target(f"{name}:{one['alphabet']}" if "alphabet" in one else name)
        rendering = target.render_name(
            str(one["text"]), parse_ipa(str(one["ipa"])), one["voice"]
        ).as_dict()
        found.append({"given": one, "rendering": rendering})
    return found


if __name__ == "__main__":
    for target_name in sys.argv[1:] or target_names():
        lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows(target_name))
        (GOLDEN / f"{target_name}.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")
