"""A model of the user's own, run for real: a graph of a few kilobytes in place of a large one."""

from __future__ import annotations

import importlib.util
import zlib
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from comparison.candidates import least_strong
from comparison.closer_look import least_related
from comparison.derivation import encoder_of
from comparison.encoders import Encoders, encoders_of, load_encoders, with_own
from comparison.hub_encoder import HubEncoder
from comparison.hub_folder import MEASURED_PROMPT, MEASURED_SHAPE, files_beside, read_folder
from comparison.leads import first_encoder
from comparison.likeness import HUB_ALONE, HUB_THRESHOLDS, thresholds_for
from comparison.model_errors import HubModelError, ModelError
from comparison.onnx_files import external_files
from comparison.scoring import ClaimScorer
from comparison.thresholds import HUB, PACKAGED, thresholds_of
from config.settings import Settings
from interfaces.cli.main import _explain
from scheduler.dossiers import _basis
from storage.claim_records import Claim, ReferenceReport
from storage.database import open_database
from storage.reports import save_report
from tests.fixtures.tiny_model import DIMENSIONS, INT32, WORDS, Tiny, graph, write_model

pytest.importorskip("onnxruntime", reason="there is no wheel for this platform")

TEXT = "The bridge was closed"
TABLE = np.frombuffer(graph(Tiny())[1], dtype=np.float32).reshape(len(WORDS), DIMENSIONS)


def tokens_of(*words: str) -> np.ndarray:
    """What the tiny graph gives for the tokens of a text: rows of its table, the second twice as long, and so on."""
    return np.array([TABLE[WORDS.index(word)] * (place + 1) for place, word in enumerate(words)])


PLAIN = tokens_of("[CLS]", "the", "bridge", "was", "closed", "[SEP]")


def unit(row: np.ndarray) -> np.ndarray:
    return row / np.linalg.norm(row)


@pytest.mark.parametrize(
    ("pooling", "expected"),
    [
        ({}, PLAIN.mean(axis=0)),
        ({"pooling_mode_mean_tokens": True, "pooling_mode_cls_token": False}, PLAIN.mean(axis=0)),
        ({"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}, PLAIN[0]),
        ({"pooling_mode_lasttoken": True}, PLAIN[-1]),
        ({"pooling_mode": "cls"}, PLAIN[0]),
    ],
)
def test_tokens_are_pooled_as_the_model_is_configured(tmp_path: Path, pooling: dict[str, object], expected: np.ndarray) -> None:
    encoder = HubEncoder(write_model(tmp_path / "own", pooling=pooling))
    assert encoder.encode([TEXT])[0] == pytest.approx(unit(expected), abs=1e-6)


def test_the_graphs_own_vector_of_a_text_comes_before_any_pooling(tmp_path: Path) -> None:
    modules = [{"type": f"sentence_transformers.models.{kind}", "path": path} for kind, path in (("Pooling", "1_Pooling"), ("Dense", "2"))]
    folder = write_model(tmp_path / "own", Tiny(sentence_output=True), modules=modules, pooling={"pooling_mode_cls_token": True})
    assert HubEncoder(folder).encode([TEXT])[0] == pytest.approx(unit(PLAIN.max(axis=0)), abs=1e-6)


@pytest.mark.parametrize(
    ("prompts", "given", "first"),
    [
        ({"STS": "the bridge ", "query": "query : "}, None, ("the", "bridge")),
        ({"query": "query : "}, None, ("query", ":")),
        ({"document": "bread "}, None, ()),
        ({"STS": "the bridge "}, "bread ", ("bread",)),
        ({"STS": "the bridge "}, "", ()),
    ],
)
def test_the_prompt_is_the_settings_or_the_models_own_for_similar_texts(
    tmp_path: Path, prompts: dict[str, str], given: str | None, first: tuple[str, ...]
) -> None:
    encoder = HubEncoder(write_model(tmp_path / "own", prompts={"prompts": prompts}), given)
    expected = tokens_of("[CLS]", *first, "storm", "[SEP]").mean(axis=0)
    assert encoder.encode(["storm"])[0] == pytest.approx(unit(expected), abs=1e-6)


def test_a_prompt_is_left_out_of_the_mean_where_the_model_says_so(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "own", pooling={"pooling_mode_mean_tokens": True, "include_prompt": False})
    expected = tokens_of("[CLS]", "query", ":", "storm", "[SEP]")[3:].mean(axis=0)
    assert HubEncoder(folder, "query : ").encode(["storm"])[0] == pytest.approx(unit(expected), abs=1e-6)
    # Without a prompt nothing is left out.
    expected = tokens_of("[CLS]", "storm", "[SEP]").mean(axis=0)
    assert HubEncoder(folder).encode(["storm"])[0] == pytest.approx(unit(expected), abs=1e-6)


def test_a_row_does_not_depend_on_what_stands_beside_it(tmp_path: Path) -> None:
    encoder = HubEncoder(write_model(tmp_path / "own"))
    texts = [TEXT, "bread", "storm " * 400, "", "\0", "мост закрыли", "\ud800", TEXT]
    together = encoder.encode(texts)
    assert together.shape == (len(texts), DIMENSIONS)
    assert together.dtype == np.float32
    assert np.array_equal(together, np.vstack([encoder.encode([text]) for text in texts]))
    assert np.linalg.norm(together, axis=1) == pytest.approx(np.ones(len(texts)), abs=1e-5)
    assert encoder.encode([]).shape == (0, DIMENSIONS)


def test_a_long_text_is_cut_where_the_model_ends(tmp_path: Path) -> None:
    encoder = HubEncoder(write_model(tmp_path / "own", length={"max_seq_length": 4}))
    expected = tokens_of("[CLS]", "the", "bridge", "[SEP]").mean(axis=0)
    assert encoder.encode([TEXT])[0] == pytest.approx(unit(expected), abs=1e-6)


@pytest.mark.parametrize(
    "tiny",
    [
        Tiny(inputs=("input_ids", "attention_mask", "token_type_ids")),
        Tiny(inputs=("input_ids", "attention_mask", "position_ids")),
        Tiny(input_type=INT32),
        Tiny(external="weights.bin"),
        Tiny(says_size=False),
        Tiny(output="token_embeddings"),
    ],
)
def test_graphs_get_what_they_ask_for(tmp_path: Path, tiny: Tiny) -> None:
    encoder = HubEncoder(write_model(tmp_path / "own", tiny))
    assert encoder.dimensions == DIMENSIONS
    assert encoder.encode([TEXT])[0] == pytest.approx(unit(PLAIN.mean(axis=0)), abs=1e-6)


def test_nothing_is_loaded_before_the_first_text(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "own", config={"hidden_size": DIMENSIONS})
    model = folder / "model.onnx"
    encoder = HubEncoder(folder)
    model.write_bytes(b"")
    assert encoder.dimensions == DIMENSIONS
    assert encoder.encode([]).shape == (0, DIMENSIONS)
    with pytest.raises(HubModelError, match="is no graph that ONNX Runtime can run"):
        encoder.encode([TEXT])


def test_every_part_of_a_model_is_in_its_hash_and_its_place_is_not(tmp_path: Path) -> None:
    def hash_of(name: str, tiny: Tiny | None = None, prompt: str | None = None, **files: object) -> str:
        return HubEncoder(write_model(tmp_path / name, tiny, **files), prompt).model_hash

    first = hash_of("a")
    assert hash_of("elsewhere/b") == first
    assert hash_of("c", prompt="") == first
    beside = hash_of("d", Tiny(external="weights.bin"))
    words = (tmp_path / "a" / "tokenizer.json").read_text(encoding="utf-8")
    others = [
        beside,
        hash_of("e", Tiny(external="weights.bin", seed=8)),
        hash_of("f", Tiny(seed=8)),
        hash_of("g", prompt="query : "),
        hash_of("h", pooling={"pooling_mode_cls_token": True}),
        hash_of("i", pooling={"include_prompt": False}),
        hash_of("j", tokenizer=words.replace("Lowercase", "NFC")),
        hash_of("k", length={"max_seq_length": 100}),
    ]
    assert len({first, *others}) == 1 + len(others)
    assert all(len(one) == 64 for one in others)


def test_the_files_of_the_weights_are_read_from_the_graph(tmp_path: Path) -> None:
    model = write_model(tmp_path, Tiny(external="weights.bin")) / "model.onnx"
    assert external_files(model) == ("weights.bin",)
    assert external_files(write_model(tmp_path / "whole") / "model.onnx") == ()


@pytest.mark.parametrize("content", [b"", b"\x3a\xff", b"no model at all", b"\x80" * 20, bytes(range(256))])
def test_other_bytes_are_no_model_and_no_crash(tmp_path: Path, content: bytes) -> None:
    folder = write_model(tmp_path / "own")
    (folder / "model.onnx").write_bytes(content)
    with pytest.raises(HubModelError) as caught:
        HubEncoder(folder).encode([TEXT])
    assert "\n" not in str(caught.value)


def test_one_of_several_files_must_be_named(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "own", name="onnx/model.onnx")
    assert HubEncoder(folder).folder.onnx == folder / "onnx" / "model.onnx"
    write_model(folder, Tiny(seed=8), name="onnx/model_int8.onnx")
    with pytest.raises(HubModelError, match=r"holds several ONNX files \(onnx/model.onnx, onnx/model_int8.onnx\); name the one"):
        HubEncoder(folder)
    assert HubEncoder(folder / "onnx" / "model_int8.onnx").name.startswith("own (")


@pytest.mark.parametrize(
    ("tiny", "files", "message"),
    [
        (None, {"modules": [{"type": "x.Pooling", "path": "1_Pooling"}, {"type": "x.Dense", "path": "2_Dense"}]}, "export it with its"),
        (None, {"pooling": {"pooling_mode_max_tokens": True}}, "pools by pooling_mode_max_tokens; mean, cls and lasttoken are known"),
        (None, {"pooling": {"pooling_mode_max_tokens": True, "pooling_mode_mean_tokens": True}}, "pools by"),
        (None, {"config": "{"}, "cannot be read as JSON"),
        (None, {"config": "[]"}, "is not a JSON object"),
        (None, {"modules": "{}"}, "is not a list of modules"),
        (None, {"tokenizer": "{}"}, "is no tokenizer"),
        (None, {"config": {"hidden_size": 9}}, r"shape \(8,\) for a text, must be 9"),
        (Tiny(output="logits"), {}, "its graph gives logits; needed is sentence_embedding or last_hidden_state"),
        (Tiny(inputs=("input_ids", "attention_mask", "pixel_values")), {}, "asks for pixel_values"),
        (Tiny(inputs=("attention_mask",)), {}, "ONNX Runtime"),
        (Tiny(operator=("made.elsewhere", "Gather")), {}, "made.elsewhere:Gather"),
        (Tiny(external="../weights.bin"), {}, "which is not beside it"),
        (Tiny(external="/etc/hostname"), {}, "which is not beside it"),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_line(tmp_path: Path, tiny: Tiny | None, files: dict[str, object], message: str) -> None:
    folder = write_model(tmp_path / "own", tiny, **files)
    with pytest.raises(HubModelError, match=message) as caught:
        HubEncoder(folder).encode([TEXT])
    assert "\n" not in str(caught.value)
    assert str(folder) in str(caught.value)


def test_absent_folders_and_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(HubModelError, match="does not exist"):
        HubEncoder(tmp_path / "nowhere")
    with pytest.raises(HubModelError, match=r"holds no .onnx file"):
        HubEncoder(tmp_path)
    (tmp_path / "model.onnx").write_bytes(b"x")
    with pytest.raises(HubModelError, match=r"holds no tokenizer.json"):
        HubEncoder(tmp_path)
    (tmp_path / "model.bin").write_bytes(b"x")
    with pytest.raises(HubModelError, match=r"is no .onnx file"):
        HubEncoder(tmp_path / "model.bin")


def test_without_the_extra_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "onnxruntime" else find(name))
    with pytest.raises(HubModelError, match="python -m pip install onnxruntime tokenizers"):
        HubEncoder(write_model(tmp_path))


def test_only_the_model_that_was_measured_is_called_measured(tmp_path: Path) -> None:
    prompts = {"prompts": {"STS": MEASURED_PROMPT}}
    measured = write_model(tmp_path / "a", config=MEASURED_SHAPE, prompts=prompts)
    assert read_folder(measured, None).is_measured
    assert not read_folder(measured, "").is_measured
    assert not read_folder(write_model(tmp_path / "b", config={**MEASURED_SHAPE, "vocab_size": 1}, prompts=prompts), None).is_measured
    other = HubEncoder(write_model(tmp_path / "c"))
    assert other.name == "c (own model, thresholds not measured for it)"
    assert "own model, thresholds measured for it" in HubEncoder(measured).name


def test_a_name_from_a_disk_cannot_move_a_terminals_cursor(tmp_path: Path) -> None:
    assert HubEncoder(write_model(tmp_path / "a\x1b[2Jb")).name.startswith("a[2Jb (")


def test_an_own_model_decides_alone_and_packaged_ones_only_help(tmp_path: Path) -> None:
    own = HubEncoder(write_model(tmp_path / "own"))
    both, alone = with_own(own), Encoders((own,), deciding=own)
    assert both.label == alone.label == own.name
    for encoders in (both, alone):
        assert encoders.voting("en") == encoders.voting("uk") == (own,)
        # For what it reads, a fast one may choose; a slow packaged one takes no part.
        assert all(encoder.is_fast or encoder is own for encoder in encoders.for_language("en"))
    assert alone.model_hash != Encoders((own,)).model_hash
    packaged = load_encoders("auto")
    assert packaged.voting("en") == packaged.for_language("en")
    assert set(packaged.all) | {own} == set(both.all) or [one.model_hash for one in both.all] == [
        *(one.model_hash for one in packaged.all),
        own.model_hash,
    ]


def test_a_model_put_in_the_place_of_another_makes_kept_dossiers_old(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "own", name="onnx/model.onnx")
    model = folder / "onnx" / "model.onnx"
    assert {"model.onnx", "tokenizer.json"} <= {file.name for file in files_beside(folder)} == {file.name for file in files_beside(model)}
    settings = Settings(database="sqlite:///x", encoder="hub", encoder_folder=folder)
    first = _basis(settings, None, redact_persons=False)
    assert _basis(settings, None, redact_persons=False) == first
    model.write_bytes(model.read_bytes() + b"\0")
    assert _basis(settings, None, redact_persons=False) != first
    # Nor is a folder that is not there a fault here: loading the model says so.
    assert files_beside(tmp_path / "nowhere") == []


def test_the_settings_name_the_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write_model(tmp_path / "own")
    settings = Settings(database="sqlite:///x", encoder="hub", encoder_folder=folder, encoder_prompt="query : ")
    assert encoders_of(settings).deciding is not None
    assert encoders_of(settings).label.startswith("own (")
    assert encoders_of(Settings(database="sqlite:///x", encoder="none", encoder_folder=folder)).model_free
    (folder / "tokenizer.json").unlink()
    with pytest.raises(ModelError) as caught:
        encoders_of(settings)
    # It is a fault of the configuration, told in one line.
    assert _explain(caught.value) == 2
    assert capsys.readouterr().err.count("\n") == 1


class Fast:
    """A fast encoder of one language: texts on bridges are alike, all others are like nothing."""

    name, short, model_hash, dimensions, is_fast = "fast", "fast", "f" * 64, 64, True
    languages = frozenset({"en"})

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        rows = np.array([np.random.default_rng(zlib.crc32(text.encode())).normal(size=64) for text in texts], dtype=np.float32)
        rows[:, 0] += [40.0 * ("bridge" in text) for text in texts]
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_what_a_fast_encoder_finds_far_is_not_read_and_counts_for_nothing(tmp_path: Path, sqlite_url: str, now: datetime) -> None:
    own = HubEncoder(write_model(tmp_path / "own"))
    claims = (Claim(id="c01", text="The bridge was closed."), Claim(id="c02", text="The storm closed the bridge."))
    report = ReferenceReport(key="r", title="r", language="en", claims=claims)
    texts = ["The bridge was closed", "the storm", "bread", "the storm closed the bridge"]
    encoders = Encoders((Fast(), own), deciding=own)
    with closing(open_database(sqlite_url)) as database:
        with database.write() as session:
            save_report(session, report, now)
        scorer = ClaimScorer(database, report, encoders, now=now)
        keep = np.array([False, False, True, False])
        scored = scorer.score_in_stages(texts, "en", keep, lambda fast: fast.max(axis=0) >= scorer.thresholds.stage_door)
        read = [True, False, True, True]
        assert (~np.isnan(scored.parts["hub"])).all(axis=0).tolist() == read
        assert np.array_equal(scored.total[:, read], scored.parts["hub"][:, read])
        assert (scored.total[:, [1]] <= HUB.unread).all()
        total, parts = scorer.complete(encoders.all[0], scored.parts["fast"], texts, "en", np.array(read))
        assert np.array_equal(total, scored.total)
        assert set(parts) == {"fast", "hub"}
        # The first alone has no word in it, nor where the fast one does not know the language.
        assert list(scorer.score(texts, "en").parts) == list(scorer.score(texts, "uk").parts) == ["hub"]


def test_the_first_look_is_a_fast_encoders_where_one_knows_the_language(tmp_path: Path) -> None:
    own, fast = HubEncoder(write_model(tmp_path / "own")), Fast()
    slow = Fast()
    slow.model_hash, slow.is_fast, slow.languages = "s" * 64, False, None  # type: ignore[assignment]
    encoders = Encoders((slow, fast, own), deciding=own)
    assert first_encoder(encoders, "en") is fast
    assert first_encoder(encoders, "uk") is own
    assert first_encoder(Encoders((own,), deciding=own), "en") is own
    # Texts are aligned by the packaged one that knows all languages, where there is one.
    assert encoder_of(encoders) is slow


def test_each_kind_of_encoder_has_thresholds_of_its_own(tmp_path: Path) -> None:
    own = HubEncoder(write_model(tmp_path / "own"))
    packaged, hub = Encoders((Fast(),)), Encoders((Fast(), own), deciding=own)
    assert (thresholds_of(packaged), thresholds_of(hub)) == (PACKAGED, HUB)
    assert (least_strong(hub, "en"), least_related(hub, "en")) == (HUB.strong, HUB.related)
    assert least_strong(packaged, "en") == PACKAGED.strong_by_one
    assert thresholds_for(own) is HUB_THRESHOLDS
    assert thresholds_for(own, alone=True) is HUB_ALONE
