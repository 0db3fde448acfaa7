"""T5's options and weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from minigrad.models.t5 import T5, T5Config
from minigrad.serialization import LoadError

if TYPE_CHECKING:
    from minigrad.models.pretrained import Options

# Must be there; what they are called is what T5Config calls them.
SIZES = (
    "vocab_size", "d_model", "d_kv", "d_ff", "num_layers", "num_heads", "dropout_rate",
    "layer_norm_epsilon", "relative_attention_num_buckets", "feed_forward_proj",
)  # fmt: skip
# May be missing in older files, or null; then T5Config's default is meant.
OPTIONAL = (
    "num_decoder_layers", "relative_attention_max_distance", "decoder_start_token_id",
    "eos_token_id",
)  # fmt: skip


def t5(options: Options, weights: dict[str, Any]) -> tuple[T5, dict[str, Any]]:
    """T5, its version 1.1, FLAN-T5. Names are the same; the embedding may come several times."""
    options.must_be(is_encoder_decoder=True, is_decoder=False)
    values = {name: options[name] for name in SIZES}
    given = {name: options.config.get(name) for name in OPTIONAL}
    values |= {name: value for name, value in given.items() if value is not None}
    named = {k: v for k, v in weights.items() if not k.endswith(".embed_tokens.weight")}
    # The first published files have one, which nothing reads.
    named.pop("decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight", None)
    if same(named.get("lm_head.weight"), named.get("shared.weight")):
        del named["lm_head.weight"]
    # Older files say only whether the embedding is tied; where it is, the output is scaled.
    tied = options.config.get("tie_word_embeddings", True)
    config = T5Config(
        **values, tie_word_embeddings="lm_head.weight" not in named,
        scale_decoder_outputs=options.config.get("scale_decoder_outputs", tied),
    )  # fmt: skip
    try:
        return T5(config), named
    except ValueError as error:
        raise LoadError(f"{options.path}: {error}") from None


def same(a: Any, b: Any) -> bool:
    return a is not None and b is not None and a.shape == b.shape and bool((a == b).all())
