"""A layer as a function of its inputs and its parameters, for gradient checks."""


def of_inputs_and_parameters(layer, *inputs):
    """(function, arguments) as gradcheck takes them; layer has no layers in it."""
    names = [name for name, _ in layer.named_parameters()]

    def call(*args):
        kept = dict(layer.__dict__)
        layer.__dict__.update(zip(names, args[len(inputs) :], strict=True))
        try:
            return layer(*args[: len(inputs)])
        finally:
            layer.__dict__.update(kept)

    return call, (*inputs, *layer.parameters())
