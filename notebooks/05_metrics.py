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
# # Three networks, two protocols
#
# All tables and figures by which the document compares its networks, computed from the stored predictions, with the published
# values beside them.
#
# **You will learn** to read one comparison in several ways (accuracy, equity between classes, overfitting, ROC), and to see where
# the published numbers disagree with themselves.

# %% tags=["parameters"]
profile: str = "ci"  # a file in src/workflow/profiles
data: str = ""  # archive or folder of mammograms, where the profile needs one
settings: str = ""  # overrides, such as "epochs=1 icnt.epochs=2"
build: str = ""  # where artifacts go; the checkout's build/ by default

# %%
from IPython.display import Markdown

from helpers import published
from helpers.explorers.compare import compare
from helpers.explorers.threshold import threshold
from helpers.figures import curves, scores, style, tables
from helpers.findings import networks as findings
from helpers.run import open_run

style.use_style()
run = open_run(profile, data, settings, build)
ours, printed = run.scores, published.table_1().join(published.table_2())

# %%
Markdown(findings.comparability(run.profile, run.cohort))

# %% [markdown]
# ## Global metrics: Table 1
#
# Each cell: our value, its 95 % interval, and below it what the document prints.

# %%
tables.beside_published(ours, "table_1")

# %%
scores.intervals(ours, "f1_macro", published=printed, chance=findings.chance_level(run.networks, run.profile))

# %%
Markdown(findings.all_against_chance(run.networks, run.profile))

# %% [markdown]
# ### Pairs of metrics
#
# Accuracy against loss, macro F1 against the recall of the worst class, dispersion against overfitting (figure 4). Hollow
# marks are the published values; crosses are intervals.

# %%
scores.pair_scatters(ours, printed)

# %% [markdown]
# ### Triplets
#
# The same as radars (figure 5), every metric turned so that outward is better. Whiskers are intervals, dotted polygons the
# published values.

# %%
scores.radars(ours, printed)

# %% [markdown]
# ### Any pair, any triplet
#
# Pick networks, protocols and metrics: scatter, radar and table follow, the published values beside them. Look for a pair in
# which the networks change places, and then whether their intervals let them.

# %%
compare(ours, printed)

# %% [markdown]
# ## ROC curves
#
# One class against the rest (figure 6). The area does not depend on a threshold, and it does not depend on prevalence either:
# a good area can hide a poor predictive value.

# %%
curves.roc_curves(run.roc_curves, run.areas)

# %%
tables.areas(run.areas)

# %% [markdown]
# ## Equity between classes: Table 2
#
# Mean and dispersion over the three classes (figures 7 and 8).

# %%
tables.beside_published(ours, "table_2")

# %%
scores.f1_recall(ours, printed)

# %%
scores.dispersion_bars(ours, printed)

# %% [markdown]
# ## Confusion matrices
#
# Rows are the truth, columns the call (figure 9). The cell that matters most is the lower left: malignant called normal.

# %%
scores.confusion_matrices(run.confusion_matrices)

# %% [markdown]
# ## What a threshold costs
#
# A class is called, so far, where its probability is the highest. A clinic would choose a threshold instead, and the choice is a
# bargain between missed cancers and false alarms. Move it; move the prevalence too, which the test does not share with a
# screening population.

# %%
threshold(run.predictions)

# %% [markdown]
# ## Where the published numbers disagree with themselves
#
# By the document's own definitions, overfitting in accuracy is training minus test. Adding the two printed columns gives
# back the training accuracy, which cannot exceed one; in the same way the training loss cannot be negative.

# %%
published.implied_training()

# %% [markdown]
# Table 1 and Table 2 both give a dispersion of the recall, and they differ. Table 2 is what one gets from per-class values that
# were rounded to two decimals first.

# %%
published.rounded_recalls()

# %% [markdown]
# ## What was learnt
#
# - Several views of one comparison agree more often than they inform; an interval informs.
# - The published protocol and the patient-grouped one do not measure the same thing, and the difference is not constant across
#   networks.
# - A table can be checked by its own definitions, without a single picture.

# %% [markdown]
# ## Exercises

# %% [markdown]
# **Change the threshold.** Choose for each network the threshold at which it finds nine cancers of ten in the patient-
# grouped test. How many false alarms does each pay for it?

# %% tags=["answer"]

# %% tags=["solution"] jupyter={"source_hidden": true, "outputs_hidden": true}
# Solution
import pandas as pd

from helpers.evaluation import thresholds

costs = {}
for name, network in run.networks.items():
    test = network.test()
    at = test.loc[test["label"] == "malignant", "malignant"].quantile(0.1, interpolation="lower")
    costs[name] = {"threshold": at, **thresholds.decision(test, thresholds.Setting(threshold=at))}
pd.DataFrame(costs).T[["threshold", "hits", "misses", "false_alarms", "rejections"]].round(3)

# %% [markdown]
# **Two intervals that overlap.** Two networks saw the same patients, so their scores rise and fall together. Compute
# the interval of the difference in accuracy between IIV3 and the baseline, both in the same draws. Does it hold zero?

# %% tags=["answer"]

# %% tags=["solution"] jupyter={"source_hidden": true, "outputs_hidden": true}
# Solution
import numpy as np

from helpers.evaluation.intervals import interval, patient_weights, resampled_sums

tests = [run.networks[name].test().set_index("image_id").sort_index() for name in ("iiv3", "baseline_cnn")]
right = [test[["normal", "benign", "malignant"]].idxmax(axis=1) == test["label"] for test in tests]
gain = right[0].astype(int) - right[1].astype(int)
weights, owner = patient_weights(tests[0]["patient_id"], run.profile.bootstrap_draws, seed=run.profile.seed)
sums = resampled_sums(np.column_stack([gain, np.ones(len(gain))]), owner, weights)
told = [gain.mean(), *interval(sums[:, 0] / sums[:, 1])]
pd.DataFrame([told], columns=["difference", "low", "high"], index=["IIV3 minus baseline"]).round(3)
