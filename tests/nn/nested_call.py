"""A layer made of layers as a function of its inputs and parameters, for gradient checks."""


def of_inputs_and_all_parameters(layer, call, *inputs):
    """(function, arguments) as gradcheck takes them, of call(layer, *inputs)."""
    places = []
    for path, _ in layer.named_parameters():
        module, _, name = path.rpartition(".")
        places.append((layer.get_submodule(module).__dict__, name))

    def function(*args):
        kept = [attributes[name] for attributes, name in places]
        put(args[len(inputs) :])
        try:
            return call(layer, *args[: len(inputs)])
        finally:
            put(kept)

    def put(values):
        for (attributes, name), value in zip(places, values, strict=True):
            attributes[name] = value

    return function, (*inputs, *layer.parameters())
