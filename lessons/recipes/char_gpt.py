"""A GPT that learns English letter by letter, and then writes some.

It reads 90 % of Python's own language reference (`help("for")` shows a piece of it), 64 characters
at a time, and for each is asked for the next one. The loss is the mean of -log of the probability
that it gave the right one: 4.6 if all 103 characters were equally likely, 3.2 if it only knew how
frequent each is. GOAL is about text that it has not read. Three minutes on two cores.
"""

import minigrad as mg
from minigrad import optim
from minigrad.data import DataLoader, Dataset, english_text
from minigrad.models import GPT, GPTConfig
from minigrad.nn import functional as F
from minigrad.text import CharTokenizer, generate
from minigrad.train import fit
from minigrad.train.recipe import Result

GOAL = "held_out_loss <= 1.3"


class Windows(Dataset):
    """Stretches of `length` tokens, one after the other, each with what follows every token."""

    def __init__(self, tokens, length):
        self.tokens, self.length = tokens, length

    def __len__(self):
        return (len(self.tokens) - 1) // self.length

    def __getitem__(self, index):
        start, end = index * self.length, (index + 1) * self.length
        return self.tokens[start:end], self.tokens[start + 1 : end + 1]


def next_token_loss(logits, targets):
    return F.cross_entropy(logits.flatten(0, 1), targets.flatten())


def train(
    epochs: int = 8, batch_size: int = 32, lr: float = 3e-3, layers: int = 4, width: int = 128,
    checkpoint=None,
) -> Result:  # fmt: skip
    text = english_text()
    tokenizer = CharTokenizer.train(text)
    tokens = mg.tensor(tokenizer.encode(text))
    border = len(tokens) * 9 // 10
    loader = DataLoader(Windows(tokens[:border], 64), batch_size, shuffle=True, drop_last=True)
    held_out = DataLoader(Windows(tokens[border:], 64), batch_size)

    model = GPT(
        GPTConfig(
            vocab_size=tokenizer.vocab_size, n_positions=64, n_embd=width, n_layer=layers, n_head=4,
            dropout=0.0,
        )
    )  # fmt: skip
    optimizer = optim.AdamW(model.parameters(), lr=lr, weight_decay=0.1)
    history = fit(
        model,
        loader,
        optimizer,
        epochs,
        loss=next_token_loss,
        validation=held_out,
        scheduler=optim.lr_scheduler.OneCycleLR(optimizer, lr, total_steps=epochs * len(loader)),
        schedule="step",
        clip_norm=1.0,
        checkpoint=checkpoint,
    )
    start = mg.tensor(tokenizer.encode("The "))
    written = generate(model, start, max_length=64, temperature=0.8, seed=0)
    return Result(
        model, history, {"held_out_loss": history["val_loss"][-1]},
        tokenizer.decode(written.tolist()),
    )  # fmt: skip
