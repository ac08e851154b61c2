# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Fast, and the same numbers
#
# This book trains three networks twice on two cores while a reader has a coffee. Nothing of that is bought with accuracy: each
# shortcut below was compared with the plain way before it was timed, and most of them agree to the last bit.
#
# **You will learn** what a frozen layer makes superfluous, why one convolution can be many times slower than another that gives the
# same numbers, and how to measure a ratio on a machine that is busy with other things.

# %% tags=["parameters"]
profile: str = "ci"  # a file in src/workflow/profiles
data: str = ""  # archive or folder of mammograms, where the profile needs one
settings: str = ""  # overrides, such as "epochs=1 icnt.epochs=2"
build: str = ""  # where artifacts go; the checkout's build/ by default

# %%
from IPython.display import Markdown

from helpers import speed
from helpers.figures import speed as figures
from helpers.figures import style

style.use_style()
measured = speed.of_build(build)

# %%
Markdown(figures.origin(measured))

# %% [markdown]
# ## How it was measured
#
# The two ways run in turn, round after round, in one process and on the same inputs, after one round that warms up; the next
# comparison gets a fresh process. A ratio is taken within a round, so that a minute in which the machine has other work slows both
# sides of it; the table shows the median over the rounds and the lowest and highest. Times are per picture (per book, where a book
# is built).
#
# ## Against the plain way
#
# *Last layers on stored activations.* With all but the last 20 layers frozen, what comes before them is a fixed function of the
# picture. It runs once; its outputs are kept in a memory-mapped file, and every epoch trains on those. Where the frozen part ends is
# found from the graph: in InceptionV3 the last 20 layers interleave several branches, and in ConvNeXt a residual jumps over them.
#
# *Depthwise convolutions.* ConvNeXt's spatial step filters each channel by itself. keras.applications writes it as a convolution
# in as many groups as channels, which TensorFlow compiles on a processor into something slow; written as a depthwise convolution
# it has the same weights and the same outputs. Its gradients are depthwise convolutions again, that of the filters too: there every
# channel of every picture is filtered with the gradient that came back to it. Written so, the filters learn faster than by the
# routine that TensorFlow has for them on a processor.
#
# *Framing.* Mask, crop, CLAHE and resizing by OpenCV, which releases Python's lock, so that a second thread takes half of the work.
#
# *Grad-CAM.* Only what lies behind the explained map needs a gradient.
#
# *oneDNN.* Intel's kernels, which TensorFlow asks about when it is imported.
#
# *The book again.* A notebook is executed again when its code, the code it imports, its settings or its data change, and at no other time.

# %%
figures.ratio_table(measured)

# %% [markdown]
# ## Are they the same numbers?
#
# Largest absolute differences; where 0 is allowed, the bits are the same.

# %%
figures.check_table(measured)

# %% [markdown]
# ## Growth
#
# Ever more pictures pass through the store and one shuffled epoch of the training loader, each number of them in a process of its
# own. A store larger than memory needs care: every page of a memory-mapped file that was touched counts as memory of the process,
# so the loader gives back each page once the batch is copied.

# %%
Markdown(figures.growth_in_words(measured))

# %%
figures.growth(measured)

# %% [markdown]
# ## Pictures a second
#
# A training step with all layers learning, at 224 pixels. The peak is not taken from a data sheet: it is what a large matrix product
# reached on the same device in the same run. Forward and backward together count as three times the forward operations.

# %%
figures.throughput_table(measured)

# %% [markdown]
# ## What was learnt
#
# - A ratio, measured in turn within one run, survives a busy machine; a time does not.
# - What is fixed needs to be computed once. The cut between fixed and learning belongs to the graph, not to a list of layers.
# - Exactness is checked first. A faster way that gives other numbers is another experiment.

# %% [markdown]
# ## Exercises

# %% [markdown]
# **What is left to gain.** The frozen part is run once instead of once an epoch. Compute how many times faster training
# becomes for several shares of the frozen part and several numbers of epochs. Where does it end, however many epochs
# there are?

# %% tags=["answer"]

# %% tags=["solution"] jupyter={"source_hidden": true, "outputs_hidden": true}
# Solution
import numpy as np
import pandas as pd

shares, epochs = np.array([0.5, 0.8, 0.9, 0.99]), np.array([1, 5, 20, 1000])
faster = epochs / (epochs * (1 - shares[:, None]) + shares[:, None])
pd.DataFrame(faster, index=[f"{share:.0%} frozen" for share in shares], columns=epochs).round(1).rename_axis(columns="epochs")

# %% [markdown]
# **A busy machine.** Simulate two ways, one twice as fast, on a machine whose speed wanders from round to round. Take
# the ratio within each round, then between one round and the next. Which spreads less?

# %% tags=["answer"]

# %% tags=["solution"] jupyter={"source_hidden": true, "outputs_hidden": true}
# Solution
rng = np.random.default_rng(7)
busy = rng.lognormal(sigma=0.5, size=200)
plain, fast = 2 * busy * rng.lognormal(sigma=0.05, size=200), busy * rng.lognormal(sigma=0.05, size=200)
ratios = pd.DataFrame({"within a round": plain / fast, "between rounds": plain / np.roll(fast, 1)})
ratios.describe().loc[["25%", "50%", "75%"]].round(2)
