//! What is told of all cases together: areas, dialect, what could not be judged, every case of every suite.

use super::markup::Markup;
use super::{anchor, area, badge, section};
use crate::diagnostic;
use crate::recording::Run;
use crate::text::{clip, counted, duration, grouped};
use scim_record::{CaseRecord, Counts, Outcome};

/// Adds the objects that the run could not remove.
pub(super) fn left_behind(html: &mut Markup, run: &Run) {
    let left = &run.summary.left_behind;
    if left.is_empty() {
        return;
    }
    section(html, "left-behind", "Left behind", |html| {
        let lead = format!("{} of this run could not be removed from the target.", counted(left.len(), "object"));
        html.leaf("p", &[("class", "lead")], &lead);
        table(html, "Left behind", &["Object", "Why it is still there"], left.iter().take(ROWS), |html, object| {
            html.element("td", &[], |html| {
                html.leaf("code", &[], &clip(&object.path, TEXT));
            });
            html.leaf("td", &[], &clip(&object.reason, TEXT));
        });
        note_more(html, left.len(), "object");
    });
}

/// Adds a row for each area: how many of its cases held, and how many did not.
pub(super) fn areas(html: &mut Markup, run: &Run) {
    let rows: Vec<(&area::Area, Counts)> = area::AREAS
        .iter()
        .chain([&area::ELSEWHERE])
        .filter_map(|area| {
            let cases = run.cases.iter().filter(|case| area::of(&case.suite).1 == area);
            let counts = count(cases);
            (counts.total() > 0).then_some((area, counts))
        })
        .collect();
    if rows.is_empty() {
        return;
    }
    section(html, "areas", "Areas", |html| {
        html.leaf("p", &[("class", "lead")], "What an administrator loses first stands first.");
        let heads = ["Area", "Held", "Broke", "Warned", "Not judged"];
        table(html, "Areas", &heads, rows, |html, (area, counts)| {
            html.element("th", &[("scope", "row")], |html| {
                html.text(area.name).text(" ").leaf("span", &[("class", "quiet")], area.meaning);
            });
            let broke = counts.fail + counts.fixed + counts.error;
            // Where nothing was judged, nothing is known: no reason to be calm.
            let unjudged = if counts.pass + broke + counts.warn == 0 { "warn" } else { "skip" };
            number_cell(html, counts.pass, "pass");
            number_cell(html, broke, "fail");
            number_cell(html, counts.warn, "warn");
            number_cell(html, counts.skip + counts.known, unjudged);
        });
    });
}

fn number_cell(html: &mut Markup, number: usize, class: &str) {
    let class = if number == 0 { "number none".to_owned() } else { format!("number {class}") };
    html.leaf("td", &[("class", &class)], &grouped(number));
}

/// Adds how the service provider reads what the standard leaves open.
pub(super) fn dialect(html: &mut Markup, run: &Run) {
    let readings: Vec<_> = run.cases.iter().filter_map(|case| Some((case, case.reading.as_ref()?))).collect();
    if readings.is_empty() {
        return;
    }
    section(html, "dialect", "Dialect", |html| {
        let lead = "How this server reads what the standards leave open. No reading is wrong.";
        html.leaf("p", &[("class", "lead")], lead);
        table(html, "Dialect", &["What was asked", "Reading"], readings, |html, (case, reading)| {
            html.element("th", &[("scope", "row")], |html| title(html, case));
            html.element("td", &[], |html| {
                html.leaf("strong", &[], &clip(&reading.name, TEXT)).text(" ");
                html.leaf("span", &[], &clip(&reading.meaning, TEXT));
            });
        });
    });
}

/// Adds what was noticed on the way and is nobody's fault.
pub(super) fn notes(html: &mut Markup, run: &Run) {
    let noted: Vec<&CaseRecord> = run.cases.iter().filter(|case| !case.notes.is_empty()).collect();
    if noted.is_empty() {
        return;
    }
    section(html, "notes", "Noted on the way", |html| {
        table(html, "Notes", &["Case", "Note"], noted.iter().take(ROWS), |html, case| {
            html.element("th", &[("scope", "row")], |html| title(html, case));
            html.leaf("td", &[], &clip(&case.notes.join("; "), TEXT));
        });
        note_more(html, noted.len(), "case");
    });
}

/// Adds the cases that could not be judged, by why.
pub(super) fn skipped(html: &mut Markup, run: &Run) {
    let groups = by_reason(run.cases.iter().filter(|case| case.outcome == Outcome::Skip));
    if groups.is_empty() {
        return;
    }
    section(html, "skipped", "Not judged", |html| {
        let lead = "A case that could not be judged neither passed nor failed; this is why.";
        html.leaf("p", &[("class", "lead")], lead);
        for (reason, cases) in &groups {
            html.element("details", &[("class", "group")], |html| {
                html.element("summary", &[], |html| {
                    html.leaf("strong", &[("class", "number")], &grouped(cases.len())).text(" ");
                    html.text(&clip(reason, TEXT));
                });
                html.element("ul", &[("class", "names")], |html| {
                    for case in cases.iter().take(ROWS) {
                        html.element("li", &[], |html| title(html, case));
                    }
                });
                note_more(html, cases.len(), "case");
            });
        }
    });
}

/// Adds the cases that failed as the list of known failures says.
pub(super) fn known(html: &mut Markup, run: &Run) {
    let known: Vec<&CaseRecord> = run.cases.iter().filter(|case| case.outcome == Outcome::Known).collect();
    if known.is_empty() {
        return;
    }
    section(html, "known", "Known failures", |html| {
        let lead = "They failed as the list of known failures says they would.";
        html.leaf("p", &[("class", "lead")], lead);
        table(html, "Known failures", &["Case", "Why it is known"], known.iter().take(ROWS), |html, case| {
            html.element("th", &[("scope", "row")], |html| title(html, case));
            html.leaf("td", &[], &clip(case.reason.as_deref().unwrap_or(NO_REASON), TEXT));
        });
        note_more(html, known.len(), "case");
    });
}

/// Adds every case, suite by suite.
pub(super) fn suites(html: &mut Markup, run: &Run) {
    if run.cases.is_empty() {
        return;
    }
    section(html, "cases", "Every case", |html| {
        for cases in run.cases.chunk_by(|a, b| a.suite == b.suite) {
            suite(html, cases);
        }
    });
}

fn suite(html: &mut Markup, cases: &[CaseRecord]) {
    let name = &cases[0].suite;
    html.element("details", &[("class", "suite")], |html| {
        html.element("summary", &[], |html| {
            html.leaf("h3", &[], &clip(name, TEXT)).text(" ");
            tally(html, &count(cases.iter()));
        });
        table(html, name, &["Outcome", "Case", "App", "Level", "Time"], cases, |html, case| {
            html.element("td", &[], |html| badge(html, case.outcome));
            html.element("th", &[("scope", "row")], |html| {
                title(html, case);
                if let Some(reason) = &case.reason {
                    html.text(" ").leaf("span", &[("class", "reason")], &clip(reason, TEXT));
                }
            });
            html.leaf("td", &[], &clip(case.app.as_deref().unwrap_or_default(), TEXT));
            html.leaf("td", &[], case.level.name());
            html.leaf("td", &[("class", "number")], &duration(case.time_ms));
        });
    });
}

fn tally(html: &mut Markup, counts: &Counts) {
    let parts = [
        (counts.fail, "fail", "failed"),
        (counts.fixed, "fixed", "fixed"),
        (counts.error, "error", "errored"),
        (counts.warn, "warn", "warned"),
        (counts.known, "known", "known"),
        (counts.skip, "skip", "not judged"),
        (counts.pass, "pass", "passed"),
    ];
    for (number, class, name) in parts.iter().filter(|(number, ..)| *number > 0) {
        html.leaf("span", &[("class", &format!("tally {class}"))], &format!("{} {name}", grouped(*number))).text(" ");
    }
}

/// Adds a case's title, which leads to where the case is told about, and its name.
fn title(html: &mut Markup, case: &CaseRecord) {
    let title = clip(&case.title, TEXT);
    match super::is_told(case) {
        true => html.leaf("a", &[("href", &format!("#{}", anchor(case)))], &title),
        false => html.leaf("span", &[], &title),
    };
    html.text(" ").leaf("span", &[("class", "id")], &diagnostic::name(case));
}

fn count<'a>(cases: impl Iterator<Item = &'a CaseRecord>) -> Counts {
    cases.fold(Counts::default(), |mut counts, case| {
        counts.add(case.outcome);
        counts
    })
}

/// Groups cases by reason, the largest group first, then by reason.
fn by_reason<'a>(cases: impl Iterator<Item = &'a CaseRecord>) -> Vec<(&'a str, Vec<&'a CaseRecord>)> {
    let mut groups: std::collections::BTreeMap<&str, Vec<&CaseRecord>> = std::collections::BTreeMap::new();
    for case in cases {
        groups.entry(case.reason.as_deref().unwrap_or(NO_REASON)).or_default().push(case);
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by_key(|(_, cases)| std::cmp::Reverse(cases.len()));
    groups
}

fn note_more(html: &mut Markup, number: usize, noun: &str) {
    if let Some(more) = number.checked_sub(ROWS + 1) {
        let text = format!("And {}; the JSON report has all.", counted(more + 1, &format!("more {noun}")));
        html.leaf("p", &[("class", "quiet")], &text);
    }
}

/// Adds a table: heads, then rows that draw their own cells.
pub(crate) fn table<T>(
    html: &mut Markup,
    label: &str,
    heads: &[&str],
    rows: impl IntoIterator<Item = T>,
    draw: impl Fn(&mut Markup, T),
) {
    // What is wider than the page scrolls by itself, with the keyboard too.
    let wide = [("class", "wide"), ("tabindex", "0"), ("role", "group"), ("aria-label", label)];
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

const NO_REASON: &str = "no reason was given";
const TEXT: usize = 300;
/// How many rows of one kind are shown, where the target decides how many there are.
const ROWS: usize = 500;
