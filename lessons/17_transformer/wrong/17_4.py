# %% a reshape in the place of a transposition
# fails: own_columns
# hint: reshape does not exchange axes
def multi_head(x, context, wq, wk, wv, wo, heads, mask=None):
    def split(y):
        return y.reshape(heads, len(y), -1)

    output, _ = attention(split(x @ wq), split(context @ wk), split(context @ wv), mask)
    return output.transpose(1, 0, 2).reshape(len(x), -1) @ wo


# %% a reshape both ways
# fails: own_columns
# hint: cut across the rows, and put together so
def multi_head(x, context, wq, wk, wv, wo, heads, mask=None):
    def split(y):
        return y.reshape(heads, len(y), -1)

    output, _ = attention(split(x @ wq), split(context @ wk), split(context @ wv), mask)
    return output.reshape(len(x), -1) @ wo


# %% no way back for the axes
# fails: own_columns
# hint: must be put side by side
def multi_head(x, context, wq, wk, wv, wo, heads, mask=None):
    def split(y):
        return y.reshape(len(y), heads, -1).transpose(1, 0, 2)

    output, _ = attention(split(x @ wq), split(context @ wk), split(context @ wv), mask)
    return output.reshape(len(x), -1) @ wo


# %% queries from the context
# fails: one_head
# hint: here it is the other way
def multi_head(x, context, wq, wk, wv, wo, heads, mask=None):
    def split(y):
        return y.reshape(len(y), heads, -1).transpose(1, 0, 2)

    output, _ = attention(split(context @ wq), split(x @ wk), split(x @ wv), mask)
    return output.transpose(1, 0, 2).reshape(len(context), -1) @ wo


# %% values from x
# fails: one_head
# hint: the values come from context too
def multi_head(x, context, wq, wk, wv, wo, heads, mask=None):
    def split(y):
        return y.reshape(len(y), heads, -1).transpose(1, 0, 2)

    output, _ = attention(split(x @ wq), split(context @ wk), split(x @ wv), mask)
    return output.transpose(1, 0, 2).reshape(len(x), -1) @ wo


# %% wo is forgotten
# fails: one_head
# hint: wo is missing
def multi_head(x, context, wq, wk, wv, wo, heads, mask=None):
    def split(y):
        return y.reshape(len(y), heads, -1).transpose(1, 0, 2)

    output, _ = attention(split(x @ wq), split(context @ wk), split(context @ wv), mask)
    return output.transpose(1, 0, 2).reshape(len(x), -1)


# %% the scale of the whole width
# fails: own_columns
# hint: the square root of its own D
def multi_head(x, context, wq, wk, wv, wo, heads, mask=None):
    def split(y):
        return y.reshape(len(y), heads, -1).transpose(1, 0, 2)

    q = split(x @ wq) / np.sqrt(heads)
    output, _ = attention(q, split(context @ wk), split(context @ wv), mask)
    return output.transpose(1, 0, 2).reshape(len(x), -1) @ wo


# %% one head after all
# fails: own_columns
# hint: this is one head
def multi_head(x, context, wq, wk, wv, wo, heads, mask=None):
    output, _ = attention(x @ wq, context @ wk, context @ wv, mask)
    return output @ wo


# %% every second column
# fails: own_columns
# hint: neighbouring columns
def multi_head(x, context, wq, wk, wv, wo, heads, mask=None):
    def split(y):
        return y.reshape(len(y), -1, heads).transpose(2, 0, 1)

    output, _ = attention(split(x @ wq), split(context @ wk), split(context @ wv), mask)
    return output.transpose(1, 2, 0).reshape(len(x), -1) @ wo


# %% the mask is not passed on
# fails: mask_in_every_head
# hint: the mask is not used
def multi_head(x, context, wq, wk, wv, wo, heads, mask=None):
    def split(y):
        return y.reshape(len(y), heads, -1).transpose(1, 0, 2)

    output, _ = attention(split(x @ wq), split(context @ wk), split(context @ wv))
    return output.transpose(1, 0, 2).reshape(len(x), -1) @ wo


# %% a mask for self-attention
# fails: heads_across
# hint: T and S may differ
def multi_head(x, context, wq, wk, wv, wo, heads, mask=None):
    def split(y):
        return y.reshape(len(y), heads, -1).transpose(1, 0, 2)

    if mask is not None:
        mask = np.broadcast_to(mask, (heads, len(x), len(x)))
    output, _ = attention(split(x @ wq), split(context @ wk), split(context @ wv), mask)
    return output.transpose(1, 0, 2).reshape(len(x), -1) @ wo


# %% a mask of two axes
# fails: heads_across
# hint: (1, S) or (S,)
def multi_head(x, context, wq, wk, wv, wo, heads, mask=None):
    outputs = []
    for columns in np.split(np.arange(x.shape[1]), heads):
        q, k, v = x @ wq[:, columns], context @ wk[:, columns], context @ wv[:, columns]
        scores = q @ k.T / np.sqrt(q.shape[1])
        if mask is not None:
            scores[~mask] = -np.inf
        p = np.exp(scores - scores.max(axis=1, keepdims=True))
        outputs.append(p / p.sum(axis=1, keepdims=True) @ v)
    return np.concatenate(outputs, axis=1) @ wo
