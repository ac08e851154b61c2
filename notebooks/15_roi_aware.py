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
# # What an ROI flag gives away
#
# {cite:t}`yoshitsugu2025` divide mammograms by whether somebody has drawn a region of interest on them, train a network on either
# half, and merge what the two say. On one data set the networks become far better by it. This chapter runs that protocol, and beside
# it a rule that looks at no pixel.
#
# **You will learn** to ask of any division of the data what it tells about the label, to restate a gain as a gain over one bit, and to
# build what the document leaves for later: a system for a patient whose flag nobody gives.

# %% tags=["parameters"]
profile: str = "ci"  # a file in src/workflow/profiles
data: str = ""  # archive or folder of mammograms, where the profile needs one
settings: str = ""  # overrides, such as "epochs=1 icnt.epochs=2"
build: str = ""  # where artifacts go; the checkout's build/ by default

# %%
import pandas as pd
from IPython.display import Markdown

from helpers.datasets.exams import LABELS
from helpers.explorers.separation import separation
from helpers.figures import roi as figures
from helpers.figures import style
from helpers.findings import roi as told
from helpers.findings.data import made_from
from helpers.run import open_run

# %%
style.use_style()
run = open_run(profile, data, settings, build)
cohort, own, seed, draws = run.cohort, run.profile.roi, run.profile.seed, run.profile.bootstrap_draws

# %%
Markdown(made_from(run.profile, cohort))

# %%
from helpers.published.yoshitsugu import CESM, DATA_NAMES, VINDR
from helpers.rereading.yoshitsugu import one_bit_rule
from helpers.roi import results, splits
from helpers.roi.play import NETWORKS, play
from helpers.roi.separation import Way, group_sizes

# %% [markdown]
# ## What is printed, and what the bit makes of it
#
# Before any network: the document prints how many pictures of either class have a mask. So one can score the rule *malignant if a mask
# exists* from its own tables.

# %%
Markdown(told.published_bit())

# %% [markdown]
# With that rule as the ground floor, the published gain reads otherwise. The last column is what the networks add to the bit.

# %%
figures.restated(results.restated({name: one_bit_rule(name) for name in DATA_NAMES}))

# %% [markdown]
# ## Three cohorts, one protocol
#
# The document's pictures are no part of this book: one set is given to whoever signs for it, the other has to be fetched. Their *flags*
# can be had: two cohorts of this run's pictures get a flag by chance, as often in either class as in VinDr and in CDD-CESM, and have
# the share of malignant pictures of either. Such a flag carries nothing but what the rates carry. The pictures are windowed, framed and
# equalized as everywhere in this book. Those of a set that marks its lesions make a third cohort with its own marks; phantoms are all
# marked and have none. With `DATA` and a profile's `data` set to `vindr` or `cdd_cesm`, the third cohort is the document's own.

# %%
played = play(run.profile, cohort, run.paths.roi)
Markdown(told.cohorts(run.profile, played))

# %%
figures.rates(results.flag_rates(played))

# %%
figures.examples(played.table(VINDR), cohort.pictures)

# %% [markdown]
# Folds are dealt out by patient, so that no group's network predicts a picture of a patient it was trained on. Swin
# {cite}`liu2021swin` and ConvNeXt V2 {cite}`woo2023` are built as their authors have them; a profile chooses how large. The baseline
# of this book stands beside them, because it learns in fewer steps. Each fold's learning rate is chosen by cross-validation among its
# training patients.

# %%
Markdown(told.chosen(played.choices))

# %% [markdown]
# Divided by flag and by view, some groups are left with hardly a picture of one class. The document does not say what it did there.

# %%
sizes = {name: group_sizes(played.table(name), Way(separated=True, apart=True), own.smallest) for name in played.cohorts}
figures.sizes(sizes)

# %%
Markdown(told.fallbacks(pd.concat(sizes.values())))

# %% [markdown]
# ## Separated or not
#
# First with all views together. *The bit* is the rule; *the regression* is a logistic regression on flag and view. Both are called on
# the same pictures as the networks, and differences are taken on the same draws of patients.

# %%
scores = results.all_gains(played, draws, seed)
together = scores[~scores["apart"]]
figures.gains(together)

# %%
Markdown(told.gain(together))

# %% [markdown]
# The document trains the four views apart in any case. So here.

# %%
apart = scores[scores["apart"]]
figures.gains(apart)

# %%
Markdown(told.gain(apart))

# %% [markdown]
# All measures of the VinDr-like cohort, views apart. *F-score as document C has it* is the harmonic mean of sensitivity and
# specificity; F1 is that of sensitivity and precision.

# %%
figures.score_table(apart[apart["cohort"] == VINDR])

# %% [markdown]
# ## The gain melts
#
# If separation helped because a group of pictures with lesions is easier to learn, it should help as long as there are two groups. If
# it helped because the group is the answer, the gain should go as the flag stops telling the label. So the flag is melted: from VinDr's
# rates, step by step, to where both classes have a mask equally often. The share of pictures with a mask stays as it is. At each step
# both networks of the divided protocol are trained anew.

# %%
melting = results.melting(played, draws, seed)
figures.melting(melting)

# %%
Markdown(told.melted(melting))

# %% [markdown]
# Try it: four panels, one a view, each picture where its network puts it.

# %%
separation(played, melting)

# %% [markdown]
# ## A patient without a flag
#
# The flag was drawn by somebody who had seen the diagnosis, or made it. A new patient comes without. The document leaves for later to
# predict the mask; here a light segmentation network learns from the masks of the other folds, and a picture in which it finds a lesion
# takes the way of those with a mask. Normal pictures are let in too.

# %%
found = results.localizer_scores(played, VINDR, draws, seed) if len(played.found) else pd.DataFrame()
Markdown(told.localized(found, results.hits(played, VINDR) if len(found) else (0, 0)))

# %% [markdown]
# A perfect localizer would not bring the flag back. It sees the lesion, and the flag says that somebody thought it worth drawing.
#
# The other task that the document leaves for later is to tell normal from abnormal first. Both together make a system: the first stage
# calls a picture normal or hands it on; the second calls it benign or malignant, by the group that the *predicted* flag gives. It is
# measured on all pictures, each of a patient that no stage was trained on.

# %%
whole = results.systems(played, VINDR, draws, seed)
figures.score_table(whole, ["balanced", "sensitivity", "specificity", "f1", "accuracy", "auc"])

# %%
Markdown(told.system(whole))

# %%
way = "predicted" if len(played.found) else "without"
calls = {name: results.three_calls(played, VINDR, name, way) for name in NETWORKS}
figures.confusions(calls, LABELS)

# %% [markdown]
# ## A test where none is given
#
# CDD-CESM comes without a test, and the document divides it ten to one. Two views of one breast show one lesion, so it matters what is
# divided.

# %%
shared = splits.shared(splits.ten_to_one(played.table(CESM), seed))
shared.round(2)

# %%
Markdown(told.ten_to_one(shared))

# %% [markdown]
# ## What was learnt
#
# - To divide the data by something is to tell the networks that something. What it says of the label is the first thing to
#   compute, and it takes no network.
# - A gain is a gain over something. Over a network that calls everything benign, one bit gains a great deal.
# - What melts with the flag was the flag.
# - A protocol that needs the annotator's hand at the time of the test is no protocol for a new patient, until what replaces the hand is
#   measured as well.
# - An F-score is worth its definition.

# %% [markdown]
# ## Exercises

# %% [markdown]
# **Which bit would it take?** A flag as frequent as VinDr's can be more or less faithful. How do the rule's sensitivity and specificity
# go from VinDr's rates to a flag that says nothing?

# %% tags=["answer"]

# %% tags=["solution"] jupyter={"source_hidden": true, "outputs_hidden": true}
# Solution
rates = results.flag_rates(played).query("cohort == @VINDR and label != 'normal'")
faithful = rates.pivot(index="level", columns="label", values="share")
pd.DataFrame({"sensitivity": faithful["malignant"], "specificity": 1 - faithful["benign"]}).round(3)

# %% [markdown]
# **Whose view is it?** Does the bit serve all four views alike? Score the rule within each view of the VinDr-like cohort.

# %% tags=["answer"]

# %% tags=["solution"] jupyter={"source_hidden": true, "outputs_hidden": true}
# Solution
pair = played.table(VINDR).query("label != 'normal'")
right = pair.assign(right=pair["flag"] == (pair["label"] == "malignant"))
right.groupby(["view", "label"])["right"].agg(["mean", "size"]).unstack().round(2)
