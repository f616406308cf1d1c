//! JSON as careless servers read it: what they create must be found again, whatever it was written in.

use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// Reads JSON; what is no UTF-8 and half of a surrogate pair, which is grammatical (RFC 8259 §8.2), become U+FFFD, and
/// members that are too deep are left out. Nothing else is mended: what is no JSON then is `null`.
pub(super) fn read(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap_or_else(|_| {
        let text = whole(&String::from_utf8_lossy(body));
        serde_json::from_str(&text).ok().or_else(|| shallow(&text)).unwrap_or_default()
    })
}

/// Reads the members of an object, and of each object in its `Resources`, that are not too deep.
fn shallow(text: &str) -> Option<Value> {
    let members: BTreeMap<String, &RawValue> = serde_json::from_str(text).ok()?;
    let read = |(name, value): (String, &RawValue)| {
        let list = || {
            let list: Vec<&RawValue> = serde_json::from_str(value.get()).ok().filter(|_| name == "Resources")?;
            Some(list.into_iter().filter_map(|one| shallow(one.get())).collect())
        };
        let value = serde_json::from_str(value.get()).ok().or_else(list)?;
        Some((name, value))
    };
    Some(Value::Object(members.into_iter().filter_map(read).collect()))
}

/// Which spellings of an attribute's name count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Case {
    /// That of the standard, which every server reads.
    Exact,
    /// All of them (RFC 7643 §2.1).
    Any,
}

/// Returns the value of a naming attribute of the resource that a body holds; a blank one names nobody.
///
/// In a body that is no JSON it is what stands behind the first such member.
pub(super) fn name_in(body: &[u8], attribute: &str, case: Case) -> Option<String> {
    let name = match read(body) {
        Value::Null => behind(&whole(&String::from_utf8_lossy(body)), attribute),
        resource => {
            let is_it = |name: &str| name == attribute || (case == Case::Any && name.eq_ignore_ascii_case(attribute));
            let (_, name) = resource.as_object()?.iter().rev().find(|(name, _)| is_it(name))?;
            name.as_str().map(str::to_owned)
        }
    };
    name.filter(|name| !name.trim().is_empty())
}

fn behind(text: &str, attribute: &str) -> Option<String> {
    let (_, rest) = text.split_once(&format!("\"{attribute}\""))?;
    let value = rest.trim_start().strip_prefix(':')?;
    serde_json::Deserializer::from_str(value).into_iter::<String>().next()?.ok()
}

/// Puts U+FFFD in place of each escape that is half of a surrogate pair.
fn whole(text: &str) -> String {
    let mut whole = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        whole.push_str(before);
        let length = match (unit(escape), escape.get(6..).and_then(unit)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 12,
            (Some(0xd800..=0xdfff), _) => {
                whole.push('\u{fffd}');
                rest = &escape[6..];
                continue;
            }
            (Some(_), _) => 6,
            (None, _) => 1 + escape[1..].chars().next().map_or(0, char::len_utf8),
        };
        whole.push_str(&escape[..length]);
        rest = &escape[length..];
    }
    whole.push_str(rest);
    whole
}

/// Returns the UTF-16 code unit of the escape that a text begins with.
fn unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    digits.bytes().all(|digit| digit.is_ascii_hexdigit()).then(|| u16::from_str_radix(digits, 16).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn half_a_surrogate_pair_and_a_stray_byte_hide_nothing() {
        for (body, expected) in [
            (&br#"{"id":"1","title":"\ud800"}"#[..], json!({ "id": "1", "title": "\u{fffd}" })),
            (
                br#"{"id":"1","title":"\uDC00\ud83d\ude00\ud83d"}"#,
                json!({ "id": "1", "title": "\u{fffd}\u{1f600}\u{fffd}" }),
            ),
            (br#"{"id":"1","title":"\\ud800 \n\""}"#, json!({ "id": "1", "title": "\\ud800 \n\"" })),
            (b"{\"id\":\"1\",\"title\":\"\xed\xa0\x80\"}", json!({ "id": "1", "title": "\u{fffd}\u{fffd}\u{fffd}" })),
            (br#"{"id":"1","title":"\ud8"}"#, Value::Null),
            ("{\"id\":\"\\é".as_bytes(), Value::Null),
            (b"\\", Value::Null),
        ] {
            assert_eq!(read(body), expected, "{}", String::from_utf8_lossy(body));
        }
    }

    #[test]
    fn depth_hides_nothing_but_itself() {
        let deep = format!("{}{}", "[".repeat(500), "]".repeat(500));
        let resource = format!(r#"{{"id":"1","x":{deep},"userName":"ada"}}"#);
        assert_eq!(read(resource.as_bytes()), json!({ "id": "1", "userName": "ada" }));
        let list = format!(r#"{{"totalResults":1,"Resources":[{resource}]}}"#);
        let expected = json!({ "totalResults": 1, "Resources": [{ "id": "1", "userName": "ada" }] });
        assert_eq!(read(list.as_bytes()), expected);
    }

    #[test]
    fn a_name_is_found_in_what_is_no_json() {
        let deep = format!(r#"{{"x":{}{},"userName":"ada"}}"#, "[".repeat(500), "]".repeat(500));
        for (body, expected) in [
            (r#"{"userName":"ada"}"#, Some("ada")),
            (r#"{"userName":"ada","title":"\ud800"}"#, Some("ada")),
            (r#"{"x":1,,"userName" : "a\u0064a""#, Some("ada")),
            (&deep, Some("ada")),
            (r#"{"userName":"ada"#, None),
            (r#"{"userName":7,"#, None),
            (r#"{"userName":" "}"#, None),
            (r#"{"name":{"userName":"ada"}}"#, None),
            ("", None),
        ] {
            assert_eq!(name_in(body.as_bytes(), "userName", Case::Exact).as_deref(), expected, "{body}");
        }
        let shouted = br#"{"USERNAME":"ada"}"#;
        assert_eq!(name_in(shouted, "userName", Case::Exact), None);
        assert_eq!(name_in(shouted, "userName", Case::Any).as_deref(), Some("ada"));
    }
}
