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
# # What leakage is worth
#
# A test is a test when the training has seen nothing of it. This chapter looks for what it may have seen, and measures what that
# is worth: the same network, on the same pictures, under both protocols.
#
# **You will learn** to audit a collection before any training, to compare two protocols on the same draws of patients, and to use
# probes that cannot know a lesion to find out what a score is made of.

# %% tags=["parameters"]
profile: str = "ci"  # a file in src/workflow/profiles
data: str = ""  # archive or folder of mammograms, where the profile needs one
settings: str = ""  # overrides, such as "epochs=1 icnt.epochs=2"
build: str = ""  # where artifacts go; the checkout's build/ by default

# %%
from IPython.display import Markdown

from helpers import audit, leakage
from helpers.datasets.signature import signatures
from helpers.evaluation import paired
from helpers.explorers.without_copies import without_copies
from helpers.figures import leakage as figures
from helpers.figures import style
from helpers.findings import leakage as told
from helpers.findings.data import made_from
from helpers.run import open_run

# %%
style.use_style()
run = open_run(profile, data, settings, build)
exams, pictures, seed, draws = run.cohort.exams, run.cohort.pictures, run.profile.seed, run.profile.bootstrap_draws

# %%
Markdown(made_from(run.profile, run.cohort))

# %% [markdown]
# ## The audit
#
# Three questions about each test picture, none of which needs a network: does its patient stand in training, does its source
# picture, and does a picture that looks like a copy of it? For the last, each picture gets a **signature**: rings around its center
# of brightness, and along each ring the strength of the slowest waves, which turning and mirroring leave as they are. Two pictures
# whose signatures lie nearer to each other than a fixed distance are taken for copies of one.

# %%
found = signatures(pictures)
audits = {name: audit.audit(exams, name, found) for name in run.profile.protocols}
figures.audits(audits)

# %%
Markdown(told.near_duplicates(audits))

# %%
figures.nearest(audit.distances_to_training(exams, run.profile.protocols, found))

# %% [markdown]
# An audit is worth what it finds. So copies are planted: each original gets one, turned by any angle and perhaps mirrored, and
# the search has to find them among all pairs.

# %%
originals = exams["copy_of"].isna().to_numpy()
check = audit.planted_copies(pictures[originals], exams.loc[originals, "patient_id"], seed)
Markdown(told.planted(check))

# %% [markdown]
# And a question about the whole collection: can the label be guessed from where and how a picture was taken? Cramér's V is near zero
# for columns that are independent and one where the first tells the second. The last column is what chance alone rarely exceeds
# in a cohort of this size, so many columns being looked at: patients exchange their labels, many times over.

# %%
origins = audit.confounds(exams, seed=seed)
origins.round(3)

# %%
Markdown(told.confounded(origins))

# %% [markdown]
# ## The networks of this book
#
# Trained by both protocols, each has two tests, of different pictures but of the same patients. So a draw takes patients from all who
# stand in either test, and both scores are computed on that one draw. What a hard patient does to both then cancels out of the
# difference.

# %%
tests = run.predictions.query("split == 'test'")
ways = ("as_published", "patient_grouped")
_, own = paired.compared(tests, "network", "protocol", ways, draws, seed=seed)
figures.gap_table(own, "network", style.NETWORK_NAMES, ["f1_macro", "accuracy", "auc_mean"])

# %%
Markdown(told.networks(own))

# %% [markdown]
# Such a difference mixes two things: who was trained on, and who was tested. And it can only show the leaks that this run's pictures
# hold. The published collection holds more.

# %% [markdown]
# ## A collection like the published one
#
# The public collection was made of windows around masses: each several times, turned and mirrored, and each copy a file of its own,
# up to 72 of one film. If half of those are mirrored, one is turned ten degrees further than the next. The same is done here with the
# run's pictures, by the same step, though not as often.

# %%
made = leakage.collected(run.profile, run.cohort)
Markdown(told.collection(run.profile, made))

# %% [markdown]
# The two protocols differ in one thing: folds are dealt out **by picture** (as published) or **by patient**. Either way each picture
# is tested exactly once, by a network that was not trained on it, so both protocols test *the same pictures*. For each fold the
# network starts from the same weights under both, with the same settings, and sees about as many pictures. What difference remains
# comes from who else was in training, and from chance, over which the folds average.

# %%
predictions = leakage.played(run.profile, made, run.paths)
Markdown(told.shares(predictions))

# %%
near = leakage.distances(run.profile, made)
figures.nearest(near)

# %% [markdown]
# Some test pictures as the network sees them, and below each the training picture that resembles it most.

# %%
figures.pairs(leakage.most_alike(made, near, count=6, seed=seed))

# %% [markdown]
# ## Three learners, two protocols
#
# *The baseline CNN* of this book, smaller and with fewer epochs.
#
# *The copy-only probe* looks for a copy in training, by signature. If there is one it says that copy's label; if not, it can only say
# how frequent the classes are. It knows no lesion, nor anything else about breasts.
#
# *The source-only probe* sees how a picture was rendered, outside its lesion, which is hidden: the border, the histogram, the
# sharpness. In pictures without a lesion a disc of the same kind is hidden. It is a logistic regression.
#
# Intervals draw patients with replacement, and both protocols are scored on each draw; where the whole was repeated, repetitions are
# drawn as well. The folds share training pictures, which no bootstrap sees; such intervals are a little too short.

# %%
scores, gaps = paired.compared(predictions, "learner", "protocol", ways, draws, seed=seed)
chance = told.chance_f1(predictions, seed)
figures.protocols(scores, gaps, chance)

# %%
Markdown(told.gap(scores, gaps, chance))

# %%
Markdown(told.probes(scores, gaps, chance))

# %%
figures.gap_table(gaps, "learner", figures.LEARNER_NAMES, ["f1_macro", "accuracy", "auc_mean", "auc_malignant"])

# %% [markdown]
# If copies are what lifts the score, more copies should lift it more. Under the published protocol the number of a picture's copies
# in training is left to chance, so the same test pictures can be sorted by it.

# %%
recalls = paired.recall_by(predictions, ["learner", "protocol", "copies"], draws, seed=seed)
figures.by_copies(recalls)

# %% [markdown]
# Try it: leave out of the test what has copies in training, the most copied pictures first, and at the end every picture whose patient
# was trained on. Both protocols are scored on what remains. A difference made of copies goes; one that stays has another cause.

# %%
without_copies(paired.compared_without_copies(predictions, "learner", ways, draws, seed=seed))

# %% [markdown]
# ## Told by its rendering
#
# Keeping patients apart does not help where a class was *made* differently. In the public collection the benign and malignant
# pictures are windows around a mass, and the normal ones thumbnails of whole breasts: shrunk, turned, on black, equalized
# afterwards. Here the source-only probe judges the pictures as they are, patients kept apart; then once more, with the normal ones
# rendered in that way.

# %%
judged, thumbnails = leakage.rendered(run.profile, run.cohort)
figures.thumbnails(*thumbnails)

# %%
scored, added = paired.compared(judged, "learner", "rendering", ("planted", "as it is"), draws, seed=seed)
figures.renderings(scored, added)

# %%
Markdown(told.rendering(scored))

# %% [markdown]
# A split by patient would let such a network pass. Only the collection itself can be repaired: render all classes alike, or leave
# the class out.

# %% [markdown]
# ## What was learnt
#
# - A leak can be found before any training, and what an audit finds depends on what it looks for: a signature finds turned copies,
#   a table finds patients, and a probe finds what neither was asked for.
# - Two protocols are compared on the same pictures and on the same draws of patients, or the difference means two things at once.
# - A probe that cannot know a lesion and still scores well has measured the collection.
# - Keeping patients apart closes one leak. It does not close the one between a label and its rendering.

# %% [markdown]
# ## Exercises

# %% [markdown]
# **Who is on both sides?** List some test pictures of the published protocol whose patient is also in training, with the number of
# that patient's pictures on each side.

# %% tags=["answer"]

# %% tags=["solution"] jupyter={"source_hidden": true, "outputs_hidden": true}
# Solution
sides = exams.groupby(["patient_id", "split_as_published"]).size().unstack(fill_value=0)
sides[(sides["train"] > 0) & (sides["test"] > 0)].head()

# %% [markdown]
# **Stricter or looser.** A pair is taken for copies below a fixed distance. Count the near-duplicates of the published protocol's test at
# half and at twice that distance. Which of the two errors would you rather make?

# %% tags=["answer"]

# %% tags=["solution"] jupyter={"source_hidden": true, "outputs_hidden": true}
# Solution
from helpers.datasets.signature import NEAR_DUPLICATE

apart = audit.distances_to_training(exams, run.profile.protocols, found)
near = {f"{factor:g} times": apart["distance"] < factor * NEAR_DUPLICATE for factor in (0.5, 1, 2)}
apart.assign(**near).groupby("protocol")[list(near)].sum()
