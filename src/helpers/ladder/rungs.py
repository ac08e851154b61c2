"""The rungs: what each one adds to the one below, and which trainings they need."""

from collections.abc import Sequence
from dataclasses import dataclass

from helpers.chapter_settings import SWITCHES

PLAIN = "plain"
"""The lowest rung that trains: pictures resized as they are, a plain loss, calls at one half."""
ALWAYS_BENIGN, METADATA = "always_benign", "metadata"
ZEROS = (ALWAYS_BENIGN, METADATA)
"""The rungs zero, which see no picture."""
UNTRAINED = "threshold"
"""The switch that changes what is called and nothing of the network."""


@dataclass(frozen=True)
class Rung:
    """One rung.

    Attributes:
        name: "plain", or the switch that it adds to the rung below.
        switches: All that are on.
    """

    name: str
    switches: frozenset[str]

    @property
    def training(self) -> "Training":
        """The training that it needs; rungs that differ in the threshold alone share one."""
        return Training(self.switches - {UNTRAINED})


@dataclass(frozen=True)
class Training:
    """How a network is trained.

    Attributes:
        switches: Those that change it.
        left_out: The auxiliary target whose head counts nothing, or "".
    """

    switches: frozenset[str]
    left_out: str = ""

    @property
    def name(self) -> str:
        """A name for files."""
        on = [switch for switch in SWITCHES if switch in self.switches]
        return "-".join([*on, *([f"without_{self.left_out}"] if self.left_out else [])]) or PLAIN


def rungs(switches: Sequence[str]) -> list[Rung]:
    """The ladder that adds some switches, one at a time.

    Args:
        switches: Some of `SWITCHES`, from the lowest rung up.

    Returns:
        `PLAIN`, and a rung a switch.
    """
    climbed = [Rung(PLAIN, frozenset())]
    return climbed + [Rung(name, frozenset(switches[: place + 1])) for place, name in enumerate(switches)]
