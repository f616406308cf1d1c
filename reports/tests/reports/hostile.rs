//! Whatever a service provider sends, reports stay readable: by parsers, by terminals, by CI runners.

use crate::goldens::written;
use crate::{records, tree};
use proptest::prelude::*;
use rehearsal_reports::{Json, Junit, Report, Terminal, TerminalOptions, Verbosity};
use scim_record::{CaseRecord, Event};
use std::path::Path;

/// Runs over every code point there is, in every place a report has.
#[test]
fn junit_is_well_formed_for_every_code_point() {
    let all: Vec<char> = ('\0'..=char::MAX).collect();
    for (number, part) in all.chunks(200_000).enumerate() {
        let texts = part.chunks(300).map(|chars| chars.iter().collect::<String>());
        let cases = texts.enumerate().flat_map(|(position, text)| cases(&format!("{number}-{position}"), &text));
        let xml = junit(&records::run(cases.collect(), |_| {}, |_| {}));
        assert_eq!(test_cases(&xml), part.len().div_ceil(300) * 2);
    }
}

#[test]
fn every_golden_is_well_formed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/goldens");
    let names = ["clean", "mixed", "hostile", "interrupted", "unreachable", "all-skipped"];
    let counts = names.map(|name| {
        test_cases(&std::fs::read_to_string(folder.join(name).with_extension("xml")).expect("the golden is there"))
    });
    assert_eq!(counts, [3, 12, 3, 5, 5, 1]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn junit_is_well_formed_for_any_text(text in "(\\PC|]]>|<!\\[CDATA\\[|&#0;|\\r\\n|[\\x00-\\x1f\u{fffe}]|--|<|\"){0,60}") {
        let xml = junit(&records::run(cases("any", &text).into(), |_| {}, |_| {}));
        prop_assert_eq!(test_cases(&xml), 2);
    }

    #[test]
    fn no_report_steers_a_terminal_or_a_runner(text in "(\\PC|::error::|##vso\\[|##\\[|\\n|\\r|[\\x00-\\x1f\u{9b}\u{202e}]| ){0,40}") {
        let events = records::run(cases("any", &text).into(), |_| {}, |_| {});
        let texts = [terminal(&events), junit(&events), json(&events)];
        for line in texts.iter().flat_map(|text| text.lines()) {
            prop_assert!(!line.trim_start().starts_with("::"), "{line}");
            prop_assert!(!line.contains("##[") && !line.to_lowercase().contains("##vso["), "{line}");
            prop_assert!(!line.contains(|c: char| c.is_control() || c == '\u{202e}'), "{line:?}");
        }
    }

    #[test]
    fn json_keeps_every_text_as_it_was(text in any::<String>()) {
        let events = records::run(cases("any", &text).into(), |_| {}, |_| {});
        let report: serde_json::Value = serde_json::from_str(&json(&events)).expect("the report is JSON");
        prop_assert_eq!(report["cases"][0]["findings"][0]["message"].as_str(), Some(text.as_str()));
    }
}

fn cases(id: &str, text: &str) -> [CaseRecord; 2] {
    [
        records::carrying(&format!("hostile/texts/{id}-a"), text),
        records::skipped_because(&format!("hostile/texts/{id}-b"), text),
    ]
}

fn terminal(events: &[Event]) -> String {
    let mut out = Vec::new();
    let options = TerminalOptions { verbosity: Verbosity::Verbose, trace: true, ..TerminalOptions::default() };
    let mut report = Terminal::new(&mut out, options);
    events.iter().for_each(|event| report.event(event).expect("the report can be written"));
    String::from_utf8(out).expect("reports are UTF-8")
}

fn junit(events: &[Event]) -> String {
    written(events, |path| Box::new(Junit::new(path)))
}

fn json(events: &[Event]) -> String {
    written(events, |path| Box::new(Json::new(path)))
}

/// Parses strictly and returns how many test cases there are.
fn test_cases(xml: &str) -> usize {
    tree::parse(xml).below("testcase").len()
}
