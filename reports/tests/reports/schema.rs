//! The JSON report says what its schema documents, and the schema documents all it says.

use crate::conforms::conforms;
use serde_json::Value;
use std::path::Path;

fn read(path: &str) -> Value {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect("the file is there");
    serde_json::from_str(&text).expect("the file is JSON")
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

#[test]
fn a_report_has_the_documented_keys() {
    let report = read("tests/goldens/mixed.json");
    let top = [
        "schema_version",
        "tool",
        "version",
        "target",
        "specimen",
        "tls_unverified",
        "run",
        "seed",
        "gate",
        "started",
        "part",
        "asked",
        "summary",
        "dialect",
        "cases",
    ];
    assert_eq!(keys(&report), top);
    let summary = ["chosen", "counts", "requests", "retries", "time_ms", "exit", "interrupted", "left_behind"];
    assert_eq!(keys(&report["summary"]), summary);
    assert_eq!(keys(&report["summary"]["counts"]), ["pass", "warn", "fail", "skip", "error", "known", "fixed"]);
    let case = [
        "id",
        "suite",
        "app",
        "title",
        "outcome",
        "reason",
        "level",
        "basis",
        "disputed",
        "rule",
        "refs",
        "consequence",
        "mend",
        "bugs",
        "findings",
        "reading",
        "notes",
        "fuzz",
        "exchanges",
        "time_ms",
        "location",
    ];
    for found in report["cases"].as_array().expect("a list of cases") {
        assert_eq!(keys(found), case);
    }
}

#[test]
fn every_golden_conforms_to_the_schema() {
    let schema = read("report.schema.json");
    for name in ["clean", "mixed", "hostile", "interrupted", "unreachable", "all-skipped"] {
        let report = read(&format!("tests/goldens/{name}.json"));
        if let Err(why) = conforms(&report, &schema, &schema) {
            panic!("{name}.json{why}");
        }
    }
}

#[test]
fn every_line_of_the_event_stream_conforms_to_its_schema() {
    let schema = read("events.schema.json");
    for name in ["mixed", "hostile", "story"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/goldens").join(name).with_extension("ndjson");
        let text = std::fs::read_to_string(path).expect("the golden is there");
        for (number, line) in text.lines().enumerate() {
            let line = serde_json::from_str(line).expect("a line is JSON");
            if let Err(why) = conforms(&line, &schema, &schema) {
                panic!("{name}.ndjson:{}{why}", number + 1);
            }
        }
        assert!(
            text.lines().next().expect("a first line").starts_with(r#"{"event":"run-started","schema_version":1,"#)
        );
        assert!(text.lines().last().expect("a last line").starts_with(r#"{"event":"run-finished","#));
    }
}

#[test]
fn what_the_schema_does_not_say_does_not_conform() {
    let schema = read("events.schema.json");
    for line in [r#"{"event":"case-started","id":1,"app":null}"#, r#"{"event":"case-began","id":"a","app":null}"#] {
        let line: Value = serde_json::from_str(line).expect("JSON");
        assert!(conforms(&line, &schema, &schema).is_err(), "{line}");
    }
}

#[test]
fn the_schemas_use_only_what_is_checked() {
    for path in ["report.schema.json", "events.schema.json"] {
        uses_only_what_is_checked(&read(path));
    }
}

/// Panics where a schema has a keyword that `conforms` does not know.
fn uses_only_what_is_checked(schema: &Value) {
    let known = [
        "$schema",
        "$defs",
        "$ref",
        "title",
        "description",
        "type",
        "properties",
        "required",
        "items",
        "oneOf",
        "anyOf",
        "const",
        "format",
        "minimum",
        "maximum",
    ];
    fn look(schema: &Value, known: &[&str]) {
        for (keyword, value) in schema.as_object().into_iter().flatten() {
            assert!(known.contains(&keyword.as_str()), "{keyword} is not checked");
            match keyword.as_str() {
                "properties" | "$defs" => {
                    value.as_object().into_iter().flatten().for_each(|(_, value)| look(value, known))
                }
                "oneOf" | "anyOf" => value.as_array().into_iter().flatten().for_each(|value| look(value, known)),
                "items" => look(value, known),
                _ => {}
            }
        }
    }
    look(schema, &known);
}
