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
# # One cell of a study
#
# One network, trained on one fold from one start with the settings of one ablation. `make study` runs this notebook once a cell.

# %% tags=["parameters"]
study: str = "ci"  # a file in src/workflow/studies, or the path of one
cell: str = ""  # a cell's name; the first by default
data: str = ""  # archive or folder of mammograms, where the profile needs one
settings: str = ""  # overrides of the profile, such as "epochs=1 icnt.epochs=2"
root: str = ""  # the study's folder; build/<profile>/studies/<study> by default

# %%
from pathlib import Path

from helpers.figures import curves, style, tables
from helpers.paths import ROOT, RunPaths
from helpers.studies import plan
from helpers.studies.cell import paths_of, trained_cell

style.use_style()
asked = plan.load(study, settings)
chosen = asked.cells[cell or next(iter(asked.cells))]

# %%
paths = RunPaths(Path(root).name, Path(root).parent) if root else paths_of(asked, ROOT / "build")
trained = trained_cell(asked, chosen, data, paths)
tables.settings(asked.profile_of(chosen).network(chosen.network))

# %%
curves.learning_curves(trained.history)

# %%
trained.scores
