//! Texts with holes: `${vendor.api}/users/${user.id}`. What fills a hole is encoded for the place it comes to.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::Value;

use super::path::Path;

/// A text with holes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Template {
    source: String,
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Hole(Path),
}

impl TryFrom<String> for Template {
    type Error = String;

    fn try_from(source: String) -> Result<Template, String> {
        let mut parts = Vec::new();
        let mut rest = source.as_str();
        while let Some(start) = rest.find("${") {
            if start > 0 {
                parts.push(Part::Text(rest[..start].to_owned()));
            }
            let inside = &rest[start + 2..];
            let end = inside.find('}').ok_or_else(|| format!("{source:?}: a ${{ is not closed by }}"))?;
            parts.push(Part::Hole(Path::parse(inside[..end].trim())?));
            rest = &inside[end + 1..];
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        Ok(Template { source, parts })
    }
}

/// As the seed has it.
impl fmt::Display for Template {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.source)
    }
}

impl Template {
    /// Returns the paths of the holes.
    pub(super) fn paths(&self) -> impl Iterator<Item = &Path> {
        self.parts.iter().filter_map(|part| match part {
            Part::Hole(path) => Some(path),
            Part::Text(_) => None,
        })
    }

    /// Returns the path of the hole a template begins with, and the text behind that hole.
    pub(super) fn beginning(&self) -> Option<(&Path, &str)> {
        match self.parts.as_slice() {
            [Part::Hole(path)] => Some((path, "")),
            [Part::Hole(path), Part::Text(text), ..] => Some((path, text)),
            // Two holes in a row: nobody knows where the first one ends.
            [Part::Hole(path), Part::Hole(_), ..] => Some((path, "$")),
            _ => None,
        }
    }

    /// Returns the text a template begins with.
    pub(super) fn text_at_start(&self) -> &str {
        match self.parts.first() {
            Some(Part::Text(text)) => text,
            _ => "",
        }
    }

    /// Returns the texts between the holes.
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Text(text) => Some(text.as_str()),
            Part::Hole(_) => None,
        })
    }

    /// Fills the holes of a URL. The one at its beginning is a URL itself and stays as it is; others are percent-encoded,
    /// and are neither empty nor a dot segment, with which a request would be about something else.
    pub(super) fn url(&self, scope: &Value) -> Result<String, String> {
        let mut url = String::new();
        for (position, part) in self.parts.iter().enumerate() {
            match part {
                Part::Text(text) => url.push_str(text),
                Part::Hole(path) => {
                    let value = scalar(path, scope)?;
                    match value.as_str() {
                        "" => return Err(format!("{path} is empty, which no part of a URL may be")),
                        "." | ".." if position > 0 => {
                            return Err(format!("{path} is {value:?}, which in a URL means another place"));
                        }
                        _ if position == 0 => url.push_str(value.trim_end_matches('/')),
                        _ => url.extend(utf8_percent_encode(&value, ENCODED)),
                    }
                }
            }
        }
        Ok(url)
    }

    /// Fills the holes of a text.
    pub(super) fn text(&self, scope: &Value) -> Result<String, String> {
        let fill = |part: &Part| match part {
            Part::Text(text) => Ok(text.clone()),
            Part::Hole(path) => scalar(path, scope),
        };
        self.parts.iter().map(fill).collect()
    }

    /// Fills the holes of a JSON text. One that is nothing but a hole becomes the value itself, a number as a number.
    pub(super) fn value(&self, scope: &Value) -> Result<Value, String> {
        match self.parts.as_slice() {
            [Part::Hole(path)] => present(path, scope).cloned(),
            _ => self.text(scope).map(Value::String),
        }
    }
}

fn present<'a>(path: &Path, scope: &'a Value) -> Result<&'a Value, String> {
    path.find(scope).ok_or_else(|| match path.root() {
        "group" | "app" | "changed" => format!("{path} has no value: the event is not about one"),
        _ => format!("{path} has no value"),
    })
}

fn scalar(path: &Path, scope: &Value) -> Result<String, String> {
    match present(path, scope)? {
        Value::String(text) => Ok(text.clone()),
        value @ (Value::Number(_) | Value::Bool(_)) => Ok(value.to_string()),
        Value::Null => Err(format!("{path} is null, which is no text")),
        Value::Array(_) | Value::Object(_) => Err(format!("{path} is no single value")),
    }
}

/// Everything but the unreserved characters of RFC 3986 §2.3.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// JSON with holes in its texts.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "toml::Value")]
pub(super) struct JsonTemplate(Node);

#[derive(Debug, Clone, PartialEq)]
enum Node {
    Text(Template),
    Fixed(Value),
    List(Vec<Node>),
    Object(Vec<(String, Node)>),
}

impl TryFrom<toml::Value> for JsonTemplate {
    type Error = String;

    /// A whole body may also be written as JSON in a text, as in the suites.
    fn try_from(value: toml::Value) -> Result<JsonTemplate, String> {
        match value {
            toml::Value::String(text) => {
                let json: Value =
                    serde_json::from_str(&text).map_err(|error| format!("the text is not JSON: {error}"))?;
                Ok(JsonTemplate(of_json(json)?))
            }
            other => of_toml(other).map(JsonTemplate),
        }
    }
}

fn of_toml(value: toml::Value) -> Result<Node, String> {
    Ok(match value {
        toml::Value::String(text) => Node::Text(Template::try_from(text)?),
        toml::Value::Integer(number) => Node::Fixed(Value::from(number)),
        toml::Value::Float(number) if number.is_finite() => Node::Fixed(Value::from(number)),
        toml::Value::Float(number) => return Err(format!("{number} is no JSON number")),
        toml::Value::Boolean(flag) => Node::Fixed(Value::from(flag)),
        toml::Value::Datetime(moment) => Node::Fixed(Value::from(moment.to_string())),
        toml::Value::Array(items) => Node::List(items.into_iter().map(of_toml).collect::<Result<_, _>>()?),
        toml::Value::Table(table) => {
            let inner = |(key, value)| Ok((key, of_toml(value)?));
            Node::Object(table.into_iter().map(inner).collect::<Result<_, String>>()?)
        }
    })
}

fn of_json(value: Value) -> Result<Node, String> {
    Ok(match value {
        Value::String(text) => Node::Text(Template::try_from(text)?),
        Value::Array(items) => Node::List(items.into_iter().map(of_json).collect::<Result<_, _>>()?),
        Value::Object(object) => {
            let inner = |(key, value)| Ok((key, of_json(value)?));
            Node::Object(object.into_iter().map(inner).collect::<Result<_, String>>()?)
        }
        fixed => Node::Fixed(fixed),
    })
}

impl JsonTemplate {
    /// Reads a value in which a text is a text, be it JSON or not.
    pub(super) fn literally(value: toml::Value) -> Result<JsonTemplate, String> {
        of_toml(value).map(JsonTemplate)
    }

    /// Fills the holes.
    pub(super) fn value(&self, scope: &Value) -> Result<Value, String> {
        self.0.value(scope)
    }

    /// Returns the paths of the holes.
    pub(super) fn paths(&self) -> Vec<&Path> {
        let mut paths = Vec::new();
        self.0.collect(&mut paths);
        paths
    }
}

impl Node {
    fn value(&self, scope: &Value) -> Result<Value, String> {
        match self {
            Node::Text(template) => template.value(scope),
            Node::Fixed(value) => Ok(value.clone()),
            Node::List(items) => items.iter().map(|item| item.value(scope)).collect(),
            Node::Object(members) => {
                let inner = |(key, member): &(String, Node)| Ok((key.clone(), member.value(scope)?));
                members.iter().map(inner).collect::<Result<_, String>>().map(Value::Object)
            }
        }
    }

    fn collect<'a>(&'a self, paths: &mut Vec<&'a Path>) {
        match self {
            Node::Text(template) => paths.extend(template.paths()),
            Node::Fixed(_) => {}
            Node::List(items) => items.iter().for_each(|item| item.collect(paths)),
            Node::Object(members) => members.iter().for_each(|(_, member)| member.collect(paths)),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn template(text: &str) -> Template {
        Template::try_from(text.to_owned()).expect("a template")
    }

    #[test]
    fn values_in_a_url_are_percent_encoded() {
        let scope =
            json!({ "vendor": { "api": "http://x/" }, "user": { "login": "a/b?c#d&e=é ../%2f" }, "save": { "n": 7 } });
        let url = template("${vendor.api}/u/${user.login}?n=${save.n}").url(&scope).unwrap();
        assert_eq!(url, "http://x/u/a%2Fb%3Fc%23d%26e%3D%C3%A9%20..%2F%252f?n=7");
    }

    #[test]
    fn a_value_that_would_make_another_url_is_refused() {
        let url = template("${vendor.api}/u/${save.x}");
        for (value, part) in [
            (json!(""), "empty"),
            (json!(".."), "another place"),
            (json!("."), "another place"),
            (Value::Null, "null"),
            (json!({}), "no single value"),
        ] {
            let error = url.url(&json!({ "vendor": { "api": "http://x" }, "save": { "x": value } })).unwrap_err();
            assert!(error.contains(part), "{error}");
        }
        assert!(url.url(&json!({ "vendor": { "api": "http://x" } })).unwrap_err().contains("save.x has no value"));
    }

    #[test]
    fn values_in_json_stay_values() {
        let body: JsonTemplate = toml::from_str::<toml::Table>(
            "json = { a = '${save.x}', b = 'n: ${save.n}', c = ['${save.n}', 1, true], d = 2026-01-05 }",
        )
        .map(|mut table| JsonTemplate::try_from(table.remove("json").unwrap()).unwrap())
        .unwrap();
        let scope = json!({ "save": { "x": "\",\"admin\":true,\"\u{0}", "n": 7 } });
        let value = body.value(&scope).unwrap();
        assert_eq!(
            value,
            json!({ "a": "\",\"admin\":true,\"\u{0}", "b": "n: 7", "c": [7, 1, true], "d": "2026-01-05" })
        );
        assert_eq!(body.paths().len(), 3);
    }

    #[test]
    fn a_body_may_be_written_as_json() {
        let body = JsonTemplate::try_from(toml::Value::from(r#"{"id":"${save.n}","z":null}"#)).unwrap();
        assert_eq!(body.value(&json!({ "save": { "n": 1.5 } })).unwrap(), json!({ "id": 1.5, "z": null }));
        let error = JsonTemplate::try_from(toml::Value::from("{")).unwrap_err();
        assert!(error.contains("not JSON"), "{error}");
    }

    #[test]
    fn what_is_no_template_is_refused() {
        for (text, part) in [("${user.id", "not closed"), ("${}", "no path"), ("${usr.id}", "did you mean user")] {
            let error = Template::try_from(text.to_owned()).unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        }
        assert_eq!(template("$ { } $x").text(&json!({})).unwrap(), "$ { } $x");
    }
}
