"""What a model's folder says of the model: its ONNX file and all that is needed to use it as its makers do. Reads files, runs nothing.

The layout is that of sentence-transformers beside an ONNX export: ``tokenizer.json``, ``config.json``, ``modules.json``,
``1_Pooling/config.json``, ``config_sentence_transformers.json``, ``sentence_bert_config.json``. All but the ONNX file and the tokenizer
may be absent.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from comparison.model_errors import HubModelError

MAX_TOKENS = 512
"""Of one text: a sentence has 40, a headline with its lead 120. Beyond it a text is cut, however much the model could read."""

PROMPT_NAMES = ("STS", "query")
"""The prompts that models give for two texts that say the same, best first: both sides of a comparison get the same one."""

MEASURED_SHAPE = {"model_type": "gemma3_text", "hidden_size": 768, "num_hidden_layers": 24, "vocab_size": 262144}
MEASURED_PROMPT = "task: sentence similarity | query: "
"""EmbeddingGemma-300M with its prompt for similarity, on which the thresholds were set. A model of this shape that was trained further
cannot be told from it."""

PLAIN_MODULES = frozenset({"Transformer", "Pooling", "Normalize"})
"""The modules of sentence-transformers that are understood without being run: pooling and length are done here."""


class Pooling(StrEnum):
    """How the vectors of a text's tokens become one."""

    MEAN = "mean"
    CLS = "cls"
    LAST = "lasttoken"


_FLAGS = {"pooling_mode_cls_token": Pooling.CLS, "pooling_mode_mean_tokens": Pooling.MEAN, "pooling_mode_lasttoken": Pooling.LAST}


@dataclass(frozen=True, slots=True, kw_only=True)
class HubFolder:
    """A model as its folder describes it."""

    name: str
    """The folder's, as shown to people."""
    onnx: Path
    tokenizer: Path
    prompt: str
    """Put before every text; may be empty."""
    pooling: Pooling
    """Used where the graph has no ``sentence_embedding``."""
    pools_prompt: bool
    """False: the prompt's own tokens are left out of the mean."""
    further_modules: tuple[str, ...]
    """What comes after pooling and cannot be done here: the graph must have done it."""
    dimensions: int | None
    """Of a text's vector; None where no file says it."""
    max_tokens: int
    is_measured: bool
    """Whether this is the model, with the prompt, that the thresholds were set on."""


def read_folder(given: Path, prompt: str | None) -> HubFolder:
    """``given`` is the model's folder, or the ONNX file where the folder holds several. ``prompt`` None: the model's own.

    Raises: HubModelError.
    """
    onnx = _find_onnx(given)
    folder = next((one for one in (onnx.parent, onnx.parent.parent) if (one / "tokenizer.json").is_file()), None)
    if folder is None:
        raise HubModelError(given, "holds no tokenizer.json; the model's folder must have it beside the ONNX file or one above")
    config = _read_json(folder / "config.json")
    modules = _modules(folder)
    pooling_folder = next((path for kind, path in modules if kind == "Pooling"), "1_Pooling")
    pooling = _read_json(folder / pooling_folder / "config.json")
    further = [(kind, path) for kind, path in modules if kind not in PLAIN_MODULES]
    own = _own_prompt(folder) if prompt is None else prompt
    return HubFolder(
        name=_printable(folder.resolve().name) or "model",
        onnx=onnx,
        tokenizer=folder / "tokenizer.json",
        prompt=own,
        pooling=_pooling(folder, pooling),
        pools_prompt=bool(pooling.get("include_prompt", True)),
        further_modules=tuple(kind for kind, _ in further),
        dimensions=_dimensions(folder, config, pooling, further),
        max_tokens=_max_tokens(folder, config),
        is_measured=own == MEASURED_PROMPT and all(config.get(key) == value for key, value in MEASURED_SHAPE.items()),
    )


def files_beside(given: Path) -> list[Path]:
    """The files of which a model may be made, none of them read; none where nothing is. ``given`` as for :func:`read_folder`."""
    folder = given if given.is_dir() else given.parent
    folder = folder.parent if folder.name == "onnx" else folder
    return sorted(file for pattern in ("*", "*/*") for file in folder.glob(pattern) if file.is_file()) if given.exists() else []


def _find_onnx(given: Path) -> Path:
    if given.is_file():
        if given.suffix != ".onnx":
            raise HubModelError(given, "is no .onnx file; name the model's folder, or its ONNX file")
        return given
    if not given.is_dir():
        raise HubModelError(given, "does not exist; name the folder of a model on this machine")
    found = [*sorted(given.glob("*.onnx")), *sorted((given / "onnx").glob("*.onnx"))]
    if not found:
        raise HubModelError(given, "holds no .onnx file, nor does its folder onnx; a model must be exported to ONNX first")
    if len(found) > 1:
        names = ", ".join(_printable(str(file.relative_to(given))) for file in found)
        raise HubModelError(given, f"holds several ONNX files ({names}); name the one that is meant")
    return found[0]


def _modules(folder: Path) -> list[tuple[str, str]]:
    """(kind, folder) of the modules that make up the model, in order; none where no file says it."""
    file = folder / "modules.json"
    listed = _parse(file) if file.is_file() else []
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise HubModelError(file, "is not a list of modules")
    return [(str(one.get("type", "")).rpartition(".")[2], str(one.get("path", ""))) for one in listed]


def _own_prompt(folder: Path) -> str:
    prompts = _read_json(folder / "config_sentence_transformers.json").get("prompts")
    known = prompts if isinstance(prompts, dict) else {}
    return next((known[name] for name in PROMPT_NAMES if isinstance(known.get(name), str)), "")


def _pooling(folder: Path, config: Mapping[str, Any]) -> Pooling:
    """As configured; the mean where nothing is, which is what sentence-transformers then does.

    Raises: HubModelError for a way that is not done here.
    """
    named = config.get("pooling_mode")
    if isinstance(named, str):
        wanted = {named}
    else:
        wanted = {key for key, value in config.items() if key.startswith("pooling_mode_") and value is True}
    if not wanted:
        return Pooling.MEAN
    ways = {str(way): way for way in Pooling} | _FLAGS
    if len(wanted) > 1 or (only := next(iter(wanted))) not in ways:
        raise HubModelError(folder, f"pools by {', '.join(sorted(wanted))}; mean, cls and lasttoken are known here")
    return ways[only]


def _dimensions(folder: Path, config: Mapping[str, Any], pooling: Mapping[str, Any], further: list[tuple[str, str]]) -> int | None:
    dense = [path for kind, path in further if kind == "Dense"]
    sizes = [_read_json(folder / dense[-1] / "config.json").get("out_features")] if dense else []
    sizes += [pooling.get("word_embedding_dimension"), pooling.get("embedding_dimension"), config.get("hidden_size"), config.get("dim")]
    return next((size for size in sizes if isinstance(size, int) and size > 0), None)


def _max_tokens(folder: Path, config: Mapping[str, Any]) -> int:
    given = (_read_json(folder / "sentence_bert_config.json").get("max_seq_length"), config.get("max_position_embeddings"))
    return min([MAX_TOKENS, *(number for number in given if isinstance(number, int) and number > 0)])


def _read_json(file: Path) -> Mapping[str, Any]:
    """A table; an empty one where the file is not there.

    Raises: HubModelError.
    """
    found = _parse(file) if file.is_file() else {}
    if not isinstance(found, dict):
        raise HubModelError(file, "is not a JSON object")
    return found


def _parse(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise HubModelError(file, f"cannot be read as JSON: {error}") from error


def _printable(text: str) -> str:
    """A name from a disk, as a terminal may be given it."""
    return "".join(ch for ch in text if ch.isprintable())
