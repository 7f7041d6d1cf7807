"""The Python client: a name for the TTS in every turn, without a request in most of them.

Usage: python api_examples/with_the_client.py
"""

from __future__ import annotations

import os
import time

from namemem.client import Client, ClientError

guest = f"client-{time.time_ns()}"
with Client(os.environ.get("BASE_URL", "http://127.0.0.1:8000")) as namemem:
    namemem.add_person({"external_id": guest, "names": [{"spelling": "Siobhan", "ipa": "ʃɪˈvɔːn"}]})
    first = namemem.pronunciation(external_id=guest, target="azure")
    print(first.markup)
    # The next turns come from the client's cache; after a minute it asks whether anything changed.
    again = namemem.pronunciation(external_id=guest, target="azure")
    print("no request:", again is first)
    print(namemem.render(f"Good morning {{external:{guest}}}!", "azure").markup)
    try:
        namemem.person(external_id="nobody")
    except ClientError as error:
        print(error.slug, "-", error)
