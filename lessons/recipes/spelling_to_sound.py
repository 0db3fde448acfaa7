"""How is it pronounced? From the letters of an English word to its sounds.

An encoder reads the letters both ways, a decoder writes the sounds (39 of them, without stress) and
before each looks back at the letters that matter: Seq2Seq. It learns from 60,000 words of the CMU
dictionary, and is asked for 1,000 that it has not seen. A word counts only if every sound of it is
right: half are, English being English; of single sounds 87 %. Two minutes on two cores.
"""

import minigrad as mg
from minigrad import optim
from minigrad.data import DataLoader, pronunciations, random_split
from minigrad.metrics import error_rate
from minigrad.models import Seq2Seq
from minigrad.nn import functional as F
from minigrad.nn.utils.rnn import pad_sequence
from minigrad.train import fit
from minigrad.train.recipe import Result

GOAL = "words_right >= 0.5"
PAD, START, END = 0, 1, 2
LETTERS = " abcdefghijklmnopqrstuvwxyz"  # the blank is the padding
SHOWN = ["gradient", "kernel", "neural", "python", "phonetic", "xylophone"]


def words():
    """(word, its sounds) of 3 to 10 plain letters; the first way to say it, without stress."""
    plain = "".join(c for c in LETTERS if c != " ")
    for word, ways in pronunciations().items():
        if 3 <= len(word) <= 10 and set(word) <= set(plain):
            yield word, [sound.rstrip("012") for sound in ways[0]]


def spelled(word):
    return mg.tensor([LETTERS.index(letter) for letter in word])


def loss(model, batch):
    letters, lengths, sounds = batch
    logits = model(letters, lengths, sounds[:, :-1])
    return F.cross_entropy(logits.flatten(0, 1), sounds[:, 1:].flatten(), ignore_index=PAD)


def train(
    epochs: int = 3, batch_size: int = 128, lr: float = 3e-3, width: int = 128,
    count: int = 60_000, checkpoint=None,
) -> Result:  # fmt: skip
    every = list(words())
    names = ["", "<", ">", *sorted({sound for _, sounds in every for sound in sounds})]
    ids = {name: i for i, name in enumerate(names)}

    def together(pairs):
        """A batch: letters (B, S), how many there are (B), sounds (B, T) with START and END."""
        letters = [spelled(word) for word, _ in pairs]
        sounds = [mg.tensor([START, *(ids[s] for s in ways), END]) for _, ways in pairs]
        lengths = mg.tensor([len(row) for row in letters])
        return pad_sequence(letters, True), lengths, pad_sequence(sounds, True)

    def said(model, some):
        """What the model makes of words: lists of sounds."""
        letters, lengths, _ = together([(word, []) for word in some])
        rows = model.generate(letters, lengths, max_new_tokens=20, temperature=0).tolist()
        return [[names[i] for i in row[1:] if i not in (START, END, PAD)] for row in rows]

    training, held_out, _ = random_split(every, [count, 1000, len(every) - count - 1000])
    loader = DataLoader(training, batch_size, shuffle=True, collate_fn=together)
    model = Seq2Seq(
        len(LETTERS), len(names), 64, width, attention="general", start_token=START, end_token=END
    )
    optimizer = optim.Adam(model.parameters(), lr)
    history = fit(
        model,
        loader,
        optimizer,
        epochs,
        step=loss,
        validation=DataLoader(held_out, 250, collate_fn=together),
        scheduler=optim.lr_scheduler.OneCycleLR(optimizer, lr, total_steps=epochs * len(loader)),
        schedule="step",
        clip_norm=1.0,
        checkpoint=checkpoint,
    )
    truth = [sounds for _, sounds in held_out]
    answers = said(model, [word for word, _ in held_out])
    numbers = {
        "words_right": sum(a == t for a, t in zip(answers, truth, strict=True)) / len(truth),
        "sound_errors": error_rate(answers, truth),
    }
    shown = zip(SHOWN, said(model, SHOWN), strict=True)
    return Result(model, history, numbers, "\n".join(f"{w:10} {' '.join(s)}" for w, s in shown))
