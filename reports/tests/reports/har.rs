//! The HTTP Archive holds what HAR 1.2 asks for, every exchange once, and no run is too long for it.

use crate::goldens::written;
use crate::records;
use proptest::prelude::*;
use rehearsal_reports::Har;
use scim_record::Event;
use serde_json::Value;

fn har(events: &[Event]) -> Value {
    serde_json::from_str(&written(events, |path| Box::new(Har::new(path)))).expect("an archive is JSON")
}

fn entries(har: &Value) -> &Vec<Value> {
    har["log"]["entries"].as_array().expect("a list of entries")
}

/// The members that HAR 1.2 does not call optional, as `(path, type)`; `[]` stands for every element.
const REQUIRED: [(&str, &str); 36] = [
    ("/log/version", "string"),
    ("/log/creator/name", "string"),
    ("/log/creator/version", "string"),
    ("/log/entries", "array"),
    ("/log/entries/[]/startedDateTime", "string"),
    ("/log/entries/[]/time", "number"),
    ("/log/entries/[]/cache", "object"),
    ("/log/entries/[]/timings/send", "number"),
    ("/log/entries/[]/timings/wait", "number"),
    ("/log/entries/[]/timings/receive", "number"),
    ("/log/entries/[]/request/method", "string"),
    ("/log/entries/[]/request/url", "string"),
    ("/log/entries/[]/request/httpVersion", "string"),
    ("/log/entries/[]/request/cookies", "array"),
    ("/log/entries/[]/request/headers", "array"),
    ("/log/entries/[]/request/headers/[]/name", "string"),
    ("/log/entries/[]/request/headers/[]/value", "string"),
    ("/log/entries/[]/request/queryString", "array"),
    ("/log/entries/[]/request/queryString/[]/name", "string"),
    ("/log/entries/[]/request/queryString/[]/value", "string"),
    ("/log/entries/[]/request/headersSize", "number"),
    ("/log/entries/[]/request/bodySize", "number"),
    ("/log/entries/[]/response/status", "number"),
    ("/log/entries/[]/response/statusText", "string"),
    ("/log/entries/[]/response/httpVersion", "string"),
    ("/log/entries/[]/response/cookies", "array"),
    ("/log/entries/[]/response/headers", "array"),
    ("/log/entries/[]/response/headers/[]/name", "string"),
    ("/log/entries/[]/response/headers/[]/value", "string"),
    ("/log/entries/[]/response/redirectURL", "string"),
    ("/log/entries/[]/response/headersSize", "number"),
    ("/log/entries/[]/response/bodySize", "number"),
    ("/log/entries/[]/response/content/size", "number"),
    ("/log/entries/[]/response/content/mimeType", "string"),
    ("/log/entries/[]/response/content/text", "string"),
    ("/log/pages", "array"),
];

fn require(value: &Value, path: &str, kind: &str) -> Result<(), String> {
    let Some(rest) = path.strip_prefix('/') else {
        let found = match value {
            Value::String(_) => "string",
            Value::Number(_) => "number",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
            _ => "something else",
        };
        return if found == kind { Ok(()) } else { Err(format!(" is {found}, not {kind}")) };
    };
    let end = rest.find('/').unwrap_or(rest.len());
    let (name, deeper) = rest.split_at(end);
    match (name, value) {
        ("[]", Value::Array(items)) => items.iter().try_for_each(|item| require(item, deeper, kind)),
        (name, value) => {
            let value = value.get(name).ok_or_else(|| format!("/{name} is missing"))?;
            require(value, deeper, kind).map_err(|why| format!("/{name}{why}"))
        }
    }
}

#[test]
fn every_member_that_har_demands_is_there() {
    for events in [records::clean(), records::mixed(), records::hostile(), records::story()] {
        let har = har(&events);
        assert_eq!(har["log"]["version"], "1.2");
        for (path, kind) in REQUIRED {
            require(&har, path, kind).unwrap_or_else(|why| panic!("{why} ({path})"));
        }
        for entry in entries(&har) {
            let started: jiff::Timestamp =
                entry["startedDateTime"].as_str().expect("a text").parse().expect("ISO 8601");
            assert!(started > jiff::Timestamp::UNIX_EPOCH);
            let sum: f64 = ["send", "wait", "receive"].iter().filter_map(|it| entry["timings"][it].as_f64()).sum();
            assert!((entry["time"].as_f64().expect("a number") - sum).abs() < 0.001, "{entry}");
        }
    }
}

#[test]
fn passed_cases_and_the_run_itself_are_in_the_archive() {
    let har = har(&records::story());
    let told: Vec<(&str, &str)> = entries(&har)
        .iter()
        .map(|entry| (entry["_step"].as_str().unwrap_or_default(), entry["_case"].as_str().unwrap_or_default()))
        .collect();
    let expected = [("discovery", ""), ("assign", "lucy/first-day/okta-is-content"), ("clean-up", "")];
    assert_eq!(told, expected, "what two cases and their chapter look at is written once");
}

#[test]
fn what_was_not_answered_says_why() {
    let har = har(&records::mixed());
    let lost = entries(&har).iter().find(|entry| entry["response"]["status"] == 0).expect("one timed out");
    assert_eq!(lost["response"]["_error"], "no complete response within 60000 ms");
    assert_eq!(lost["request"]["queryString"][0]["name"], "filter");
}

#[test]
fn a_run_that_ends_early_leaves_the_old_archive() {
    use rehearsal_reports::Report;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("run.har");
    std::fs::write(&path, "old").expect("a file");
    let mut report = Har::new(&path);
    let events = records::mixed();
    events[..4].iter().for_each(|event| report.event(event).expect("the report can be written"));
    drop(report);
    assert_eq!(std::fs::read_to_string(&path).expect("the file is there"), "old");
    assert_eq!(std::fs::read_dir(folder.path()).expect("the folder is there").count(), 1, "no half archive is left");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_archive_keeps_every_text_as_it_was(text in any::<String>()) {
        let har = har(&records::run(vec![records::carrying("any/text/a", &text)], |_| {}, |_| {}));
        prop_assert_eq!(entries(&har)[0]["response"]["content"]["text"].as_str(), Some(text.as_str()));
    }
}
