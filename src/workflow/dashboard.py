"""`make dashboard`: the explorers and a page for an own picture, live, of a run that is there.

python -m workflow.dashboard --profile demo
"""

import argparse
import json
import os
import secrets
import shutil
import socket
import sys
from concurrent.futures import ProcessPoolExecutor
from itertools import chain
from multiprocessing import get_context
from pathlib import Path

import jupytext
import nbformat
import papermill
from traitlets.config import Config
from voila.app import Voila

from helpers import profile as profiles
from helpers.paths import NOTEBOOKS, ROOT, RunPaths
from workflow.entry import TokenOnly, open_browser

PAGES = NOTEBOOKS / "dashboard"
JUPYTER = Path(__file__).with_name("jupyter")
"""Holds the template mammobook, which asks nothing of anybody."""
HOST = "127.0.0.1"
PORTS = range(8866, 8916)
EXTENSIONS = ["anywidget", "@jupyter-widgets/jupyterlab-manager", "@voila-dashboards/widgets-manager8"]
NOTHING_LEAVES = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob: data:; "
    "style-src 'self' 'unsafe-inline' blob: data:; img-src 'self' blob: data:; font-src 'self' data:; "
    "connect-src 'self' blob: data:; form-action 'self'; frame-ancestors 'none'; base-uri 'self'"
)
"""What the browser is told to allow: this server alone, whatever a page may try."""


class NotReadyError(RuntimeError):
    """There is nothing to show; one line says why and what to do."""


def request(profile: str) -> dict[str, str]:
    """What the last `make book` of a profile was asked for: profile, data, settings, build.

    Args:
        profile: A profile's name.

    Raises:
        ProfileError: There is no such profile.
        NotReadyError: Its book was never made.
    """
    profiles.load(profile)
    file = RunPaths(profile).logs / "request.json"
    if not file.exists():
        raise NotReadyError(f"nothing is built of profile {profile} yet; make it first: make book PROFILE={profile}")
    asked = json.loads(file.read_text())
    return {"profile": profile, "data": asked["data"], "settings": asked["set"], "build": str(ROOT / "build")}


def prepare(asked: dict[str, str]) -> None:
    """Does what is left to do before a page can open; trains nothing.

    Args:
        asked: As `request` gives it.

    Raises:
        NotReadyError: The run is not finished, or other settings or another code made it.
    """
    # Keras takes seconds to import, which nobody shall wait who only hears that nothing is built.
    from helpers.inspection.familiarity import familiar_of, is_familiar
    from helpers.run import open_run

    run = open_run(**asked)
    if not run.finished:
        again = f"make book PROFILE={asked['profile']}"
        raise NotReadyError(
            f"the run of profile {asked['profile']} is not finished or out of date; go on with: {again}"
        )
    for name, network in run.networks.items():
        if not is_familiar(network):
            print(f"{name}: looking once at what it was trained on ...", flush=True)
            familiar_of(network, run.cohort)


def write_pages(asked: dict[str, str], folder: Path) -> None:
    """Writes the dashboard's notebooks, with the run's parameters in them.

    Args:
        asked: As `request` gives it.
        folder: Where to; what was there goes.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for source in sorted(PAGES.glob("*.py")):
        page, target = jupytext.read(source), folder / f"{source.stem}.ipynb"
        page.metadata.title = f"{page.cells[0].source.splitlines()[0].removeprefix('# ')} · MammoBook"
        nbformat.write(page, target)
        papermill.execute_notebook(target, target, asked, prepare_only=True, progress_bar=False)


def free_port() -> int:
    """The first port from 8866 on that nobody uses."""
    for port in PORTS:
        with socket.socket() as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                tried.bind((HOST, port))
            except OSError:
                continue
            return port
    raise NotReadyError(f"no port from {PORTS.start} to {PORTS.stop - 1} is free on {HOST}")


def configuration(port: int, token: str) -> Config:
    """Voila's settings: this machine alone, who has the token, one template, nobody's own Jupyter settings, no log."""
    settings = Config()
    settings.Voila.token, settings.Voila.identity_provider_class = token, TokenOnly
    settings.Voila.open_browser = False
    settings.Voila.ip, settings.Voila.port, settings.Voila.port_retries = HOST, port, 0
    settings.Voila.log_level = "WARN"
    # Voila would answer to any name; a page elsewhere could then give itself this server's by its own DNS.
    settings.Voila.tornado_settings = {
        "allow_remote_access": False,
        "headers": {"Content-Security-Policy": NOTHING_LEAVES, "Referrer-Policy": "no-referrer"},
    }
    chosen = settings.VoilaConfiguration
    chosen.template, chosen.classic_tree = "mammobook", True
    chosen.allow_template_override = chosen.allow_theme_override = "NO"
    chosen.file_allowlist = []
    chosen.extension_allowlist = EXTENSIONS
    # Voila ends a page's kernel when the page is left; one whose browser has crashed ends after an hour.
    settings.MappingKernelManager.cull_idle_timeout, settings.MappingKernelManager.cull_interval = 3600, 300
    return settings


def serve(folder: Path, port: int, token: str) -> None:
    """Runs Voila until it is stopped.

    Args:
        folder: Holds the notebooks.
        port: A free one.
        token: Without it nobody is answered.
    """
    os.environ["JUPYTER_PATH"] = os.pathsep.join(chain([str(JUPYTER)], filter(None, [os.environ.get("JUPYTER_PATH")])))
    os.environ.setdefault("OPENCV_LOG_LEVEL", "SILENT")
    server = Voila.instance(config=configuration(port, token), config_file_paths=[])
    server.initialize([str(folder)])
    address = f"http://{HOST}:{port}/?token={token}"
    print(f"the dashboard: {address}  (Ctrl-C ends it)", flush=True)
    way = open_browser(address)
    try:
        server.start()
    finally:
        way.unlink(missing_ok=True)


def main() -> int:
    """The command line; see the module's first lines."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile", default="demo")
    profile = parser.parse_args().profile
    try:
        asked = request(profile)
        # In a process of its own, which takes Keras' memory along when it ends.
        with ProcessPoolExecutor(1, get_context("spawn")) as elsewhere:
            elsewhere.submit(prepare, asked).result()
        port = free_port()
    except (profiles.ProfileError, NotReadyError) as error:
        print(f"make dashboard: {error}")
        return 2
    folder = RunPaths(profile).dashboard
    write_pages(asked, folder)
    serve(folder, port, secrets.token_urlsafe(24))
    return 0


if __name__ == "__main__":
    sys.exit(main())
