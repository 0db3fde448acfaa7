"""What the tests run on several ranks: `python -m tests.distributed.programs NAME FOLDER ARGS`.

Each function is a program. What it returns is left in the folder, as JSON, by every rank.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

import minigrad as mg
from minigrad import distributed as dist
from minigrad import nn, optim
from minigrad.data import DataLoader, DistributedSampler, TensorDataset
from minigrad.nn import functional as F
from minigrad.train import EarlyStopping, SaveBest, evaluate, fit


def weights(net: Any) -> list[float]:
    return np.concatenate([p.detach().numpy().ravel() for p in net.parameters()]).tolist()


def data(n: int = 22, dtype: Any = mg.float32) -> tuple[Any, Any]:
    generator = mg.Generator().manual_seed(0)
    x = mg.randn(n, 6, generator=generator, dtype=dtype)
    return x, (x[:, :3].sum(1) > 0).long()


def network(*between: Any, dtype: Any = mg.float32) -> Any:
    mg.manual_seed(1)
    layers = [nn.Linear(6, 16), nn.Tanh(), *between, nn.LayerNorm(16), nn.Linear(16, 2)]
    return nn.Sequential(*layers).to(dtype)


# ---------------------------------------------------------------------------- collectives


def collectives() -> dict:
    rank, found = dist.get_rank(), {}
    for dtype in (mg.float16, mg.float32, mg.float64, mg.int64):
        for op in dist.ReduceOp:
            x = mg.tensor([1, 2, 3], dtype=dtype) + rank
            try:
                dist.all_reduce(x, op)
                found[f"{np.dtype(dtype)} {op.value}"] = x.tolist()
            except TypeError as error:
                found[f"{np.dtype(dtype)} {op.value}"] = str(error)
    x = mg.arange(6).reshape(2, 3).float().t()  # not in one piece
    dist.all_reduce(x)
    found["strided"] = x.tolist()
    x = mg.tensor(1.0 + rank)
    work = dist.all_reduce(x, async_op=True)
    assert work is not None
    found["later"] = [work.wait(), work.wait(), x.item(), work.is_completed()]
    x = (mg.arange(4).reshape(2, 2).half() + 10 * rank).t()
    dist.broadcast(x, src=1)
    found["broadcast"] = x.tolist()
    everybody: list = [None, None]
    dist.all_gather_object(everybody, {"rank": rank})
    found["gathered"] = everybody
    objects = [rank, "x" * (rank + 1)]
    dist.broadcast_object_list(objects, src=1)
    found["objects"] = objects
    dist.barrier()
    found["who"] = [rank, dist.get_world_size(), dist.get_local_rank(), dist.is_initialized()]
    return found


# ---------------------------------------------------------------------------- gradients


def ten_steps(dtype: str, bucket_cap_mb: float) -> list[float]:
    """Each rank has its part of the batch; alone it has all of it."""
    net = network(dtype=np.dtype(dtype))
    if dist.get_rank() == 1:
        with mg.no_grad():
            net[0].weight.zero_()  # the model of rank 0 counts
    net = dist.DistributedDataParallel(net, bucket_cap_mb=bucket_cap_mb)
    sgd = optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    x, y = data(dtype=np.dtype(dtype))
    part = slice(dist.get_rank(), None, dist.get_world_size())
    for _ in range(10):
        sgd.zero_grad()
        F.cross_entropy(net(x[part]), y[part]).backward()
        sgd.step()
    return weights(net)


class Branches(nn.Module):
    """A layer that all ranks use, one that only rank 0 does, and one that nobody does."""

    def __init__(self) -> None:
        super().__init__()
        self.both, self.first, self.nobody = (nn.Linear(1, 1, bias=False) for _ in range(3))

    def forward(self, x: Any) -> Any:
        return self.both(x) + self.first(x) if dist.get_rank() == 0 else self.both(x)


def unused() -> list:
    net = dist.DistributedDataParallel(Branches())
    net(mg.full((1, 1), 1.0 + dist.get_rank())).sum().backward()
    grads = [p.grad for p in net.parameters()]
    return [None if g is None else g.item() for g in grads]


def accumulated() -> list:
    """The gradient of rank r's batch number b is 10 r + b."""
    net = dist.DistributedDataParallel(nn.Linear(1, 1, bias=False))
    rank, found = dist.get_rank(), []
    weight = net.module.weight
    with net.no_sync():
        net(mg.full((1, 1), 10.0 * rank + 1)).sum().backward()
        found.append(weight.grad.item())
    net(mg.full((1, 1), 10.0 * rank + 2)).sum().backward()
    found.append(weight.grad.item())
    net(mg.full((1, 1), 10.0 * rank + 3)).sum().backward()  # adds to what is a mean already
    found.append(weight.grad.item())
    return found


def different_models() -> str:
    try:
        dist.DistributedDataParallel(nn.Linear(2, 1 + dist.get_rank()))
    except RuntimeError as error:
        return str(error)
    return "nothing"


def buffers() -> list:
    net = dist.DistributedDataParallel(nn.BatchNorm1d(1, momentum=1.0))
    net(mg.tensor([[1.0], [3.0]]) * (1 + dist.get_rank()))
    before = net.module.running_mean.item()
    net(mg.zeros(2, 1) + dist.get_rank())  # begins with the buffers of rank 0
    return [before, net.module.running_mean.item(), int(net.module.num_batches_tracked.item())]


# ---------------------------------------------------------------------------- fit


def fitted(options: dict, epochs: int = 3, batch_size: int = 5) -> dict:
    """Whole batches of 5, and one of 2 at the end of the epoch."""
    dropout = [nn.Dropout(options.pop("dropout"))] if "dropout" in options else []
    net = network(*dropout, dtype=np.dtype(options.pop("dtype", "float32")))
    mg.manual_seed(options.pop("seed", 5) + dist.get_rank())  # rank 0's counts
    x, y = data(dtype=net[0].weight.dtype)
    dataset = TensorDataset(x, y)
    if options.pop("sampler", False):
        loader = DataLoader(dataset, batch_size=batch_size, sampler=DistributedSampler(dataset))
    else:
        loader = DataLoader(dataset, batch_size=batch_size, shuffle=True)
    adam = optim.AdamW(net.parameters(), lr=0.01)
    scheduler = optim.lr_scheduler.CosineAnnealingLR(adam, T_max=20)
    callbacks: list = [EarlyStopping("val_loss", patience=100, restore_best=True)]
    if "best" in options:
        callbacks.append(SaveBest(options.pop("best")))
    callbacks.append(Die(*options.pop("die", ("never", 0))))
    if options.pop("wrapped", False):
        net = dist.DistributedDataParallel(net)
    history = fit(
        net, loader, adam, epochs, scheduler=scheduler, schedule="step", callbacks=callbacks,
        validation=DataLoader(TensorDataset(x[:9], y[:9]), batch_size=2), **options,
    )  # fmt: skip
    return {"rows": history.rows, "weights": weights(net), "drawn": mg.rand(2).tolist(),
            "evaluated": evaluate(net, DataLoader(dataset, batch_size=4))}  # fmt: skip


def masks() -> list:
    """The sums of the dropout masks that a rank has drawn, in two epochs."""
    sums: list = []

    def step(model: Any, batch: Any) -> Any:
        kept = F.dropout(mg.ones(1000), 0.5)
        sums.append(float((kept * mg.arange(1000)).sum()))
        return model(batch[0]).sum()

    mg.manual_seed(3)
    net = nn.Linear(6, 1)
    loader = DataLoader(TensorDataset(*data(8)), batch_size=4)
    fit(net, loader, optim.SGD(net.parameters(), lr=0.0), 2, step=step, progress=False)
    return sums


def different_loaders() -> None:
    net = network()
    loader = DataLoader(TensorDataset(*data(8 + 8 * dist.get_rank())), batch_size=4)
    fit(net, loader, optim.SGD(net.parameters()), 1, progress=False)


def stops_on_one_rank() -> int:
    net = network()

    class Stop:
        def on_epoch(self, run: Any) -> None:
            if dist.get_rank() == 1 and run.epoch == 2:
                run.stop("rank 1 has had enough")

    loader = DataLoader(TensorDataset(*data(8)), batch_size=4)
    history = fit(net, loader, optim.SGD(net.parameters()), 5, callbacks=[Stop()], progress=False)
    return len(history)


# ---------------------------------------------------------------------------- failing


class Die:
    """What can happen to rank 1 after so many steps."""

    def __init__(self, how: str, step: int):
        self.how, self.step = how, step

    def on_step(self, run: Any) -> None:
        if run.steps == self.step and dist.get_rank() == dist.get_world_size() - 1:
            self.die()

    def die(self) -> None:
        if self.how == "raise":
            raise ValueError("the disk of rank 1 is full")
        if self.how == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if self.how == "exit":
            sys.exit(3)
        if self.how == "leave":
            os._exit(4)


def fails_outside_fit() -> None:
    if dist.get_rank() == 1:
        raise KeyError("no such recipe")
    dist.barrier()
    time.sleep(600)


def main() -> None:
    name, folder, args = sys.argv[1:]
    found = globals()[name](*json.loads(args))
    Path(folder, f"{dist.get_rank()}.json").write_text(json.dumps(found))


if __name__ == "__main__":
    main()
