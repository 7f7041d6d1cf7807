"""Loading without garbage collections in between."""

from __future__ import annotations

import gc
import subprocess
import sys

import pytest

from namemem.garbage import undisturbed

SETTLED = """
import gc
from namemem import garbage
loaded = [[] for _ in range(1000)]
garbage.settle()
assert gc.get_freeze_count() > 1000, gc.get_freeze_count()
assert gc.isenabled()
"""


def test_no_collections_meanwhile_and_again_afterwards():
    with undisturbed():
        assert not gc.isenabled()
        with undisturbed():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()


def test_a_failure_leaves_them_on():
    with pytest.raises(ZeroDivisionError), undisturbed():
        _ = 1 / 0
    assert gc.isenabled()


def test_what_is_loaded_is_left_alone():
    """In a process of its own: it would hold for every test after it."""
    subprocess.run([sys.executable, "-c", SETTLED], check=True)
