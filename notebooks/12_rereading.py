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
# # The four documents, read again
#
# This book starts from four documents. Before their numbers are set beside ours, they are set beside themselves: sums should add up,
# a training accuracy should not exceed one, and a network should beat a rule that looks at no picture.
#
# **You will learn** how much a printed table tells about an experiment without a single picture, what rounding allows and what it
# does not, and which of the published values may be compared with the ones of this book.

# %% tags=["parameters"]
profile: str = "ci"  # a file in src/workflow/profiles
data: str = ""  # archive or folder of mammograms, where the profile needs one
settings: str = ""  # overrides, such as "epochs=1 icnt.epochs=2"
build: str = ""  # where artifacts go; the checkout's build/ by default

# %%
import pandas as pd
from IPython.display import Markdown, display

from helpers.calcifications.experiment import played
from helpers.evaluation import pixels
from helpers.explorers.rules import rules
from helpers.figures import rereading as figures
from helpers.figures import style
from helpers.findings import rereading as findings
from helpers.rereading.beside import comparability
from helpers.rereading.ours import class_recalls, of_document_a, of_document_d
from helpers.run import open_run

# %%
style.use_style()
run = open_run(profile, data, settings, build)

# %% [markdown]
# ## How a rule works
#
# A printed number stands for every value that rounds to it. A rule takes printed numbers with all that their rounding leaves open,
# computes what they imply, and asks whether any value is left that agrees with what else is printed. If none is, the check *fails*,
# and no rounding explains it. If rounding decides, or nothing is printed to compare with, it is *left open*. Each rule is one short
# function in `src/helpers/rereading`, by the name that the table gives.

# %%
figures.summary()

# %%
Markdown(findings.overview())

# %% [markdown]
# Each rule with its words, its code, and all of its checks:

# %%
rules()

# %% [markdown]
# ## A: three networks on one collection
#
# The checks that do not hold, each with what was computed, what is printed and what its rounding allows. A training accuracy above
# one and a negative training loss cannot be; so the row was not computed as the text defines it. The two tables print the same
# quantities twice, and differ.

# %%
figures.failures("A")

# %% [markdown]
# They differ because the second starts from a classification report that was already rounded to two decimals. For each network
# there is exactly one triple of such recalls that agrees with the text and gives both printed values.

# %%
figures.checks("A", "rounded_reports")

# %% [markdown]
# Accuracy is the mean of the recalls, weighted by the shares of the classes. Where the text gives the recalls, the share of normals
# among the test pictures follows.

# %%
figures.normals_in_the_test()

# %%
Markdown(findings.copies())

# %% [markdown]
# ## B: screening, where cancer is rare

# %%
figures.failures("B")

# %% [markdown]
# Two slips would account for the sums: a training count of malignant pictures that is too low by ten, and a total with two digits
# swapped. The F1 of each row does follow
# from its recall and precision; it is the text that names another one. What weighs more is the last column.

# %%
figures.always_benign()

# %%
Markdown(findings.without_looking())

# %% [markdown]
# A diagnosis-time variable may be a *target* beside the main one, since targets are known when one trains. As an input it would give
# the answer away. The document uses it as a target.
#
# ## C: a bit that says the answer

# %%
figures.failures("C")

# %% [markdown]
# The F-score of all tables is the harmonic mean of sensitivity and specificity. That is no F1, which takes precision; where classes
# are as unequal as here, the two lie far apart.

# %%
figures.f_scores()

# %% [markdown]
# The networks of this document are trained apart on pictures with and without a mask of the lesion. So each is told whether a
# mask exists, and on one data set that bit is nearly the diagnosis.

# %%
figures.one_bit()

# %%
Markdown(findings.the_bit())

# %% [markdown]
# In the other data set nearly all pictures have a mask, and the bit says nothing. What the separation gains there is smaller, on a test
# of a few tens of pictures.
#
# ## D: accuracy over patches

# %%
figures.checks("D")

# %% [markdown]
# An accuracy over patches says little while the share of positive patches is not known: most of a breast is background. Sensitivity
# at a fixed number of false positives a picture, and the overlap with the lesion, say more. [](13_microcalcifications.ipynb) builds both
# networks and measures them.
#
# ## Published beside ours
#
# Every table of the four documents, with this book's values under the printed ones, and whether they may be compared. Ours for
# document B stand in [](14_imbalance_ladder.ipynb).

# %%
draws = run.profile.bootstrap_draws
recalls = class_recalls(run.predictions, draws, seed=run.profile.seed)
history = pd.concat([network.history for network in run.networks.values()])
of_a = of_document_a(run.scores, run.areas, recalls, history, run.cohort.exams)
patches = pixels.shares(played(run.profile, run.paths).accuracy, ["variant", "network"], draws, seed=run.profile.seed)
ours = pd.concat([of_a, of_document_d(patches, "49 same", "phantoms, balanced patches")])
verdicts = comparability(run.profile, ours)
Markdown(findings.joined(verdicts))

# %% [markdown]
# ### A

# %%
display(*figures.tables_beside_ours("A", ours, verdicts))

# %% [markdown]
# ### B

# %%
display(*figures.tables_beside_ours("B", ours, verdicts))

# %% [markdown]
# ### C

# %%
display(*figures.tables_beside_ours("C", ours, verdicts))

# %% [markdown]
# ### D

# %%
display(*figures.tables_beside_ours("D", ours, verdicts))

# %% [markdown]
# ## What was learnt
#
# - A table can be checked by its own definitions; most of the checks hold, and those that fail fail for a reason that can be named.
# - Before a network is believed, a rule that looks at nothing should be computed: always benign, or one bit of the metadata.
# - A published value beside ours is a comparison only where data, starting weights and the question are the same.

# %% [markdown]
# ## Exercises

# %% [markdown]
# **Which tests could print it?** An accuracy is a count by a count. For every size of a test up to two thousand pictures, is there a
# number of right calls whose share rounds to the accuracy that document A prints? How small a test could have printed all three?

# %% tags=["answer"]

# %% tags=["solution"] jupyter={"source_hidden": true, "outputs_hidden": true}
# Solution
import numpy as np

from helpers.published import dahes

sizes, printed = np.arange(1, 2001), dahes.table_1()["accuracy"]
shares = np.rint(printed.to_numpy()[:, None] * sizes) / sizes
fits = pd.DataFrame(np.abs(shares - printed.to_numpy()[:, None]) <= 0.00005, index=printed.index, columns=sizes)
fits.loc["all three"] = fits.all()
pd.DataFrame({"smallest test": fits.idxmax(axis=1), "share of sizes that fit": fits.mean(axis=1).round(3)})

# %% [markdown]
# **A rule that looks at nothing.** What accuracy has the rule that calls every test picture by the most frequent class, under either
# protocol of this run? Why do the two differ?

# %% tags=["answer"]

# %% tags=["solution"] jupyter={"source_hidden": true, "outputs_hidden": true}
# Solution
tests = run.predictions.query("split == 'test' and network == 'icnt'")
shares = tests.groupby("protocol")["label"].value_counts(normalize=True).unstack()
shares.assign(blind=shares.max(axis=1)).rename(columns={"blind": "accuracy without looking"}).round(3)
