"""An encoder with a model of the user's own: from a folder on this machine, never from a network, run by ONNX Runtime (extra ``hub``).

Nothing of the folder is executed but the graph, by ONNX Runtime's own operators: no library of operators is loaded from it, no pickle is
read, no code of the model's makers is run.
"""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from comparison.encoders import clean_text
from comparison.hub_folder import HubFolder, Pooling, read_folder
from comparison.model_errors import HubModelError
from comparison.onnx_files import external_files

Row = NDArray[np.float32]

SENTENCE_OUTPUT = "sentence_embedding"
TOKEN_OUTPUTS = ("token_embeddings", "last_hidden_state")
"""As exporters name the vector of a text, and those of its tokens."""

KNOWN_INPUTS = frozenset({"input_ids", "attention_mask", "token_type_ids", "position_ids"})

NUMBERS = {"tensor(int64)": np.int64, "tensor(int32)": np.int32}

EXTRA = 'needs onnxruntime and tokenizers; install the extra "hub": python -m pip install onnxruntime tokenizers'


class HubEncoder:
    """One text a run: what stands beside a text in a batch would change the last bits of its row, and what is padded costs as much as
    what is read. The graph is loaded with the first text, so that a comparison that has nothing new to encode does not wait for it.
    """

    short = "hub"
    languages: frozenset[str] | None = None
    is_fast = False

    def __init__(self, given: Path, prompt: str | None = None) -> None:
        """``given``: see :func:`comparison.hub_folder.read_folder`. Reads every byte of the model once, for its hash.

        Raises: HubModelError.
        """
        if any(importlib.util.find_spec(module) is None for module in ("onnxruntime", "tokenizers")):
            raise HubModelError(given, EXTRA)
        self.folder = read_folder(given, prompt)
        self.model_hash = _hash_model(self.folder)
        self._graph: _Graph | None = None
        self.dimensions = self.folder.dimensions or self._loaded().dimensions

    @property
    def name(self) -> str:
        """Says whether the thresholds were set on this model: on another one they are a guess."""
        return f"{self.folder.name} (own model, thresholds {'' if self.folder.is_measured else 'not '}measured for it)"

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Raises: HubModelError when the graph cannot be used."""
        rows = np.empty((len(texts), self.dimensions), dtype=np.float32)
        for number, text in enumerate(texts):
            row = self._loaded().run(clean_text(text))
            if row.shape != (self.dimensions,) or not np.isfinite(row).all():
                raise HubModelError(
                    self.folder.onnx, f"gives a vector of the shape {row.shape} for a text, must be {self.dimensions} finite numbers"
                )
            rows[number] = row / max(float(np.linalg.norm(row)), 1e-12)
        return rows

    def _loaded(self) -> _Graph:
        if self._graph is None:
            self._graph = _Graph(self.folder)
        return self._graph


class _Graph:
    """The graph and its tokenizer, loaded."""

    def __init__(self, folder: HubFolder) -> None:
        """Raises: HubModelError."""
        import onnxruntime
        from tokenizers import Tokenizer

        self._folder = folder
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        # Threads that spin while they wait for each other take a busy machine's time from the crawl.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self._session: Any = onnxruntime.InferenceSession(str(folder.onnx), options, providers=["CPUExecutionProvider"])
        except Exception as error:
            # ONNX Runtime's errors have no other class in common, and the tokenizers' are of none.
            raise HubModelError(folder.onnx, f"is no graph that ONNX Runtime can run: {_one_line(error)}") from error
        try:
            self._tokenizer: Any = Tokenizer.from_file(str(folder.tokenizer))
        except Exception as error:
            raise HubModelError(folder.tokenizer, f"is no tokenizer: {_one_line(error)}") from error
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(folder.max_tokens)
        self._inputs = {one.name: NUMBERS.get(one.type) for one in self._session.get_inputs()}
        unknown = sorted(name for name, kind in self._inputs.items() if name not in KNOWN_INPUTS or kind is None)
        if unknown or "input_ids" not in self._inputs:
            raise HubModelError(folder.onnx, f"is no text encoder: its graph asks for {', '.join(unknown) or 'no input_ids'}")
        outputs = {one.name: one.shape for one in self._session.get_outputs()}
        self._output = _choose_output(folder, list(outputs))
        size = outputs[self._output][-1] if outputs[self._output] else None
        self.dimensions = size if isinstance(size, int) and size > 0 else folder.dimensions or 0
        if not self.dimensions:
            raise HubModelError(
                folder.onnx,
                "neither its graph nor config.json says how many numbers a vector has; put the model's config.json beside the tokenizer",
            )
        self._skipped = 0 if folder.pools_prompt or not folder.prompt else self._prompt_tokens()

    def _prompt_tokens(self) -> int:
        """Tokens before those of the text, the one that begins every text among them."""
        begun = self._tokenizer.encode(self._folder.prompt)
        return len(begun.ids) - int(sum(begun.special_tokens_mask[-1:]))

    def run(self, text: str) -> Row:
        """The row of one text, of any length.

        Raises: HubModelError.
        """
        # A lone surrogate has no UTF-8, which is what the tokenizer reads.
        ids = self._tokenizer.encode((self._folder.prompt + text).encode("utf-8", "replace").decode("utf-8")).ids
        given = {
            "input_ids": ids,
            "attention_mask": [1] * len(ids),
            "token_type_ids": [0] * len(ids),
            "position_ids": list(range(len(ids))),
        }
        feed = {name: np.array([given[name]], dtype=kind) for name, kind in self._inputs.items()}
        try:
            found = np.asarray(self._session.run([self._output], feed)[0], dtype=np.float32)
        except Exception as error:
            raise HubModelError(self._folder.onnx, f"failed on a text of {len(ids)} tokens: {_one_line(error)}") from error
        return self._pool(found[0])

    def _pool(self, tokens: Row) -> Row:
        """``tokens`` is one row a token, or the text's own row already."""
        if self._output == SENTENCE_OUTPUT:
            return tokens
        # With two tokens at the ends that belong to no text, a mean over the text alone still is one over at least one of them.
        first = {Pooling.MEAN: min(self._skipped, len(tokens) - 1), Pooling.CLS: 0, Pooling.LAST: len(tokens) - 1}[self._folder.pooling]
        last = len(tokens) if self._folder.pooling is Pooling.MEAN else first + 1
        pooled: Row = tokens[first:last].mean(axis=0)
        return pooled


def _choose_output(folder: HubFolder, names: Sequence[str]) -> str:
    if SENTENCE_OUTPUT in names:
        return SENTENCE_OUTPUT
    if folder.further_modules:
        raise HubModelError(
            folder.onnx,
            f"the model goes on after pooling ({', '.join(folder.further_modules)}) and its graph does not: export it with its "
            f"{SENTENCE_OUTPUT}",
        )
    found = next((name for name in TOKEN_OUTPUTS if name in names), None)
    if found is None:
        raise HubModelError(folder.onnx, f"its graph gives {', '.join(names)}; needed is {SENTENCE_OUTPUT} or {TOKEN_OUTPUTS[1]}")
    return found


def _hash_model(folder: HubFolder) -> str:
    """Hex digest over all that a row depends on: graph, weights beside it, tokenizer, prompt, pooling, length."""
    try:
        beside = external_files(folder.onnx)
    except (OSError, ValueError) as error:
        raise HubModelError(folder.onnx, _one_line(error)) from error
    files = [folder.onnx]
    for name in beside:
        file = folder.onnx.parent / name
        # What lies elsewhere is not the model's; ONNX Runtime refuses such names too.
        if Path(name).is_absolute() or ".." in Path(name).parts or not file.is_file():
            raise HubModelError(folder.onnx, f"its weights are in {name!a}, which is not beside it")
        files.append(file)
    parts = ["hub", folder.prompt, folder.pooling, str(folder.pools_prompt), str(folder.max_tokens)]
    for file in (*files, folder.tokenizer):
        try:
            with file.open("rb") as stream:
                parts.append(hashlib.file_digest(stream, "sha256").hexdigest())
        except OSError as error:
            raise HubModelError(file, f"cannot be read: {error.strerror}") from error
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def _one_line(error: Exception) -> str:
    """A library's message, as a terminal may be given it."""
    return "".join(ch if ch.isprintable() else " " for ch in str(error))[:300]
