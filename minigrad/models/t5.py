"""T5: an encoder-decoder Transformer for which every task is text to text.

    encoder:  h = shared[source];  each layer:  h = h + attention(norm(h));  h = h + mlp(norm(h))
              memory = norm(h)
    decoder:  h = shared[target];  each layer:  the same, causal, and between the two
              h = h + attention(norm(h), memory)
    logits = shared norm(h) / sqrt(d_model)

Raffel et al., "Exploring the limits of transfer learning with a unified text-to-text Transformer",
2020. No layer has a bias; norms are RMS norms before the blocks and at the end; the query-key
product is not scaled (initial weights are smaller instead). A position is known only by a number
that is added to the product, one for each head and distance, shared by a stack's layers. Version
1.1 (Shazeer, "GLU variants improve Transformer", 2020) has a gated GELU in its MLPs and weights of
its own before the logits, without 1 / sqrt(d_model).

The paper's sizes (vocabulary 32128; section 3.7, parameters as counted here):

            layers  d_model   d_ff  heads  d_kv      parameters
    Small     2·6      512    2048      8    64      60,506,624
    Base      2·12     768    3072     12    64     222,903,552
    Large     2·24    1024    4096     16    64     737,668,096
    3B        2·24    1024   16384     32   128   2,851,598,336
    11B       2·24    1024   65536    128   128  11,307,321,344

Names of layers are those of the Hugging Face model, whose weights `load_pretrained` reads. What is
in a layer: `t5_layers.py`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from minigrad import nn
from minigrad.graph import describe, wrap
from minigrad.models.cache import KeyValueCache
from minigrad.models.encoder_decoder import EncoderDecoder
from minigrad.models.t5_layers import Stack
from minigrad.nn import functional as F
from minigrad.nn import init
from minigrad.ops.axes import raw


class T5Config(NamedTuple):
    """d_kv: width of a head. num_decoder_layers: num_layers if None. feed_forward_proj: "relu", or
    "gated-gelu" (version 1.1, which also has the last two False)."""

    vocab_size: int = 32128
    d_model: int = 512
    d_kv: int = 64
    d_ff: int = 2048
    num_layers: int = 6
    num_decoder_layers: int | None = None
    num_heads: int = 8
    relative_attention_num_buckets: int = 32
    relative_attention_max_distance: int = 128
    dropout_rate: float = 0.1
    layer_norm_epsilon: float = 1e-6
    feed_forward_proj: str = "relu"
    decoder_start_token_id: int = 0
    eos_token_id: int | list[int] = 1
    tie_word_embeddings: bool = True
    scale_decoder_outputs: bool = True


class Memory(NamedTuple):
    """What the decoder attends to: of each of its layers the keys and values of the source, (B,
    heads, S, d_kv) each; and which of them there are, (B, 1, 1, S), all if None."""

    pairs: tuple[tuple[Any, Any], ...]
    mask: Any = None

    def row(self, i: int) -> Memory:
        mask = None if self.mask is None else self.mask[i : i + 1]
        return Memory(tuple((k[i : i + 1], v[i : i + 1]) for k, v in self.pairs), mask)


class T5(EncoderDecoder):
    """Tokens (B, S) of sources and (B, T) of targets to logits (B, T, vocab_size).

    At t the logits are those of target token t + 1; a target begins with
    `config.decoder_start_token_id`. mask (B, S): true, or 1, where the source is, false where it is
    padding; for targets padded at the end no mask is needed. `generate` writes targets.

    Raises ValueError for shapes and sizes that do not fit, IndexError for a token that is not in
    the vocabulary.

    >>> import minigrad as mg
    >>> model = T5(T5Config(vocab_size=10, d_model=16, d_kv=4, d_ff=32, num_layers=2, num_heads=4))
    >>> source = mg.tensor([[5, 6, 7, 1], [8, 9, 1, 0]])
    >>> model(source, mg.tensor([[0, 7, 6], [0, 9, 8]]), mask=source != 0).shape
    (2, 3, 10)
    >>> model.generate(source, source != 0, max_new_tokens=5, num_beams=3).shape[0]
    2
    """

    def __init__(self, config: T5Config):
        super().__init__()
        check(config)
        self.config = config
        self.start_token, self.end_token = config.decoder_start_token_id, config.eos_token_id
        self.shared = nn.Embedding(config.vocab_size, config.d_model)
        self.encoder = Stack(config, config.num_layers, decoder=False)
        layers = config.num_decoder_layers
        self.decoder = Stack(config, config.num_layers if layers is None else layers, decoder=True)
        self.lm_head = None
        if not config.tie_word_embeddings:
            self.lm_head = nn.Linear(config.d_model, config.vocab_size, bias=False)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Normal distributions, with which the products of initial queries and keys are of order 1
        without a scale, as are the logits; norms are 1."""
        c = self.config
        width = c.d_model
        deviations = {
            "shared": 1.0, "q": (width * c.d_kv) ** -0.5, "o": (c.num_heads * c.d_kv) ** -0.5,
            "wo": c.d_ff**-0.5,
        }  # fmt: skip
        for name, parameter in self.named_parameters():
            if parameter.ndim == 2:
                init.normal_(parameter, 0.0, deviations.get(name.split(".")[-2], width**-0.5))
            else:
                init.ones_(parameter)

    def new_cache(self, max_length: int) -> KeyValueCache:
        return KeyValueCache(len(self.decoder.block), max_length)

    def encode(self, source: Any, mask: Any = None) -> Memory:
        if source.ndim != 2:
            raise ValueError(f"T5: expected a source of shape (B, S), got {describe(source)}")
        if mask is not None:
            if mask.shape != source.shape or mask.dtype.kind not in "biu":
                raise ValueError(
                    f"T5: expected a mask of booleans, or of 0 and 1, of the source's shape "
                    f"{tuple(source.shape)}, got {describe(mask)}"
                )
            mask = wrap(raw(mask) != 0)[:, None, None]
        x = self.encoder(self.shared(source), mask)
        layers: Any = [block.layer[1]["EncDecAttention"] for block in self.decoder.block]
        return Memory(tuple(layer.keys_and_values(x) for layer in layers), mask)

    def decode(self, tokens: Any, memory: Memory, cache: KeyValueCache | None = None) -> Any:
        if tokens.ndim != 2:
            raise ValueError(f"T5: expected a target of shape (B, T), got {describe(tokens)}")
        sources = memory.pairs[0][0].shape[0]
        if sources not in (1, tokens.shape[0]):
            raise ValueError(f"T5: {sources} sources, but {tokens.shape[0]} targets")
        x = self.decoder(self.shared(tokens), None, memory, cache)
        if self.config.scale_decoder_outputs:
            x = x * self.config.d_model**-0.5
        return F.linear(x, (self.lm_head or self.shared).weight)

    def forward(self, source: Any, target: Any, mask: Any = None) -> Any:
        return self.decode(target, self.encode(source, mask))


def check(config: T5Config) -> None:
    if config.feed_forward_proj not in ("relu", "gated-gelu"):
        raise ValueError(
            f"T5: feed_forward_proj is 'relu' or 'gated-gelu', got {config.feed_forward_proj!r}"
        )
    if config.num_layers < 1 or config.num_decoder_layers == 0:
        raise ValueError(
            "T5: expected at least one layer in the encoder and in the decoder, got "
            f"num_layers={config.num_layers}, num_decoder_layers={config.num_decoder_layers}"
        )
    count, longest = config.relative_attention_num_buckets, config.relative_attention_max_distance
    if count < 4 or count % 2 or longest <= count // 2:
        raise ValueError(
            "T5: expected an even relative_attention_num_buckets of at least 4, and a "
            f"relative_attention_max_distance of more than half of it, got {count} and {longest}"
        )
