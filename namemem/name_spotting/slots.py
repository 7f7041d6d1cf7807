"""What can stand where a name is expected: how far it reaches, and which kind of name it is."""

from __future__ import annotations

from namemem.name_spotting import dense
from namemem.name_spotting.lines import Line, Slot, longest, matches
from namemem.name_spotting.patterns import STRONG, WEAK, PhraseBook
from namemem.name_spotting.units import Unit, fold
from namemem.people import NameKind

MAX_WORDS = 6
"""The longest name, in words."""
_SUFFIXES = frozenset(("jr", "sr", "junior", "senior", "ii", "iii"))
_HYPHENS = frozenset(("-", "‐", "‑"))
_KEPT = _HYPHENS | {"hyphen", ".", "·", "・", "･"}


def find(
    line: Line, at: int, book: PhraseBook, strength: int, *, strict: bool = False
) -> Slot | None:
    """The name that begins at `at`, if one does; `strength` says how surely one should.

    `strict`: of what may follow, not even a capital allows anything ("to Marek dzwonił").
    """
    units = line.units
    if 0 < at < len(units) and units[at].joint in _HYPHENS:
        return None  # "Ben-Gurion": no phrase ends within a word
    first, title, given = _behind_titles(line, at, book)
    if first >= len(units) or (first > at and units[first].breaks and not title):
        return None
    if title:
        strength = max(strength, STRONG)
        if given and units[first].key in book.particles & book.stop_words:
            return None  # "je suis le frère de Luc"
    if units[first].is_dense:
        return dense.find(line, first, book, strength, title)
    end = _reach(line, first, book, strength, titled=bool(title))
    if end == first:
        return None
    small = line.cased and not any(u.is_capitalised for u in units[first:end])
    if strength < STRONG and not _may_end(line, first, end, book, strict=strict):
        return None
    if small and not title and not _may_end(line, first, end, book, strict=True):
        return None
    if not title and strength < STRONG and any(_is_thing(u, book) for u in units[first + 1 : end]):
        return None  # "Oxford Street", "Terminal Two", but "My name is Kim Park"
    suffixed = longest(units, end, book.titles_after) if end < len(units) else 0
    title = title or " ".join(u.text for u in units[end : end + suffixed])
    return Slot(first, end, _kind(line, first, end, book, title, given or bool(suffixed)), title)


def _is_thing(unit: Unit, book: PhraseBook) -> bool:
    return unit.key in book.things - book.surnames and unit.joint not in _KEPT


def _behind_titles(line: Line, at: int, book: PhraseBook) -> tuple[int, str, bool]:
    """Past "the", "Dr." and their like: where the name itself begins, and the title."""
    units = line.units
    start = at
    while start < len(units) and units[start].key in book.articles:
        start += 1
    end, given = start, False
    while end < len(units) and (end == start or not units[end].is_dense):
        length = longest(units, end, book.titles)
        if not length:
            break
        given = given or tuple(u.key for u in units[end : end + length]) in book.given_titles
        end += length
    if end == start or end >= len(units):
        return at, "", False
    return end, " ".join(u.text for u in units[start:end]), given


def _reach(line: Line, first: int, book: PhraseBook, strength: int, *, titled: bool = False) -> int:
    """One past the last word of the name that begins at `first`; `first` where none does."""
    units, end, words = line.units, first, 0
    while end < len(units) and words < MAX_WORDS:
        unit = units[end]
        if line.in_letters(end) or unit.is_dense or not any(c.isalpha() for c in unit.text):
            break
        if end > first:
            if longest(units, end, book.in_full):
                break
            if unit.key in _SUFFIXES and words:
                end, words = end + 1, words + 1
                break
            if unit.joint in _KEPT:
                end += 1
                continue
            if unit.breaks and not _is_initial(line, end - 1):
                break
            if unit.key == "'s":
                break
        if not (
            (_opens(line, end, book, strength) or (titled and _is_surname(line, end, book)))
            if end == first
            else _goes_on(line, first, end, book, words)
        ):
            break
        end, words = end + 1, words + 1
    while end > first + 1 and units[end - 1].key in book.particles and _dangles(line, end, book):
        end -= 1
    small = book.particles - book.names
    only_particles = all(u.key in small for u in units[first:end])
    return first if only_particles and not _stands_alone(line, first, end, strength) else end


def _is_surname(line: Line, at: int, book: PhraseBook) -> bool:
    """Whether a word that means something else is a family name behind a title: Mr. Baker."""
    unit = line.units[at]
    if longest(line.units, at, book.stop):
        return unit.key in book.surnames
    return unit.key in book.surnames or (line.cased and unit.is_capitalised)


def _dangles(line: Line, end: int, book: PhraseBook) -> bool:
    unit = line.units[end - 1]
    return unit.joint not in _KEPT and unit.key in book.stop_words


def _stands_alone(line: Line, first: int, end: int, strength: int) -> bool:
    """A particle that is a name by itself, such as "Abu" or "Ben"."""
    unit = line.units[first]
    return end == first + 1 and strength == STRONG and line.cased and unit.is_capitalised


def _is_initial(line: Line, at: int) -> bool:
    unit = line.units[at]
    after = line.units[at + 1] if at + 1 < len(line.units) else None
    near = after is not None and after.start - unit.end <= 2
    return unit.is_letter and unit.text.isupper() and near


def _stops(line: Line, at: int, book: PhraseBook) -> bool:
    """Whether no name goes on here: a small word, unless it is a name that stands like one."""
    if not longest(line.units, at, book.stop):
        return book.script == "arabic" and _has_and(line.units[at].key, book)
    unit, before = line.units[at], line.units[at - 1] if at else None
    if line.cased and unit.is_capitalised and before and before.key in book.particles:
        return False  # van der Meer
    named = unit.key in book.names | book.surnames
    return not named or not _nothing_hangs_on(line, at, book)


def _has_and(key: str, book: PhraseBook) -> bool:
    """Whether an Arabic word is "and" with another word: "وعمري"."""
    return key[:1] == "و" and key[1:] in book.stop_words | book.common - book.names


def _opens(line: Line, at: int, book: PhraseBook, strength: int) -> bool:
    """Whether a name can begin with this word."""
    unit = line.units[at]
    key, capital = unit.key, unit.is_capitalised and line.cased
    if key in book.never:
        return False
    written = unit.text.casefold()
    if key in book.surnames and strength == STRONG and (capital or not line.cased):
        return True
    if (
        written not in book.not_names
        and key in book.names
        and (key not in book.stop_words or _nothing_hangs_on(line, at, book))
    ):
        return not line.cased or unit.is_capitalised or strength == STRONG
    if key in book.particles and not (unit.is_letter and capital):
        return _particle_opens(line, at, book, strength)
    if unit.is_letter:
        return strength >= WEAK and _initials_follow(line, at, book)
    if longest(line.units, at, book.stop):
        return False
    if key in book.common:
        return strength == STRONG and capital and not book.capital_nouns
    if strength < STRONG:
        if line.cased and not unit.is_capitalised:
            return False
        if _ends_unlike_a_name(unit, book) and (not capital or book.capital_nouns or at == 0):
            return False
        if key not in book.names and written.replace("’", "'").endswith(book.inflected):
            return False
    return not (line.cased and not capital and _ends_unlike_a_name(unit, book))


def _initials_follow(line: Line, at: int, book: PhraseBook) -> bool:
    """Whether a letter is an initial: another one or a name stands behind it."""
    if at + 1 >= len(line.units) or (line.units[at + 1].breaks and line.cased):
        return _is_initial(line, at)
    unit, after = line.units[at], line.units[at + 1]
    if line.cased:
        return unit.text.isupper() and (after.is_letter or after.is_capitalised)
    if after.is_letter:
        return after.key not in book.stop_words
    small = unit.key in book.stop_words or after.key in book.common
    return not small and not longest(line.units, at + 1, book.stop)


def _ends_unlike_a_name(unit: Unit, book: PhraseBook) -> bool:
    """By the endings as they are written; without their accents where the word has none."""
    if unit.key in book.names or unit.is_dense:
        return False
    written = unit.text.casefold()
    plain = written == unit.key
    return any(
        len(written) >= len(e) + 2
        and (written.endswith(e) or (plain and len(e) > 2 and written.endswith(fold(e))))
        for e in book.endings
    )


def _nothing_hangs_on(line: Line, at: int, book: PhraseBook) -> bool:
    """Whether a name that is also a small word (Will) stands like a name here."""
    if at + 1 >= len(line.units) or line.units[at + 1].breaks:
        return True
    after = line.units[at + 1]
    if after.key in book.follow or longest(line.units, at + 1, book.letters.intro):
        return True
    return line.cased and after.is_capitalised


def _particle_opens(line: Line, at: int, book: PhraseBook, strength: int) -> bool:
    """Whether "van", "de la" can begin the name: only where a name is nearly sure to stand."""
    units, end = line.units, at
    while end < len(units) and units[end].key in book.particles and not units[end].breaks:
        end += 1
    if end >= len(units) or (end > at and units[end].breaks):
        alone = units[at].key not in book.stop_words and end == at + 1
        return alone and strength == STRONG
    after = units[end]
    named = after.is_capitalised if line.cased else after.key not in book.common
    if _stops(line, end, book) or not named:
        return units[at].key not in book.stop_words and strength == STRONG
    written = line.cased and units[at].is_capitalised  # "Met Van Dijk", but "soy de Lima"
    return strength == STRONG or end - at > 1 or written or units[at].key not in book.stop_words


def _goes_on(line: Line, first: int, at: int, book: PhraseBook, words: int) -> bool:
    """Whether the name goes on with this word."""
    unit = line.units[at]
    if unit.key in book.joiners and words < 2 and line.units[at - 1].key not in book.particles:
        return False  # "Eva und Tom", but "von und zu", "Ortega Muñoz y Gasset"
    if unit.key in book.particles:
        end = at
        while end < len(line.units) and line.units[end].key in book.particles:
            if line.units[end].breaks:
                return False
            end += 1
        if end < len(line.units) and not line.units[end].breaks:
            after = line.units[end]
            if _stops(line, end, book) and not after.is_capitalised:
                return unit.key not in book.stop_words
            if line.cased:
                return after.is_capitalised
            known = after.key in book.names | book.surnames or after.key not in book.common
            joins = unit.key in book.joiners or (len(unit.key) == 1 and unit.key != "o")
            return known and not joins
        return unit.key not in book.stop_words
    if not unit.is_capitalised and line.cased:
        return False
    initial = unit.is_letter and unit.text.isupper()
    if _stops(line, at, book) and not initial:
        return False
    joined = at + 1 < len(line.units) and line.units[at + 1].joint in _HYPHENS  # Park Ji-sung
    if longest(line.units, at, book.titles_after) and not joined:
        return False
    if unit.key in book.joiners or (unit.key,) in book.letters.intro:
        return False
    if unit.is_letter:
        if line.cased:
            return unit.text.isupper() or line.units[at - 1].is_letter
        alone = at + 1 >= len(line.units) or line.units[at + 1].breaks
        return line.units[at - 1].is_letter if alone else _initials_follow(line, at, book)
    if unit.key in book.common and unit.key not in book.names | book.surnames:
        return line.cased and unit.is_capitalised and not book.capital_nouns
    if not line.cased:
        return words < 4 and not _ends_unlike_a_name(unit, book)
    return True


def _may_end(line: Line, first: int, end: int, book: PhraseBook, *, strict: bool) -> bool:
    """Whether what goes on behind the name lets it be one ("I'm looking forward" does not)."""
    if end >= len(line.units) or line.units[end].breaks or line.in_letters(end):
        return True
    after = line.units[end]
    if after.key in book.follow or longest(line.units, end, book.titles_after):
        return True
    if after.key in book.joiners or longest(line.units, end, book.letters.intro):
        return True
    if _is_described(line, end, book) or _denies(line, end, book):
        return True
    if any(matches(line.units, end, p.after) for p in book.behind.get(after.key, ())):
        return True
    if after.key == "'s":
        return False  # "I'm Brian's wife"
    apposition = after.key in book.articles and end + 1 < len(line.units)
    if apposition and line.units[end + 1].key in book.common:
        return True  # "je suis Gaëlle la voisine"
    if _phrase_opens(line, end, book):
        return True
    if strict:
        return False
    written = line.units[first].is_capitalised and line.cased and not book.capital_nouns
    return written and not (after.is_capitalised and first == 0)


def _phrase_opens(line: Line, at: int, book: PhraseBook) -> bool:
    """Whether the next introduction begins here: "I'm Bea he's Ed"."""
    node, end = book.before, at
    while end < len(line.units) - 1 and (step := node.children.get(line.units[end].key)):
        node, end = step, end + 1
        if end > at + 1 and any(p.of in ("speaker", "other") for p in node.phrases):
            return not longest(line.units, end, book.stop)
    return False


def _is_described(line: Line, at: int, book: PhraseBook) -> bool:
    """Whether "with one n", "without h" stands here."""
    letters = book.letters
    length = longest(line.units, at, letters.having | letters.lacking)
    if not length or at + length >= len(line.units):
        return False
    counts = letters.one | letters.two | letters.double
    said = line.units[at + length]
    return said.is_letter or longest(line.units, at + length, counts | letters.names.keys()) > 0


def _denies(line: Line, at: int, book: PhraseBook) -> bool:
    """Whether a wrong name is named here: "it's Dale not Gail"."""
    node, end = book.before, at
    while end < len(line.units) - 1:
        step = node.children.get(line.units[end].key)
        if step is None:
            return False
        node, end = step, end + 1
        if any(p.of == "wrong" for p in node.phrases) and not longest(line.units, end, book.stop):
            closed = end + 1 >= len(line.units) or line.units[end + 1].breaks
            return closed and line.units[end].key not in book.common
    return False


def _kind(line: Line, first: int, end: int, book: PhraseBook, title: str, given: bool) -> NameKind:
    words = 0
    for at in range(first, end):
        unit = line.units[at]
        initial = unit.is_letter and at > first and line.units[at - 1].is_letter
        goes_on = at + 1 < end and line.units[at + 1].joint in _KEPT  # Jean-Luc Ben-David
        if at > first and line.units[at - 1].key == "abd":
            continue  # Abd al-Rahman is one name
        if unit.joint in _KEPT or initial or (unit.key in book.particles and not goes_on):
            continue
        words += 1
    if title and words <= 1:
        return NameKind.GIVEN if given else NameKind.FAMILY
    if words <= 1:
        opens = line.units[first].key
        if opens in book.particles and end - first > 1:
            if opens in book.given_particles:
                return NameKind.GIVEN  # Abd al-Rahman
            if line.units[first + 1].joint in _HYPHENS:
                return NameKind.FAMILY  # Ben-David
            return NameKind.FULL if opens in book.names else NameKind.FAMILY  # Ben Affleck
        return NameKind.FAMILY if opens in book.surnames - book.given_surnames else NameKind.GIVEN
    return NameKind.FULL if not _double_given(line, first, end, book) else NameKind.GIVEN


def _double_given(line: Line, first: int, end: int, book: PhraseBook) -> bool:
    """Two given names, such as Mary Ann: both are known as ones that come in pairs."""
    both = [u.key for u in line.units[first:end]]
    return len(both) == 2 and all(key in book.doubles for key in both)
