//! Compares an answer with the patterns of a suite and tells every mismatch.
//!
//! What each pattern means is written where patterns are defined, in `scim_suite::pattern`. Names are bound first, so
//! that one part of an answer can be compared with another.

use crate::bindings::Bindings;
use crate::check::{Flaw, text as loose_text};
use crate::gate::Kind as Gravity;
use crate::same::{Difference, Differs};
use http::HeaderMap;
use scim_lang::json::{numbers_equal, same};
use scim_record::{Exchange, ResponseRecord};
use scim_suite::pattern::{ArrayMode, Kind};
use scim_suite::{Pattern, Span, Spanned, Status, Template};
use scim_transport::Reply;
use serde_json::{Map, Value};

/// One expectation that an answer does not meet.
#[derive(Debug, Clone)]
pub(crate) struct Mismatch {
    /// What kind of thing went wrong.
    pub(crate) kind: Gravity,
    /// Where in the answer's JSON, as a JSON Pointer.
    pub(crate) pointer: Option<String>,
    /// What was asked for, as text.
    pub(crate) expected: Option<String>,
    /// Where it is written.
    pub(crate) span: Span,
    /// Whether no waiting would mend it, as it does where a server's reads are behind its writes.
    pub(crate) lasts: bool,
    complaint: Complaint,
}

/// What is wrong, without the server's words: those are taken from the redacted evidence.
#[derive(Debug, Clone)]
enum Complaint {
    /// A sentence of our own.
    Sentence(String),
    /// A sentence of our own and the text that is at fault.
    Text { sentence: String, actual: String },
    /// A sentence of our own about the JSON value at the pointer.
    Flaw(String),
    /// The status is not among the accepted ones.
    Status { found: u16 },
    /// This header is not as expected.
    Header { name: String },
    /// The JSON value at the pointer is not as expected.
    Value,
    /// There is nothing at the pointer.
    Missing,
    /// There is something at the pointer.
    Unwanted,
    /// The array at the pointer has another length.
    Length { found: usize, expected: usize },
    /// No element of the array at the pointer matches.
    NoElement,
}

impl Mismatch {
    /// Returns a mismatch that is one sentence.
    pub(crate) fn sentence(sentence: String, span: Span) -> Mismatch {
        Mismatch::new(None, None, span, Complaint::Sentence(sentence))
    }

    /// Returns a mismatch between two texts of our own making.
    pub(crate) fn texts(sentence: String, expected: String, actual: String, span: Span) -> Mismatch {
        Mismatch::new(None, Some(expected), span, Complaint::Text { sentence, actual })
    }

    /// Returns what a check of the whole answer found.
    pub(crate) fn flaw(flaw: Flaw, span: Span) -> Mismatch {
        let Flaw { pointer, expected, sentence } = flaw;
        Mismatch::new(pointer, expected, span, Complaint::Flaw(sentence)).lasting()
    }

    /// Returns the mismatch of a status that is not accepted.
    pub(crate) fn status(reply: &Reply, accepted: &[Status], span: Span) -> Mismatch {
        let accepted = accepted.iter().map(Status::to_string).collect::<Vec<_>>().join(" or ");
        Mismatch::new(None, Some(accepted), span, Complaint::Status { found: reply.status })
    }

    /// Returns the mismatch of one place where a resource is not the one it must equal; `expected` is the evidence of that.
    pub(crate) fn difference(difference: Difference, expected: &Value, span: Span) -> Mismatch {
        let complaint = match difference.kind {
            Differs::Value => Complaint::Value,
            Differs::Missing => Complaint::Missing,
            Differs::Added => Complaint::Unwanted,
        };
        let expected = expected.pointer(&difference.expected).filter(|_| difference.kind != Differs::Added);
        Mismatch::new(Some(difference.pointer), expected.map(pretty), span, complaint)
    }

    /// Returns the mismatch with what is shown of a value that no exchange holds as a whole.
    pub(crate) fn shown_in(self, shown: &Value) -> Mismatch {
        let value = self.pointer.as_deref().and_then(|pointer| shown.pointer(pointer)).map(pretty);
        let sentence = self.message(value.as_deref());
        let Mismatch { kind, pointer, expected, span, lasts, .. } = self;
        let complaint = match value {
            Some(actual) => Complaint::Text { sentence, actual },
            None => Complaint::Sentence(sentence),
        };
        Mismatch { kind, pointer, expected, span, lasts, complaint }
    }

    /// Returns the mismatch as one that no waiting would mend.
    pub(crate) fn lasting(self) -> Mismatch {
        Mismatch { lasts: true, ..self }
    }

    /// Returns the mismatch with another kind.
    pub(crate) fn with_kind(self, kind: Gravity) -> Mismatch {
        Mismatch { kind, ..self }
    }

    fn new(pointer: Option<String>, expected: Option<String>, span: Span, complaint: Complaint) -> Mismatch {
        Mismatch { kind: Gravity::Expectation, pointer, expected, span, lasts: false, complaint }
    }

    /// Returns what the server did, as the redacted evidence has it.
    pub(crate) fn actual(&self, evidence: Option<&Exchange>) -> Option<String> {
        let response = evidence.and_then(|exchange| exchange.response.as_ref());
        match &self.complaint {
            Complaint::Text { actual, .. } => Some(actual.clone()),
            Complaint::Status { .. } => response.map(status_with_reason),
            Complaint::Header { name } => {
                let header = response?.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name))?;
                Some(header.value.clone())
            }
            Complaint::Sentence(_) | Complaint::Missing => None,
            _ => {
                let body: Value = serde_json::from_str(&response?.body).ok()?;
                body.pointer(self.pointer.as_deref()?).map(pretty)
            }
        }
    }

    /// Returns the mismatch as one sentence; `actual` is what [`actual`](Mismatch::actual) gave.
    pub(crate) fn message(&self, actual: Option<&str>) -> String {
        let place = match self.pointer.as_deref() {
            None | Some("") => "the body",
            Some(pointer) => pointer,
        };
        let expected = short(self.expected.as_deref().unwrap_or_default());
        let actual = actual.map(short);
        match &self.complaint {
            Complaint::Sentence(sentence) | Complaint::Flaw(sentence) | Complaint::Text { sentence, .. } => {
                sentence.clone()
            }
            Complaint::Status { found } => format!("the server answered {found}, not {expected}"),
            Complaint::Header { name } => match actual {
                Some(actual) => format!("the header {name} is {actual:?}, not {expected}"),
                None => format!("the header {name} is absent"),
            },
            Complaint::Value => match actual {
                Some(actual) => format!("{place} is {actual}, not {expected}"),
                None => format!("{place} is not {expected}"),
            },
            Complaint::Missing => format!("{place} is absent"),
            Complaint::Unwanted => format!("{place} is there, though it must not be"),
            Complaint::Length { found, expected } => format!("{place} has {found} elements, not {expected}"),
            Complaint::NoElement => format!("no element of {place} is {expected}"),
        }
    }
}

/// Returns the status as sent, and of a refusal what the server says about it: `detail` (RFC 7644 §3.12), what frameworks
/// say in its place, or the beginning of the body.
fn status_with_reason(response: &ResponseRecord) -> String {
    const MOST: usize = 200;
    let line = format!("{} {}", response.status, response.reason);
    let body: Value = serde_json::from_str(&response.body).unwrap_or_default();
    if response.status < 400 || !(body.is_object() || body.is_array()) {
        return line;
    }
    let named = ["detail", "message", "error_description", "title"].iter().find_map(|name| body.get(name)?.as_str());
    let words = named.or_else(|| body.pointer("/Errors/0/description")?.as_str());
    let words = words.map_or_else(|| body.to_string(), str::to_owned);
    let shown: String = words.chars().take(MOST).collect();
    let more = if words.chars().nth(MOST).is_some() { "…" } else { "" };
    format!("{line}: {shown}{more}")
}

/// Compares headers with the patterns for them; the first line of a name counts.
pub(crate) fn headers(
    found: &HeaderMap,
    expected: &[(String, Spanned<Pattern>)],
    bindings: &mut Bindings,
) -> Vec<Mismatch> {
    let value = |name: &str| {
        let value = found.get(name)?;
        Some(Value::String(String::from_utf8_lossy(value.as_bytes()).into_owned()))
    };
    for (name, pattern) in expected {
        bind(pattern, value(name).as_ref(), bindings);
    }
    expected
        .iter()
        .filter(|(name, pattern)| !matches(pattern, value(name).as_ref(), false, bindings))
        .map(|(name, pattern)| {
            let complaint = Complaint::Header { name: name.clone() };
            Mismatch::new(None, Some(describe(pattern, bindings)), pattern.span.clone(), complaint)
        })
        .collect()
}

/// Compares a body, which must be JSON, with a pattern.
pub(crate) fn json(body: &[u8], pattern: &Spanned<Pattern>, exact: bool, bindings: &mut Bindings) -> Vec<Mismatch> {
    let value: Value = match serde_json::from_slice(body) {
        Ok(value) => value,
        Err(_) if body.is_empty() => {
            return vec![Mismatch::sentence("the body is empty, not JSON".to_owned(), pattern.span.clone())];
        }
        Err(cause) => {
            return vec![Mismatch::sentence(format!("the body is no JSON: {cause}"), pattern.span.clone())];
        }
    };
    bind(pattern, Some(&value), bindings);
    let mut comparison = Comparison { bindings, exact, mismatches: Vec::new() };
    comparison.value(pattern, Some(&value), "");
    comparison.mismatches
}

/// Compares a body with a pattern for its text.
pub(crate) fn text(body: &[u8], pattern: &Spanned<Pattern>, bindings: &mut Bindings) -> Vec<Mismatch> {
    let value = Value::String(String::from_utf8_lossy(body).into_owned());
    bind(pattern, Some(&value), bindings);
    if matches(pattern, Some(&value), false, bindings) {
        return Vec::new();
    }
    let expected = describe(pattern, bindings);
    let sentence = if body.is_empty() { "the body is empty" } else { "the body is not the text expected" };
    vec![Mismatch::new(None, Some(expected), pattern.span.clone(), Complaint::Sentence(sentence.to_owned()))]
}

/// Returns whether a value has exactly the members of a pattern and matches it.
pub(crate) fn matches_exactly(pattern: &Spanned<Pattern>, value: &Value, bindings: &Bindings) -> bool {
    matches(pattern, Some(value), true, bindings)
}

fn matches(pattern: &Spanned<Pattern>, value: Option<&Value>, exact: bool, bindings: &Bindings) -> bool {
    let mut comparison = Comparison { bindings, exact, mismatches: Vec::new() };
    comparison.value(pattern, value, "");
    comparison.mismatches.is_empty()
}

/// Fills the names a pattern binds from the values at their places.
fn bind(pattern: &Spanned<Pattern>, value: Option<&Value>, bindings: &mut Bindings) {
    let Some(value) = value else { return };
    match (&pattern.value, value) {
        (Pattern::Bind { name, .. }, Value::String(_) | Value::Number(_) | Value::Bool(_)) => {
            bindings.bind(name, loose_text(value));
        }
        (Pattern::Object(members), Value::Object(object)) => {
            for (name, member) in members {
                bind(member, object.get(name), bindings);
            }
        }
        (Pattern::Array { mode: ArrayMode::Exact, items }, Value::Array(elements)) => {
            items.iter().zip(elements).for_each(|(item, element)| bind(item, Some(element), bindings));
        }
        (Pattern::Array { items, .. }, Value::Array(elements)) => {
            for item in items {
                let element = elements.iter().find(|element| matches(item, Some(element), false, bindings));
                bind(item, element, bindings);
            }
        }
        _ => {}
    }
}

/// A comparison under way.
struct Comparison<'c> {
    bindings: &'c Bindings,
    exact: bool,
    mismatches: Vec<Mismatch>,
}

impl Comparison<'_> {
    fn value(&mut self, pattern: &Spanned<Pattern>, value: Option<&Value>, pointer: &str) {
        match (&pattern.value, value) {
            (Pattern::Absent | Pattern::Unassigned | Pattern::AbsentOr(_), None) => {}
            (Pattern::Absent, Some(_)) => self.complain(pattern, pointer, Complaint::Unwanted),
            (_, None) => self.complain(pattern, pointer, Complaint::Missing),
            (Pattern::AbsentOr(inner), Some(_)) => {
                let inner = Spanned::new((**inner).clone(), pattern.span.clone());
                self.value(&inner, value, pointer);
            }
            (Pattern::Object(members), Some(Value::Object(object))) => self.object(pattern, members, object, pointer),
            (Pattern::Array { mode, items }, Some(Value::Array(elements))) => {
                self.array(pattern, *mode, items, elements, pointer);
            }
            (_, Some(value)) if self.is_scalar_match(&pattern.value, value) => {}
            _ => self.complain(pattern, pointer, Complaint::Value),
        }
    }

    fn object(
        &mut self,
        pattern: &Spanned<Pattern>,
        members: &[(String, Spanned<Pattern>)],
        object: &Map<String, Value>,
        pointer: &str,
    ) {
        for (name, member) in members {
            self.value(member, object.get(name), &below(pointer, name));
        }
        if self.exact {
            for name in object.keys().filter(|name| members.iter().all(|(known, _)| known != *name)) {
                self.complain(pattern, &below(pointer, name), Complaint::Unwanted);
            }
        }
    }

    fn array(
        &mut self,
        pattern: &Spanned<Pattern>,
        mode: ArrayMode,
        items: &[Spanned<Pattern>],
        elements: &[Value],
        pointer: &str,
    ) {
        let as_many = items.len() == elements.len();
        match mode {
            ArrayMode::Each => {
                for (index, element) in elements.iter().enumerate() {
                    self.value(&items[0], Some(element), &below(pointer, &index.to_string()));
                }
            }
            ArrayMode::Exact | ArrayMode::Unordered if !as_many => {
                let complaint = Complaint::Length { found: elements.len(), expected: items.len() };
                self.complain(pattern, pointer, complaint);
            }
            ArrayMode::Exact => {
                for (index, (item, element)) in items.iter().zip(elements).enumerate() {
                    self.value(item, Some(element), &below(pointer, &index.to_string()));
                }
            }
            ArrayMode::Unordered | ArrayMode::Contains => {
                for item in self.unmatched(items, elements) {
                    self.complain(item, pointer, Complaint::NoElement);
                }
            }
        }
    }

    /// Returns the patterns that stay without an element of their own, after giving out elements as well as possible.
    fn unmatched<'i>(&self, items: &'i [Spanned<Pattern>], elements: &[Value]) -> Vec<&'i Spanned<Pattern>> {
        let fits: Vec<Vec<usize>> = items
            .iter()
            .map(|item| {
                let fit = |at: &usize| matches(item, Some(&elements[*at]), self.exact, self.bindings);
                (0..elements.len()).filter(fit).collect()
            })
            .collect();
        let mut owner: Vec<Option<usize>> = vec![None; elements.len()];
        let without = |item: &usize| !give(*item, &fits, &mut owner, &mut vec![false; elements.len()]);
        (0..items.len()).filter(without).map(|item| &items[item]).collect()
    }

    fn is_scalar_match(&self, pattern: &Pattern, value: &Value) -> bool {
        let fill = |template: &Template| fill(template, self.bindings);
        match pattern {
            Pattern::Any => true,
            Pattern::Null => value.is_null(),
            Pattern::Unassigned => is_unassigned(value),
            Pattern::Kind(kind) | Pattern::Bind { kind: Some(kind), .. } => is_kind(*kind, value),
            Pattern::Bind { kind: None, .. } => !(value.is_null() || value.is_object() || value.is_array()),
            Pattern::Exact(expected) => same(expected, value),
            Pattern::Text(template) => value.as_str().is_some_and(|text| text == fill(template)),
            Pattern::Loosely(template) => {
                !(value.is_object() || value.is_array()) && loosely_equal(&fill(template), value)
            }
            Pattern::OneOf(choices) => {
                value.as_str().is_some_and(|text| choices.iter().any(|choice| text == fill(choice)))
            }
            Pattern::IgnoringCase(template) => {
                value.as_str().is_some_and(|text| text.to_lowercase() == fill(template).to_lowercase())
            }
            Pattern::Absent | Pattern::AbsentOr(_) | Pattern::Object(_) | Pattern::Array { .. } => false,
        }
    }

    fn complain(&mut self, pattern: &Spanned<Pattern>, pointer: &str, complaint: Complaint) {
        let expected = Some(describe(pattern, self.bindings));
        let pointer = Some(pointer.to_owned());
        self.mismatches.push(Mismatch::new(pointer, expected, pattern.span.clone(), complaint));
    }
}

/// Gives the item an element, moving others if that helps (Kuhn's augmenting path).
fn give(item: usize, fits: &[Vec<usize>], owner: &mut [Option<usize>], tried: &mut [bool]) -> bool {
    for &element in &fits[item] {
        if std::mem::replace(&mut tried[element], true) {
            continue;
        }
        if owner[element].is_none_or(|other| give(other, fits, owner, tried)) {
            owner[element] = Some(item);
            return true;
        }
    }
    false
}

/// RFC 7643 §2.5: unassigned, null and an empty array are the same state.
fn is_unassigned(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(elements) => elements.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

fn is_kind(kind: Kind, value: &Value) -> bool {
    match kind {
        Kind::String => value.is_string(),
        Kind::NonEmpty => match value {
            Value::String(text) => !text.is_empty(),
            Value::Array(elements) => !elements.is_empty(),
            Value::Object(members) => !members.is_empty(),
            _ => false,
        },
        Kind::Boolean => value.is_boolean(),
        Kind::Integer => is_integer(value),
        Kind::IntegerAtLeast(least) => is_integer(value) && is_at_least(value, least),
        Kind::Number => value.is_number(),
        Kind::Array => value.is_array(),
        Kind::Object => value.is_object(),
        Kind::DateTime => value.as_str().is_some_and(is_date_time),
    }
}

/// Returns whether a value is a number written without fraction and exponent.
fn is_integer(value: &Value) -> bool {
    let Value::Number(number) = value else { return false };
    !number.to_string().contains(['.', 'e', 'E'])
}

/// Integers too large for 64 bits are larger, or smaller, than any bound by their sign.
fn is_at_least(value: &Value, least: i64) -> bool {
    let Value::Number(number) = value else { return false };
    number.as_i64().map_or_else(|| !number.to_string().starts_with('-'), |number| number >= least)
}

/// RFC 7643 §2.3.5: an `xsd:dateTime` with date and time; a time zone is customary but optional there.
fn is_date_time(text: &str) -> bool {
    text.as_bytes().get(10) == Some(&b'T')
        && (text.parse::<jiff::Timestamp>().is_ok() || text.parse::<jiff::civil::DateTime>().is_ok())
}

/// Compares as Okta's hosted tests do: both sides as text, numbers by value.
fn loosely_equal(expected: &str, value: &Value) -> bool {
    let numbers = || match (value, serde_json::from_str::<Value>(expected)) {
        (Value::Number(found), Ok(Value::Number(expected))) => numbers_equal(found, &expected),
        _ => false,
    };
    loose_text(value) == expected || numbers()
}

fn fill(template: &Template, bindings: &Bindings) -> String {
    // The plan refuses names nothing binds, but an answer may lack the value a name was to be bound to.
    template
        .expand(&|name| bindings.get(name).or_else(|| Some(format!("{{{{{name}}}}}"))))
        .expect("every name has a value or stands for itself")
}

/// Returns what a pattern asks for, in words or JSON.
fn describe(pattern: &Spanned<Pattern>, bindings: &Bindings) -> String {
    let quoted = |template: &Template| Value::String(fill(template, bindings)).to_string();
    match &pattern.value {
        Pattern::Any => "anything".to_owned(),
        Pattern::Absent => "absent".to_owned(),
        Pattern::Unassigned => "without a value (absent, null or empty)".to_owned(),
        Pattern::Null => "null".to_owned(),
        Pattern::Kind(kind) | Pattern::Bind { kind: Some(kind), .. } => kind_in_words(*kind),
        Pattern::Bind { kind: None, .. } => "a string, number or boolean".to_owned(),
        Pattern::Exact(value) => value.to_string(),
        Pattern::Text(template) => quoted(template),
        Pattern::Loosely(template) => format!("{} (as text)", fill(template, bindings)),
        Pattern::OneOf(choices) => {
            format!("one of {}", choices.iter().map(quoted).collect::<Vec<_>>().join(", "))
        }
        Pattern::AbsentOr(inner) => {
            let inner = Spanned::new((**inner).clone(), pattern.span.clone());
            format!("absent or {}", describe(&inner, bindings))
        }
        Pattern::IgnoringCase(template) => format!("{} in any case", quoted(template)),
        Pattern::Object(_) | Pattern::Array { .. } => pattern.span.text().to_owned(),
    }
}

fn kind_in_words(kind: Kind) -> String {
    match kind {
        Kind::String => "a string".to_owned(),
        Kind::NonEmpty => "something that is not empty".to_owned(),
        Kind::Boolean => "a boolean".to_owned(),
        Kind::Integer => "an integer".to_owned(),
        Kind::IntegerAtLeast(least) => format!("an integer of at least {least}"),
        Kind::Number => "a number".to_owned(),
        Kind::Array => "an array".to_owned(),
        Kind::Object => "an object".to_owned(),
        Kind::DateTime => "a dateTime such as 2011-05-13T04:42:34Z".to_owned(),
    }
}

/// Returns the JSON Pointer one step further down (RFC 6901).
fn below(pointer: &str, name: &str) -> String {
    format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"))
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).expect("JSON can be written")
}

/// Returns a text short enough for a sentence.
fn short(text: &str) -> String {
    const MOST: usize = 100;
    let line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use scim_suite::{Action, Catalog, SourceFile};

    /// Returns the pattern a suite file would have, by way of the loader.
    fn pattern(json: &str) -> Spanned<Pattern> {
        let text = format!(
            "suite = \"t\"\ntitle = \"t\"\n[[case]]\nid = \"c\"\ntitle = \"t\"\nrule = \"It is so.\"\nref = []\n\
             level = \"must\"\n[[case.step]]\nsend = \"GET /Users\"\nexpect.json = '''\n{json}\n'''\n"
        );
        let plan = scim_suite::load(&[SourceFile::new("t.toml", text)], &Catalog::default())
            .unwrap_or_else(|mistakes| panic!("{}", mistakes[0].render(false)));
        match &plan.cases[0].steps[0].action {
            Action::Send(send) => send.expect.json.clone().expect("the step has a pattern"),
            Action::Event(_) => unreachable!("the step sends"),
        }
    }

    fn messages(json_pattern: &str, body: &str) -> Vec<String> {
        let mut bindings = Bindings::default();
        bindings.bind("run", "rh".to_owned());
        let found = json(body.as_bytes(), &pattern(json_pattern), false, &mut bindings);
        found.iter().map(|mismatch| mismatch.message(None)).collect()
    }

    #[test]
    fn every_pattern_word_matches_what_it_means_and_nothing_else() {
        for (word, yes, no) in [
            ("{{any}}", &["1", "null", "{}"][..], &[][..]),
            ("{{null}}", &["null"], &["0", "\"\""]),
            ("{{string}}", &["\"\"", "\"a\""], &["1", "null"]),
            ("{{unassigned}}", &["null", "\"\"", "[]", "{}"], &["false", "0", "\"a\"", "[1]"]),
            ("{{non-empty}}", &["\"a\"", "[1]"], &["\"\"", "[]", "{}", "1", "null"]),
            ("{{boolean}}", &["true", "false"], &["\"true\"", "1"]),
            ("{{integer}}", &["1", "-5", "123456789012345678901234567890"], &["1.0", "1e2", "\"1\""]),
            ("{{integer >= 3}}", &["3", "123456789012345678901234567890"], &["2", "-9", "\"4\""]),
            ("{{number}}", &["1.5", "1e400"], &["\"1\""]),
            ("{{array}}", &["[]"], &["{}"]),
            ("{{object}}", &["{}"], &["[]"]),
            (
                "{{datetime}}",
                &["\"2011-05-13T04:42:34Z\"", "\"2011-05-13T04:42:34.123+02:00\"", "\"2011-05-13T04:42:34\""],
                &["\"2011-05-13\"", "\"2011-05-13 04:42:34Z\"", "\"yesterday\"", "1305261754"],
            ),
            ("{{bind x}}", &["\"a\"", "1", "true"], &["null", "[]"]),
            ("{{bind x: string}}", &["\"a\""], &["1"]),
            ("{{loosely 404}}", &["404", "\"404\"", "404.0"], &["\"405\"", "[404]", "null"]),
            ("{{loosely true}}", &["true", "\"true\""], &["\"True\"", "1"]),
            ("{{one-of a|b}}", &["\"a\"", "\"b\""], &["\"c\"", "null"]),
            ("{{absent-or string}}", &["\"a\""], &["1", "null"]),
            ("{{ignoring-case {{run}}@X}}", &["\"RH@x\""], &["\"rh@y\""]),
            ("{{run}}@x", &["\"rh@x\""], &["\"RH@x\"", "1"]),
        ] {
            let pattern = format!(r#"{{"a":"{word}"}}"#);
            for value in yes {
                assert_eq!(messages(&pattern, &format!(r#"{{"a":{value}}}"#)), Vec::<String>::new(), "{word} {value}");
            }
            for value in no {
                assert_eq!(messages(&pattern, &format!(r#"{{"a":{value}}}"#)).len(), 1, "{word} {value}");
            }
        }
    }

    #[test]
    fn absence_is_told_from_null() {
        assert_eq!(messages(r#"{"a":"{{absent}}"}"#, "{}"), Vec::<String>::new());
        assert_eq!(messages(r#"{"a":"{{absent}}"}"#, r#"{"a":null}"#), ["/a is there, though it must not be"]);
        assert_eq!(messages(r#"{"a":"{{any}}"}"#, "{}"), ["/a is absent"]);
        assert_eq!(messages(r#"{"a":"{{absent-or string}}"}"#, "{}"), Vec::<String>::new());
        assert_eq!(messages(r#"{"a":"{{unassigned}}"}"#, "{}"), Vec::<String>::new());
    }

    #[test]
    fn arrays_are_compared_by_their_mode() {
        let none = Vec::<String>::new();
        assert_eq!(messages(r#"{"a":[1,2]}"#, r#"{"a":[1,2]}"#), none);
        assert_eq!(messages(r#"{"a":[1,2]}"#, r#"{"a":[2,1]}"#).len(), 2);
        assert_eq!(messages(r#"{"a":[1,2]}"#, r#"{"a":[1]}"#), ["/a has 1 elements, not 2"]);
        assert_eq!(messages(r#"{"a":["{{unordered}}",1,2]}"#, r#"{"a":[2,1]}"#), none);
        assert_eq!(messages(r#"{"a":["{{contains}}",2]}"#, r#"{"a":[3,2]}"#), none);
        assert_eq!(messages(r#"{"a":["{{contains}}",4]}"#, r#"{"a":[3,2]}"#), ["no element of /a is 4"]);
        assert_eq!(messages(r#"{"a":["{{each}}","{{integer}}"]}"#, r#"{"a":[]}"#), none);
        assert_eq!(messages(r#"{"a":["{{each}}","{{integer}}"]}"#, r#"{"a":[1,"x"]}"#).len(), 1);
    }

    #[test]
    fn a_wide_pattern_leaves_the_narrow_one_its_element() {
        let pattern = r#"{"a":["{{unordered}}","{{any}}",1]}"#;
        assert_eq!(messages(pattern, r#"{"a":[1,2]}"#), Vec::<String>::new());
    }

    #[test]
    fn a_name_bound_in_one_place_is_compared_in_another() {
        let pattern = r#"{"location":"/Users/{{id}}","id":"{{bind id: string}}"}"#;
        assert_eq!(messages(pattern, r#"{"location":"/Users/7","id":"7"}"#), Vec::<String>::new());
        assert_eq!(messages(pattern, r#"{"location":"/Users/8","id":"7"}"#).len(), 1);
    }

    #[test]
    fn a_body_that_is_no_json_is_one_mismatch() {
        assert_eq!(messages("{}", ""), ["the body is empty, not JSON"]);
        assert_eq!(messages("{}", "<html>").len(), 1);
    }
}
