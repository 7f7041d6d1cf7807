import pytest
from plugins.require_all import skipped_is_failed

pytest_plugins = [
    "plugins.postgres",
    "plugins.http",
    "plugins.server",
    "plugins.speech",
    "plugins.browser",
]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    return skipped_is_failed((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    return skipped_is_failed((yield))
