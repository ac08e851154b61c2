"""Where a run's artifacts lie."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
"""The checkout."""
NOTEBOOKS = ROOT / "notebooks"
"""The notebooks' only source, NN_name.py."""
BOOK = ROOT / "book"
"""Prose, references, and the generated pages in nb/."""
PAGES = BOOK / "nb"
"""The generated pages; ignored by git."""
HTML = ROOT / "_build" / "html"
"""The book."""


class RunPaths:
    """The artifacts of one profile's run, all under build/<profile>.

    Args:
        profile: The profile's name.
        build: The folder that holds the runs' folders.
    """

    def __init__(self, profile: str, build: Path = ROOT / "build") -> None:
        self.root = build / profile
        self.exams = self.root / "exams.parquet"
        self.pictures = self.root / "pictures.npy"
        self.data_notes = self.root / "data_notes.json"
        self.provenance = self.root / "provenance.json"
        self.notebooks = self.root / "notebooks"
        self.logs = self.root / "logs"
        self.activations = self.root / "activations"
        self.dashboard = self.root / "dashboard"
        self.leakage = self.root / "leakage"
        self.modules = self.root / "modules"
        self.attention = self.root / "attention"
        self.ladder = self.root / "ladder"
        self.calcifications = self.root / "calcifications"
        self.roi = self.root / "roi"

    def of_modules(self) -> list[Path]:
        """The files of the grid of modules and losses."""
        names = ("runs.parquet", "pictures.parquet", "draws.npy", "settings.json")
        return [self.modules / name for name in names]

    def of_attention(self) -> list[Path]:
        """The tables of where the networks look."""
        names = ("scores.parquet", "agreement.parquet", "randomized.parquet", "settings.json")
        return [self.attention / name for name in names]

    def of_ladder(self) -> list[Path]:
        """The tables of document B's ladder."""
        return [self.ladder / name for name in ("predictions.parquet", "curves.parquet", "settings.json")]

    def of_calcifications(self) -> list[Path]:
        """The tables of the chapter on microcalcifications."""
        names = ("films", "accuracy", "positions", "candidates")
        return [*(self.calcifications / f"{name}.parquet" for name in names), self.calcifications / "settings.json"]

    def of_roi(self) -> list[Path]:
        """The tables of document C's protocol."""
        names = ("pictures", "predictions", "found", "abnormal", "choices")
        return [*(self.roi / f"{name}.parquet" for name in names), self.roi / "settings.json"]

    def network(self, name: str) -> "NetworkPaths":
        """Where one network's artifacts lie."""
        return NetworkPaths(self.root / name)


class NetworkPaths:
    """The artifacts of one network.

    Args:
        folder: build/<profile>/<network>.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.metrics = folder / "metrics.json"
        self.predictions = folder / "predictions.parquet"
        self.history = folder / "history.csv"
        self.model = folder / "model.keras"
        self.latency = folder / "latency.json"
        self.settings = folder / "settings.json"
        self.familiar = folder / "familiar.npz"

    def artifacts(self) -> list[Path]:
        """The files that the chapters after this network read."""
        return [self.metrics, self.predictions, self.history, self.model]
