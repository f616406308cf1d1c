//! What all pages have: head, navigation, the org's clock; and the pages that stand alone.

use http::StatusCode;

use super::form::{path, with_query};
use super::html::Html;
use super::session::{Notice, Visitor};
use super::{Drawn, Page};
use crate::world::{World, instant};

/// The parts of the console, as its navigation has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Section {
    Timeline,
    People,
    Groups,
    Apps,
    Tasks,
    Stage,
    Hooks,
    Flows,
}

const SECTIONS: [(Section, &str, &str); 8] = [
    (Section::Timeline, "/console", "Timeline"),
    (Section::People, "/console/people", "People"),
    (Section::Groups, "/console/groups", "Groups"),
    (Section::Apps, "/console/apps", "Apps"),
    (Section::Tasks, "/console/tasks", "Tasks"),
    (Section::Stage, "/console/stage", "Stage"),
    (Section::Hooks, "/console/hooks", "Hooks"),
    (Section::Flows, "/console/flows", "Flows"),
];

/// What every page tells of the org.
pub(super) struct Status {
    pub(super) org: String,
    pub(super) now: String,
    pub(super) tasks: usize,
    pub(super) pending: usize,
}

impl Status {
    /// Returns what is at this moment.
    pub(super) fn of(world: &World) -> Status {
        Status {
            org: world.name.clone(),
            now: moment(world, world.org.now()),
            tasks: world.org.tasks().len(),
            pending: world.org.pending().len(),
        }
    }
}

/// Returns the whole of a page.
pub(super) fn document(drawn: &Drawn, visitor: &Visitor, status: &Status, notice: Option<&Notice>) -> String {
    html(&format!("{} – {}", drawn.title, status.org), |html| {
        html.element("a", &[("class", "skip"), ("href", "#main")], |html| {
            html.text("Skip to the content");
        });
        html.element("header", &[("class", "top")], |html| {
            html.element("p", &[("class", "name")], |html| {
                html.leaf("span", &[("class", "dot"), ("aria-hidden", "true")], "");
                html.leaf("strong", &[], &status.org).leaf("span", &[("class", "quiet")], " mock org");
            });
            html.element("nav", &[("aria-label", "Console")], |html| {
                html.element("ul", &[], |html| SECTIONS.iter().for_each(|row| item(html, drawn, status, row)));
            });
            html.element("div", &[("class", "state")], |html| {
                html.element("span", &[("title", "The org's clock")], |html| {
                    html.leaf("time", &[("data-now", "")], &status.now);
                });
                html.element("a", &[("href", "/console/tasks#under-way")], |html| {
                    html.leaf("span", &[("data-pending", "")], &status.pending.to_string()).text(" under way");
                });
                html.element("form", &[("method", "post"), ("action", "/console/sign-out")], |html| {
                    hidden(html, "form", &visitor.form);
                    html.leaf("button", &[("class", "plain")], "Sign out");
                });
            });
        });
        html.element("main", &[("id", "main"), ("tabindex", "-1")], |html| {
            if let Some(notice) = notice {
                let (class, role) = if notice.is_error { ("notice error", "alert") } else { ("notice", "status") };
                html.leaf("p", &[("class", class), ("role", role)], &notice.text);
            }
            html.leaf("h1", &[], &drawn.title).push(&drawn.body);
        });
        html.leaf("p", &[("class", "hidden"), ("role", "status"), ("data-announce", "")], "");
    })
}

fn item(
    html: &mut Html,
    drawn: &Drawn,
    status: &Status,
    (section, href, name): &(Section, &'static str, &'static str),
) {
    let link = [("href", *href), ("aria-current", "page")];
    let link = if drawn.section == *section { &link[..] } else { &link[..1] };
    html.element("li", &[], |html| {
        html.element("a", link, |html| {
            html.text(name);
            if *section == Section::Tasks {
                let count = status.tasks.to_string();
                let class = if status.tasks == 0 { "count none" } else { "count" };
                html.leaf("span", &[("class", class), ("data-tasks", "")], &count);
            }
        });
    });
}

/// Returns the page that asks who is there.
pub(super) fn sign_in(org: &str, back: &str, wrong: Option<&str>) -> String {
    html(&format!("Sign in – {org}"), |html| {
        html.element("main", &[("class", "alone"), ("id", "main")], |html| {
            html.leaf("h1", &[], org).leaf("p", &[("class", "quiet")], "Console of a mock org");
            if let Some(wrong) = wrong {
                html.leaf("p", &[("class", "notice error"), ("role", "alert")], wrong);
            }
            html.element("form", &[("method", "post"), ("action", "/console/sign-in"), ("class", "card")], |html| {
                hidden(html, "back", back);
                html.leaf("label", &[("for", "secret")], "API token, or the sign-in code");
                html.void(
                    "input",
                    &[
                        ("id", "secret"),
                        ("name", "secret"),
                        ("type", "password"),
                        ("autocomplete", "off"),
                        ("required", ""),
                        ("autofocus", ""),
                        ("aria-describedby", "secret-help"),
                    ],
                );
                let help = "Both were printed when the org was started. The code works once.";
                html.leaf("p", &[("class", "quiet"), ("id", "secret-help")], help);
                html.leaf("button", &[], "Sign in");
            });
        });
    })
}

/// Returns the page that says why there is none.
pub(super) fn refusal(status: StatusCode, text: &str) -> String {
    html(text, |html| {
        html.element("main", &[("class", "alone"), ("id", "main")], |html| {
            html.leaf("h1", &[], status.as_str()).leaf("p", &[], text);
            html.element("p", &[], |html| {
                html.link("/console", "To the timeline");
            });
        });
    })
}

fn html(title: &str, body: impl FnOnce(&mut Html)) -> String {
    let mut document = Html::new();
    document.element("html", &[("lang", "en")], |html| {
        html.element("head", &[], |html| {
            html.void("meta", &[("charset", "utf-8")]);
            html.void("meta", &[("name", "viewport"), ("content", "width=device-width, initial-scale=1")]);
            html.void("meta", &[("name", "color-scheme"), ("content", "light dark")]);
            html.leaf("title", &[], title);
            html.void("link", &[("rel", "icon"), ("href", "data:,")]);
            html.void("link", &[("rel", "stylesheet"), ("href", "/console/style.css")]);
            html.leaf("script", &[("src", "/console/script.js"), ("defer", "")], "");
        });
        html.element("body", &[], body);
    });
    document.into_document()
}

/// Adds a form that does something and leads back to the page it stands on.
pub(super) fn act(html: &mut Html, page: &Page<'_>, name: &str, class: &str, inner: impl FnOnce(&mut Html)) {
    let action = format!("/console/act/{name}");
    html.element("form", &[("method", "post"), ("action", &action), ("class", class)], |html| {
        hidden(html, "form", &page.visitor.form);
        hidden(html, "back", page.path);
        inner(html);
    });
}

/// Adds a button that does one thing, told by one value.
pub(super) fn button(html: &mut Html, page: &Page<'_>, name: &str, label: &str, values: &[(&str, &str)]) {
    act(html, page, name, "one", |html| {
        for (name, value) in values {
            hidden(html, name, value);
        }
        html.leaf("button", &[], label);
    });
}

/// Adds a field that is not shown.
pub(super) fn hidden(html: &mut Html, name: &str, value: &str) {
    html.void("input", &[("type", "hidden"), ("name", name), ("value", value)]);
}

/// Adds a labelled field with further attributes.
pub(super) fn field(html: &mut Html, label: &str, name: &str, further: &[(&'static str, &str)]) {
    html.element("label", &[("class", "field")], |html| {
        html.leaf("span", &[], label);
        let mut attributes = vec![("name", name), ("autocomplete", "off")];
        attributes.extend_from_slice(further);
        html.void("input", &attributes);
    });
}

/// Adds a labelled choice; of each option the value and what it says.
pub(super) fn choice(html: &mut Html, label: &str, name: &str, chosen: &str, options: &[(String, String)]) {
    html.element("label", &[("class", "field")], |html| {
        html.leaf("span", &[], label);
        html.element("select", &[("name", name)], |html| {
            for (value, text) in options {
                let option = [("value", value.as_str()), ("selected", "")];
                html.leaf("option", if value == chosen { &option } else { &option[..1] }, text);
            }
        });
    });
}

/// Adds a list of names and values.
pub(super) fn facts(html: &mut Html, rows: &[(&str, String)]) {
    html.element("dl", &[("class", "facts")], |html| {
        for (name, value) in rows.iter().filter(|(_, value)| !value.is_empty()) {
            html.leaf("dt", &[], name).leaf("dd", &[], value);
        }
    });
}

/// Adds a table: heads, then rows that draw their own cells.
pub(super) fn table<T>(
    html: &mut Html,
    label: &str,
    heads: &[&str],
    rows: impl IntoIterator<Item = T>,
    draw: impl Fn(&mut Html, T),
) {
    // What is wider than the page scrolls by itself, with the keyboard too.
    let wide = [("class", "wide"), ("tabindex", "0"), ("role", "region"), ("aria-label", label)];
    html.element("div", &wide, |html| {
        html.element("table", &[], |html| {
            html.element("thead", &[], |html| {
                html.element("tr", &[], |html| {
                    for head in heads {
                        html.leaf("th", &[("scope", "col")], head);
                    }
                });
            });
            html.element("tbody", &[], |html| {
                for row in rows {
                    html.element("tr", &[], |html| draw(html, row));
                }
            });
        });
    });
}

/// Adds a cell.
pub(super) fn cell(html: &mut Html, text: &str) {
    html.leaf("td", &[], text);
}

/// Adds a cell with a link.
pub(super) fn linked(html: &mut Html, href: &str, text: &str) {
    html.element("td", &[], |html| {
        html.link(href, text);
    });
}

/// Adds a cell with a state, coloured by what it means.
pub(super) fn state(html: &mut Html, state: &str) {
    html.element("td", &[], |html| badge(html, state));
}

/// Adds a state, coloured by what it means.
pub(super) fn badge(html: &mut Html, state: &str) {
    let class = match state {
        "ACTIVE" | "PROVISIONED" | "SYNCHRONIZED" | "ENABLED" | "VERIFIED" | "done" => "badge good",
        "ERROR" | "LOCKED_OUT" | "task" | "failed" => "badge bad",
        "waiting" | "running" | "SUSPENDED" | "OUT_OF_SYNC" | "SYNCING" | "RECOVERY" | "PASSWORD_EXPIRED" => {
            "badge wait"
        }
        _ => "badge",
    };
    html.leaf("span", &[("class", class)], state);
}

/// Says that there is nothing, and what would bring something.
pub(super) fn empty(html: &mut Html, text: &str) {
    html.leaf("p", &[("class", "empty")], text);
}

/// Part of a long list, with links to the others.
pub(super) struct Part<T> {
    pub(super) items: Vec<T>,
    /// How many there are in all.
    pub(super) count: usize,
    number: usize,
}

impl<T> Part<T> {
    /// Cuts the part a page asks for by the parameter `page`, from 1.
    pub(super) fn cut(page: &Page<'_>, items: impl Iterator<Item = T>) -> Part<T> {
        let items: Vec<T> = items.collect();
        let count = items.len();
        let asked = page.query.value("page").and_then(|text| text.parse::<usize>().ok()).unwrap_or(1);
        let number = asked.clamp(1, count.div_ceil(PART).max(1));
        let items = items.into_iter().skip((number - 1) * PART).take(PART).collect();
        Part { items, count, number }
    }

    /// Adds the links to the other parts; `kept` are the other parameters.
    pub(super) fn links(&self, html: &mut Html, page: &Page<'_>, kept: &[(&str, &str)]) {
        let last = self.count.div_ceil(PART).max(1);
        if last == 1 {
            return;
        }
        let target = |number: usize| {
            let number = number.to_string();
            let pairs: Vec<(&str, &str)> = kept.iter().copied().chain([("page", number.as_str())]).collect();
            with_query(page.path, &pairs)
        };
        html.element("nav", &[("class", "pages"), ("aria-label", "Pages")], |html| {
            if self.number > 1 {
                html.link(&target(self.number - 1), "Previous");
            }
            html.leaf("span", &[], &format!("Page {} of {last}", self.number));
            if self.number < last {
                html.link(&target(self.number + 1), "Next");
            }
        });
    }
}

/// Returns a moment of the org as people read it, in UTC.
pub(super) fn moment(world: &World, at: u64) -> String {
    instant(world.clock.began, at).replace('T', " ").replace(".000Z", "")
}

/// Returns a moment, or that there was none.
pub(super) fn moment_or_never(world: &World, at: Option<u64>) -> String {
    at.map_or_else(|| "never".to_owned(), |at| moment(world, at))
}

/// Returns what somebody is called; the id where nobody is there.
pub(super) fn person_name(world: &World, id: &str) -> String {
    match world.org.person(id).map(|person| &person.profile) {
        Some(profile) if !profile.display_name.trim().is_empty() => profile.display_name.clone(),
        Some(profile) => profile.login.clone(),
        None => id.to_owned(),
    }
}

/// Returns what a group is called; the id where there is none.
pub(super) fn group_name(world: &World, id: &str) -> String {
    world.org.group(id).map_or_else(|| id.to_owned(), |group| group.name.clone())
}

/// Returns what an app is called; the id where there is none.
pub(super) fn app_name(world: &World, id: &str) -> String {
    world.org.app(id).map_or_else(|| id.to_owned(), |app| app.app.label.clone())
}

/// Returns the page of a person.
pub(super) fn person_path(id: &str) -> String {
    path(&["console", "people", id])
}

/// Returns the page of a group.
pub(super) fn group_path(id: &str) -> String {
    path(&["console", "groups", id])
}

/// Returns the page of an app.
pub(super) fn app_path(id: &str) -> String {
    path(&["console", "apps", id])
}

/// Returns the page of somebody's account in an app.
pub(super) fn account_path(app: &str, person: &str) -> String {
    path(&["console", "apps", app, "people", person])
}

/// How much of a long list is on one page.
const PART: usize = 50;
