"""Opens HTML reports with a browser, as a person would. Run by .ci/report.

The arguments are the reports; CHROMIUM is the browser; with REHEARSAL_SCREENSHOTS, pictures are left in that directory.
"""

import os
import pathlib
import sys

from playwright.sync_api import Browser, Page, expect, sync_playwright

PICTURES = os.environ.get("REHEARSAL_SCREENSHOTS")
WIDE, NARROW = {"width": 1200, "height": 900}, {"width": 360, "height": 740}


def open_page(browser: Browser, report: pathlib.Path, complaints: list[str], **options: object) -> Page:
    """Returns a page of which every complaint is noted, and whatever it asks for beside itself."""
    page = browser.new_context(java_script_enabled=False, **options).new_page()
    page.on("console", lambda line: complaints.append(f"{report.name}: {line.text}"))
    page.on("request", lambda request: asked(request.url, report, complaints))
    page.goto(report.resolve().as_uri())
    return page


def asked(url: str, report: pathlib.Path, complaints: list[str]) -> None:
    if url != report.resolve().as_uri():
        complaints.append(f"{report.name} asks for {url}")


def picture(page: Page, name: str) -> None:
    if PICTURES:
        pathlib.Path(PICTURES).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)


def has_its_style(page: Page) -> None:
    """A policy that does not know the style leaves the page bare."""
    expect(page.locator("main")).to_have_css("max-width", "1120px")


def fits(browser: Browser, report: pathlib.Path, size: dict[str, int], scheme: str, complaints: list[str]) -> None:
    page = open_page(browser, report, complaints, viewport=size, color_scheme=scheme)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    has_its_style(page)
    # Nothing but a table of its own may be wider than the screen.
    right = page.locator("main").bounding_box()
    assert right and right["x"] + right["width"] <= size["width"], f"{report.name} is wider than {size}"
    for heading in page.get_by_role("heading", level=2).all():
        box = heading.bounding_box()
        assert box and box["x"] >= 0 and box["x"] + box["width"] <= size["width"], heading.inner_text()
    picture(page, f"{report.stem}-{size['width']}-{scheme}")
    page.context.close()


def leads_by_keyboard(browser: Browser, report: pathlib.Path, complaints: list[str]) -> None:
    """The first stop skips to the content, and a link to a folded case unfolds it."""
    page = open_page(browser, report, complaints, viewport=WIDE)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    links = page.locator("section#cases a[href^='#']")
    if links.count():
        page.locator("section#cases details:has(a[href^='#']) > summary").last.focus()
        page.keyboard.press("Enter")
        last = links.last
        target = last.get_attribute("href")
        last.focus()
        page.keyboard.press("Enter")
        expect(page.locator(f"[id='{target[1:]}']")).to_be_visible()
    page.context.close()


def main() -> None:
    complaints: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ["CHROMIUM"], args=["--no-sandbox", "--disable-gpu"])
        for report in map(pathlib.Path, sys.argv[1:]):
            for size in (WIDE, NARROW):
                for scheme in ("light", "dark"):
                    fits(browser, report, size, scheme, complaints)
            leads_by_keyboard(browser, report, complaints)
            page = open_page(browser, report, complaints)
            paper = page.pdf(format="A4")
            assert paper.startswith(b"%PDF"), f"{report.name} does not print"
        browser.close()
    assert not complaints, "\n".join(complaints)
    print(f"{len(sys.argv) - 1} reports hold in a browser: wide and narrow, light and dark, by keyboard and on paper")


main()
