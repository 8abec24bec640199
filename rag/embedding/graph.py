"""Write a BERT sentence encoder as one ONNX graph of fused operators, straight from its weights.

The operators are ONNX Runtime's own (`com.microsoft`): Attention with packed query, key and value
weights, SkipLayerNormalization and BiasGelu, which an exporter would leave as some two hundred
small ones. Neither torch nor an exporter is needed.

Inputs:  ids (batch, length) int64; mask (batch, length) int32, 1 for a token and 0 for padding;
         pool (batch, rows, length) float32, which tokens each row sums up.
Output:  sums (batch, rows, dimension) float32, not normalised.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import load_file

from rag.embedding.model import ModelFolder

GRAPH_VERSION = "1"
MICROSOFT = "com.microsoft"
ATTENTION = "Attention"
POOLING = "sums"
"""The output, whose product has no weights."""
# Operator sets that ONNX Runtime has carried since 1.12, so that older runtimes can read the file.
_OPSET = 17
_IR_VERSION = 9

Weights = Mapping[str, NDArray[np.float32]]


def is_supported(model: ModelFolder) -> bool:
    """Whether this graph can hold the model: plain BERT with mean or first-token pooling."""
    config, pooling = model.read_json("config.json"), model.read_json("1_Pooling/config.json")
    kinds = [str(item["type"]).rsplit(".", 1)[-1] for item in _modules(model)]
    return (
        config.get("model_type") == "bert"
        and config.get("hidden_act") == "gelu"
        and config.get("position_embedding_type", "absolute") == "absolute"
        and kinds in (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"])
        and pooling_mode(pooling) is not None
        # A prompt that is put before every text would be known to sentence-transformers alone.
        and not model.read_json("config_sentence_transformers.json").get("default_prompt_name")
        and (model.path / "model.safetensors").exists()
        and (model.path / "tokenizer.json").exists()
    )


def pooling_mode(pooling: Mapping[str, object]) -> str | None:
    """`mean` or `cls` where exactly that one is on, else None."""
    if isinstance(pooling.get("pooling_mode"), str):
        mode = str(pooling["pooling_mode"])
        return mode if mode in ("mean", "cls") else None
    switches = {key for key, value in pooling.items() if key.startswith("pooling_mode_") and value}
    names = {"pooling_mode_mean_tokens": "mean", "pooling_mode_cls_token": "cls"}
    return names.get(switches.pop()) if len(switches) == 1 else None


def write_graph(model: ModelFolder, path: Path) -> None:
    """Write the model's graph to `path`, single precision, about as large as its weights."""
    weights = load_file(model.path / "model.safetensors")
    weights = {name.removeprefix("bert."): array for name, array in weights.items()}
    config = model.read_json("config.json")
    graph = _Graph(weights, heads=config["num_attention_heads"], epsilon=config["layer_norm_eps"])
    hidden = graph.embeddings()
    for layer in range(config["num_hidden_layers"]):
        hidden = graph.layer(f"encoder.layer.{layer}.", hidden)
    graph.add("MatMul", ["pool", hidden], POOLING)
    onnx.save_model(graph.model(int(config["hidden_size"])), str(path))


class _Graph:
    """Collects nodes and weights while the network is written down from input to output."""

    def __init__(self, weights: Weights, heads: int, epsilon: float) -> None:
        self._weights = weights
        self._heads = heads
        self._epsilon = epsilon
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []

    def add(self, operator: str, inputs: list[str], output: str, **attributes: Any) -> str:
        """Append one node; returns its output's name."""
        fused = operator in (ATTENTION, "SkipLayerNormalization", "BiasGelu")
        domain = MICROSOFT if fused else ""
        self._nodes.append(
            helper.make_node(operator, inputs, [output], name=output, domain=domain, **attributes)
        )
        return output

    def constant(self, name: str, array: NDArray[np.generic]) -> str:
        """Append one constant; returns its name."""
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def weight(self, name: str, *, transposed: bool = False) -> str:
        """Append a weight of the model under its own name."""
        array = self._weights[name]
        return self.constant(name, array.T if transposed else array)

    def embeddings(self) -> str:
        """Word, position and type embeddings, normalised: (batch, length, dimension)."""
        table = self._weights["embeddings.position_embeddings.weight"]
        # All tokens of a text to encode are of type 0, so its row is folded into the positions.
        first_type = self._weights["embeddings.token_type_embeddings.weight"][0]
        self.constant("positions", table + first_type)
        self.add("Gather", [self.weight("embeddings.word_embeddings.weight"), "ids"], "words")
        self.add("Shape", ["ids"], "length", start=1, end=2)
        self.constant("zero", np.array([0], np.int64))
        self.add("Slice", ["positions", "zero", "length", "zero"], "positions_used")
        self.add("Add", ["words", "positions_used"], "embedded")
        norm = "embeddings.LayerNorm."
        scale, shift = self.weight(f"{norm}weight"), self.weight(f"{norm}bias")
        return self.add(
            "LayerNormalization", ["embedded", scale, shift], "hidden", epsilon=self._epsilon
        )

    def layer(self, name: str, hidden: str) -> str:
        """One transformer layer over `hidden`."""
        attended = self._attention(name, hidden)
        dense, out = f"{name}intermediate.dense.", f"{name}output.dense."
        wide = self.add(
            "MatMul", [attended, self.weight(f"{dense}weight", transposed=True)], f"{name}wide"
        )
        active = self.add("BiasGelu", [wide, self.weight(f"{dense}bias")], f"{name}active")
        narrow = self.add(
            "MatMul", [active, self.weight(f"{out}weight", transposed=True)], f"{name}narrow"
        )
        return self._skip_norm(f"{name}output.", narrow, attended)

    def _attention(self, name: str, hidden: str) -> str:
        parts = [f"{name}attention.self.{part}" for part in ("query", "key", "value")]
        packed = np.concatenate([self._weights[f"{part}.weight"].T for part in parts], axis=1)
        bias = np.concatenate([self._weights[f"{part}.bias"] for part in parts])
        inputs = [
            hidden,
            self.constant(f"{name}qkv.weight", packed),
            self.constant(f"{name}qkv.bias", bias),
            "mask",
        ]
        context = self.add(ATTENTION, inputs, f"{name}context", num_heads=self._heads)
        weight = self.weight(f"{name}attention.output.dense.weight", transposed=True)
        dense = self.add("MatMul", [context, weight], f"{name}attended")
        return self._skip_norm(f"{name}attention.output.", dense, hidden)

    def _skip_norm(self, name: str, dense: str, skip: str) -> str:
        inputs = [
            dense,
            skip,
            self.weight(f"{name}LayerNorm.weight"),
            self.weight(f"{name}LayerNorm.bias"),
            self.weight(f"{name}dense.bias"),
        ]
        return self.add("SkipLayerNormalization", inputs, f"{name}norm", epsilon=self._epsilon)

    def model(self, dimension: int) -> onnx.ModelProto:
        """The finished model with its inputs and output."""
        inputs = [
            helper.make_tensor_value_info("ids", TensorProto.INT64, ["batch", "length"]),
            helper.make_tensor_value_info("mask", TensorProto.INT32, ["batch", "length"]),
            helper.make_tensor_value_info("pool", TensorProto.FLOAT, ["batch", "rows", "length"]),
        ]
        output = helper.make_tensor_value_info(
            POOLING, TensorProto.FLOAT, ["batch", "rows", dimension]
        )
        graph = helper.make_graph(self._nodes, "encoder", inputs, [output], self._constants)
        operators = [helper.make_opsetid("", _OPSET), helper.make_opsetid(MICROSOFT, 1)]
        return helper.make_model(graph, opset_imports=operators, ir_version=_IR_VERSION)


def _modules(model: ModelFolder) -> list[dict[str, object]]:
    return list(model.read_json("modules.json").get("items", []))
