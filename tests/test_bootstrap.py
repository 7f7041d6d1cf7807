"""What is wrong in the settings stops the start with a message that says how to mend it."""

from __future__ import annotations

import pytest

from namemem import bootstrap, weights
from namemem.errors import InvalidSettings
from namemem.settings import Settings


@pytest.fixture
def settings(tmp_path):
    def make(**changed):
        return Settings(data_dir=tmp_path, _env_file=None, **changed)

    return make


def test_the_default_settings_are_right(settings):
    bootstrap.check(settings())


def test_an_unknown_phone_recogniser(settings):
    with pytest.raises(InvalidSettings, match="whisper_ctc") as caught:
        bootstrap.check(settings(phone_recognizer="kaldi"))
    assert "NAMEMEM_PHONE_RECOGNIZER" in caught.value.message
    assert "compact" in caught.value.message


@pytest.mark.parametrize(
    ("setting", "variable"),
    [("whisper_model", "NAMEMEM_WHISPER_MODEL"), ("phone_encoder", "NAMEMEM_PHONE_ENCODER")],
)
def test_a_model_that_is_neither_a_name_nor_a_file(settings, setting, variable):
    with pytest.raises(InvalidSettings, match="there is no file") as caught:
        bootstrap.check(settings(**{setting: "/no/such/model.pt"}))
    assert variable in caught.value.message
    if weights.official_models():
        with pytest.raises(InvalidSettings, match=r"tiny\.en"):
            bootstrap.check(settings(**{setting: "enormous"}))


def test_a_checkpoint_file_is_taken(settings, tmp_path):
    model = tmp_path / "mine.pt"
    model.write_bytes(b"weights")
    bootstrap.check(settings(phone_encoder=str(model), whisper_model=str(model)))
