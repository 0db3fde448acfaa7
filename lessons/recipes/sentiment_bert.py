"""Was somebody pleased? A small BERT, from scratch, tells from one sentence of a review.

2,400 sentences about films, products and restaurants, and 600 that it has not read. Half of those
pleased somebody, so that guessing reaches 50 %. Two layers, 64 wide, with much dropout: there is
little to learn from. The published BERT has first learned masked words from a whole library; this
one begins with the reviews. Half a minute on two cores.
"""

import minigrad as mg
from minigrad import optim
from minigrad.data import DataLoader, sentiment
from minigrad.metrics import accuracy
from minigrad.models import BERTConfig, BERTForSequenceClassification
from minigrad.nn import functional as F
from minigrad.nn.utils.rnn import pad_sequence
from minigrad.text import WordTokenizer
from minigrad.train import fit
from minigrad.train.recipe import Result

GOAL = "accuracy >= 0.79"
LONGEST = 64  # words; the few longer sentences are cut off
TRIES = ["What a wonderful film!", "The food was awful.", "Don't waste your money."]


def step(model, batch):
    tokens, labels = batch
    scores = model(tokens, attention_mask=tokens != model.bert.config.pad_token_id)
    return {"loss": F.cross_entropy(scores, labels), "accuracy": accuracy(scores, labels)}


def train(
    epochs: int = 6, batch_size: int = 32, lr: float = 1e-3, layers: int = 2, width: int = 64,
    dropout: float = 0.3, checkpoint=None,
) -> Result:  # fmt: skip
    training, held_out = sentiment()
    special = ["[PAD]", "[CLS]", "[UNK]"]
    tokenizer = WordTokenizer.train(
        [sentence.lower() for sentence, _ in training], vocab_size=3000, special_tokens=special,
        unk="[UNK]",
    )  # fmt: skip
    padding, begin = (tokenizer.special_tokens[name] for name in ("[PAD]", "[CLS]"))

    def encoded(sentence):
        return mg.tensor([begin, *tokenizer.encode(sentence.lower())[: LONGEST - 1]])

    def together(rows):
        """Sentences as a batch of tokens (B, T), the shorter ones padded, and labels (B)."""
        sentences, labels = zip(*rows, strict=True)
        tokens = pad_sequence([encoded(s) for s in sentences], True, padding_value=padding)
        return tokens, mg.tensor(labels)

    loader = DataLoader(training, batch_size, shuffle=True, collate_fn=together)
    model = BERTForSequenceClassification(
        BERTConfig(
            tokenizer.vocab_size, width, layers, num_attention_heads=4, intermediate_size=4 * width,
            max_position_embeddings=LONGEST, hidden_dropout_prob=dropout,
            attention_probs_dropout_prob=dropout, pad_token_id=padding,
        )
    )  # fmt: skip
    optimizer = optim.AdamW(model.parameters(), lr=lr)
    history = fit(
        model,
        loader,
        optimizer,
        epochs,
        step=step,
        validation=DataLoader(held_out, 100, collate_fn=together),
        scheduler=optim.lr_scheduler.OneCycleLR(optimizer, lr, total_steps=epochs * len(loader)),
        schedule="step",
        clip_norm=1.0,
        checkpoint=checkpoint,
    )
    model.eval()
    with mg.no_grad():
        pleased = [F.softmax(model(encoded(text)[None]), -1)[0, 1].item() for text in TRIES]
    return Result(
        model, history, {"accuracy": history["val_accuracy"][-1]},
        "\n".join(f"{p:4.0%} pleased: {text}" for p, text in zip(pleased, TRIES, strict=True)),
    )  # fmt: skip
