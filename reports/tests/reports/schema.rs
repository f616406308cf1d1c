//! The JSON report says what its schema documents, and the schema documents all it says.

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
        "run",
        "seed",
        "gate",
        "started",
        "summary",
        "dialect",
        "cases",
    ];
    assert_eq!(keys(&report), top);
    let summary = ["chosen", "counts", "requests", "time_ms", "exit", "interrupted", "left_behind"];
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

/// Validates by the part of JSON Schema that the schema uses; a keyword it does not know would pass unseen, so
/// [`the_schema_uses_only_what_is_checked_here`] lists them. Undocumented keys do not conform.
fn conforms(value: &Value, schema: &Value, root: &Value) -> Result<(), String> {
    if let Some(reference) = schema["$ref"].as_str() {
        return conforms(value, root.pointer(&reference[1..]).expect("references lead somewhere"), root);
    }
    for choice in ["oneOf", "anyOf"] {
        if let Some(choices) = schema[choice].as_array() {
            let fits = choices.iter().any(|schema| conforms(value, schema, root).is_ok());
            return if fits { Ok(()) } else { Err(format!(": {value} is none of {choice}")) };
        }
    }
    if schema.get("const").is_some_and(|only| only != value) {
        return Err(format!(": {value} is not {}", schema["const"]));
    }
    if !types(&schema["type"]).contains(&type_of(value)) {
        return Err(format!(": {value} is no {}", schema["type"]));
    }
    match value {
        Value::Object(members) => {
            let required = schema["required"].as_array().into_iter().flatten();
            if let Some(missing) = required.filter_map(Value::as_str).find(|key| !members.contains_key(*key)) {
                return Err(format!(": {missing} is missing"));
            }
            members.iter().try_for_each(|(key, value)| {
                let schema = schema["properties"].get(key).ok_or_else(|| format!(": {key} is not documented"))?;
                conforms(value, schema, root).map_err(|why| format!("/{key}{why}"))
            })
        }
        Value::Array(items) => items.iter().enumerate().try_for_each(|(index, item)| {
            conforms(item, &schema["items"], root).map_err(|why| format!("/{index}{why}"))
        }),
        _ => Ok(()),
    }
}

fn types(names: &Value) -> Vec<&str> {
    match names {
        Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
        name => name.as_str().into_iter().collect(),
    }
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

#[test]
fn the_schema_uses_only_what_is_checked_here() {
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
    look(&read("report.schema.json"), &known);
}
