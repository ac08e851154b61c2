"""Who may open the live page: whoever has the address that `make dashboard` printed, with its token."""

import os
import tempfile
import webbrowser
from html import escape
from pathlib import Path
from threading import Thread

from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.auth.identity import IdentityProvider
from jupyter_server.base.handlers import JupyterHandler

REDIRECT = '<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0; url={address}">'

REFUSAL = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>MammoBook, live</title>
<p>This page opens by the whole address that <code>make dashboard</code> has printed, with its token.</p>
<p>Not a medical device.</p>
</html>
"""


class Refused(JupyterHandler):
    """Where everybody is sent who brings no token."""

    @allow_unauthenticated
    def get(self) -> None:
        self.set_status(403)
        self.finish(REFUSAL)


class TokenOnly(IdentityProvider):
    """Knows people by the token in the address, then by a cookie; there is no form to guess in."""

    def get_handlers(self) -> list:
        """Takes the place of Jupyter's own login page."""
        return [(r"/login", Refused)]


def open_browser(address: str) -> Path:
    """Opens an address with a token in the reader's browser.

    By way of a file that nobody else may read: everybody on a machine can read commands and what they are given.

    Args:
        address: The address, token included.

    Returns:
        The file.
    """
    descriptor, name = tempfile.mkstemp(prefix="mammobook-", suffix=".html")
    with os.fdopen(descriptor, "w") as file:
        file.write(REDIRECT.format(address=escape(address)))
    Thread(target=webbrowser.open, args=(Path(name).as_uri(),), daemon=True).start()
    return Path(name)
