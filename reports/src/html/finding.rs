//! One case that did not pass: what Okta shows, the rule and its source, what was asked for and what came, how to send
//! it again, how to mend it, both messages of every exchange.

use super::markup::Markup;
use super::{anchor, area, badge, message};
use crate::diagnostic::{self, bounded, with_visible_end};
use crate::text::{clip, counted, duration, prose};
use scim_record::{Basis, CaseRecord, Finding, FuzzFinding, FuzzRun, Level, Location, Outcome, Verdict};
use similar::{ChangeTag, TextDiff};

/// How much evidence a report may still hold; it is for people, who close a page of hundreds of megabytes.
#[derive(Debug)]
pub(super) struct Evidence<'a> {
    base: &'a str,
    left: usize,
}

impl<'a> Evidence<'a> {
    pub(super) fn new(base: &'a str) -> Evidence<'a> {
        Evidence { base, left: IN_ALL }
    }

    /// Whether there is room for more beside these bytes, which are not taken yet.
    pub(super) fn has_room_for(&self, bytes: usize) -> bool {
        bytes < self.left
    }

    /// Takes room for these bytes.
    pub(super) fn take(&mut self, bytes: usize) {
        self.left = self.left.saturating_sub(bytes);
    }
}

/// Adds a case.
pub(super) fn article(html: &mut Markup, case: &CaseRecord, evidence: &mut Evidence<'_>, is_open: bool) {
    let class = format!("case {}", case.outcome);
    let attributes = [("class", class.as_str()), ("open", "open")];
    html.element("details", if is_open { &attributes } else { &attributes[..1] }, |html| {
        html.element("summary", &[], |html| {
            badge(html, case.outcome);
            html.text(" ").leaf("h3", &[], &clip(&case.title, TEXT)).text(" ");
            html.leaf("span", &[("class", "id")], &diagnostic::name(case));
        });
        // A browser unfolds a case when somebody jumps into it.
        html.element("div", &[("class", "body"), ("id", &anchor(case))], |html| {
            let room = Room { begin: html.len(), most: evidence.left.min(IN_A_CASE) };
            told(html, case);
            findings(html, case, evidence.base, room);
            advice(html, case);
            exchanges(html, case, evidence.base, room);
            evidence.take(html.len() - room.begin);
        });
    });
}

/// How much of the page one case may take.
#[derive(Debug, Clone, Copy)]
struct Room {
    begin: usize,
    most: usize,
}

impl Room {
    fn is_left(self, html: &Markup) -> bool {
        html.len() - self.begin < self.most
    }
}

/// Adds what can be said before any finding.
fn told(html: &mut Markup, case: &CaseRecord) {
    html.element("p", &[("class", "tags")], |html| {
        let (level, basis) = (format!("{}: {}", case.level, binding(case.level)), sureness(case));
        for tag in [area::of(&case.suite).1.name, &level, basis, &duration(case.time_ms)] {
            html.leaf("span", &[("class", "tag")], tag).text(" ");
        }
    });
    if let Some(consequence) = case.consequence.as_ref().filter(|_| case.outcome != Outcome::Fixed) {
        html.element("div", &[("class", "okta")], |html| {
            html.leaf("h4", &[], "What shows in Okta").leaf("p", &[], &prose(consequence));
        });
    }
    html.leaf("h4", &[], "The rule").leaf("p", &[("class", "rule")], &prose(&case.rule));
    sources(html, case);
    if let Some(fuzz) = &case.fuzz {
        inputs(html, fuzz);
    }
    if let Some(disputed) = &case.disputed {
        html.leaf("h4", &[], "But").leaf("p", &[], &prose(disputed));
    }
    if let Some(reason) = &case.reason {
        html.leaf("h4", &[], "Why").leaf("p", &[], &clip(reason, TEXT));
    }
}

/// Adds how many random inputs a case sent, and what could not be learnt from them.
fn inputs(html: &mut Markup, fuzz: &FuzzRun) {
    let inputs = |number: u64| counted(usize::try_from(number).unwrap_or(usize::MAX), "input");
    html.leaf("h4", &[], "Inputs").element("p", &[], |html| {
        html.text(&format!("{} in {} from seed ", inputs(fuzz.inputs), duration(fuzz.time_ms)));
        html.leaf("code", &[], &fuzz.seed).text(&format!("; {}.", clip(&fuzz.ended, TEXT)));
    });
    for unsupported in fuzz.unsupported.iter().take(BUGS) {
        let text = format!("The server does not do {}: {}.", clip(&unsupported.what, TEXT), inputs(unsupported.inputs));
        html.leaf("p", &[("class", "quiet")], &text);
    }
}

fn sources(html: &mut Markup, case: &CaseRecord) {
    html.element("ul", &[("class", "sources"), ("aria-label", "Sources of the rule")], |html| {
        for reference in case.refs.iter().take(REFERENCES) {
            html.element("li", &[], |html| {
                match &reference.url {
                    Some(url) => html.link(url, &reference.id),
                    None => html.text(&reference.id),
                };
                html.text(" ").leaf("span", &[("class", "quiet")], &clip(&reference.title, TEXT));
            });
        }
    });
}

fn findings(html: &mut Markup, case: &CaseRecord, base: &str, room: Room) {
    for (position, finding) in case.findings.iter().take(FINDINGS).enumerate() {
        let (class, label) = match finding.verdict {
            Verdict::Fail => ("finding fail", "Broken"),
            Verdict::Warn => ("finding warn", "Below the gate"),
        };
        html.element("div", &[("class", class)], |html| {
            html.element("h4", &[], |html| {
                html.leaf("span", &[("class", "label")], label).text(" ");
                html.text(&clip(finding.message.trim(), TEXT));
            });
            if room.is_left(html) {
                comparison(html, finding);
                snippet(html, finding.location.as_ref().unwrap_or(&case.location));
                finding.fuzz.iter().for_each(|fuzz| input(html, fuzz));
                fingerprint(html, finding);
            }
            // Findings about one exchange follow each other; the exchange is told once, below the last of them.
            let next = case.findings.get(position + 1);
            if room.is_left(html) && next.is_none_or(|next| next.exchange != finding.exchange) {
                evidence(html, case, finding, base);
            }
        });
    }
    if let Some(more) = case.findings.len().checked_sub(FINDINGS + 1) {
        html.leaf("p", &[("class", "quiet")], &format!("And {} in this case.", counted(more + 1, "more finding")));
    }
}

/// Adds the random input behind a finding, and the lines that make it one that is sent first.
fn input(html: &mut Markup, fuzz: &FuzzFinding) {
    let label = format!("{} · {} · smallest input", fuzz.law, fuzz.origin);
    for (label, text) in [(label.as_str(), &fuzz.input), ("For the suite file", &fuzz.regression)] {
        html.leaf("p", &[("class", "label")], &clip(label, TEXT));
        let attributes = [("tabindex", "0"), ("role", "group"), ("aria-label", "Input")];
        html.leaf("pre", &attributes, bounded(text).trim_end_matches('\n'));
    }
}

/// Adds what a list of known failures calls a finding.
fn fingerprint(html: &mut Markup, finding: &Finding) {
    if finding.verdict == Verdict::Fail && !finding.fingerprint.is_empty() {
        html.element("p", &[("class", "label")], |html| {
            html.text("In a list of known failures: ");
            html.leaf("code", &[], &format!("finding = [{:?}]", clip(&finding.fingerprint, TEXT)));
        });
    }
}

/// Adds the exchange that showed a finding, and how to send its request again.
fn evidence(html: &mut Markup, case: &CaseRecord, finding: &Finding, base: &str) {
    if let Some(exchange) = diagnostic::exchange_of(case, finding) {
        html.element("p", &[("class", "sent")], |html| message::line(html, exchange, base));
    }
    if let Some(curl) = &finding.curl {
        html.leaf("p", &[("class", "label")], "Again");
        let attributes = [("class", "curl"), ("tabindex", "0"), ("role", "group"), ("aria-label", "Command")];
        html.leaf("pre", &attributes, &clip(curl, CURL));
    }
}

/// Adds what was asked for and what came, as a difference where either has several lines.
fn comparison(html: &mut Markup, finding: &Finding) {
    match (&finding.expected, &finding.actual) {
        (Some(expected), Some(actual)) if expected.contains('\n') || actual.contains('\n') => {
            difference(html, expected, actual);
        }
        (None, None) => {}
        (expected, actual) => {
            html.element("dl", &[("class", "sides")], |html| {
                let sides = [("Expected", "want", expected), ("Actual", "got", actual)];
                for (name, class, text) in sides.iter().filter_map(|(a, b, text)| Some((a, b, (*text).as_ref()?))) {
                    html.leaf("dt", &[], name);
                    html.element("dd", &[], |html| {
                        html.leaf("code", &[("class", class)], bounded(text).trim_end_matches('\n'));
                    });
                }
            });
        }
    }
}

fn difference(html: &mut Markup, expected: &str, actual: &str) {
    let (expected, actual) = (bounded(expected), bounded(actual));
    let diff = TextDiff::from_lines(&expected, &actual);
    html.element("p", &[("class", "label")], |html| {
        html.leaf("del", &[], "− expected").text(" ").leaf("ins", &[], "+ actual");
    });
    html.element(
        "pre",
        &[("class", "diff"), ("tabindex", "0"), ("role", "group"), ("aria-label", "Difference")],
        |html| {
            for (position, hunk) in diff.unified_diff().context_radius(3).iter_hunks().enumerate() {
                if position > 0 {
                    html.leaf("i", &[], "  …").text("\n");
                }
                for change in hunk.iter_changes() {
                    let line = change.value().trim_end_matches('\n');
                    match change.tag() {
                        ChangeTag::Delete => html.leaf("del", &[], &format!("− {}", with_visible_end(line))),
                        ChangeTag::Insert => html.leaf("ins", &[], &format!("+ {}", with_visible_end(line))),
                        ChangeTag::Equal => html.text("  ").text(line),
                    };
                    html.text("\n");
                }
            }
        },
    );
}

/// Adds the suite's line, what did not hold in it marked.
fn snippet(html: &mut Markup, location: &Location) {
    let source: Vec<char> = location.source.trim_end().chars().take(COLUMNS).collect();
    let start = (location.column.max(1) - 1).min(source.len());
    let end = start.saturating_add(location.width.max(1)).min(source.len());
    let text = |range: &[char]| range.iter().collect::<String>();
    html.leaf("p", &[("class", "label")], &diagnostic::place(location));
    html.element(
        "pre",
        &[("class", "source"), ("tabindex", "0"), ("role", "group"), ("aria-label", "Line of the suite")],
        |html| {
            html.text(&text(&source[..start]))
                .leaf("mark", &[], &text(&source[start..end]))
                .text(&text(&source[end..]));
        },
    );
}

/// Adds how to mend it, who else was there, and what was noticed on the way.
fn advice(html: &mut Markup, case: &CaseRecord) {
    if let Some(mend) = case.mend.as_ref().filter(|_| case.outcome != Outcome::Fixed) {
        html.element("div", &[("class", "mend")], |html| {
            html.leaf("h4", &[], "How to mend it").leaf("p", &[], &prose(mend));
        });
    }
    if !case.bugs.is_empty() && case.outcome == Outcome::Fail {
        html.leaf("h4", &[], "Others who had it");
        html.element("ul", &[("class", "sources")], |html| {
            for bug in case.bugs.iter().take(BUGS) {
                html.element("li", &[], |html| {
                    html.link(&bug.url, &bug.project).text(" ");
                    html.leaf("span", &[("class", "quiet")], &clip(&bug.summary, TEXT));
                });
            }
        });
    }
    for note in case.notes.iter().take(BUGS) {
        html.leaf("h4", &[], "Noted").leaf("p", &[], &clip(note, TEXT));
    }
}

/// Adds every exchange of the case, as far as there is room.
fn exchanges(html: &mut Markup, case: &CaseRecord, base: &str, room: Room) {
    if case.exchanges.is_empty() {
        return;
    }
    html.leaf("h4", &[], "Messages");
    let mut shown = 0;
    for (position, exchange) in case.exchanges.iter().enumerate() {
        if !room.is_left(html) {
            break;
        }
        let shows = case.findings.iter().any(|finding| finding.exchange == Some(position));
        message::exchange(html, exchange, base, shows);
        shown += 1;
    }
    if let Some(more) = case.exchanges.len().checked_sub(shown + 1) {
        let exchanges = counted(more + 1, "exchange");
        let text = format!("{exchanges} of this case would make the page too large; the JSON report holds them.");
        html.leaf("p", &[("class", "quiet")], &text);
    }
}

/// Says how binding a level is.
fn binding(level: Level) -> &'static str {
    match level {
        Level::Okta => "breaks or misleads Okta",
        Level::Must => "the RFC demands it",
        Level::Should => "the RFC recommends it",
        Level::May => "the RFC allows it",
    }
}

/// Says how sure a rule is.
fn sureness(case: &CaseRecord) -> &'static str {
    match (case.basis, &case.disputed) {
        (_, Some(_)) => "disputed",
        (Basis::Documented, None) => "documented",
        (Basis::Captured, None) => "seen in Okta's traffic",
        (Basis::Inferred, None) => "inferred, never fails",
    }
}

/// How many bytes all cases that are told one by one may take, beyond what each needs to be told at all.
const IN_ALL: usize = 24 << 20;
/// The same of one case.
const IN_A_CASE: usize = 1 << 20;
const FINDINGS: usize = 40;
const REFERENCES: usize = 20;
const BUGS: usize = 5;
const TEXT: usize = 600;
const CURL: usize = 4_000;
const COLUMNS: usize = 1_000;
