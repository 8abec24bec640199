"""Pictures of the widget for the documentation, from the real server over the articles.

    python -m tests.browser.screenshots

writes docs/images/widget-*.png anew.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Locator, expect, sync_playwright

from rag.indexer import IndexOptions
from rag.settings import Settings
from rag.wiring import build_indexer
from tests.browser.conftest import CHROMIUM, FLAGS
from tests.browser.embedding import EMERGENCY, QUESTION, TAG, WIDGET, ask, embed, host
from tests.serving import ROOT, serving

IMAGES = ROOT / "docs" / "images"
# Fonts that a publisher would name; what a bare machine has instead looks like no site.
STYLE = f"""<style>
body {{ margin: 0 auto; padding: 24px; max-width: 720px; font: 17px/1.5 Arial, sans-serif; }}
h1 {{ margin: 0 0 20px; font: 600 30px/1.2 Georgia, "Liberation Serif", serif; }}
@media (max-width: 30rem) {{ body {{ padding: 12px; }} h1 {{ font-size: 24px; }} }}
{WIDGET} {{ --wellcited-font: Arial, sans-serif; }}
</style>"""


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture: the size of the window in px, how dense, what is asked, and what is opened."""

    name: str
    width: int
    height: int
    density: float
    dark: bool
    question: str
    source: bool = False


PICTURES = (
    Picture("widget-answer", 800, 960, 1, False, QUESTION, source=True),
    Picture("widget-phone-dark", 390, 800, 1.5, True, "How long does sciatica last?", source=True),
    Picture("widget-emergency", 390, 800, 1.5, False, EMERGENCY),
)


def take(browser: Browser, site: str, picture: Picture) -> bytes:
    """A picture as PNG. Its size in px is always the same."""
    context = browser.new_context(
        viewport={"width": picture.width, "height": picture.height},
        device_scale_factor=picture.density,
        color_scheme="dark" if picture.dark else "light",
        reduced_motion="reduce",
        locale="en-GB",
    )
    page = context.new_page()
    shown = host(f'<{WIDGET} country="GB"></{WIDGET}>{TAG}', head=STYLE)
    html = shown.replace("A page of the publisher", "Back pain, explained")
    widget: Locator = embed(page, site, html=html)
    turn = ask(widget, picture.question)
    expect(turn).not_to_have_attribute("aria-busy", "true")
    if picture.source:
        turn.locator(".mark").first.click()
    page.evaluate("document.activeElement?.shadowRoot?.activeElement?.blur()")
    page.evaluate("window.scrollTo(0, 0)")
    png = page.screenshot(animations="disabled", caret="hide")
    context.close()
    return png


def main() -> None:
    """Index the shipped articles, serve them, and write every picture."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        index = Path(folder) / "index"
        settings = Settings(corpus=ROOT / "corpus", index=index)
        build_indexer(settings).update(IndexOptions(), lambda *_: None)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        with serving(index) as site:
            for picture in PICTURES:
                (IMAGES / f"{picture.name}.png").write_bytes(take(browser, site, picture))
        browser.close()


if __name__ == "__main__":
    main()
