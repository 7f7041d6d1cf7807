"""Variables that look like settings of namemem and are none: misspelt, or of another version.

Nothing else would tell: a `NAMEMEM_RATE_LIMITS=60` that limits nothing looks like one that does.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Mapping

from dotenv import dotenv_values

from namemem.settings import Settings

_PREFIX = str(Settings.model_config["env_prefix"])
_NEAR = 0.75  # of difflib's ratio
# Kubernetes and Docker tell of a service called namemem by such names.
_OF_OTHERS = re.compile(r"NAMEMEM_(SERVICE_(HOST|PORT.*)|PORT|PORT_\d+_.*|NAME|ENV_.*)")
_OF_OUR_CHECKS = re.compile(
    r"NAMEMEM_(TEST_.*|REQUIRE_ALL|PROVE|SCHEMA_.*|POWER_CUT_.*|INTRODUCTIONS|SCREENSHOTS|FUZZ_.*)"
)
_OF_CLIENTS = {"NAMEMEM_API_KEY": "it is read by clients, not by the server"}


def misspelt_settings(environ: Mapping[str, str] | None = None) -> list[str]:
    """A sentence for each such variable, of the environment and of `.env`; no values in it.

    Args:
        environ: the environment; this process's when not given.
    """
    known = {f"{_PREFIX}{name}".upper() for name in Settings.model_fields}
    places = {
        "the environment": os.environ if environ is None else environ,
        ".env": dotenv_values(str(Settings.model_config["env_file"]), encoding="utf-8"),
    }
    found = []
    for place, names in places.items():
        for name in sorted(names):
            asked = name.upper()  # as pydantic-settings reads them
            if not asked.startswith(_PREFIX) or asked in known:
                continue
            if _OF_OTHERS.fullmatch(asked) or _OF_OUR_CHECKS.fullmatch(asked):
                continue
            why = _OF_CLIENTS.get(asked, "there is no such setting")
            near = difflib.get_close_matches(asked, known, n=1, cutoff=_NEAR)
            hint = f" Did you mean {near[0]}?" if near else " They are listed in docs/settings.md."
            found.append(f"{name} in {place} does nothing: {why}.{hint}")
    return found
