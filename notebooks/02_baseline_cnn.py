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
# # A small network from scratch
#
# The reference that the improved networks have to beat: a few convolutions with batch normalization and dropout, all of
# which train. The document names these parts and not their sizes; the sizes are ours.
#
# **You will learn** what a network of this size gets out of the pictures, how to read its learning curves, and what an interval
# adds to a score.

# %% tags=["parameters"]
profile: str = "ci"  # a file in src/workflow/profiles
data: str = ""  # archive or folder of mammograms, where the profile needs one
settings: str = ""  # overrides, such as "epochs=1 icnt.epochs=2"
build: str = ""  # where artifacts go; the checkout's build/ by default

# %%
from IPython.display import Markdown

from helpers.figures import curves, scores, style, tables
from helpers.findings import networks as findings
from helpers.run import open_run

style.use_style()
run = open_run(profile, data, settings, build)
NAME = "baseline_cnn"

# %% [markdown]
# ## The network
#
# Every network takes gray levels from 0 to 255 and normalizes them itself, so one set of stored pictures serves all.

# %%
trained = run.network(NAME)
tables.settings(run.profile.network(NAME))

# %%
tables.layers(trained.model)

# %%
Markdown(findings.weights(NAME, run.profile))

# %% [markdown]
# ## Learning curves
#
# One training per protocol, on the same pictures. The dotted line marks the epoch whose weights were kept (figure 10 of the
# document).

# %%
curves.learning_curves(trained.history)

# %% [markdown]
# ## On the test
#
# Scores and intervals are computed from the stored probabilities, one row a picture. Both protocols stand side by side; the
# published value, where there is one, beside them.

# %%
tables.beside_published(trained.scores, "table_1")

# %%
Markdown(findings.against_chance(trained, run.profile))

# %%
scores.confusion_matrices(trained.confusion_matrices)

# %%
tables.class_reports(trained)

# %% [markdown]
# ## What was learnt
#
# - A score without an interval hides how few patients stand behind it.
# - The gap between the two protocols is not skill. The network is the same; the test is not.

# %% [markdown]
# ## Exercises

# %% [markdown]
# **Another seed.** An interval is itself an estimate. Compute that of macro F1 again with other seeds of the bootstrap.
# How much does it move, and what would make it move less?

# %% tags=["answer"]

# %% tags=["solution"] jupyter={"source_hidden": true, "outputs_hidden": true}
# Solution
import pandas as pd

from helpers.evaluation import metrics

rows = trained.predictions[trained.predictions["protocol"] == trained.protocols[0]]
draws = run.profile.bootstrap_draws
again = [metrics.network_metrics(rows, draws, seed=seed)["intervals"]["f1_macro"] for seed in (1, 2, 3)]
pd.DataFrame(again, columns=["low", "high"], index=pd.Index([1, 2, 3], name="seed"))

# %% [markdown]
# **Pictures instead of patients.** Draw single pictures instead of whole patients. Is the interval wider or narrower,
# and which of the two would you print?

# %% tags=["answer"]

# %% tags=["solution"] jupyter={"source_hidden": true, "outputs_hidden": true}
# Solution
alone = rows.assign(patient_id=rows["image_id"])
units = {"patients": rows, "pictures": alone}
drawn = {name: metrics.network_metrics(table, draws, seed=run.profile.seed) for name, table in units.items()}
ends = {name: measured["intervals"]["f1_macro"] for name, measured in drawn.items()}
table = pd.DataFrame.from_dict(ends, orient="index", columns=["low", "high"])
table.assign(width=table["high"] - table["low"])
