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
# # Microcalcifications: found, and outlined
#
# Document D, a summary of {cite:t}`valvano`, has two networks look at patches of a mammogram at full resolution. A *Detector*
# says whether a patch is suspect, a *Segmentator* which of its pixels are calcification. Its summary prints one accuracy for
# each. This chapter builds both, and measures what such an accuracy hides.
#
# **You will learn** why a network that finds nothing is accurate when most pixels are background, how to ask instead how many
# clusters are found at how many false alarms, and how a network for patches reads a whole mammogram at once.

# %% tags=["parameters"]
profile: str = "ci"  # a file in src/workflow/profiles
data: str = ""  # archive or folder of mammograms, where the profile needs one
settings: str = ""  # overrides, such as "epochs=1 icnt.epochs=2"
build: str = ""  # where artifacts go; the checkout's build/ by default

# %%
from IPython.display import Markdown, display

from helpers.calcifications import chapter
from helpers.evaluation import froc, pixels
from helpers.explorers.calcifications import calcifications
from helpers.figures import calcifications as figures
from helpers.figures import calcified_films, style
from helpers.findings import calcifications as told
from helpers.run import open_run

style.use_style()
run = open_run(profile, data, settings, build)

# %% [markdown]
# ## Films with a cluster, and films without
#
# Single calcifications are outlined in no public set that this book may use, so the chapter learns from phantoms, drawn larger
# than elsewhere in this book. The phantoms of the other chapters show their clusters so boldly that any filter finds them all.
# Here a cluster keeps a part of its contrast only, as much for each patient as chance gives, from hardly seen to plain. Film
# labels and scanner borders are blackened as everywhere in this book. Coarse calcifications are left out: they are benign, and
# they are no *micro*calcifications.

# %%
draws, seed = run.profile.bootstrap_draws, run.profile.seed
played = chapter.played(run.profile, run.paths)
Markdown(told.films(played, run.profile))

# %%
shown = chapter.clusters(played, run.profile)
calcified_films.clusters(*shown)

# %% [markdown]
# ## Two networks for patches
#
# Patches of 29, 39 and 49 pixels; *same* convolutions, which put zeros around what they see, and *valid* ones, which see less and
# less of it. These six variants are the document's. Of layers and filters its summary is silent, so they are **ours**: three
# convolutions and two poolings for the Detector, then the strongest evidence anywhere in the patch and all of it together; five
# convolutions, two of them dilated, for the Segmentator. All are small.
#
# Half of the training patches hold a calcification, anywhere in them; the others come from anywhere in a breast. After a first
# round the Detector is shown whole training films. What it takes there for calcified and is not becomes a good part of the
# negatives of a second round: *hard negatives*. A pixel of calcification weighs more in the loss than one of background, as it is
# the rarer.
#
# Beside them stands a filter that learns nothing: a difference of two Gaussians, and a threshold. To give it a fair chance its
# width, its threshold and the size of a cluster were chosen on the training films.

# %%
figures.chosen_filter(played.filter)

# %% [markdown]
# ## Accuracy, as published
#
# The Detector on patches of which half hold a calcification; the Segmentator on the pixels of the same patches. Intervals are
# from a bootstrap over patients. In the columns *all background* stands the accuracy of a network that never finds anything.

# %%
best = played.best().name
right = pixels.shares(played.accuracy, ["variant", "network"], draws, seed=seed)
nothing = told.background(played)
figures.accuracies(right, nothing, best)

# %%
apart = pixels.shares(played.accuracy, ["variant", "network", "positive"], draws, seed=seed)
Markdown(told.accuracy(right, nothing, apart, best))

# %% [markdown]
# ## What accuracy hides: pixels
#
# On whole films, where calcified pixels are rarer still. *Dice* is the overlap of what is called and what is calcified; its
# threshold was chosen on the validation. *Average precision* is the area under the curve of precision and recall. The area under
# the ROC curve is flattered by the many pixels that nobody could take for calcification. A pixel that the Detector did not let
# through counts as the lowest of all.

# %%
tested, counts = played.pictures("test"), played.counts("test")
thresholds = {method: played.chosen[method]["threshold"] for method in played.methods}
figures.pixel_measures(pixels.scored(counts, thresholds, tested["patient_id"], draws, seed=seed))

# %%
figures.pixel_curves({method: pixels.upward(own.sum(axis=0)) for method, own in counts.items()}, best)

# %% [markdown]
# ## What accuracy hides: clusters
#
# A radiologist asks for neither patches nor pixels: is there a cluster, and where? So each method names places in a film, with a
# score. A place in a cluster, or just beside it, is a hit; any other is a false positive. The FROC curve sets the share of
# clusters found against the false positives a picture, and the area under it, up to two of them, is one number for all
# thresholds.
#
# The variant was chosen on the validation. Which of six is best on the *test* is not asked, since the best of six is better than
# it is.

# %%
found = played.found("test")
rates = chapter.RATES
curves = froc.curves(found, tested, rates, draws, seed=seed)
figures.froc(curves, best)

# %%
compared = froc.compared(found, tested, "filter", draws=draws, seed=seed)
figures.areas(compared)

# %%
Markdown(told.froc(compared, curves, best))

# %%
Markdown(told.paddings(chapter.same_over_valid(found, tested, draws, seed), best))

# %% [markdown]
# Try it: the threshold walks along the curve. Look for the cluster first, and turn the truth on then.

# %%
calcifications(*chapter.explored(played, run.profile))

# %% [markdown]
# ## The middle of a patch
#
# The document reports that lesions are found best in the middle of a patch. With same convolutions that has a simple reason: at
# the edge a network sees zeros in the place of tissue. With valid ones there is no such edge, but no label for it either. The
# dashed line is the edge of the patch.

# %%
figures.positions(pixels.shares(played.positions, ["variant", "network", "distance"], draws, seed=seed))

# %%
Markdown(told.center(played, draws, seed))

# %% [markdown]
# ## A whole film at once
#
# Both networks consist of convolutions and poolings alone. Shown a whole film instead of a patch, the Detector gives a map: one
# value for the patch at every fourth pixel, and what two patches share is computed once. With valid convolutions the map *equals*
# what patch by patch gives; a test holds it to that. With same ones a patch inside a film is bordered by the film and not by
# zeros, so the map is another one, and a better one. A large film is read tile by tile, each tile widened by what its values
# depend on, so that no seam shows.
#
# The map is a gate. Where the Detector suspects nothing the Segmentator is not asked, and where it suspects nothing at all the
# outline is empty. The gate was set on the validation: so low that it lets nearly all clusters through.

# %%
film, said = chapter.example(played, run.profile)
calcified_films.outlined(film, said, played.best(), chapter.threshold(played))

# %%
Markdown(told.empty(played, best))

# %%
display(figures.seconds(played.seconds), Markdown(told.speed(played.seconds)))

# %% [markdown]
# The sliding window was timed on a sample of its patches, and scaled; both ways ran in turns, in one process.
#
# ## On real mammograms
#
# Networks that have seen nothing but phantoms, on films of mini-MIAS. What this can show is little. A circle tells where a
# cluster lies, and nothing of single calcifications, so no pixel can be scored. Some circles are a few pixels wide. Where
# calcifications are spread all over, no place is given, and some circles lie beside the breast: such a film counts as a film
# with calcifications *somewhere*, and its places are neither hits nor false. The films are few, digitized at a coarse resolution
# at which many microcalcifications are smaller than a pixel. A failure here is a failure of phantoms to be like films; a success
# would be a hint, and no evidence for any use.

# %%
real = chapter.real(played, run.profile, data)
Markdown(told.real(real, draws, seed))

# %%
figures.real(real, draws, seed)

# %% [markdown]
# ## What was learnt
#
# - Where most pixels are background, accuracy measures the background. It has to be set beside that of finding nothing.
# - Clusters found against false alarms a picture say what a reader wants to know, and hold for a network and for a filter alike.
# - A network is only worth what it adds to a filter that was given a fair chance, on the same patients.
# - A network made of convolutions alone reads a whole film for a small part of what its patches would cost; a gate keeps its
#   outline empty where nothing is suspect.

# %% [markdown]
# ## Exercises

# %% [markdown]
# **How faint may it be?** Each patient's cluster keeps another share of its contrast. Of which shares does the best variant find
# the cluster before one false positive in two pictures, and of which does the filter?

# %% tags=["answer"]

# %% tags=["solution"] jupyter={"source_hidden": true, "outputs_hidden": true}
# Solution
import numpy as np
import pandas as pd

owner = pd.factorize(tested["patient_id"])[0]
once = np.ones((1, owner.max() + 1))
before = {name: froc.alarms(found[name], tested, once, owner)[:, 0] for name in (best, "filter")}
own = played.films.set_index("image_id").loc[tested.loc[tested["cluster"], "image_id"], "visible"]
fainter = pd.cut(own.to_numpy(), np.quantile(own, [0, 1 / 3, 2 / 3, 1]), include_lowest=True)
(pd.DataFrame(before) <= 1 / 2).groupby(fainter, observed=True).mean()

# %% [markdown]
# **Accurate by looking away.** With how many other pixels would a calcified one have to share its patch for a network that finds
# nothing to reach the accuracy that document D prints for its Segmentator?

# %% tags=["answer"]

# %% tags=["solution"] jupyter={"source_hidden": true, "outputs_hidden": true}
# Solution
from helpers.published import valvano

printed = valvano.accuracies()["accuracy"]
(printed / (1 - printed)).rename("others for each calcified one").round(1).to_frame()
