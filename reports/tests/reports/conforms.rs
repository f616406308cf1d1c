//! Validation by JSON Schema, as far as the schemas of the reports use it.

use serde_json::Value;

/// Validates by the part of JSON Schema that the schema uses; a keyword it does not know would pass unseen, so
/// a test of the schemas lists them. Undocumented keys do not conform.
pub(crate) fn conforms(value: &Value, schema: &Value, root: &Value) -> Result<(), String> {
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
