# %% each with its own
# fails: no_glimpse
# hint: measured with its own mean
def standardized(train, test):
    found = []
    for rows in (train, test):
        spread = rows.std(axis=0)
        found.append((rows - rows.mean(axis=0)) / np.where(spread == 0, 1, spread))
    return tuple(found)


# %% both together
# fails: no_glimpse
# hint: helped to make mean and spread
def standardized(train, test):
    both = np.vstack([train, test])
    spread = both.std(axis=0)
    spread[spread == 0] = 1
    return (train - both.mean(axis=0)) / spread, (test - both.mean(axis=0)) / spread


# %% both together, seen in the training set
# fails: measured
# hint: helped to make mean and spread
def standardized(train, test):
    both = np.vstack([train, test])
    return (train - both.mean(axis=0)) / both.std(axis=0), (test - both.mean(0)) / both.std(0)


# %% all columns together
# fails: measured
# hint: each column has its own
def standardized(train, test):
    return (train - train.mean()) / train.std(), (test - train.mean()) / train.std()


# %% the variance
# fails: measured
# hint: its root is the standard deviation
def standardized(train, test):
    mean, spread = train.mean(axis=0), train.var(axis=0)
    return (train - mean) / spread, (test - mean) / spread


# %% between 0 and 1
# fails: measured
# hint: brought between 0 and 1
def standardized(train, test):
    low, wide = train.min(axis=0), np.ptp(train, axis=0)
    return (train - low) / wide, (test - low) / wide


# %% 0 / 0
# fails: constant_columns
# hint: 0 / 0 is NaN
def standardized(train, test):
    mean, spread = train.mean(axis=0), train.std(axis=0)
    with np.errstate(all="ignore"):
        return (train - mean) / spread, (test - mean) / spread


# %% a large number for 0
# fails: constant_columns
# hint: What could you divide by
def standardized(train, test):
    mean, spread = train.mean(axis=0), train.std(axis=0) + 1e-8
    return (train - mean) / spread, (test - mean) / spread


# %% in the caller's array
# fails: left_alone
# hint: writes into the caller's array
def standardized(train, test):
    mean, spread = train.mean(axis=0), train.std(axis=0)
    spread[spread == 0] = 1
    train -= mean
    train /= spread
    test -= mean
    test /= spread
    return train, test


# %% what is small counts as constant
# fails: tiny_units
# hint: small numbers constant
def standardized(train, test):
    mean, spread = train.mean(axis=0), train.std(axis=0)
    spread[spread < 1e-3] = 1
    return (train - mean) / spread, (test - mean) / spread
