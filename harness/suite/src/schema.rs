//! The JSON Schema by which editors complete and explain suite files, made from the mirror structs.

use crate::file::SuiteTable;
use crate::story::table::StoryTable;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value;
use std::fs;

#[test]
fn the_schema_for_editors_is_the_one_of_the_mirror_structs() {
    is_kept("suite.schema.json", schema::<SuiteTable>("A suite of Rehearsal"));
    is_kept("lifecycle/story.schema.json", schema::<StoryTable>("A story of Rehearsal"));
}

fn is_kept(file: &str, schema: Value) {
    let path = format!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../suites/{}"), file);
    let made = format!("{schema:#}\n");
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, &made).expect("the schema can be written");
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == made, "suites/{file} is stale; BLESS=1 writes it afresh");
}

/// Draft 7 is what the editors' TOML extensions understand.
fn schema<Table: JsonSchema>(title: &str) -> Value {
    let generator = SchemaSettings::draft07().into_generator();
    let mut schema = generator.into_root_schema_for::<Table>().to_value();
    without_null(&mut schema);
    schema["title"] = title.into();
    schema
}

/// TOML has no null; a key that is optional is left out.
fn without_null(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(without_null),
        Value::Object(members) => {
            members.values_mut().for_each(without_null);
            members.retain(|name, value| !(name == "default" && value.is_null()));
            if let Some(Value::Array(types)) = members.get_mut("type") {
                types.retain(|kind| kind != "null");
                if let [one] = types.as_slice() {
                    let one = one.clone();
                    members.insert("type".to_owned(), one);
                }
            }
            if let Some(Value::Array(choices)) = members.get_mut("anyOf") {
                choices.retain(|choice| choice != &serde_json::json!({ "type": "null" }));
            }
        }
        _ => {}
    }
}
