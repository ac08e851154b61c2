"""`make pdf`: the whole book as one PDF, printed by Chromium from the pages that stand in _build/html.

python -m workflow.pdf
"""

import json
import posixpath
import sys
from collections.abc import Iterator
from html import escape
from urllib.parse import unquote, urlsplit

import yaml
from bs4 import BeautifulSoup, Tag

from helpers.paths import HTML, ROOT
from workflow.browser import NoBrowserError, browser
from workflow.provenance_box import FILE, facts

PRINT = HTML.parent / "print.html"
"""All pages in one, as it is printed."""
PDF = HTML.parent / "mammobook.pdf"
ON_SCREEN = {"book/nb/gallery"}
"""Pages that are of no use on paper."""

LEFT_OUT = [
    "script",
    "style",
    ".headerlink",
    "div:has(> .plotly-graph-div)",
    "details.provenance",
    # Code is folded on a page, and for a reader of paper it is not there; solutions are gathered before this applies.
    "details.hide",
]
DOCUMENT = """\
<!doctype html>
<html lang="en" data-theme="light">
<head>
<meta charset="utf-8">
<title>{title}</title>
<link rel="stylesheet" href="{static}/pygments.css">
<link rel="stylesheet" href="{static}/print.css">
<script>window.MathJax = {{options: {{processHtmlClass: "math"}}}};</script>
<script src="{static}/mathjax/tex-mml-chtml.js"></script>
</head>
<body class="tex2jax_ignore mathjax_ignore">
{body}
</body>
</html>
"""


def toc() -> tuple[str, list[tuple[str, list[str]]]]:
    """The root page, and the parts of the book with their pages, in order."""
    listed = yaml.safe_load((ROOT / "_toc.yml").read_text())
    parts = [(part["caption"], [chapter["file"] for chapter in part["chapters"]]) for part in listed["parts"]]
    return listed["root"], parts


def anchor(page: str, fragment: str = "") -> str:
    """Where a page, or a place in it, stands in the one document: ids of all pages share it, so each gets its page's.

    Args:
        page: The page's name, such as "book/nb/05_metrics".
        fragment: The id within the page, or "".

    Returns:
        An id.
    """
    return f"{page.replace('/', '-')}{'--' if fragment else ''}{fragment}"


class Chapter:
    """One page on its way to paper.

    Args:
        page: The page's name, such as "book/nb/05_metrics".
        pages: All pages of the book: links among them lead within the document.
    """

    def __init__(self, page: str, pages: list[str]) -> None:
        self.page, self.pages = page, pages
        article = BeautifulSoup((HTML / f"{page}.html").read_text(), "html.parser").find("article")
        self.title = article.find("h1").find(string=True, recursive=False).strip()
        self.solutions = list(_solutions(article))
        for tag in article.select(", ".join(LEFT_OUT)):
            tag.extract()
        for tag in article.find_all(True):
            self._rename(tag)
        self.article = article

    def html(self) -> str:
        """The chapter's content; its first element carries the anchor that links to the page lead to."""
        return f'<div class="chapter" id="{anchor(self.page)}">{self.article.decode_contents()}</div>'

    def solved(self) -> str:
        """The chapter's solutions, each under the words in bold with which its question starts."""
        parts = "".join(f"<h3>{escape(name)}</h3>{self._own(body)}" for name, body in self.solutions)
        return f'<h2><a href="#{anchor(self.page)}">{escape(self.title)}</a></h2>{parts}' if parts else ""

    def _own(self, body: Tag) -> str:
        for tag in body.find_all(True):
            self._rename(tag)
        return body.decode_contents()

    def _rename(self, tag: Tag) -> None:
        """Gives ids, links and pictures the form that they need in the one document."""
        if tag.get("id"):
            tag["id"] = anchor(self.page, tag["id"])
        if tag.get("src") and not tag["src"].startswith("data:"):
            tag["src"] = f"{HTML.name}/{self._resolved(tag['src'])}"
        for name in ("aria-labelledby", "aria-describedby", "for"):
            if tag.get(name):
                tag[name] = anchor(self.page, tag[name])
        if tag.name == "a" and tag.get("href"):
            self._lead(tag)

    def _lead(self, link: Tag) -> None:
        parts = urlsplit(link["href"])
        if parts.scheme:
            return
        target = self._resolved(parts.path).removesuffix(".html") if parts.path else self.page
        if target in self.pages:
            link["href"] = f"#{anchor(target, unquote(parts.fragment))}"
        else:
            # A link to a file, such as a picture in full size, leads nowhere on paper.
            del link["href"]

    def _resolved(self, path: str) -> str:
        return posixpath.normpath(posixpath.join(posixpath.dirname(self.page), unquote(path).split("?")[0]))


def _solutions(article: Tag) -> Iterator[tuple[str, Tag]]:
    """Takes the folded solutions out of an article: the name of each question, and what its fold holds."""
    for cell in article.select(".tag_solution"):
        question, fold = cell.find_previous("strong"), cell.find("details")
        fold.find("summary").extract()
        yield question.get_text().rstrip("."), fold.extract()


def title_page(title: str) -> str:
    """The first page: what this is, and what made it."""
    ran = json.loads(FILE.read_text()) if FILE.exists() else {}
    rows = "".join(f"<dt>{name}</dt><dd>{escape(str(value))}</dd>" for name, value in facts(ran).items()) if ran else ""
    return (
        f'<header class="title"><p class="name">{escape(title)}</p><p>A published paper that runs: mammography '
        f"classification as a reproducible book</p><dl>{rows}</dl>"
        "<p>A study of method, and not a medical device.</p></header>"
    )


def contents(chapters: dict[str, Chapter], parts: list[tuple[str, list[str]]]) -> str:
    """The table of contents, by parts."""
    lists = "".join(
        f"<p>{escape(caption)}</p><ul>"
        + "".join(f'<li><a href="#{anchor(page)}">{escape(chapters[page].title)}</a></li>' for page in pages)
        + "</ul>"
        for caption, pages in parts
    )
    return f'<nav class="contents" aria-label="Contents"><h1>Contents</h1>{lists}</nav>'


def document() -> str:
    """The whole book as one HTML document, for `PRINT`."""
    root, parts = toc()
    parts = [(caption, [page for page in own if page not in ON_SCREEN]) for caption, own in parts]
    pages = [root, *(page for _, own in parts for page in own)]
    chapters = {page: Chapter(page, pages) for page in pages}
    title = yaml.safe_load((ROOT / "_config.yml").read_text())["title"]
    solved = "".join(chapter.solved() for chapter in chapters.values())
    body = [title_page(title), contents(chapters, parts), *(chapter.html() for chapter in chapters.values())]
    body += [f'<div class="chapter solutions"><h1>Solutions</h1>{solved}</div>'] if solved else []
    return DOCUMENT.format(title=escape(title), static=f"{HTML.name}/_static", body="\n".join(body))


def main() -> int:
    """The command line; see the module's first lines."""
    if not (HTML / "index.html").exists():
        print("make pdf: there is no book yet; `make book` first", file=sys.stderr)
        return 1
    PRINT.write_text(document())
    try:
        with browser() as chromium:
            page = chromium.new_context(offline=True).new_page()
            page.goto(PRINT.as_uri())
            page.evaluate("MathJax.startup.promise")
            page.pdf(path=PDF, prefer_css_page_size=True, print_background=True, outline=True, tagged=True)
    except NoBrowserError as error:
        print(f"make pdf: {error}", file=sys.stderr)
        return 1
    print(f"the book on paper: {PDF}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
