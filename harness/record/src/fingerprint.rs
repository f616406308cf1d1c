//! What tells one finding of a case from another, the same in every run: whatever changes by itself is left out.
//!
//! Two runs differ in names, ids, times, counts of strangers, hosts and the order in which a server writes the members of
//! an object, and none of that makes another failure. Where in the case and in the answer it showed, what the answer's
//! status was and what the sentence says beside such values do.

use crate::{CaseRecord, Exchange, Failure, Finding};
use serde_json::Value;
use std::collections::BTreeSet;

impl CaseRecord {
    /// Gives every finding its fingerprint; `run` is the run's id, `base` the target's base URL.
    ///
    /// Fingerprints tell the findings of one case apart. Those of different cases may be equal, so that one entry of a
    /// list can name several cases that fail alike.
    pub fn mark_findings(&mut self, run: &str, base: &str) {
        if self.findings.is_empty() {
            return;
        }
        let mask = Mask { run, base, host: host_of(base), ids: ids(&self.exchanges) };
        for finding in &mut self.findings {
            if let Some(fuzz) = &finding.fuzz {
                // The input differs from run to run; what it shows does not.
                finding.fingerprint = format!("{:010x}", hash(&["fuzz", &fuzz.identity]) >> 24);
                continue;
            }
            let shown_by = finding.exchange.and_then(|index| self.exchanges.get(index));
            finding.fingerprint = fingerprint(finding, shown_by, &mask);
        }
    }
}

fn fingerprint(finding: &Finding, shown_by: Option<&Exchange>, mask: &Mask<'_>) -> String {
    // A random input tells for itself which defect it showed; the sentence about it holds the input.
    if let Some(fuzz) = &finding.fuzz {
        return format!("{:010x}", hash(&["fuzz", &fuzz.law, &mask.text(&fuzz.identity)]) >> 24);
    }
    let pointer = finding.pointer.as_deref().map(without_indices).unwrap_or_default();
    let parts = [finding.step.as_str(), &ending(shown_by), &mask.text(&pointer), &mask.text(&finding.message)];
    format!("{:010x}", hash(&parts) >> 24)
}

/// Says how an exchange ended, without its words.
fn ending(exchange: Option<&Exchange>) -> String {
    let Some(exchange) = exchange else { return String::new() };
    match (&exchange.response, &exchange.failure) {
        (Some(response), _) => response.status.to_string(),
        (None, Some(failure)) => kind(failure).to_owned(),
        (None, None) => String::new(),
    }
}

fn kind(failure: &Failure) -> &'static str {
    match failure {
        Failure::Unreachable { .. } => "unreachable",
        Failure::TimedOut { .. } => "timed-out",
        Failure::Broken { .. } => "broken",
        Failure::TooLarge { .. } => "too-large",
    }
}

/// An element's number depends on what else is in the array.
fn without_indices(pointer: &str) -> String {
    let is_index = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    pointer.split('/').map(|part| if is_index(part) { "*" } else { part }).collect::<Vec<_>>().join("/")
}

/// Knows what changes from run to run.
struct Mask<'m> {
    run: &'m str,
    base: &'m str,
    host: &'m str,
    /// The ids and versions the server gave, the longest first.
    ids: Vec<String>,
}

impl Mask<'_> {
    fn text(&self, text: &str) -> String {
        let text: String =
            text.chars().take(LONG_TEXT).map(|letter| if letter == '\n' { ' ' } else { letter }).collect();
        // Members come in any order, and elements in any number.
        let text = without_json(&without_json(&text, '{', '}'), '[', ']');
        let text = self.without_ids(&without_runs(&text, self.run));
        let text = [self.base, self.host].iter().fold(text, |text, known| replace(&text, known, "‹base›"));
        without_numbers(&without_collections(&text))
    }

    fn without_ids(&self, text: &str) -> String {
        self.ids.iter().fold(text.to_owned(), |text, id| {
            // A short id may be a word or a number that means something else.
            if id.len() < SHORT_ID {
                text.replace(&format!("\"{id}\""), "‹id›")
            } else {
                text.replace(id, "‹id›")
            }
        })
    }
}

fn replace(text: &str, known: &str, by: &str) -> String {
    if known.is_empty() { text.to_owned() } else { text.replace(known, by) }
}

fn host_of(base: &str) -> &str {
    base.split("://").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or_default()
}

/// Returns every id and version that the answers hold.
fn ids(exchanges: &[Exchange]) -> Vec<String> {
    let mut ids = BTreeSet::new();
    for response in exchanges.iter().filter_map(|exchange| exchange.response.as_ref()) {
        if response.body.len() <= LARGE
            && let Ok(body) = serde_json::from_str::<Value>(&response.body)
        {
            collect(&body, &mut ids);
        }
    }
    let mut ids: Vec<String> = ids.into_iter().collect();
    ids.sort_by_key(|id| std::cmp::Reverse(id.len()));
    ids
}

fn collect(value: &Value, ids: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    // What names a definition is the same in every run.
                    Value::String(id) if is_identifying(name) && !id.starts_with("urn:") && is_telling(id) => {
                        ids.insert(id.clone());
                    }
                    _ => collect(member, ids),
                }
            }
        }
        Value::Array(elements) => elements.iter().for_each(|element| collect(element, ids)),
        _ => {}
    }
}

fn is_identifying(name: &str) -> bool {
    ["id", "version"].iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// The ids of resource types are words.
fn is_telling(id: &str) -> bool {
    !id.is_empty() && id.len() <= 256 && !["User", "Group", "Role", "Entitlement"].contains(&id)
}

/// Replaces what begins with the bracket, up to its last counterpart.
fn without_json(text: &str, open: char, close: char) -> String {
    let Some(start) = text.find(open) else { return text.to_owned() };
    let end = text.rfind(close).filter(|end| *end > start).map_or(text.len(), |end| end + close.len_utf8());
    format!("{}{open}…{close}{}", &text[..start], &text[end..])
}

/// Replaces the run's id with the part of a name behind it that belongs to one trial.
fn without_runs(text: &str, run: &str) -> String {
    if run.is_empty() {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut rest = text;
    // What a server writes in capitals or in small letters keeps its length, since a run's id is ASCII.
    while let Some(at) = rest.to_ascii_lowercase().find(&run.to_ascii_lowercase()) {
        out.push_str(&rest[..at]);
        out.push_str("‹run›");
        rest = &rest[at + run.len()..];
        let trial = rest
            .strip_prefix('-')
            .map_or(0, |name| name.bytes().take(TRIAL).take_while(u8::is_ascii_alphanumeric).count());
        if trial == TRIAL {
            rest = &rest[1 + trial..];
        }
    }
    out + rest
}

/// Replaces what follows `/Users/` and `/Groups/` in a path.
fn without_collections(text: &str) -> String {
    let mut out = text.to_owned();
    for collection in ["/Users/", "/Groups/"] {
        let mut parts = out.split(collection);
        let mut kept = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let end = part.find(|letter: char| !(letter.is_alphanumeric() || "-_.~%‹›".contains(letter)));
            let (id, rest) = part.split_at(end.unwrap_or(part.len()));
            kept.push_str(collection);
            kept.push_str(if id.is_empty() { "" } else { "‹id›" });
            kept.push_str(rest);
        }
        out = kept;
    }
    out
}

/// Replaces times, what looks like an id, and numbers but none: how many there are depends on who else is there.
///
/// A URN names a schema, and its numbers are its version.
fn without_numbers(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if let Some(end) = urn_at(rest) {
            out.push_str(&rest[..end]);
            rest = &rest[end..];
            continue;
        }
        let end = time_at(rest).unwrap_or_else(|| word_at(rest));
        if end == 0 {
            out.push(first);
            rest = &rest[first.len_utf8()..];
            continue;
        }
        // Behind a slash an element of an array is named, and a counter that is a string counts whoever is there.
        let is_index = out.ends_with(['/', '"']) && rest[..end].bytes().all(|byte| byte.is_ascii_digit());
        let plain = without_number(&rest[..end], time_at(rest).is_some());
        out.push_str(if is_index { "*" } else { &plain });
        rest = &rest[end..];
    }
    out
}

fn without_number(word: &str, is_time: bool) -> String {
    if is_time {
        return "‹time›".to_owned();
    }
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    match word {
        "0" => word.to_owned(),
        _ if digits == 0 => word.to_owned(),
        _ if digits == word.len() => "‹n›".to_owned(),
        _ if word.len() >= LONG_WORD => "‹id›".to_owned(),
        _ => word.chars().filter(|letter| !letter.is_ascii_digit()).chain(['#']).collect(),
    }
}

/// Returns the length of the URN a text begins with.
fn urn_at(text: &str) -> Option<usize> {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || ":.-_".contains(letter);
    text.starts_with("urn:").then(|| text.find(|letter| !is_part(letter)).unwrap_or(text.len()))
}

/// Returns the length of the word a text begins with.
fn word_at(text: &str) -> usize {
    text.find(|letter: char| !(letter.is_ascii_alphanumeric() || "-_".contains(letter))).unwrap_or(text.len())
}

/// Returns the length of the time a text begins with, for example `2026-11-23T20:10:27.5Z`.
fn time_at(text: &str) -> Option<usize> {
    let form = b"dddd-dd-ddTdd";
    let is_time = text.len() >= form.len()
        && text.bytes().zip(form).all(|(byte, form)| match form {
            b'd' => byte.is_ascii_digit(),
            other => byte.eq_ignore_ascii_case(other),
        });
    let is_part = |letter: char| letter.is_ascii_digit() || ":.+-TtZz".contains(letter);
    is_time.then(|| text.find(|letter| !is_part(letter)).unwrap_or(text.len()))
}

/// FNV-1a with a finalizer (both public domain): the same in every version of this program, unlike the standard hasher.
fn hash(parts: &[&str]) -> u64 {
    // U+001F parts what would otherwise run together.
    let bytes = parts.iter().flat_map(|part| part.bytes().chain([0x1f]));
    let hash =
        bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    let hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash ^ (hash >> 33)
}

/// An id of fewer bytes is replaced only where it stands as a whole string.
const SHORT_ID: usize = 6;
/// A word with a digit in it that is as long as this is an id.
const LONG_WORD: usize = 8;
/// How many letters behind the run's id name a trial.
const TRIAL: usize = 6;
/// A server's words may be many; the first of them tell what it is about.
const LONG_TEXT: usize = 2_000;
/// A body that is larger is not searched for ids.
const LARGE: usize = 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Basis, Level, RequestRecord, ResponseRecord, Timing, Verdict};

    fn finding(pointer: Option<&str>, message: &str) -> Finding {
        Finding {
            verdict: Verdict::Fail,
            level: Level::Must,
            basis: Basis::Documented,
            step: "step 1".to_owned(),
            message: message.to_owned(),
            pointer: pointer.map(str::to_owned),
            expected: None,
            actual: None,
            location: None,
            exchange: Some(0),
            curl: None,
            fuzz: None,
            fingerprint: String::new(),
        }
    }

    fn exchange(status: u16, body: &str) -> Exchange {
        let request = RequestRecord { method: "GET".to_owned(), url: String::new(), headers: Vec::new(), body: None };
        let response = ResponseRecord {
            status,
            reason: String::new(),
            headers: Vec::new(),
            body: body.to_owned(),
            size: body.len(),
        };
        let timing = Timing { started_ms: 0, headers_ms: 0.0, total_ms: 0.0 };
        Exchange { step: "step 1".to_owned(), request, response: Some(response), failure: None, timing }
    }

    /// Returns the fingerprint of a finding in a run: its id, the base URL, status and body of the answer.
    fn of(run: &str, base: &str, answer: (u16, &str), pointer: Option<&str>, message: &str) -> String {
        let exchanges = [exchange(answer.0, answer.1)];
        let mask = Mask { run, base, host: host_of(base), ids: ids(&exchanges) };
        fingerprint(&finding(pointer, message), Some(&exchanges[0]), &mask)
    }

    #[test]
    fn what_changes_from_run_to_run_makes_no_other_finding() {
        let one = |body: &str, pointer, message: &str| {
            of("rhaaaaaaaa", "http://127.0.0.1:4711/scim", (200, body), pointer, message)
        };
        let two = |body: &str, pointer, message: &str| {
            of("rhbbbbbbbb", "https://scim.example.com/v2", (200, body), pointer, message)
        };
        for ((body, message), (other_body, other)) in [
            (("", "user rhaaaaaaaa-abc123.ada@x is gone"), ("", "user rhbbbbbbbb-zzzzzz.ada@x is gone")),
            (("", "user RHAAAAAAAA-ABC123.ADA is gone"), ("", "user RHBBBBBBBB-ZZZZZZ.ADA is gone")),
            (
                ("", "Okta stopped before it sent PUT /Users/7"),
                ("", "Okta stopped before it sent PUT /Users/abc%2Fdef"),
            ),
            (("", "it says http://127.0.0.1:4711/scim/Users"), ("", "it says https://scim.example.com/v2/Users")),
            (("", r#"/totalResults is "0""#), ("", r#"/totalResults is "7""#)),
            (("", "/Resources/0/id is absent"), ("", "/Resources/12/id is absent")),
            (("", "/created is 2026-01-02T03:04:05Z"), ("", "/created is 2027-11-12T13:14:15.678+01:00")),
            (("", "the lookup finds 17, not 0"), ("", "the lookup finds 1, not 0")),
            (("", r#"/name is {"a":1,"b":[2]}, not null"#), ("", r#"/name is {"b":[3],"a":1}, not null"#)),
            (
                (r#"{"id":"qwertzuiop"}"#, "qwertzuiop is not unique"),
                (r#"{"Resources":[{"id":"yxcvbnm"}]}"#, "yxcvbnm is not unique"),
            ),
            ((r#"{"id":"a"}"#, r#"/id is "a""#), (r#"{"id":"b"}"#, r#"/id is "b""#)),
            (("", "trace 0af7651916cd43dd8448eb211c80319c"), ("", "trace b7ad6b7169203331aaaa00f067aa0ba9")),
        ] {
            assert_eq!(one(body, None, message), two(other_body, None, other), "{message} | {other}");
        }
        assert_eq!(one("", Some("/Resources/3/id"), "x"), two("", Some("/Resources/12/id"), "x"));
    }

    #[test]
    fn another_failure_has_another_fingerprint() {
        let found = |status, pointer, message| of("rhaaaaaaaa", "http://h/scim", (status, ""), pointer, message);
        let all = [
            found(200, None, "/active is true, not false"),
            found(200, None, "/active is \"false\", not false"),
            found(200, None, "/active is absent"),
            found(200, Some("/active"), "/active is absent"),
            found(500, None, "/active is absent"),
            found(200, None, "the lookup finds 0, not 1"),
            found(200, None, "the lookup finds 2, not 1"),
            found(200, None, "/schemas has urn:ietf:params:scim:schemas:core:2.0:User"),
            found(200, None, "/schemas has urn:scim:schemas:core:1.0"),
        ];
        let distinct: BTreeSet<&String> = all.iter().collect();
        assert_eq!(distinct.len(), all.len(), "{all:?}");
        assert!(all.iter().all(|print| print.len() == 10), "{all:?}");
    }

    #[test]
    fn fingerprints_stay_what_they_are_in_lists_that_people_keep() {
        let found = of("rhaaaaaaaa", "http://h/scim", (200, ""), Some("/active"), "/active is true, not false");
        assert_eq!(found, "0add765f7b");
    }

    #[test]
    fn any_text_has_a_fingerprint() {
        for message in ["", "{", "}{", "][", "/Users/", "2026-11-23T2", "2026-11-23T20", "é-1", "‹", "rhaaaaaaaa-"] {
            assert_eq!(of("rhaaaaaaaa", "", (200, "{"), Some("//"), message).len(), 10, "{message}");
        }
    }
}
