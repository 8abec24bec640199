"""A smaller graph for questions: weights in 8 bits, a third of the size, faster for short texts.

A question has a dozen tokens, so most of its time goes into reading weights from memory. Each
block of a weight matrix is scaled to 8 bits, symmetrically, for ONNX Runtime's MatMulNBits, and
the embedding table is kept in half precision. Passages are always encoded in single precision.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from rag.embedding.graph import ATTENTION, MICROSOFT, POOLING

# Larger blocks are faster and less exact; 128 divides the width of nearly every BERT.
_BLOCK = 128
_LARGEST, _ZERO = 127, 128
# Activations in 8 bits too: with single precision it takes longer than the graph it replaces.
_ACCURACY = 4


def write_compact(source: Path, target: Path) -> bool:
    """Write the question graph of a graph by `write_graph`; False where no block size fits."""
    model = onnx.load(str(source))
    weights = {item.name: item for item in model.graph.initializer}
    compact = _Compact(weights)
    for node in model.graph.node:
        if not compact.take(node):
            return False
    del model.graph.node[:], model.graph.initializer[:]
    model.graph.node.extend(compact.nodes)
    model.graph.initializer.extend(weights.values())
    onnx.save_model(model, str(target))
    return True


class _Compact:
    """Rewrites nodes one by one; `weights` is changed with them."""

    def __init__(self, weights: dict[str, onnx.TensorProto]) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self._weights = weights

    def take(self, node: onnx.NodeProto) -> bool:
        """Add what stands for a node. False where its weights cannot be cut into blocks."""
        if node.op_type == ATTENTION:
            return self._attention(node)
        if node.op_type == "MatMul" and node.output[0] != POOLING:
            return self._product(node.input[0], node.input[1], node.output[0])
        if node.op_type == "Gather":
            return self._lookup(node)
        self.nodes.append(node)
        return True

    def _attention(self, node: onnx.NodeProto) -> bool:
        """Attention over 8-bit weights: the product with them, then the rest of it."""
        hidden, weight, bias, mask = node.input
        [name] = node.output
        parts = [f"{name}.{part}" for part in ("query", "key", "value")]
        fits = self._product(hidden, weight, f"{name}.packed")
        self.nodes.append(helper.make_node("Split", [f"{name}.packed"], parts, axis=2))
        heads = {item.name: item.i for item in node.attribute}["num_heads"]
        self.nodes.append(
            helper.make_node(
                "MultiHeadAttention",
                [*parts, bias, mask],
                [name],
                domain=MICROSOFT,
                num_heads=heads,
            )
        )
        return fits

    def _product(self, values: str, weight: str, output: str) -> bool:
        array = numpy_helper.to_array(self._weights.pop(weight))
        if array.shape[0] % _BLOCK:
            return False
        quantized, scales = _quantized(array)
        names = [f"{weight}.quantized", f"{weight}.scales"]
        self._weights[names[0]] = numpy_helper.from_array(quantized, names[0])
        self._weights[names[1]] = numpy_helper.from_array(scales, names[1])
        self.nodes.append(
            helper.make_node(
                "MatMulNBits",
                [values, *names],
                [output],
                domain=MICROSOFT,
                K=array.shape[0],
                N=array.shape[1],
                bits=8,
                block_size=_BLOCK,
                accuracy_level=_ACCURACY,
            )
        )
        return True

    def _lookup(self, node: onnx.NodeProto) -> bool:
        """The embedding table in half precision, widened again for the tokens looked up."""
        table, ids = node.input
        [output] = node.output
        half = numpy_helper.to_array(self._weights[table]).astype(np.float16)
        self._weights[table] = numpy_helper.from_array(half, table)
        self.nodes.append(helper.make_node("Gather", [table, ids], [f"{output}.half"]))
        self.nodes.append(
            helper.make_node("Cast", [f"{output}.half"], [output], to=TensorProto.FLOAT)
        )
        return True


def _quantized(
    weight: NDArray[np.float32],
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """A matrix (K, N) as bytes (N, blocks, _BLOCK) around _ZERO, and the scale of each block."""
    depth, width = weight.shape
    blocks = weight.T.reshape(width, depth // _BLOCK, _BLOCK)
    scales = np.abs(blocks).max(axis=2) / _LARGEST
    scales[scales == 0.0] = 1.0
    rounded = np.rint(blocks / scales[:, :, np.newaxis]) + _ZERO
    return rounded.astype(np.uint8), np.ascontiguousarray(scales.reshape(-1), np.float32)
