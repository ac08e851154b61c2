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
# # Do they look at the lesion?
#
# The document shows a few Grad-CAM maps and reads off them that one network looks at tumors and another does not. A few pictures can
# be chosen to show anything. This chapter takes every lesion of the test whose place is known.
#
# **You will learn** how to measure whether a map finds a lesion, against which maps that know nothing it has to hold, and two ways to
# doubt the map itself: to shuffle what the network learnt, and to ask by another method.

# %% tags=["parameters"]
profile: str = "ci"  # a file in src/workflow/profiles
data: str = ""  # archive or folder of mammograms, where the profile needs one
settings: str = ""  # overrides, such as "epochs=1 icnt.epochs=2"
build: str = ""  # where artifacts go; the checkout's build/ by default

# %%
from IPython.display import Markdown

from helpers.evaluation import localization as measure
from helpers.evaluation import sanity
from helpers.explorers.map_scores import map_scores
from helpers.figures import localization, style
from helpers.findings import attention as findings
from helpers.inspection.localization import examples, localized, opinions
from helpers.run import open_run

# %%
style.use_style()
run = open_run(profile, data, settings, build)
found = localized(run.networks, run.profile, run.data, run.cohort, run.paths.attention)

# %%
Markdown(findings.lesions(found.scores))

# %% [markdown]
# ## The measures, and what they are held against
#
# Points at the lesion
# : whether the strongest point of the map lies in the lesion or just beside it (the pointing game {cite}`zhang2016`).
#
# Energy in the lesion
# : the share of all evidence in the map that lies in the lesion.
#
# Top-k overlap
# : of as many pixels as the lesion has, the strongest ones, the share that lies in it.
#
# A map without any evidence points nowhere and scores nothing.
#
# A score means little alone: a large lesion is hard to miss. So six maps take part that never see the lesion, nor the network: the
# same everywhere; noise; the middle of the breast; the usual place of lesions in *other* pictures; the brightest tissue; and the
# edges within the breast. Grad-CAM has to beat all of them before one may say that it finds lesions.

# %%
means = measure.means(found.scores, run.profile.bootstrap_draws, seed=run.profile.seed)
ahead = measure.advantages(found.scores, draws=run.profile.bootstrap_draws, seed=run.profile.seed)
Markdown(findings.frame(found.scores, means, run.profile))

# %%
localization.blind_examples(examples(run.networks["baseline_cnn"], run.profile, run.cohort, found))

# %% [markdown]
# ## As framed
#
# Points are means over lesions, lines 95 % intervals from a bootstrap over patients. For a hit the called class is the true one. An
# error has two maps: for the class that was called, and, below it, for the truth.

# %%
localization.against_blind(means, "framed")

# %% [markdown]
# The same pictures, paired: Grad-CAM minus each blind map.

# %%
localization.advantages(ahead, "framed")

# %%
Markdown(findings.verdicts(ahead, "framed"))

# %% [markdown]
# Do the maps of errors miss the lesion? The document suggests so for one network, and the opposite for another.

# %%
Markdown(findings.hits_and_errors(means, "framed"))

# %% [markdown]
# ## In wide windows
#
# Where the frame is cut around the lesion, the same lesions are looked for again in a wide window of the same magnification. The
# networks were not trained on such windows, so what they call them counts for nothing here: the map is that of the true class, and
# hits are lesions called right as framed.

# %%
localization.against_blind(means, "wide")

# %%
localization.advantages(ahead, "wide")

# %%
Markdown(findings.verdicts(ahead, "wide"))

# %% [markdown]
# Look for a network, a window and a measure by which Grad-CAM would seem to see the lesion, and then at the blind maps beside it.

# %%
map_scores(means)

# %% [markdown]
# ## With shuffled weights
#
# A map that looks the same when the network has forgotten everything shows the picture and not the network
# {cite}`adebayo2018`. The weights are shuffled layer by layer, from the class scores down to the picture, and the map is compared with
# the trained network's after each part.

# %%
likeness = sanity.likeness(
    found.randomized,
    ["network", "step", "part"],
    ["spearman", "ssim"],
    run.profile.bootstrap_draws,
    seed=run.profile.seed,
)
localization.randomization(likeness)

# %%
Markdown(findings.randomization(likeness))

# %% [markdown]
# ## A second opinion: occlusion
#
# Hide a part of the picture and see how far the score of the called class falls {cite}`zeiler2014`. It needs no gradient and no
# layer, only patience, so it is done on some of the lesions.

# %%
localization.second_opinions(opinions(run.networks, run.cohort, found))

# %%
agreed = sanity.likeness(
    found.agreement, ["network"], ["spearman"], run.profile.bootstrap_draws, seed=run.profile.seed
)
Markdown(findings.agreement(agreed))

# %%
Markdown(findings.second_opinion(ahead))

# %% [markdown]
# ## What was learnt
#
# - A map that covers the lesion proves nothing where the middle of the frame covers it too.
# - Blind maps set the bar, and the strongest of them is not the uniform one.
# - Two methods that disagree cannot both be right about what the network used; two that agree may still share a mistake.
# - Even a map that finds every lesion says where, and not why.

# %% [markdown]
# ## Exercises

# %% [markdown]
# **The bar that nobody looks over.** Which of the blind maps points at the lesion most often? Is it the same one in the frame and in the
# wide window?

# %% tags=["answer"]

# %% tags=["solution"] jupyter={"source_hidden": true, "outputs_hidden": true}
# Solution
blind = means[(means["measure"] == "pointing") & ~means["map"].isin(["grad_cam", "grad_cam_truth", "occlusion"])]
blind.sort_values("value", ascending=False).groupby(["field", "network"]).head(1).round(3)

# %% [markdown]
# **Hits and errors.** A network that is wrong may have looked in the wrong place, or have looked at the lesion and misread it. How far
# apart is the pointing of Grad-CAM between the two?

# %% tags=["answer"]

# %% tags=["solution"] jupyter={"source_hidden": true, "outputs_hidden": true}
# Solution
own = means[(means["map"] == "grad_cam") & (means["measure"] == "pointing")]
own.pivot_table(index=["field", "network"], columns="outcome", values=["value", "n"]).round(2)
