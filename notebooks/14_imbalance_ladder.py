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
# # A ladder against imbalance
#
# In screening, one picture in fifty shows a cancer. A network that calls every picture benign is then right nearly always, and
# useless. {cite:t}`bassi` climb out of this in steps: crop the picture, choose a threshold, alter the pictures, let the network
# predict what else is known of them. Each step is a rung. This chapter climbs the same ladder, and measures each rung beside the one
# below it.
#
# **You will learn** what to measure where cancer is rare, to choose a threshold without looking at the test, to use what is known
# of a picture as a target and never as an input, and how few cancers leave how much open.

# %% tags=["parameters"]
profile: str = "ci"  # a file in src/workflow/profiles
data: str = ""  # archive or folder of mammograms, where the profile needs one
settings: str = ""  # overrides, such as "epochs=1 icnt.epochs=2"
build: str = ""  # where artifacts go; the checkout's build/ by default

# %%
from IPython.display import Markdown

from helpers.explorers.ladder import ladder
from helpers.figures import ladder as figures
from helpers.figures import ladder_tables as tables
from helpers.figures import style
from helpers.findings import ladder as findings
from helpers.ladder.climb import climbed
from helpers.ladder.results import head_agreement, results
from helpers.run import open_run

# %%
style.use_style()
run = open_run(profile, data, settings, build)
climb = climbed(run.profile, run.paths)
found = results(climb, run.profile.bootstrap_draws, seed=run.profile.seed)

# %% [markdown]
# ## Screening pictures
#
# The document used the RSNA screening set: four pictures of each woman, two of each breast, and eleven columns beside. Where that set
# is at hand, `make book SET="ladder.data=rsna ladder.path=..."` climbs on it. Otherwise a cohort of phantoms is drawn, in which cancer
# is as rare, each column is filled, and values are missing as they are there. What follows from a reading (whether the woman
# was asked back, whether tissue was taken) is drawn from what is in the breast; the picture knows nothing of it.

# %%
Markdown(findings.cohort(run.profile.ladder, climb.screened))

# %%
Markdown(findings.set_aside(climb.screened))

# %%
tables.set_aside(climb.screened.problems)

# %% [markdown]
# Pictures are shown to the networks in three ways: resized as they are; cropped to the breast, with all that is not breast made
# black; and cropped and altered: turned a little, shifted, cut, blurred, mirrored, their contrast stretched.

# %%
figures.framings(climb.screened, run.profile.seed)

# %% [markdown]
# ## Who is tested
#
# A fifth of the patients is the test, which is looked at last. The others are dealt out to folds, whole patients. One fold is held
# out; the *next* one chooses the threshold; the network learns from the rest. So nothing is chosen on the pictures that judge it.
# The document splits pictures, and does not say whether it keeps patients apart.

# %%
Markdown(findings.dealing(climb))

# %% [markdown]
# ## The rungs zero
#
# Before any network, two rules that see no picture. One calls everything benign. The other is a logistic regression on what is known
# before a reading: site, machine, age, implant and density.

# %%
Markdown(findings.zeros(found))

# %% [markdown]
# ## The climb
#
# Both networks are those of the document: a convolutional one, SE-ResNeXt, and a vision transformer, DeiT III; in most profiles they
# are small ones by the same code. No layer is frozen. **F1**, which the document reports, needs a threshold and both kinds of error.
# **Average precision** needs no threshold: it is the mean precision as the threshold falls past one cancer after the other, and a
# ranking by chance reaches the share of cancers. Accuracy says next to nothing here.

# %%
figures.climb(found.scores, "f1")

# %%
figures.climb(found.scores, "average_precision")

# %%
Markdown(findings.seen(found))

# %% [markdown]
# Try it: climb. Under the ladder stand the thresholds of the rung that you are on, and the cancers that the topmost rung misses
# worst, with what its other heads say of them.

# %%
ladder(climb, found)

# %% [markdown]
# A woman has two breasts and a breast two views. What matters to her is whether the breast is called, so views are merged: the mean
# of their probabilities. All measures by breast, out of fold:

# %%
tables.score_table(found.scores, "out_of_fold", "breast")

# %% [markdown]
# ## Which rungs help?
#
# Each rung beside the one below it, both scored on the same draws of patients. A rung helps where the interval of what it adds lies
# above zero. Where it holds zero, nothing is shown; that is not the same as no help, since so few cancers cannot show a small one.

# %%
figures.gains(found.gains)

# %%
Markdown(findings.summary(found))

# %%
Markdown(findings.helping(found))

# %% [markdown]
# ## The threshold
#
# The document tries every threshold from zero to one in steps of a hundredth and keeps the one with the highest F1. The highest
# of a hundred and one numbers is a flattering one. So F1 is shown twice: on the fold that chose, and on the fold that was held out.

# %%
figures.thresholds(climb.curves, climb.rungs[-1].name)

# %%
Markdown(findings.thresholds(climb))

# %% [markdown]
# ## What else is known of a picture
#
# On the topmost rung the network has eleven heads more. Their targets are columns of the table, three of which nobody knows before the
# picture was read. As *inputs* those would give the answer away; as *targets* they are needed in training only, and the network that
# judges a new picture is not told any of them. Missing values count nothing in the loss. A picture that was mirrored keeps its side,
# which its own pixels then contradict; so it is in the document.

# %%
tables.heads(head_agreement(climb))

# %% [markdown]
# Which of the targets helps? Each is left out in turn, its head counting nothing and all else being the same, down to the
# weights that the network starts from. Left of the line, the network is worse without the target.

# %%
figures.left_out(found.left_out)

# %%
Markdown(findings.left_out(found))

# %% [markdown]
# ## Published beside ours

# %%
Markdown(findings.comparable(run.profile.ladder))

# %%
tables.beside_published(found.scores)

# %% [markdown]
# The document's last rung is said to have one F1 in its text and printed with another in its table. Most of its rows are less
# accurate than calling every picture benign, which here is no fault: a test that finds cancers has to raise false alarms. It
# shows how little accuracy says. [](12_rereading.ipynb) has these checks in full.

# %% [markdown]
# ## What was learnt
#
# - Where cancer is rare, accuracy praises whoever sees nothing; the rules that see no picture have to stand at the foot of the ladder.
# - A threshold is a choice like any other, and is made on pictures that judge nothing.
# - A column that is known only after the reading may be a target. It must never be an input, and a test can show that it is none.
# - What decides how much can be said is not the number of pictures, but the number of women with cancer.

# %% [markdown]
# ## Exercises

# %% [markdown]
# **As the document splits.** Deal the *pictures* out instead of the patients, one part in five. How many pictures of such a test
# would have their patient in training?

# %% tags=["answer"]

# %% tags=["solution"] jupyter={"source_hidden": true, "outputs_hidden": true}
# Solution
import numpy as np

patients = climb.screened.table["patient_id"]
tested = np.random.default_rng(run.profile.seed).random(len(patients)) < 1 / 5
patients[tested].isin(patients[~tested]).mean().round(3)

# %% [markdown]
# **A flattering choice.** What would F1 be if each held-out fold chose the threshold for itself? How much of that is owed to
# looking?

# %% tags=["answer"]

# %% tags=["solution"] jupyter={"source_hidden": true, "outputs_hidden": true}
# Solution
top = climb.curves[climb.curves["rung"] == climb.rungs[-1].name]
honest = top[(top["threshold"] - top["chosen"]).abs() < 1e-9].groupby("network")["held"].mean()
looked = top.groupby(["network", "fold"])["held"].max().groupby("network").mean()
looked.to_frame("chosen by itself").assign(honest=honest, owed=looked - honest).round(3)
