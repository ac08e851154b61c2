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
# # From laptop to cluster
#
# One training is one draw of a start and of a test. Whoever wants to know what a setting is worth trains it often, and soon one
# machine is too small. A study is a table of such trainings; where they run is a word on the command line.
#
# **You will learn** how a grid of trainings becomes a table of jobs, what an interval across seeds and folds says that one over
# patients does not, and what to set so that the same command fills a cluster.

# %% tags=["parameters"]
profile: str = "ci"  # a file in src/workflow/profiles
data: str = ""  # archive or folder of mammograms, where the profile needs one
settings: str = ""  # overrides, such as "epochs=1 icnt.epochs=2"
build: str = ""  # where artifacts go; the checkout's build/ by default

# %%
from pathlib import Path

from IPython.display import Markdown

from helpers import profile as profiles
from helpers.figures import studies as figures
from helpers.figures import style
from helpers.findings import studies as told
from helpers.paths import ROOT
from helpers.studies import results

# %%
style.use_style()
place, own = Path(build) if build else ROOT / "build", profiles.load(profile, settings)
found = results.of_profile(own.name, place)
summaries = results.summaries(found, own.bootstrap_draws, own.seed)
differences = results.changes(found, own.bootstrap_draws, own.seed)

# %% [markdown]
# ## A study is a table
#
# A file in `src/workflow/studies` names a profile, networks, protocols, folds, seeds and ablations, which are changes of the
# profile. Its cells are their product, and each is one run of one notebook, which trains by the same code as every chapter. A cell
# whose code, settings and pictures have not changed is not trained again.
#
# ```
# make study STUDY=ci
# ```

# %%
Markdown(told.state(found, own.name))

# %%
figures.progress_table(found) if len(found.planned) else None

# %% [markdown]
# ## Across seeds and folds
#
# Elsewhere in this book an interval draws patients anew and keeps the one network that was trained. Here it draws folds, and with them
# the patients, and it draws starts: what somebody else would find who began again from nothing. Folds and starts are crossed, and both
# are drawn, which errs toward longer intervals {cite}`owen2007`. Two things it does not see: folds share training pictures, and a
# handful of folds is a small sample. In the figure, behind each mean stand the single trainings, a line of dots for each fold.

# %%
Markdown(told.how_many_folds(found))

# %%
figures.means(summaries, found.scores)

# %%
figures.score_table(summaries) if len(summaries) else None

# %% [markdown]
# Which matters more, the start or the patients? The spread of the seeds' means and of the folds' means, for macro F1:

# %%
figures.spread_table(summaries) if len(summaries) else None

# %%
Markdown(told.of_settings(summaries))

# %% [markdown]
# ## What a change is worth
#
# A changed setting is compared with the plain one fold by fold and seed by seed, so that an easy fold flatters neither.

# %%
figures.changes(differences)

# %%
Markdown(told.of_changes(differences))

# %% [markdown]
# ## Two jobs at once
#
# The same cells with one job at a time and with several, from the first cell's beginning to the last one's end.

# %%
speedups = results.speedups(results.starts(place))
Markdown(told.speed(speedups))

# %%
figures.speed_table(speedups) if len(speedups) else None

# %% [markdown]
# ## What to set on a real cluster
#
# **SLURM.** This was run, on one node: the tests install Debian's SLURM, pretend that the node has two GPUs, run the study *ci* on it
# and on the machine itself, and compare every number. What a cluster of many nodes adds was not run here.
#
# ```
# make study STUDY=smoothing DATA=/shared/all-mias.tar.gz ENGINE=slurm JOBS=50
# ```
#
# - *A shared disk.* The checkout, its `.venv` and the data lie where every node sees them under one path. Start from a login node.
# - *Partition, account, constraints.* They go into `src/workflow/engines/slurm/config.yaml`, a line each; examples stand in it.
# - *Cores, memory, minutes and GPUs a cell* stand in the study's file, and so does `together`: how many cells share a job. A job costs
#   some seconds of waiting and of starting Python; cells that train for less than that should share one.
# - *A driver.* `make lock` also pins an environment with CUDA: `make study ... DEVICE=cuda`. On a GPU, equal runs agree to the bit
#   only on equal GPUs and drivers.
# - *If the coordinator dies*, start it again. It first cancels what its predecessor left in the queue, so that no cell is trained twice
#   at once; what was finished stays. That was run here, with the coordinator killed in the middle.
#
# **Kubernetes.** Not run here. Pods share no disk, so artifacts go to storage, and an image has to hold this checkout with its
# `.venv` at the same path. Name the image in `src/workflow/engines/kubernetes/config.yaml`. Jobs that a killed coordinator left behind
# are not looked for: remove them with `kubectl` before you start again.
#
# ```
# make study STUDY=smoothing ENGINE=kubernetes STORAGE=s3://bucket/folder
# ```
#
# **S3.** Run here against a server on the same machine, not against a cloud. `STORAGE` works with every engine. The address and the keys
# come from the environment, never from a file of this book: `SNAKEMAKE_STORAGE_S3_ENDPOINT_URL`, `SNAKEMAKE_STORAGE_S3_ACCESS_KEY`
# and `SNAKEMAKE_STORAGE_S3_SECRET_KEY`. The metrics come back to this disk, so that this page can show them.

# %% [markdown]
# ## What was learnt
#
# - A study is a table; an engine is a word. What is trained must not depend on where.
# - A score has two sources of luck, the start and the patients. An interval says which of them it drew.
# - Changes are judged in pairs, on the same fold and from the same start.

# %% [markdown]
# ## Exercises

# %% [markdown]
# **How many folds?** Simulate trainings whose fold and seed each move the score. How often does a 95 % interval across both hold the
# true mean, with a few folds and with many? (An interval holds zero where its ends differ in sign.)

# %% tags=["answer"]

# %% tags=["solution"] jupyter={"source_hidden": true, "outputs_hidden": true}
# Solution
import numpy as np
import pandas as pd

from helpers.evaluation.across import mean_interval

rng, seeds, held = np.random.default_rng(own.seed), 5, {}
for folds in (2, 5, 20):
    noise = [rng.normal(size=(folds, 1)) + rng.normal(size=(1, seeds)) * 0.3 for _ in range(200)]
    tables = [pd.DataFrame(each).stack().rename_axis(["fold", "seed"]).rename("value").reset_index() for each in noise]
    held[folds] = np.mean([np.prod(mean_interval(table, 200, seed=1)[1:]) <= 0 for table in tables])
pd.Series(held, name="intervals that hold the mean").rename_axis("folds")

# %% [markdown]
# **Seeds or folds?** You may train ten times. Is the mean better known with ten seeds on one fold or with one seed on each of ten folds?

# %% tags=["answer"]

# %% tags=["solution"] jupyter={"source_hidden": true, "outputs_hidden": true}
# Solution
of_fold, of_seed = rng.normal(size=(5000, 10)), 0.3 * rng.normal(size=(5000, 10))
one_fold = of_fold[:, 0] + of_seed.mean(axis=1)
one_seed = of_fold.mean(axis=1) + of_seed[:, 0]
pd.Series({"ten seeds, one fold": one_fold.std(), "one seed, ten folds": one_seed.std()}, name="standard error").round(3)
