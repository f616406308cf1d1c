"""Works the console with a browser, as a person would. Run by .ci/console inside `rehearsal okta exec`.

OKTA_ORG_URL, OKTA_TOKEN and OKTA_APP_ID say where the org is; CHROMIUM is the browser; with REHEARSAL_SCREENSHOTS,
pictures of the pages are left in that directory.
"""

import json
import os
import pathlib
import urllib.request

from playwright.sync_api import Browser, Page, expect, sync_playwright

ORG = os.environ["OKTA_ORG_URL"]
TOKEN = os.environ["OKTA_TOKEN"]
APP = os.environ["OKTA_APP_ID"]
PICTURES = os.environ.get("REHEARSAL_SCREENSHOTS")

PAGES = ["", "/people", "/groups", "/apps", f"/apps/{APP}", "/tasks", "/stage", "/hooks", "/flows"]
NARROW = {"width": 360, "height": 740}


def call(method: str, path: str, body: object = None) -> object:
    """Calls the org's API."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"SSWS {TOKEN}", "Content-Type": "application/json"}
    request = urllib.request.Request(ORG + path, data=data, headers=headers, method=method)
    with urllib.request.urlopen(request, timeout=60) as answer:
        text = answer.read()
        return json.loads(text) if text else None


def open_page(browser: Browser, complaints: list[str], **options: object) -> Page:
    """Returns a page whose every complaint is noted: a script that fails, a policy that is hurt."""
    page = browser.new_context(**options).new_page()
    page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
    page.on("console", lambda line: complaints.append(f"{page.url}: {line.text}") if line.type == "error" else None)
    return page


def sign_in(page: Page) -> None:
    page.goto(ORG + "/console")
    page.get_by_label("API token").fill(TOKEN)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Timeline", level=1)).to_be_visible()


def picture(page: Page, name: str) -> None:
    if PICTURES:
        pathlib.Path(PICTURES).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)


def join(page: Page, first: str, last: str) -> None:
    """Fills in the form for a joiner."""
    page.goto(ORG + "/console/stage")
    card = page.locator("section.card", has=page.get_by_role("heading", name="Joiner"))
    card.get_by_label("First name").fill(first)
    card.get_by_label("Last name").fill(last)
    card.get_by_label("Login").fill(f"{first}.{last}@example.com".lower())
    card.get_by_label("Title").fill("Agent")
    card.get_by_role("button", name="Join").click()
    expect(page.locator("p.notice")).to_contain_text("POST /api/v1/users → 200")


def add_fault(page: Page) -> None:
    card = page.locator("section.card", has=page.get_by_role("heading", name="Faults"))
    card.get_by_label("How often").fill("1")
    card.get_by_label("Method").select_option("POST")
    card.get_by_role("button", name="Add the fault").click()
    expect(page.locator(".faults")).to_contain_text("answered with 503")


def a_joiner_is_seen_on_the_timeline(page: Page) -> None:
    join(page, "Zoe", "Autumn")
    call("POST", "/_mock/settle")
    page.goto(ORG + "/console")
    push = page.locator("li.entry", has_text="Push new user to external application").filter(has_text="Zoe Autumn")
    created = push.locator(".calls > li", has_text="POST")
    expect(created).to_contain_text("/Users")
    expect(created).to_contain_text("201")
    created.locator("summary").click()
    expect(created.locator("pre").first).to_contain_text('"userName": "zoe.autumn@example.com"')
    expect(push.locator("ins", has_text="PROVISIONED")).to_be_visible()
    picture(page, "timeline-open")


def a_task_is_retried(page: Page) -> None:
    page.goto(ORG + "/console/stage")
    add_fault(page)
    join(page, "Tom", "Summer")
    call("POST", "/_mock/settle")
    page.goto(ORG + "/console/tasks")
    expect(page.locator("[data-tasks]")).to_have_text("1")
    picture(page, "tasks")
    page.get_by_role("button", name="Retry").click()
    expect(page.locator("p.notice")).to_contain_text("204")
    call("POST", "/_mock/settle")
    page.goto(ORG + "/console/tasks")
    expect(page.get_by_text("No tasks:")).to_be_visible()


def what_happens_arrives_by_itself(page: Page) -> None:
    page.goto(ORG + "/console")
    expect(page.locator(".live")).to_contain_text("Live")
    profile = {"firstName": "Mia", "lastName": "Live", "login": "mia@example.com", "email": "mia@example.com"}
    call("POST", "/api/v1/users?activate=true", {"profile": profile})
    expect(page.locator("li.entry.fresh", has_text="Mia Live").first).to_be_visible()
    expect(page.locator("li.entry.fresh", has_text="Push new user").first).to_be_visible()
    expect(page.locator("[data-announce]")).to_contain_text("more event", timeout=10_000)
    page.get_by_role("button", name="Pause").click()
    call("POST", "/api/v1/users/mia@example.com", {"profile": {"title": "Paused"}})
    page.wait_for_timeout(500)
    assert page.locator("ins", has_text="Paused").count() == 0
    page.get_by_role("button", name="Go on").click()
    expect(page.locator("ins", has_text="Paused").first).to_be_attached()


def the_keyboard_is_enough(page: Page) -> None:
    page.goto(ORG + "/console")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    unnamed = page.evaluate(
        """() => [...document.querySelectorAll('input:not([type=hidden]), select, button')]
            .filter(it => !it.labels?.length && !it.textContent.trim()).map(it => it.outerHTML)"""
    )
    assert unnamed == [], unnamed


def nothing_is_wider_than_a_phone(page: Page) -> None:
    person = call("GET", "/api/v1/users/zoe.autumn@example.com")["id"]
    for path in [*PAGES, f"/people/{person}", f"/apps/{APP}/people/{person}", "/exchanges/1"]:
        assert page.goto(f"{ORG}/console{path}").status == 200, path
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= NARROW["width"], f"{path} is {width} wide"
        picture(page, "narrow" + path.replace("/", "-").replace(APP, "app").replace(person, "person"))


def it_works_without_script(browser: Browser, complaints: list[str]) -> None:
    page = open_page(browser, complaints, java_script_enabled=False)
    sign_in(page)
    join(page, "Nora", "Plain")
    call("POST", "/_mock/settle")
    page.goto(ORG + "/console?person=nora")
    expect(page.locator("li.entry", has_text="Push new user")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    page.goto(ORG + "/console")
    expect(page.get_by_label("API token")).to_be_visible()


def a_reset_leaves_what_is_being_typed(page: Page) -> None:
    page.goto(ORG + "/console/stage")
    expect(page.locator(".live")).to_contain_text("Live")
    page.get_by_label("First name").fill("Half a na")
    call("POST", "/_mock/reset")
    expect(page.locator("li.entry", has_text="Zoe Autumn")).to_have_count(0)
    expect(page.locator(".live")).to_contain_text("Live")
    expect(page.get_by_label("First name")).to_have_value("Half a na")


def pictures(browser: Browser, complaints: list[str], scheme: str) -> None:
    page = open_page(browser, complaints, color_scheme=scheme)
    page.goto(ORG + "/console")
    picture(page, f"{scheme}-sign-in")
    sign_in(page)
    person = call("GET", "/api/v1/users/zoe.autumn@example.com")["id"]
    for path in [*PAGES, f"/people/{person}", f"/apps/{APP}/people/{person}", "/exchanges/2"]:
        page.goto(f"{ORG}/console{path}")
        picture(page, scheme + path.replace("/", "-").replace(APP, "app").replace(person, "person"))


def main() -> None:
    complaints: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ["CHROMIUM"],
            args=["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
                  "--disable-background-networking", "--disable-component-update"],
        )
        page = open_page(browser, complaints)
        page.set_default_timeout(15_000)
        sign_in(page)
        picture(page, "empty")
        everyone = call("GET", "/api/v1/groups?q=Everyone")[0]["id"]
        call("PUT", f"/api/v1/apps/{APP}/groups/{everyone}", {})
        for check in [
            a_joiner_is_seen_on_the_timeline, a_task_is_retried, what_happens_arrives_by_itself,
            the_keyboard_is_enough,
        ]:
            check(page)
            print(f"ok {check.__name__}")
        narrow = open_page(browser, complaints, viewport=NARROW)
        sign_in(narrow)
        nothing_is_wider_than_a_phone(narrow)
        print("ok nothing_is_wider_than_a_phone")
        it_works_without_script(browser, complaints)
        print("ok it_works_without_script")
        if PICTURES:
            pictures(browser, complaints, "light")
            pictures(browser, complaints, "dark")
        a_reset_leaves_what_is_being_typed(page)
        print("ok a_reset_leaves_what_is_being_typed")
        browser.close()
    # Whoever is not signed in is asked to, with a 401.
    complaints = [complaint for complaint in complaints if "401" not in complaint]
    assert complaints == [], complaints
    print("7 passed, 0 failed")


main()
