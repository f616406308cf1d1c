//! The Markdown summary: what stands outside code is the program's own, and it is never longer than it may be.

use crate::goldens::{runs, written};
use crate::records;
use proptest::prelude::*;
use rehearsal_reports::Markdown;
use scim_record::{CaseRecord, Event};

fn markdown(events: &[Event]) -> String {
    written(events, |path| Box::new(Markdown::new(path)))
}

/// Returns what is not inside a fence or a code span, read as CommonMark reads it.
fn outside_code(text: &str) -> String {
    let mut out = String::new();
    let mut fence: Option<usize> = None;
    for line in text.lines() {
        let ticks = line.len() - line.trim_start_matches('`').len();
        match fence {
            Some(open) if ticks >= open && line.trim_end() == "`".repeat(ticks) => fence = None,
            Some(_) => {}
            None if ticks >= 3 => fence = Some(ticks),
            None => out.push_str(&(outside_spans(line) + "\n")),
        }
    }
    assert_eq!(fence, None, "a fence is not closed");
    out
}

fn outside_spans(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(start) = rest.find('`') {
        out.push_str(&rest[..start]);
        let ticks = rest[start..].len() - rest[start..].trim_start_matches('`').len();
        let inner = &rest[start + ticks..];
        let Some(end) = end_of_span(inner, ticks) else { panic!("a span is not closed: {line}") };
        rest = &inner[end + ticks..];
    }
    out + rest
}

/// Finds the first run of exactly `ticks` backticks.
fn end_of_span(text: &str, ticks: usize) -> Option<usize> {
    let mut at = 0;
    while let Some(found) = text[at..].find('`') {
        let start = at + found;
        let run = text[start..].len() - text[start..].trim_start_matches('`').len();
        if run == ticks {
            return Some(start);
        }
        at = start + run;
    }
    None
}

#[test]
fn no_summary_holds_html_or_a_mention() {
    for (name, events) in runs() {
        let outside = outside_code(&markdown(&events));
        assert!(!outside.contains(['<', '@']), "{name}: {outside}");
        let addresses = outside.matches("://").count();
        assert_eq!(addresses, outside.matches("](https://www.rfc-editor.org/").count(), "{name}: {outside}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_of_a_server_is_markup(
        text in "(`{1,8}|~~~|\\n|\\n```\\n|@everyone|https://x\\.test|<b>|\\]\\(x\\)|!\\[x\\]|\\||\\\\|#1|/close| |\\PC){0,14}",
    ) {
        let text = format!("{text}CANARY{text}");
        let mut events = records::run(
            vec![records::carrying("any/text/a", &text), records::skipped_because("any/text/b", &text)],
            |info| info.asked = vec![text.clone()],
            |_| {},
        );
        if let Some(Event::RunFinished(summary)) = events.last_mut() {
            summary.left_behind = vec![scim_record::LeftBehind { path: text.clone(), reason: text.clone() }];
        }
        let summary = markdown(&events);
        prop_assert!(summary.contains("CANARY"));
        let outside = outside_code(&summary);
        prop_assert!(!outside.contains("CANARY") && !outside.contains(['<', '@']), "{outside}");
    }
}

#[test]
fn a_long_summary_is_cut_between_sections_and_says_so() {
    let case = |number: usize| records::carrying(&format!("many/cases/{number:04}"), &"x y ".repeat(200));
    let cases: Vec<CaseRecord> = (0..150).map(case).collect();
    let summary = markdown(&records::run(cases, |_| {}, |_| {}));
    assert!(summary.len() <= 60_000, "{} bytes", summary.len());
    let shown = summary.matches("\n#### ").count();
    assert!(
        summary
            .ends_with(&format!("{} more entries do not fit here; the HTML and JSON reports have all.\n", 150 - shown))
    );
    outside_code(&summary);
}
