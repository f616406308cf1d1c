//! The path of a JSON property as Runscope writes it: `Resources[0].name.familyName`, `["urn:…"].department`.

use serde_json::Value;
use std::borrow::Cow;

/// A path into a JSON document; the empty one is the document itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Path(Vec<Segment>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Key(String),
    Index(usize),
}

impl Path {
    /// Parses a path, or says what is wrong with it.
    pub(crate) fn parse(text: &str) -> Result<Path, String> {
        let mut segments = Vec::new();
        let mut rest = text.trim();
        while !rest.is_empty() {
            let (segment, behind) = match rest.strip_prefix('[') {
                Some(inside) => bracketed(inside)?,
                None => dotted(rest, segments.is_empty())?,
            };
            segments.push(segment);
            rest = behind;
        }
        Ok(Path(segments))
    }

    /// Returns what is at the path; JavaScript's `length` is known for arrays.
    pub(crate) fn find<'v>(&self, document: &'v Value) -> Option<Cow<'v, Value>> {
        let mut found = Cow::Borrowed(document);
        for segment in &self.0 {
            found = match found {
                Cow::Borrowed(value) => step(value, segment)?,
                // Only a length is owned, and a number has nothing below it.
                Cow::Owned(_) => return None,
            };
        }
        Some(found)
    }

    /// Returns the same path as a JSON Pointer (RFC 6901).
    pub(crate) fn pointer(&self) -> String {
        let text = |segment: &Segment| match segment {
            Segment::Key(key) => format!("/{}", key.replace('~', "~0").replace('/', "~1")),
            Segment::Index(index) => format!("/{index}"),
        };
        self.0.iter().map(text).collect()
    }
}

fn step<'v>(value: &'v Value, segment: &Segment) -> Option<Cow<'v, Value>> {
    match (value, segment) {
        (Value::Object(members), Segment::Key(key)) => members.get(key).map(Cow::Borrowed),
        (Value::Array(elements), Segment::Index(index)) => elements.get(*index).map(Cow::Borrowed),
        (Value::Array(elements), Segment::Key(key)) if key == "length" => Some(Cow::Owned(elements.len().into())),
        _ => None,
    }
}

/// Reads `0]…`, `'key']…` or `"key"]…`.
fn bracketed(inside: &str) -> Result<(Segment, &str), String> {
    if let Some(quote) = inside.chars().next().filter(|first| matches!(first, '\'' | '"')) {
        let quoted = &inside[1..];
        let end = quoted.find(quote).ok_or_else(|| format!("the quotation mark {quote} is not closed"))?;
        let behind = quoted[end + 1..].strip_prefix(']').ok_or("a bracket is not closed")?;
        return Ok((Segment::Key(quoted[..end].to_owned()), behind));
    }
    let (index, behind) = inside.split_once(']').ok_or("a bracket is not closed")?;
    let number = index.trim().parse().map_err(|_| format!("`{index}` is no index"))?;
    Ok((Segment::Index(number), behind))
}

/// Reads `key…` at the start and `.key…` further on.
fn dotted(rest: &str, is_first: bool) -> Result<(Segment, &str), String> {
    let name = match (rest.strip_prefix('.'), is_first) {
        (Some(name), false) => name,
        (None, true) => rest,
        _ => return Err(format!("`{rest}` does not go on from what is before it")),
    };
    let end = name.find(['.', '[']).unwrap_or(name.len());
    let key = name[..end].trim();
    if key.is_empty() {
        return Err("a name is missing".to_owned());
    }
    Ok((Segment::Key(key.to_owned()), &name[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn paths_lead_where_javascript_would() {
        let document = json!({
            "Resources": [{ "emails": [{ "value": "a" }], "urn:x:2.0:User": { "department": "d" } }],
            "a/b": { "it's": 1 },
        });
        for (path, expected, pointer) in [
            ("", Some(document.clone()), ""),
            ("Resources[0].emails[0].value", Some(json!("a")), "/Resources/0/emails/0/value"),
            (
                r#"Resources[0]["urn:x:2.0:User"].department"#,
                Some(json!("d")),
                "/Resources/0/urn:x:2.0:User/department",
            ),
            ("Resources['length']", Some(json!(1)), "/Resources/length"),
            ("Resources.length", Some(json!(1)), "/Resources/length"),
            (r#"["a/b"]["it's"]"#, Some(json!(1)), "/a~1b/it's"),
            ("Resources[1].id", None, "/Resources/1/id"),
            ("resources", None, "/resources"),
            ("Resources.length.x", None, "/Resources/length/x"),
        ] {
            let parsed = Path::parse(path).unwrap();
            assert_eq!(parsed.find(&document).map(Cow::into_owned), expected, "{path}");
            assert_eq!(parsed.pointer(), pointer, "{path}");
        }
    }

    #[test]
    fn what_is_no_path_is_refused() {
        for path in ["a[", "a[x]", "a[-1]", "a['b]", "a['b'", ".a", "a..b", "a.", "a[0]b", "a[*]"] {
            assert!(Path::parse(path).is_err(), "{path}");
        }
    }
}
