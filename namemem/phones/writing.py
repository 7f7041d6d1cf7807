"""One pass over a pronunciation: what an inventory says of it, with every change reported."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

from namemem.phones import adapting, segments
from namemem.phones.adapting import Place
from namemem.phones.conversion import Substitution
from namemem.phones.fitting import NON_RHOTIC, OTHER, TONE, cost
from namemem.phones.inventory import Inventory
from namemem.phones.model import Phone, Pronunciation, Stress, Syllable
from namemem.phones.written import Found, Written, WrittenSyllable

_R_COLOURED = ("ɜ", "ɝ", "ɚ")
_CLOSE = {"ɪ": "iɪ", "ʊ": "uʊ"}  # /ij/ and /uw/ are the vowels themselves


class Writer:
    """One pass over a pronunciation: positions and changes are counted as it goes."""

    def __init__(self, inventory: Inventory, tones: bool, fit: bool, *, spoken: bool) -> None:
        self.inventory = inventory
        self.tones = tones
        self.fit = fit
        self.spoken = spoken  # nothing may be dropped, since nothing else would be left
        self.changes: list[Substitution] = []
        self.position = 0

    def write(self, pronunciation: Pronunciation) -> Written:
        """The pronunciation in the inventory's symbols."""
        words = []
        for word in pronunciation.words:
            written: list[WrittenSyllable] = []
            for index, syllable in enumerate(word):
                before = self._put_before(syllable) if self.fit and index == 0 else None
                if before is not None:
                    written.append(before)
                    syllable = replace(syllable, onset=syllable.onset[1:])
                written.append(self._syllable(syllable, final=index == len(word) - 1))
            words.append(tuple(written))
        return Written(tuple(words), tuple(self.changes))

    def _put_before(self, syllable: Syllable) -> WrittenSyllable | None:
        """The syllable that a language puts before a cluster it does not begin words with."""
        vowel = adapting.prothesis(self.inventory.language, syllable.onset)
        if vowel is None:
            return None
        first = syllable.onset[0]
        nucleus = self.inventory.find((vowel,), False, Place("nucleus"), 0)
        coda = self.inventory.find((first,), False, Place("coda"), 0)
        said = nucleus + coda
        self._report((first,), said)
        self.position += 1
        ipa = "".join(said.ipa)
        return WrittenSyllable((), nucleus.symbols, coda.symbols, Stress.NONE, ipa)

    def _report(
        self, unit: tuple[Phone, ...], said: Found, dropped: tuple[Phone, ...] = ()
    ) -> None:
        """`dropped`: the /ɹ/ after the unit that the accent does not say."""
        phones = [p for key in said.ipa for p in adapting.phones_of(key)]
        costs = cost(unit, phones) + (NON_RHOTIC if dropped else 0.0)
        self.changes.append(
            Substitution(
                unicodedata.normalize("NFC", "".join(p.ipa for p in unit + dropped)),
                " ".join(said.symbols),
                self.position,
                max(round(costs, 4), OTHER),  # a diphthong in two vowels costs, too
            )
        )

    def _before_back(self, phone: Phone, syllable: Syllable) -> bool:
        """Whether a phone stands right before a back vowel."""
        return self.fit and phone is syllable.onset[-1] and adapting.is_back(syllable.nucleus)

    def _glide(self, syllable: Syllable) -> Phone | None:
        """The vowel that a glide in the coda is, where the language says none there: aj → aɪ."""
        if not self.fit or not syllable.coda or len(syllable.nucleus) != 1:
            return None
        glide = syllable.coda[0]
        instead = adapting.illegal(self.inventory.language, glide, Place("coda"))
        if glide.base not in ("j", "w") or not instead:
            return None
        return Phone(instead[0][0].base, segments.NON_SYLLABIC)

    def _syllable(self, syllable: Syllable, *, final: bool) -> WrittenSyllable:
        inventory = self.inventory
        glide = self._glide(syllable)
        parts: dict[str, list[str]] = {"onset": [], "nucleus": [], "coda": []}
        ipa = ""
        stressed = syllable.stress is not Stress.NONE
        seen = False
        merged = merged_r(inventory, syllable)
        for unit, is_nucleus in syllable.units():
            if (merged or glide) and seen and not parts["coda"] and not is_nucleus:
                self.position, merged, glide = self.position + 1, None, None
                continue  # said with its vowel already
            part = "nucleus" if is_nucleus else "coda" if seen else "onset"
            if merged and is_nucleus:
                found = merged
            else:
                beginning = part != "onset" or not parts["onset"]
                where = part if beginning else "cluster"
                place = Place(
                    where if self.fit else "",
                    part == "onset" and self._before_back(unit[0], syllable),
                    self.spoken,
                    self.fit and final and part == "coda",
                )
                if is_nucleus and glide and unit[0].base not in _CLOSE[glide.base]:
                    unit = (*unit, glide)
                found = inventory.find(unit, stressed, place, 0)
            if not found.exact:
                self._report(unit, found, syllable.coda[:1] if found is merged else ())
            for said in found.ipa:  # d and ʒ in a row are not d͡ʒ
                ipa += "." * (ipa[-1:] + said[:1] in segments.UNTIED) + said
            seen = seen or is_nucleus
            parts[part].extend(found.symbols)
            if is_nucleus and syllable.tone and not self.tones:
                self.changes.append(Substitution(syllable.tone, "", self.position, TONE))
            self.position += 1
        onset, nucleus, coda = (tuple(p) for p in parts.values())
        return WrittenSyllable(onset, nucleus, coda, syllable.stress, ipa)


def merged_r(inventory: Inventory, syllable: Syllable) -> Found | None:
    """The nucleus with the /ɹ/ after it, where the two are one in an inventory.

    Not exact where the accent drops the /ɹ/ (British /ɑɹ/ is ɑː).
    """
    if not syllable.coda or syllable.coda[0] != Phone("ɹ"):
        return None
    base = "".join(p.base for p in syllable.nucleus)
    marks = {d for p in syllable.nucleus for d in p.diacritics}
    if not marks <= {segments.NON_SYLLABIC}:
        return None
    row = inventory.entries.get(base + "ɹ")
    if row is None and base in _R_COLOURED:  # /ɜːɹ/ is one r-coloured vowel
        if not any(r in inventory.entries for r in ("ɝ", "ɚ")):
            return None
        rhotic = tuple(replace(p, base="ɝ") if p.base == "ɜ" else p for p in syllable.nucleus)
        return inventory.find(rhotic, True, Place(""), 0)
    if row is None:
        return None
    return Found(row.symbols, inventory.says(row.symbols) or (base + "ɹ",), row.exact)
