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
# # The pictures
#
# Before any network: what the pictures are, how many patients they come from, and on which side of which split they stand.
#
# **You will learn** to read an exam table, to see what framing takes away and what it keeps, and to count how many test
# pictures have a sibling in training, under each protocol.

# %% tags=["parameters"]
profile: str = "ci"  # a file in src/workflow/profiles
data: str = ""  # archive or folder of mammograms, where the profile needs one
settings: str = ""  # overrides, such as "epochs=1 icnt.epochs=2"
build: str = ""  # where artifacts go; the checkout's build/ by default

# %%
from IPython.display import Markdown

from helpers.cohort import leak_audit
from helpers.explorers.imaging import imaging
from helpers.figures import data as figures
from helpers.figures import framing, style, tables
from helpers.findings import data as findings
from helpers.inspection.ways import ways
from helpers.run import open_run

# %%
style.use_style()
run = open_run(profile, data, settings, build)
exams, pictures = run.cohort.exams, run.cohort.pictures

# %%
Markdown(findings.made_from(run.profile, run.cohort))

# %% [markdown]
# ## The exam table
#
# One row a picture, checked against a schema when the data set enters the book. A row that breaks it is named and refused.

# %%
originals = exams[exams["copy_of"].isna()]
originals[["image_id", "patient_id", "laterality", "view", "label", "density", "abnormality"]].head()

# %%
tables.patients_and_pictures(originals)

# %% [markdown]
# Data sets come with defects, and a loader that hides them makes labels silently wrong. This is what was dropped, merged or
# assumed on the way in:

# %%
Markdown(findings.bullets(run.cohort.notes))

# %% [markdown]
# ## From film to frame
#
# Step by step, from the picture as the data set gives it to the frame that the networks see. A network that saw labels and
# borders of the film might learn the hospital instead of the disease, so they go. Each step also takes something that one may
# want back, and says so.

# %%
imaging(ways(run.profile, run.data, run.cohort))

# %% [markdown]
# Some stored pictures of each class. The circle is the lesion as the data set gives it; the networks never see it.

# %%
framing.class_sheet(originals, pictures, seed=run.profile.seed)

# %% [markdown]
# ## Class distribution before and after augmentation
#
# The published collection holds few normal pictures, and the published remedy is to add turned and mirrored copies of them
# (figure 3 of the document). Both protocols do so here, one of them in the right place.

# %%
figures.class_distribution(findings.counts_by_protocol(exams, run.profile.protocols))

# %%
Markdown(findings.augmentation(exams, run.profile))

# %% [markdown]
# ## Two ways to split
#
# In the patient-grouped protocol all pictures of a patient stand on one side, and only training pictures are copied. In the
# published one the copies are made first and pictures are dealt out one by one.

# %%
figures.split_sizes(exams, run.profile.protocols)

# %% [markdown]
# The audit counts test pictures whose patient, or whose very source picture, is also in training.

# %%
tables.leak_audits({protocol: leak_audit(exams, protocol) for protocol in run.profile.protocols})

# %%
Markdown(findings.leak(exams, run.profile.protocols))

# %% [markdown]
# ## What was learnt
#
# - A picture is not a case: patients give several, and copies multiply them.
# - The order of two steps, copying and splitting, decides whether a test is a test.
# - What a data set left out or contradicts is part of the result, so the page prints it.

# %% [markdown]
# ## Exercises

# %% [markdown]
# **A twin in training.** Under the published protocol, find a test picture whose source picture is also in training,
# and look at it beside its twins. How would a network recognize it?

# %% tags=["answer"]

# %% tags=["solution"] jupyter={"source_hidden": true, "outputs_hidden": true}
# Solution
source, side = exams["copy_of"].fillna(exams["image_id"]), exams["split_as_published"]
leaked = exams[(side == "test") & source.isin(source[side == "train"])].head(1)
twins = exams[source.isin(source[leaked.index]) & side.isin(["train", "test"])].head(5)
titles = twins["image_id"] + ", " + twins["split_as_published"]
figures.contact_sheet(pictures[twins.index.to_numpy()], titles.tolist())

# %% [markdown]
# **One patient, two protocols.** Which patient gave the most pictures? On which side does each of them stand under
# either protocol?

# %% tags=["answer"]

# %% tags=["solution"] jupyter={"source_hidden": true, "outputs_hidden": true}
# Solution
busiest = originals["patient_id"].value_counts().idxmax()
columns = ["image_id", "laterality", "view", "label", "split_patient_grouped", "split_as_published"]
originals.loc[originals["patient_id"] == busiest, columns]
