import gc

import pytest
from fastapi.dependencies import models
from hypothesis import settings
from plugins.require_all import skipped_is_failed

# A slow machine is no failure: speed is measured in benchmarks/.
settings.register_profile("namemem", settings(), deadline=None)
settings.load_profile("namemem")

pytest_plugins = [
    "plugins.postgres",
    "plugins.private_postgres",
    "plugins.small_disk",
    "plugins.http",
    "plugins.receiver",
    "plugins.server",
    "plugins.speech",
    "plugins.browser",
    "plugins.pools",
]


def pytest_collection_finish():
    """What was imported and collected stays: no garbage collection need go through it."""
    gc.freeze()


@pytest.fixture(autouse=True)
def _let_applications_go():
    """FastAPI remembers functions, and with them the applications that they were made for.

    A thousand applications are five gigabytes, and a garbage collection takes seconds.
    """
    yield
    for found in vars(models).values():
        if hasattr(found, "cache_clear"):
            found.cache_clear()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    return skipped_is_failed((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    return skipped_is_failed((yield))
