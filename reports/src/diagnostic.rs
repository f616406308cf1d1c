//! One case that did not pass, as a person reads it: the rule, the place in the suite, what came instead, how to go on.

use crate::line::{Line, Role};
use crate::text::{clip, counted, prose, visible, wrap};
use crate::transcript::{self, Bounds};
use scim_record::{Basis, CaseRecord, Exchange, Finding, Level, Location, Outcome, Verdict};
use similar::{ChangeTag, TextDiff};

/// From where a case is looked at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a> {
    /// The target's base URL, left out of what is shown.
    pub(crate) base: &'a str,
    /// How many columns a line takes where that can be chosen.
    pub(crate) width: usize,
    /// Whether to name where each rule can be read.
    pub(crate) sources: bool,
    /// Whether to say how to see both messages.
    pub(crate) hint: bool,
}

/// Shows a case in full.
pub(crate) fn case(case: &CaseRecord, view: View<'_>) -> Vec<Line> {
    let mut lines = vec![heading(case, view.width)];
    lines.extend(
        wrap(&prose(&case.rule), view.width.saturating_sub(2)).iter().map(|text| Line::plain(&format!("  {text}"))),
    );
    lines.extend(reason(case, view));
    lines.extend(failures(case, view));
    lines.extend(entry(case));
    lines.extend(warnings_beside(case));
    lines.extend(advice(case, view));
    lines
}

/// Returns `suite/case (app)`.
pub(crate) fn name(case: &CaseRecord) -> String {
    match &case.app {
        Some(app) => format!("{} ({app})", case.id),
        None => case.id.clone(),
    }
}

/// Returns `must · RFC7644 3.3`, and how sure the rule is where it is not documented, or not beyond dispute.
pub(crate) fn authority(level: Level, basis: Basis, case: &CaseRecord) -> String {
    let level = match (basis, &case.disputed) {
        (Basis::Documented, None) => level.to_string(),
        (Basis::Documented, Some(_)) => format!("{level}, disputed"),
        (Basis::Captured | Basis::Inferred, _) => format!("{level}, {basis}"),
    };
    let refs: Vec<&str> = case.refs.iter().map(|reference| reference.id.as_str()).collect();
    if refs.is_empty() { level } else { format!("{level} · {}", refs.join(", ")) }
}

/// Returns `suites/rfc7644/users-create.toml:25:55`.
pub(crate) fn place(location: &Location) -> String {
    format!("{}:{}:{}", file(&location.file), location.line, location.column)
}

/// Returns `suites/rfc7644/users-create.toml`: the record counts from the suites' root; people open files from the
/// project's.
pub(crate) fn file(file: &str) -> String {
    let root = if file.starts_with(['/', '.']) || file.starts_with("suites/") { "" } else { "suites/" };
    format!("{root}{file}")
}

/// Returns the finding's sentence behind the request that showed it: `POST /Users: /meta/location is absent`.
pub(crate) fn sentence(case: &CaseRecord, finding: &Finding, base: &str) -> String {
    let message = clip(finding.message.trim(), MESSAGE).into_owned();
    let Some(exchange) = exchange_of(case, finding) else {
        return message;
    };
    let (request, _) = transcript::in_a_line(exchange, base);
    if message.starts_with(&exchange.request.method) { message } else { format!("{request}: {message}") }
}

/// Returns the exchange that showed a finding.
pub(crate) fn exchange_of<'a>(case: &'a CaseRecord, finding: &Finding) -> Option<&'a Exchange> {
    case.exchanges.get(finding.exchange?)
}

/// Returns how an outcome is announced at the start of a line, and its colour.
pub(crate) fn word(outcome: Outcome) -> (&'static str, Role) {
    match outcome {
        Outcome::Pass => ("PASS", Role::Good),
        Outcome::Warn => ("WARN", Role::Doubtful),
        Outcome::Fail => ("FAIL", Role::Bad),
        Outcome::Skip => ("SKIP", Role::Faint),
        Outcome::Error => ("ERROR", Role::Broken),
        Outcome::Known => ("KNOWN", Role::Faint),
        Outcome::Fixed => ("FIXED", Role::Bad),
    }
}

fn heading(case: &CaseRecord, width: usize) -> Line {
    let (word, role) = word(case.outcome);
    let authority = authority(case.level, case.basis, case);
    let line = Line::of(role, word).with(Role::Plain, " ").with(Role::Strong, &name(case));
    line.pad_to(width.saturating_sub(authority.chars().count()), 2).with(Role::Faint, &authority)
}

/// Tells why the case ended as it did where that is no finding's to tell.
fn reason(case: &CaseRecord, view: View<'_>) -> Vec<Line> {
    let text = match (case.outcome, &case.reason) {
        (Outcome::Fixed, Some(reason)) => {
            format!("It passed although it is listed as known to fail ({reason}). Take it off the list.")
        }
        (Outcome::Fixed, None) => "It passed although it is listed as known to fail. Take it off the list.".to_owned(),
        (_, Some(reason)) => reason.clone(),
        (_, None) => return Vec::new(),
    };
    let why = labelled("why", &clip(&text, MESSAGE), view.width);
    match case.exchanges.last() {
        // No finding shows the exchange that broke, and where its failure is the reason it need not be said twice.
        Some(last) if case.outcome == Outcome::Error && case.findings.is_empty() => {
            let is_told = last.failure.as_ref().is_some_and(|failure| failure.to_string() == text);
            let why = if is_told { Vec::new() } else { why };
            [why, vec![sent(last, view, &last.step)]].concat()
        }
        _ => why,
    }
}

fn failures(case: &CaseRecord, view: View<'_>) -> Vec<Line> {
    let failures: Vec<&Finding> = case.findings.iter().filter(|finding| is_shown_in_full(case, finding)).collect();
    let mut lines = Vec::new();
    for (position, finding) in failures.iter().enumerate() {
        lines.extend(snippet(finding.location.as_ref().unwrap_or(&case.location), &finding.message, view.width));
        lines.extend(comparison(finding));
        // Findings about one exchange follow each other; the exchange is told once, below the last of them.
        if failures.get(position + 1).is_none_or(|next| next.exchange != finding.exchange) {
            lines.extend(evidence(case, finding, View { hint: view.hint && position + 1 == failures.len(), ..view }));
        }
    }
    lines
}

/// Shows how a list of known failures would name what failed.
fn entry(case: &CaseRecord) -> Vec<Line> {
    let failed = case.findings.iter().filter(|finding| finding.verdict == Verdict::Fail);
    let mut marks: Vec<String> = failed.map(|finding| format!("{:?}", finding.fingerprint)).collect();
    marks.sort();
    marks.dedup();
    let is_new = case.outcome == Outcome::Fail && !marks.is_empty();
    if is_new { verbatim("known", &format!("finding = [{}]", marks.join(", "))) } else { Vec::new() }
}

/// Outside a failed case every finding is what the case is about; inside one the failures are.
fn is_shown_in_full(case: &CaseRecord, finding: &Finding) -> bool {
    case.outcome != Outcome::Fail || finding.verdict == Verdict::Fail
}

/// Shows the suite's line with a caret below what did not hold.
fn snippet(location: &Location, message: &str, width: usize) -> Vec<Line> {
    let number = location.line.to_string();
    let margin = " ".repeat(number.len());
    let message = clip(message.trim(), MESSAGE);
    let bar = || Line::of(Role::Faint, &format!("{margin} | "));
    let mut lines = vec![
        Line::of(Role::Faint, &format!("{margin}--> ")).with(Role::Plain, &place(location)),
        Line::of(Role::Faint, &format!("{margin} |")),
    ];
    let window = Window::around(location, width.saturating_sub(number.len() + 3));
    lines.push(Line::of(Role::Faint, &format!("{number} | ")).with(Role::Plain, &window.text));
    let carets = bar().with(Role::Plain, &" ".repeat(window.before)).with(Role::Bad, &"^".repeat(window.carets));
    if carets.width() + 1 + visible(&message).chars().count() <= width {
        lines.push(carets.with(Role::Plain, " ").with(Role::Strong, &message));
    } else {
        lines.push(carets);
        let texts = wrap(&message, width.saturating_sub(number.len() + 3));
        lines.extend(texts.iter().enumerate().map(|(position, text)| {
            let sign = if position == 0 { "=" } else { " " };
            Line::of(Role::Faint, &format!("{margin} {sign} ")).with(Role::Strong, text)
        }));
    }
    lines
}

/// The part of a source line that is shown, and where its carets go.
struct Window {
    text: String,
    before: usize,
    carets: usize,
}

impl Window {
    /// Shows the whole line if it fits and what surrounds the place otherwise.
    fn around(location: &Location, room: usize) -> Window {
        let chars: Vec<char> = location.source.trim_end().chars().collect();
        let column = (location.column.max(1) - 1).min(chars.len());
        let room = room.max(20);
        // Two columns are for the ellipses.
        let length = if chars.len() <= room { chars.len() } else { room - 2 };
        let start = column.saturating_sub(room / 2).min(chars.len() - length);
        let end = start + length;
        let shown = |range: std::ops::Range<usize>| visible(&chars[range].iter().collect::<String>());
        let ellipsis = |needed: bool| if needed { "…" } else { "" };
        let caret_end = (column + location.width.max(1)).min(end).max(column);
        Window {
            text: format!("{}{}{}", ellipsis(start > 0), shown(start..end), ellipsis(end < chars.len())),
            // What is invisible takes several columns when made visible, so columns are counted after that.
            before: usize::from(start > 0) + shown(start..column).chars().count(),
            carets: shown(column..caret_end).chars().count().max(1),
        }
    }
}

/// Shows what was asked for and what came, as a difference when either has several lines.
fn comparison(finding: &Finding) -> Vec<Line> {
    match (&finding.expected, &finding.actual) {
        (Some(expected), Some(actual)) if expected.contains('\n') || actual.contains('\n') => {
            difference(expected, actual)
        }
        (expected, actual) => {
            let side = |label, text: &Option<String>| match text {
                Some(text) => verbatim(label, &bounded(text)),
                None => Vec::new(),
            };
            [side("want", expected), side("got", actual)].concat()
        }
    }
}

fn difference(expected: &str, actual: &str) -> Vec<Line> {
    let (expected, actual) = (bounded(expected), bounded(actual));
    let diff = TextDiff::from_lines(&expected, &actual);
    let mut lines = vec![
        Line::of(Role::Faint, "  diff   ")
            .with(Role::Bad, "- wanted")
            .with(Role::Plain, "  ")
            .with(Role::Good, "+ got"),
    ];
    for (position, hunk) in diff.unified_diff().context_radius(3).iter_hunks().enumerate() {
        if position > 0 {
            lines.push(Line::of(Role::Faint, "           …"));
        }
        lines.extend(hunk.iter_changes().map(|change| {
            let line = change.value().trim_end_matches('\n');
            match change.tag() {
                ChangeTag::Delete => Line::of(Role::Bad, &format!("         - {}", with_visible_end(line))),
                ChangeTag::Insert => Line::of(Role::Good, &format!("         + {}", with_visible_end(line))),
                ChangeTag::Equal => Line::of(Role::Faint, &format!("           {line}")),
            }
        }));
    }
    lines
}

/// Shows trailing spaces, which may be all that differs, as dots.
pub(crate) fn with_visible_end(line: &str) -> String {
    let text = line.trim_end_matches(' ');
    text.to_owned() + &"·".repeat(line.len() - text.len())
}

/// Bounds both the length and the number of lines, so that neither the reader nor the diff is flooded.
pub(crate) fn bounded(text: &str) -> String {
    let mut out: String = text.lines().take(DIFF_LINES).map(|line| clip(line, MESSAGE) + "\n").collect();
    match text.lines().count().saturating_sub(DIFF_LINES) {
        0 => {}
        cut => out.push_str(&format!("… ({} not shown)\n", counted(cut, "line"))),
    }
    out
}

fn evidence(case: &CaseRecord, finding: &Finding, view: View<'_>) -> Vec<Line> {
    let mut lines = Vec::new();
    if let Some(exchange) = exchange_of(case, finding) {
        lines.push(sent(exchange, view, &finding.step));
    }
    if let Some(commands) = &finding.curl {
        let commands: Vec<_> = commands.lines().take(COMMANDS).map(|command| clip(command, CURL)).collect();
        lines.extend(verbatim("again", &commands.join("\n")));
    }
    if let Some(fuzz) = &finding.fuzz {
        lines.extend(verbatim("from", &clip(&fuzz.origin, MESSAGE)));
        lines.extend(verbatim("keep", &clip(&fuzz.regression, CURL)));
    }
    lines
}

fn sent(exchange: &Exchange, view: View<'_>, step: &str) -> Line {
    let (request, answer) = transcript::in_a_line(exchange, view.base);
    let line = label("sent").with(Role::Plain, &request).pad_to(45, 1).with(Role::Plain, &format!("→ {answer}"));
    let line = if step.is_empty() { line } else { line.with(Role::Faint, &format!(" · {step}")) };
    if view.hint { line.with(Role::Faint, "   (--trace shows both messages)") } else { line }
}

/// Names what a failed case also showed that the gate does not mind.
fn warnings_beside(case: &CaseRecord) -> Vec<Line> {
    let warnings = case.findings.iter().filter(|finding| !is_shown_in_full(case, finding));
    let line = |finding: &Finding| {
        let line = label("also").with(Role::Doubtful, &clip(&finding.message, MESSAGE));
        let at = finding.location.as_ref().map(|location| format!("  {}", place(location))).unwrap_or_default();
        line.with(Role::Faint, &at)
    };
    warnings.map(line).collect()
}

/// Tells what speaks for the server, what it means in Okta, how to mend it, and who else was there.
fn advice(case: &CaseRecord, view: View<'_>) -> Vec<Line> {
    let mut lines = Vec::new();
    if let Some(disputed) = &case.disputed {
        lines.extend(labelled("but", disputed, view.width));
    }
    for note in &case.notes {
        lines.extend(labelled("note", note, view.width));
    }
    if let Some(consequence) = case.consequence.as_ref().filter(|_| case.outcome != Outcome::Fixed) {
        lines.extend(labelled("okta", consequence, view.width));
    }
    if let Some(mend) = case.mend.as_ref().filter(|_| case.outcome != Outcome::Fixed) {
        lines.extend(labelled("mend", mend, view.width));
    }
    for bug in case.bugs.iter().take(BUGS).filter(|_| case.outcome == Outcome::Fail) {
        lines.extend(labelled("seen", &format!("{}: {} ({})", bug.project, bug.summary, bug.url), view.width));
    }
    for reference in case.refs.iter().filter(|_| view.sources) {
        let url = reference.url.as_ref().map(|url| format!(" ({url})")).unwrap_or_default();
        lines.extend(labelled("read", &format!("{}: {}{url}", reference.id, reference.title), view.width));
    }
    lines
}

/// Shows every exchange of a case, both messages each.
pub(crate) fn trace(case: &CaseRecord, bounds: Bounds) -> Vec<Line> {
    let total = case.exchanges.len();
    let exchanges = case.exchanges.iter().enumerate().flat_map(|(position, exchange)| {
        let title = format!("  — exchange {} of {total}: {}", position + 1, exchange.step);
        std::iter::once(Line::of(Role::Faint, &title)).chain(transcript::in_full(exchange, bounds))
    });
    exchanges.collect()
}

fn label(label: &str) -> Line {
    Line::of(Role::Faint, &format!("  {label:<5}  "))
}

/// Shows prose behind a label, broken between words.
pub(crate) fn labelled(name: &str, text: &str, width: usize) -> Vec<Line> {
    behind_label(name, wrap(&prose(text), width.saturating_sub(LABEL)).into_iter())
}

/// Shows a text behind a label, as it is: it is there to be copied.
pub(crate) fn verbatim(name: &str, text: &str) -> Vec<Line> {
    behind_label(name, text.lines().map(str::to_owned))
}

fn behind_label(name: &str, texts: impl Iterator<Item = String>) -> Vec<Line> {
    let line = |(position, text): (usize, String)| {
        let begin = if position == 0 { label(name) } else { Line::plain(&" ".repeat(LABEL)) };
        begin.with(Role::Plain, &text)
    };
    texts.enumerate().map(line).collect()
}

const LABEL: usize = 9;
const MESSAGE: usize = 400;
const CURL: usize = 4_000;
/// How many requests of a finding that took several are told.
const COMMANDS: usize = 40;
const DIFF_LINES: usize = 120;
const BUGS: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;

    fn window(source: &str, column: usize, width: usize) -> (String, String) {
        let location = Location { file: String::new(), line: 1, column, width, source: source.to_owned() };
        let window = Window::around(&location, 40);
        (window.text, " ".repeat(window.before) + &"^".repeat(window.carets))
    }

    #[test]
    fn carets_stand_below_what_they_mean() {
        let (text, carets) = window("status = 200", 10, 3);
        assert_eq!((text.as_str(), carets.as_str()), ("status = 200", "         ^^^"));
    }

    #[test]
    fn a_long_source_line_is_shown_around_the_place() {
        let source = format!("{}HERE{}", "a".repeat(100), "b".repeat(100));
        let (text, carets) = window(&source, 101, 4);
        assert_eq!(text, format!("…{}HERE{}…", "a".repeat(20), "b".repeat(14)));
        assert_eq!(carets, format!("{}^^^^", " ".repeat(21)));
    }

    #[test]
    fn carets_stay_inside_the_line_whatever_the_numbers_say() {
        for (column, width) in [(0, 0), (1, 1000), (500, 3), (usize::MAX / 2, 1)] {
            for length in [0, 1, 38, 39, 40, 41, 42, 43, 200] {
                let (text, carets) = window(&"x".repeat(length), column, width);
                assert!(
                    carets.chars().count() <= text.chars().count() + 1,
                    "{column} {width} {length}: {text} {carets}"
                );
            }
        }
    }

    #[test]
    fn invisible_characters_do_not_shift_the_carets() {
        let (text, carets) = window("\u{202e}\tx", 3, 1);
        assert_eq!((text.as_str(), carets.as_str()), ("<U+202E>␉x", "         ^"));
    }
}
