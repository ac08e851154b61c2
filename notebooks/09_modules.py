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
# # Do the modules do anything?
#
# The document adds GAGM and SEVector to two backbones, tries the Feature Smoothing Loss, and reports that the modules make classes
# more compact and easier to separate. It trains each network once and shows projections. Here the same claim is a measurement.
#
# **You will learn** how compactness and separability are measured, what each module and each loss changes with everything else held
# equal, and how much of such a change a single training can show.

# %% tags=["parameters"]
profile: str = "ci"  # a file in src/workflow/profiles
data: str = ""  # archive or folder of mammograms, where the profile needs one
settings: str = ""  # overrides, such as "epochs=1 icnt.epochs=2"
build: str = ""  # where artifacts go; the checkout's build/ by default

# %%
from IPython.display import Markdown

from helpers.ablation import ablated
from helpers.evaluation import effects as grid_effects
from helpers.explorers.module_effects import module_effects
from helpers.figures import modules, style
from helpers.findings import modules as findings
from helpers.run import open_run

style.use_style()
run = open_run(profile, data, settings, build)
grid = ablated(run.profile, run.cohort, run.paths.modules, run.paths.activations)

# %% [markdown]
# ## The experiment
#
# A cell of the grid is a head and a loss. Every cell is trained on the same folds, in which no patient stands on two sides, from the
# same backbone; heads of one seed start alike and see the pictures in one order. So two cells differ in the module or the loss that
# tells them apart, and in nothing else. Blind pictures and augmented copies stay out.

# %%
Markdown(findings.grid_run(run.profile, grid))

# %%
Markdown(findings.level(grid, seed=run.profile.seed))

# %% [markdown]
# ## The measures
#
# All are taken on held-out pictures, on the penultimate layer: the vector of 256 numbers from which the classes are decided.
#
# Fisher ratio
# : the scatter of the class means about the common mean, by the scatter of the pictures about their class's mean. Compact and far
#   apart, in one number; more is better.
#
# silhouette
# : how much nearer a picture is to its own class than to the next one, from minus one to one; more is better.
#
# Davies-Bouldin
# : how wide a class is with its worst neighbor, by the distance of their means; less is better.
#
# accuracy of nearest mean
# : how many pictures lie nearest to their own class's mean, the means being those of the training pictures.
#
# None changes when all vectors are scaled alike. Without that a loss that pulls vectors together would win by making them small.
# Beside them stand two measures of what a reader wants in the end: macro F1, and the recall of malignant pictures.
#
# Here is what one would have looked at: held-out pictures of one fold and one seed, on the two directions of largest variance, with
# the Fisher ratio (F) and the silhouette (s) of the whole vector. Compare them before you read on.

# %%
modules.planes(grid.pictures, grid.runs)

# %% [markdown]
# ## The grid itself
#
# Means over folds and seeds, for each head and each weight of the Feature Smoothing Loss.

# %%
modules.doses(grid.runs)

# %%
Markdown(findings.collapsed(grid))

# %% [markdown]
# ## What each part changes
#
# The effect of a module is the mean difference between cells that have it and cells that do not, all else equal; that of a λ, from
# none; that of another loss, from none with both modules. Differences are taken fold by fold and seed by seed on the same pictures.
#
# The 95 % interval comes from a bootstrap that draws patients, the same for all cells, and seeds with them. It covers who was
# tested and how the training fell out. It does not cover how the patients were dealt into folds. Over so many comparisons some
# intervals miss zero by luck, so each p-value is corrected for all of them (Holm).

# %%
effects = grid_effects.effects(grid.runs, grid.draws, seed=run.profile.seed)
singles = grid_effects.single_runs(grid.runs)
modules.effect_intervals(effects, singles, "all")

# %%
Markdown(findings.what_helped(effects))

# %%
modules.survivors(effects)

# %% [markdown]
# One network, one measure at a time: does any part help, whatever one looks at?

# %%
module_effects(effects)

# %%
Markdown(findings.space_and_calls(effects))

# %% [markdown]
# Each small dot in the figure is one fold and one seed: an experiment as papers usually report it.

# %%
Markdown(findings.one_training(effects, singles))

# %% [markdown]
# ## Malignant and benign alone
#
# The document closes with the wish to see these two apart, by other means if need be. So here is the pair on its own, normal pictures
# left out of every measure, and with it two losses made for the purpose: the center loss {cite}`wen2016` and the supervised
# contrastive loss {cite}`khosla2020`.

# %%
modules.effect_intervals(effects, singles, "pair")

# %%
Markdown(findings.the_pair(effects))

# %% [markdown]
# ## All numbers
#
# Value and 95 % interval of each effect on all three classes; a star marks those that survive the correction.

# %%
modules.effect_table(effects, "all")

# %% [markdown]
# The same for malignant and benign alone.

# %%
modules.effect_table(effects, "pair")

# %% [markdown]
# ## What was learnt
#
# - Compactness can be had by a loss that asks for it. Whether the calls get better is another question, with an answer of its own.
# - One training of each variant cannot tell a module's effect from the luck of its start and its split.
# - A measure that changes with the scale of the vectors would have praised a loss for shrinking them.

# %% [markdown]
# ## Exercises

# %% [markdown]
# **The luck of one training.** Of all single trainings, in which share would GAGM have seemed to raise the macro F1, and in which to
# lower it?

# %% tags=["answer"]

# %% tags=["solution"] jupyter={"source_hidden": true, "outputs_hidden": true}
# Solution
own = singles.query("scope == 'all' and measure == 'f1_macro'")
seemed = own.assign(raised=own["value"] > 0, lowered=own["value"] < 0)
seemed.groupby(["network", "effect"])[["raised", "lowered"]].mean().round(2)

# %% [markdown]
# **The price of many questions.** How many effects have an interval that leaves zero out, and how many of them survive the correction?

# %% tags=["answer"]

# %% tags=["solution"] jupyter={"source_hidden": true, "outputs_hidden": true}
# Solution
apart = effects.assign(alone=(effects["low"] > 0) | (effects["high"] < 0), corrected=effects["p_holm"] < 0.05)
apart.groupby(["network", "scope"])[["alone", "corrected"]].agg(["sum", "size"])
