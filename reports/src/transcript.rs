//! Shows exchanges: in a line, or both messages in full.

use crate::line::{Line, Role};
use crate::text::{clip, counted, duration};
use scim_record::{Exchange, Header, RequestRecord, ResponseRecord};

/// How much of one message's body and of one line is shown.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// Lines per body.
    pub(crate) lines: usize,
    /// Characters per line.
    pub(crate) columns: usize,
}

impl Bounds {
    /// For a person who asked for everything; still no flood.
    pub(crate) const FULL: Bounds = Bounds { lines: 2_000, columns: 4_000 };
    /// For evidence inside another document.
    pub(crate) const EVIDENCE: Bounds = Bounds { lines: 60, columns: 500 };
}

/// Returns `POST /Users` and what came back, as `(request, answer)`.
pub(crate) fn in_a_line(exchange: &Exchange, base: &str) -> (String, String) {
    let request = format!("{} {}", exchange.request.method, clip(below(&exchange.request.url, base), 300));
    (request, answer(exchange))
}

/// Returns the URL's part below the base, which is what a suite writes; another origin's URL stays whole.
pub(crate) fn below<'a>(url: &'a str, base: &str) -> &'a str {
    match url.strip_prefix(base.trim_end_matches('/')) {
        Some("") => "/",
        Some(target) if target.starts_with(['/', '?']) => target,
        _ => url,
    }
}

/// Returns what came back, in a few words.
pub(crate) fn answer(exchange: &Exchange) -> String {
    match (&exchange.response, &exchange.failure) {
        (Some(response), _) => format!("{} in {}", response.status, milliseconds(exchange.timing.total_ms)),
        (None, Some(failure)) => clip(&failure.to_string(), 300).into_owned(),
        (None, None) => "no answer".to_owned(),
    }
}

/// Returns a duration of a fraction of milliseconds as a person says it.
pub(crate) fn milliseconds(ms: f64) -> String {
    // Negative or missing times do not occur; a cast saturates instead of failing if they do.
    duration(ms.round() as u64)
}

/// Returns both messages of an exchange, `>` before what was sent and `<` before what came back.
pub(crate) fn in_full(exchange: &Exchange, bounds: Bounds) -> Vec<Line> {
    let mut lines = request_lines(&exchange.request, bounds);
    match &exchange.response {
        Some(response) => lines.extend(response_lines(response, exchange.timing.total_ms, bounds)),
        None => lines.push(Line::of(Role::Broken, &format!("  ! {}", answer(exchange)))),
    }
    lines
}

fn request_lines(request: &RequestRecord, bounds: Bounds) -> Vec<Line> {
    let head = format!("{} {}", request.method, request.url);
    message(">", &head, &request.headers, request.body.as_deref().unwrap_or_default(), bounds)
}

fn response_lines(response: &ResponseRecord, total_ms: f64, bounds: Bounds) -> Vec<Line> {
    let size = counted(response.size, "byte");
    let head = format!("{} {} ({size} in {})", response.status, response.reason, milliseconds(total_ms));
    message("<", &head, &response.headers, &response.body, bounds)
}

fn message(sign: &str, head: &str, headers: &[Header], body: &str, bounds: Bounds) -> Vec<Line> {
    let line = |role, text: &str| Line::of(Role::Faint, &format!("  {sign} ")).with(role, &clip(text, bounds.columns));
    let mut lines = vec![line(Role::Strong, head)];
    lines.extend(headers.iter().map(|header| line(Role::Plain, &format!("{}: {}", header.name, header.value))));
    let body = for_display(body);
    if !body.is_empty() {
        lines.push(line(Role::Plain, ""));
    }
    lines.extend(body.lines().take(bounds.lines).map(|text| line(Role::Plain, text)));
    match body.lines().count().saturating_sub(bounds.lines) {
        0 => {}
        cut => lines.push(line(Role::Faint, &format!("… ({} not shown)", counted(cut, "line")))),
    }
    lines
}

/// Returns JSON indented for reading and anything else as it is.
///
/// Only white space between tokens changes: duplicate keys, number spellings and escapes are evidence.
pub(crate) fn for_display(body: &str) -> String {
    match serde_json::from_str::<serde::de::IgnoredAny>(body) {
        Ok(_) => indented(body.trim()),
        Err(_) => body.to_owned(),
    }
}

fn indented(json: &str) -> String {
    let mut out = String::with_capacity(json.len() * 2);
    let mut depth = 0;
    let mut tokens = tokens(json).peekable();
    while let Some(token) = tokens.next() {
        match token {
            "{" | "[" => {
                out.push_str(token);
                match tokens.next_if(|next| matches!(*next, "}" | "]")) {
                    Some(end) => out.push_str(end),
                    None => {
                        depth += 1;
                        break_line(&mut out, depth);
                    }
                }
            }
            "}" | "]" => {
                depth -= 1;
                break_line(&mut out, depth);
                out.push_str(token);
            }
            "," => {
                out.push(',');
                break_line(&mut out, depth);
            }
            ":" => out.push_str(": "),
            word => out.push_str(word),
        }
    }
    out
}

fn break_line(out: &mut String, depth: usize) {
    out.push('\n');
    out.push_str(&"  ".repeat(depth));
}

/// Cuts valid JSON into its tokens: punctuation, strings, and words.
fn tokens(json: &str) -> impl Iterator<Item = &str> {
    let mut rest = json;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches([' ', '\t', '\n', '\r']);
        let end = match rest.as_bytes().first()? {
            b'{' | b'}' | b'[' | b']' | b',' | b':' => 1,
            b'"' => end_of_string(rest),
            _ => rest.find([' ', '\t', '\n', '\r', ',', '}', ']']).unwrap_or(rest.len()),
        };
        let (token, after) = rest.split_at(end);
        rest = after;
        Some(token)
    })
}

fn end_of_string(text: &str) -> usize {
    let mut escaped = false;
    let close = text.bytes().enumerate().skip(1).find(|(_, byte)| {
        let closes = *byte == b'"' && !escaped;
        escaped = *byte == b'\\' && !escaped;
        closes
    });
    close.map_or(text.len(), |(at, _)| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn json_is_indented_without_losing_duplicate_keys_or_spellings() {
        let body = r#"{"a":1e2,"a":"\u0041 { \" , ]","l":[],"o":{ },"x":[true,null]}"#;
        let shown = "{\n  \"a\": 1e2,\n  \"a\": \"\\u0041 { \\\" , ]\",\n  \"l\": [],\n  \"o\": {},\n  \"x\": [\n    true,\n    null\n  ]\n}";
        assert_eq!(for_display(body), shown);
    }

    #[test]
    fn what_is_no_json_stays_as_it_is() {
        for body in ["", "<html>\n</html>", "{\"a\":1", "{} {}"] {
            assert_eq!(for_display(body), body);
        }
    }

    #[test]
    fn a_url_below_the_base_is_shown_as_a_suite_writes_it() {
        let base = "https://x.test/scim/v2";
        let table = [
            ("https://x.test/scim/v2/Users?count=1", "/Users?count=1"),
            ("https://x.test/scim/v2", "/"),
            ("https://x.test/scim/v22/Users", "https://x.test/scim/v22/Users"),
            ("https://y.test/Users", "https://y.test/Users"),
        ];
        for (url, shown) in table {
            assert_eq!(below(url, base), shown);
        }
    }

    fn json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            any::<String>().prop_map(Into::into)
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
                proptest::collection::vec((any::<String>(), inner), 0..4)
                    .prop_map(|pairs| serde_json::Value::Object(pairs.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn indentation_changes_no_value(value in json()) {
            let shown = for_display(&value.to_string());
            prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).expect("still JSON"), value);
        }
    }
}
