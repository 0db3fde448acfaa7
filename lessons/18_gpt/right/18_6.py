# %% a for loop over what is missing
def generate(next_logits, prompt, max_length, stop, draw):
    tokens = [*prompt]
    for _ in range(len(prompt), max_length):
        new = draw(next_logits(tokens))
        tokens = [*tokens, new]
        if new == stop:
            return tokens
    return tokens


# %% recursion
def generate(next_logits, prompt, max_length, stop, draw):
    if len(prompt) >= max_length:
        return list(prompt)
    new = draw(next_logits(prompt))
    longer = [*prompt, new]
    return longer if new == stop else generate(next_logits, longer, max_length, stop, draw)
