"""Handwritten digits, read by a multilayer perceptron.

64 pixels go through two hidden layers of 64 tanh units to ten scores. It does not know that pixels
have neighbours: `digits-cnn` does, and makes a third of its mistakes. Five seconds on two cores.
"""

from minigrad import nn, optim
from minigrad.data import DataLoader, digits
from minigrad.metrics import accuracy
from minigrad.models import MLP
from minigrad.train import fit
from minigrad.train.recipe import Result

GOAL = "accuracy >= 0.97"


def train(epochs: int = 30, batch_size: int = 32, lr: float = 5e-3, checkpoint=None) -> Result:
    training, held_out = digits()
    model = MLP([64, 64, 64, 10], activation=nn.Tanh)
    optimizer = optim.Adam(model.parameters(), lr=lr)
    history = fit(
        model,
        DataLoader(training, batch_size=batch_size, shuffle=True),
        optimizer,
        epochs,
        metrics={"accuracy": accuracy},
        validation=DataLoader(held_out, batch_size=364),
        scheduler=optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=epochs),
        checkpoint=checkpoint,
    )
    return Result(model, history, {"accuracy": history["val_accuracy"][-1]})
