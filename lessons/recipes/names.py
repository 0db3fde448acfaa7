"""New first names, invented letter by letter by a recurrent network.

A GRU reads 4,647 of the names of the United States' census, and after each letter says which one
comes next. The loss is the mean of -log of the probability of the right one: 3.3 if all 27 were
equally likely. GOAL is about 516 names that it has not read. Ten seconds on two cores.
"""

import minigrad as mg
from minigrad import optim
from minigrad.data import DataLoader, names, random_split
from minigrad.models import RNNLM
from minigrad.nn import functional as F
from minigrad.nn.utils.rnn import pad_sequence
from minigrad.text import CharTokenizer, generate
from minigrad.train import fit
from minigrad.train.recipe import Result

GOAL = "held_out_loss <= 1.95"
NOTHING = -100  # the label of padding, which cross_entropy leaves out


def next_letter_loss(model, batch):
    """batch: (letters, the letters that follow them), both (B, T)."""
    letters, following = batch
    logits, _ = model(letters)
    return F.cross_entropy(logits.flatten(0, 1), following.flatten(), ignore_index=NOTHING)


def together(rows):
    """Rows of different lengths as a batch: what is missing is never asked for."""
    letters = pad_sequence([row[:-1] for row in rows], batch_first=True)
    return letters, pad_sequence([row[1:] for row in rows], True, padding_value=NOTHING)


def train(
    epochs: int = 12, batch_size: int = 32, lr: float = 5e-3, width: int = 128,
    dropout: float = 0.3, checkpoint=None,
) -> Result:  # fmt: skip
    tokenizer = CharTokenizer.train("\n" + "".join(names()))  # a line break begins and ends a name
    rows = [mg.tensor(tokenizer.encode(f"\n{name}\n")) for name in names()]
    training, held_out = random_split(rows, [0.9, 0.1])

    model = RNNLM(tokenizer.vocab_size, 32, width, kind="GRU", dropout=dropout)
    optimizer = optim.AdamW(model.parameters(), lr=lr)
    history = fit(
        model,
        DataLoader(training, batch_size, shuffle=True, collate_fn=together),
        optimizer,
        epochs,
        step=next_letter_loss,
        validation=DataLoader(held_out, batch_size, collate_fn=together),
        scheduler=optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=epochs),
        clip_norm=1.0,
        checkpoint=checkpoint,
    )
    end = tokenizer.encode("\n")
    invented = [
        tokenizer.decode(generate(model, mg.tensor(end), 15, stop=end, seed=seed).tolist())
        for seed in range(12)
    ]
    return Result(
        model, history, {"held_out_loss": history["val_loss"][-1]},
        ", ".join(name.strip().capitalize() for name in invented),
    )  # fmt: skip
