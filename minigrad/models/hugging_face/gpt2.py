"""GPT-2's options and weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from minigrad.models.gpt import GPT, GPTConfig

if TYPE_CHECKING:
    from minigrad.models.pretrained import Options


def gpt2(options: Options, weights: dict[str, Any]) -> tuple[GPT, dict[str, Any]]:
    """GPT-2. Its linear layers are stored as (in, out), the transpose of everybody else's."""
    options.must_be(
        activation_function="gelu_new", scale_attn_weights=True, add_cross_attention=False,
        scale_attn_by_inverse_layer_idx=False, tie_word_embeddings=True,
    )  # fmt: skip
    model = GPT(
        GPTConfig(
            options["vocab_size"], options["n_positions"], options["n_embd"], options["n_layer"],
            options["n_head"], options.config.get("n_inner"), options["resid_pdrop"],
            options["layer_norm_epsilon"],
        )
    )  # fmt: skip
    named = {}
    for name, value in weights.items():
        if name == "lm_head.weight" or name.endswith((".attn.bias", ".attn.masked_bias")):
            continue  # the embedding once more, and masks that old files have
        name = name if name.startswith("transformer.") else f"transformer.{name}"
        linear = ".c_" in name and name.endswith("weight")
        named[name] = value.T if linear else value
    return model, named
