"""A file that a page gives in pieces."""

from dataclasses import dataclass, field

from helpers.imaging.own_picture import check_size
from helpers.imaging.picture import PictureError

PIECE = 1_000_000
"""Bytes a message; a WebSocket of Jupyter takes ten times that, and would close on more."""
LONGEST_NAME = 100


@dataclass
class Upload:
    """A file on its way; never more of it is in memory than was announced.

    Attributes:
        name: What the page calls it, made printable.
        size: Bytes announced.
        content: The bytes that have come.
    """

    name: str
    size: int
    content: bytearray = field(default_factory=bytearray)

    @classmethod
    def announced(cls, name: str, size: int) -> "Upload":
        """Accepts a file, or refuses it before a byte of it has come.

        Args:
            name: The file's name, as the page says.
            size: Its bytes, as the page says.

        Raises:
            PictureError: It is too large.
        """
        printable = "".join(letter for letter in name if letter.isprintable())[-LONGEST_NAME:]
        check_size(size, printable)
        return cls(printable, size)

    @property
    def complete(self) -> bool:
        """Whether all of it has come."""
        return len(self.content) == self.size

    def add(self, piece: bytes) -> None:
        """Takes a piece.

        Raises:
            PictureError: More came than was announced.
        """
        if len(self.content) + len(piece) > self.size:
            raise PictureError(f"{self.name}: expected {self.size:,} bytes, as announced; more came")
        self.content += piece
