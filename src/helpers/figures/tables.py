"""Tables of the book: numbers with their intervals, and published values beside ours."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd
from pandas.io.formats.style import Styler

from helpers import published
from helpers.evaluation import metrics
from helpers.experiment import Trained
from helpers.figures.style import METRIC_LABELS, NETWORK_NAMES, PROTOCOL_LABELS
from helpers.profile import NetworkSettings

# Most tables are made where no network is at hand, and Keras takes seconds to import.
if TYPE_CHECKING:
    import keras


def patients_and_pictures(exams: pd.DataFrame) -> pd.DataFrame:
    """Patients and original pictures by class.

    Args:
        exams: The exam table without copies.

    Returns:
        DataFrame indexed by label: pictures, share, patients. A patient may count in two classes, so patients do not
        add up.
    """
    by_label = exams.groupby("label", sort=False)
    table = pd.DataFrame({"pictures": by_label.size(), "patients": by_label["patient_id"].nunique()})
    table.insert(1, "share", (table["pictures"] / len(exams)).map("{:.1%}".format))
    table.loc["all"] = [len(exams), "100.0%", exams["patient_id"].nunique()]
    return table


def leak_audits(audits: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The leakage audits of all protocols in one table.

    Args:
        audits: The audit of each protocol, as `helpers.cohort.leak_audit` makes it.

    Returns:
        DataFrame indexed by protocol and split.
    """
    return pd.concat({PROTOCOL_LABELS[name]: audit for name, audit in audits.items()}, names=["protocol"])


def settings(values: NetworkSettings) -> pd.DataFrame:
    """A network's settings as the profile gives them, one row each."""
    named = {key.replace("_", " "): value for key, value in values.model_dump().items()}
    return pd.DataFrame({"value": pd.Series(named).astype(str)}).rename_axis("setting")


def layers(model: "keras.Model", last: int = 12) -> pd.DataFrame:
    """The last layers of a network: where the head sits.

    Args:
        model: A flat Keras model.
        last: How many layers.

    Returns:
        DataFrame indexed by layer: kind, output shape, parameters, whether it trains.
    """
    rows = [
        (layer.name, type(layer).__name__, str(tuple(layer.output.shape[1:])), layer.count_params(), layer.trainable)
        for layer in model.layers[-last:]
    ]
    return pd.DataFrame(rows, columns=["layer", "kind", "output", "parameters", "trains"]).set_index("layer")


def beside_published(scores: pd.DataFrame, table: str) -> Styler:
    """A published table with our values and intervals.

    Args:
        scores: Tidy scores: network, protocol, metric, value, low, high.
        table: "table_1" or "table_2" of document A.

    Returns:
        Table with one row a network and source: each protocol's value [low, high], then the published value.
    """
    return beside(scores, getattr(published, table)()).set_uuid(table)


def beside(scores: pd.DataFrame, printed: pd.DataFrame) -> Styler:
    """Published values with ours and their intervals.

    Args:
        scores: Tidy scores: network, protocol, metric, value, low, high.
        printed: Published values indexed by network, one column a metric.

    Returns:
        Table with one row a network and source: each protocol's value [low, high], then the published value.
    """
    ours = scores[scores["metric"].isin(printed.columns)]
    rows = ours.assign(source=ours["protocol"].map(PROTOCOL_LABELS), cell=_cells(ours))
    cells = rows.pivot_table(index=["network", "source"], columns="metric", values="cell", aggfunc="first", sort=False)
    return _styled(_with_published(cells, printed, "{:.4f}"), "beside")


def class_reports(trained: Trained) -> pd.DataFrame:
    """Precision, recall and F1 of each class on the test, for each protocol.

    Args:
        trained: A trained network.

    Returns:
        DataFrame indexed by protocol and class.
    """
    reports = {
        PROTOCOL_LABELS[name]: metrics.class_report(*metrics.labels_and_probabilities(trained.test(name))).set_index(
            "label"
        )
        for name in trained.protocols
    }
    return pd.concat(reports, names=["protocol"]).round(3)


def areas(ours: pd.DataFrame) -> Styler:
    """Areas under the ROC curves with intervals, beside the published ones.

    Args:
        ours: Columns network, protocol, label, auc, low and high.

    Returns:
        Table with one row a network and source, one column a class.
    """
    rows = ours.assign(source=ours["protocol"].map(PROTOCOL_LABELS), cell=_cells(ours, "auc"))
    table = rows.pivot_table(index=["network", "source"], columns="label", values="cell", aggfunc="first", sort=False)
    return _styled(_with_published(table, published.aucs(), "{:.2f}"), "areas")


def blind(ours: pd.DataFrame) -> Styler:
    """The networks on the blind pictures.

    Args:
        ours: Tidy scores: network, protocol, metric, value, low, high; may be empty.

    Returns:
        Table with one row a network and protocol, one column a score.
    """
    rows = ours.assign(trained=ours["protocol"].map(PROTOCOL_LABELS), cell=_cells(ours))
    table = rows.pivot_table(index=["network", "trained"], columns="metric", values="cell", aggfunc="first", sort=False)
    return _styled(table.rename(index=NETWORK_NAMES, columns=METRIC_LABELS).rename_axis(columns=None), "blind")


def _styled(table: pd.DataFrame, name: str) -> Styler:
    # Ids by name, not random ones: two runs give the same page.
    return table.style.set_table_attributes('class="dataframe scores"').set_uuid(name).format(na_rep="not defined")


def _cells(scores: pd.DataFrame, value: str = "value") -> list[str]:
    return [f"{v:.3f}\n[{low:.2f}, {high:.2f}]" for v, low, high in scores[[value, "low", "high"]].to_numpy()]


def _with_published(ours: pd.DataFrame, printed: pd.DataFrame, form: str) -> pd.DataFrame:
    """Puts a published row under the rows of each network."""
    networks, sources = list(ours.index.unique("network")), [*PROTOCOL_LABELS.values(), "published"]
    texts = printed[printed.index.isin(networks)].map(form.format)
    texts.index = pd.MultiIndex.from_product([texts.index, ["published"]], names=ours.index.names)
    both = pd.concat([ours, texts])[list(printed.columns)]
    order = [(network, source) for network in networks for source in sources if (network, source) in both.index]
    return both.loc[order].rename(index=NETWORK_NAMES).rename_axis(columns=None)
