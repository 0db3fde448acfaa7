"""Handwritten digits, read by a convolutional network.

Two convolutions of 3x3 find strokes wherever they are, a linear layer tells what they make up. Each
image is a little moved every time, so that the network cannot learn by heart where its strokes are.
Ten seconds on two cores.
"""

from minigrad import nn, optim
from minigrad.data import DataLoader, Dataset, TensorDataset, digits
from minigrad.data.transforms import RandomCrop
from minigrad.metrics import accuracy
from minigrad.train import fit
from minigrad.train.recipe import Result

GOAL = "accuracy >= 0.985"


class Moved(Dataset):
    """Pairs (image, label), the image (1, 8, 8) moved by up to a pixel in any direction."""

    def __init__(self, pairs):
        self.pairs = pairs
        self.move = RandomCrop(8, padding=1)

    def __len__(self):
        return len(self.pairs)

    def __getitem__(self, index):
        image, label = self.pairs[index]
        return self.move(image), label


def network():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU(),
        nn.Conv2d(16, 32, 3, padding=1, bias=False), nn.BatchNorm2d(32), nn.ReLU(),
        nn.AvgPool2d(2), nn.Flatten(),
        nn.Linear(32 * 4 * 4, 10),
    )  # fmt: skip


def as_images(pairs):
    pixels, labels = pairs.tensors
    return TensorDataset(pixels.reshape(-1, 1, 8, 8), labels)


def train(epochs: int = 30, batch_size: int = 32, lr: float = 5e-3, checkpoint=None) -> Result:
    training, held_out = map(as_images, digits())
    model = network()
    optimizer = optim.Adam(model.parameters(), lr=lr)
    history = fit(
        model,
        DataLoader(Moved(training), batch_size=batch_size, shuffle=True),
        optimizer,
        epochs,
        metrics={"accuracy": accuracy},
        validation=DataLoader(held_out, batch_size=364),
        scheduler=optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=epochs),
        checkpoint=checkpoint,
    )
    return Result(model, history, {"accuracy": history["val_accuracy"][-1]})
