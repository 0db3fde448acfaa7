# %% max_length new ones
# fails: the_length
# hint: counts the tokens of the prompt too
def generate(next_logits, prompt, max_length, stop, draw):
    tokens = list(prompt)
    for _ in range(max_length):
        tokens.append(draw(next_logits(list(tokens))))
        if tokens[-1] == stop:
            break
    return tokens


# %% the last token alone
# fails: all_so_far
# hint: not all so far
def generate(next_logits, prompt, max_length, stop, draw):
    tokens = list(prompt)
    while len(tokens) < max_length:
        tokens.append(draw(next_logits(tokens[-1:])))
        if tokens[-1] == stop:
            break
    return tokens


# %% the stop token is left out
# fails: the_stop
# hint: is part of the text
def generate(next_logits, prompt, max_length, stop, draw):
    tokens = list(prompt)
    while len(tokens) < max_length:
        new = draw(next_logits(list(tokens)))
        if new == stop:
            break
        tokens.append(new)
    return tokens


# %% it never stops
# fails: the_stop
# hint: whether it is the stop token
def generate(next_logits, prompt, max_length, stop, draw):
    tokens = list(prompt)
    while len(tokens) < max_length:
        tokens.append(draw(next_logits(list(tokens))))
    return tokens


# %% always one more
# fails: the_length
# hint: is as long already
def generate(next_logits, prompt, max_length, stop, draw):
    tokens = list(prompt)
    while True:
        tokens.append(draw(next_logits(list(tokens))))
        if tokens[-1] == stop or len(tokens) >= max_length:
            return tokens


# %% greedy
# fails: draw_decides
# hint: what `draw` says
def generate(next_logits, prompt, max_length, stop, draw):
    tokens = list(prompt)
    while len(tokens) < max_length:
        tokens.append(int(np.argmax(next_logits(list(tokens)))))
        if tokens[-1] == stop:
            break
    return tokens


# %% a stop in the prompt ends it
# fails: the_stop
# hint: Append the new token first
def generate(next_logits, prompt, max_length, stop, draw):
    tokens = list(prompt)
    while len(tokens) < max_length and tokens[-1] != stop:
        tokens.append(draw(next_logits(list(tokens))))
    return tokens


# %% a stop token that is true
# fails: zero_and_long
# hint: 0 is a token like others
def generate(next_logits, prompt, max_length, stop, draw):
    tokens = list(prompt)
    while len(tokens) < max_length:
        tokens.append(draw(next_logits(list(tokens))))
        if stop and tokens[-1] == stop:
            break
    return tokens


# %% a window of sixteen tokens
# fails: zero_and_long
# hint: not the last ten or twenty
def generate(next_logits, prompt, max_length, stop, draw):
    tokens = list(prompt)
    while len(tokens) < max_length:
        tokens.append(draw(next_logits(tokens[-16:])))
        if tokens[-1] == stop:
            break
    return tokens
