//! Keeps secrets and strangers' data out of everything that is written down.
//!
//! Three rules, by key (`password`, `Authorization` …), by value (each configured secret in every encoding it travels
//! in) and by owner (objects this run did not create show their shape only). Whatever no rule names stays byte for
//! byte, malformed text included, because malformed answers are what a report is about.

mod json;
mod keys;
mod learnt;
mod secrets;

pub use learnt::Learnt;

use crate::Header;
use secrets::Secrets;
use std::fmt;
use std::ops::Range;

/// Scrubs texts before they become part of a record.
#[derive(Clone, Default)]
pub struct Redactor {
    secrets: Secrets,
    learnt: Vec<Learnt>,
    own_marker: Option<String>,
}

impl Redactor {
    /// Creates a redactor that scrubs these secrets and, in response bodies, objects without `own_marker`.
    ///
    /// The marker is the run's name prefix; it is compared without regard to case, since service providers may answer
    /// with a lower-cased or upper-cased name. Without a marker, strangers' objects are shown in full.
    ///
    /// Secrets shorter than four bytes are not looked for by value: they would be found in every word.
    pub fn new(secrets: Vec<String>, own_marker: Option<String>) -> Self {
        let own_marker = own_marker.filter(|marker| !marker.is_empty());
        let empty = Redactor { own_marker, ..Redactor::default() };
        secrets.iter().fold(empty, |redactor, secret| redactor.with_secret(secret))
    }

    /// Adds a secret.
    #[must_use]
    pub fn with_secret(mut self, secret: &str) -> Self {
        self.secrets.add(secret);
        self
    }

    /// Scrubs these secrets as well, and from then on those that join them.
    #[must_use]
    pub fn watching(mut self, learnt: Learnt) -> Self {
        self.learnt.push(learnt);
        self
    }

    /// Scrubs a text of any kind: configured secrets, and query parameters whose name says that they hold one.
    pub fn text(&self, text: &str) -> String {
        let mut edits = self.find(text);
        edits.extend(keys::find_in_queries(text));
        apply(text, edits)
    }

    /// Scrubs a header. Of `Authorization` the scheme stays, because a missing `Bearer` is a common mistake.
    pub fn header(&self, name: &str, value: &str) -> Header {
        let value = if !keys::is_secret_header(name) {
            self.text(value)
        } else if let Some((scheme, _)) = value.split_once(' ').filter(|(scheme, _)| keys::is_auth_scheme(scheme)) {
            format!("{scheme} {REDACTED}")
        } else if value.is_empty() {
            String::new()
        } else {
            REDACTED.to_owned()
        };
        Header { name: self.text(name), value }
    }

    /// Scrubs a response body by key, by value and by owner; what is not JSON, by value.
    ///
    /// A resource (the root, an element of `Resources`, or of a root array) that does not contain the marker keeps its
    /// keys, types, `schemas` and `meta.resourceType`; its other strings become `…` and its numbers `0`. Errors, list
    /// envelopes and discovery documents belong to nobody and stay.
    pub fn body(&self, body: &str) -> String {
        self.json_or_text(body, self.own_marker.as_deref())
    }

    /// Scrubs a request body by key and by value: what we send is ours.
    pub fn request_body(&self, body: &str) -> String {
        self.json_or_text(body, None)
    }

    fn json_or_text(&self, body: &str, own_marker: Option<&str>) -> String {
        if !json::looks_like_json(body) {
            return self.text(body);
        }
        let mut edits = json::find(body, own_marker, &|text| !self.find(text).is_empty());
        edits.extend(self.find(body).into_iter().map(|edit| edit.with_backslash(body)));
        edits.extend(keys::find_in_queries(body));
        apply(body, edits)
    }

    /// Finds every place where a secret stands, in any of its forms.
    fn find(&self, text: &str) -> Vec<Edit> {
        let mut edits = self.secrets.find(text);
        edits.extend(self.learnt.iter().flat_map(|learnt| learnt.find(text)));
        edits
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redactor").field("own_marker", &self.own_marker).finish_non_exhaustive()
    }
}

/// A part of a text, and what stands there instead.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Edit {
    range: Range<usize>,
    with: &'static str,
}

impl Edit {
    fn new(range: Range<usize>, with: &'static str) -> Self {
        Edit { range, with }
    }

    /// Takes along a backslash that escapes the first character, so that JSON stays JSON.
    fn with_backslash(mut self, text: &str) -> Self {
        let before = &text.as_bytes()[..self.range.start];
        let backslashes = before.iter().rev().take_while(|byte| **byte == b'\\').count();
        self.range.start -= backslashes % 2;
        self
    }
}

/// Replaces the edited parts. Overlapping edits become one, which says what the first of them says.
fn apply(text: &str, mut edits: Vec<Edit>) -> String {
    edits.sort_by_key(|edit| (edit.range.start, std::cmp::Reverse(edit.range.end)));
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for edit in edits {
        if edit.range.start >= at {
            out.push_str(&text[at..edit.range.start]);
            out.push_str(edit.with);
        }
        at = at.max(edit.range.end);
    }
    out.push_str(&text[at..]);
    out
}

/// What stands where a secret stood.
const REDACTED: &str = "[redacted]";

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine;
    use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    fn redactor(secret: &str) -> Redactor {
        Redactor::new(vec![secret.to_owned()], Some("rehearsal-7f3a".to_owned()))
    }

    fn plain() -> Redactor {
        redactor("s3cret/with+odd\"characters\\%41 and é")
    }

    /// Every way in which a secret may travel.
    fn forms(secret: &str) -> Vec<String> {
        let json = serde_json::to_string(secret).unwrap();
        let json = &json[1..json.len() - 1];
        let percent = utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string();
        let every_byte = secret.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let utf16 = secret.encode_utf16().map(|unit| format!("\\u{unit:04X}")).collect();
        let html = secret.replace('&', "&amp;").replace('"', "&quot;").replace('\'', "&#39;");
        let html = html.replace('<', "&lt;").replace('>', "&gt;");
        let references: String = secret.chars().map(|c| format!("&#x{:X};", u32::from(c))).collect();
        let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
        let mut forms = vec![
            secret.to_owned(),
            secret.to_ascii_uppercase(),
            secret.to_ascii_lowercase(),
            json.replace('\\', "\\\\").replace('"', "\\\""),
            html,
            references,
            hex.to_uppercase(),
            hex,
            json.to_owned(),
            json.replace('/', "\\/"),
            utf16,
            every_byte,
            percent.replace("%20", "+"),
            percent,
        ];
        for text in [secret.to_owned(), format!("u:{secret}"), format!("us:{secret}"), format!("usr:{secret}")] {
            forms.push(STANDARD.encode(&text));
            forms.push(STANDARD_NO_PAD.encode(&text));
            forms.push(URL_SAFE.encode(&text));
            forms.push(URL_SAFE_NO_PAD.encode(&text));
            forms.push(STANDARD.encode(&text).replace('/', "\\/"));
            forms.push(utf8_percent_encode(&STANDARD.encode(&text), NON_ALPHANUMERIC).to_string());
        }
        forms
    }

    #[test]
    fn a_secret_is_found_in_every_form_and_what_surrounds_it_stays() {
        let secret = "s3cret/with+odd\"characters\\%41 and é";
        for form in forms(secret) {
            for (before, after) in [("", ""), ("before ", " after"), ("é\"", "\"é"), ("<b>", "</b>")] {
                let text = format!("{before}{form}{after}");
                assert_eq!(redactor(secret).text(&text), format!("{before}[redacted]{after}"), "{form}");
            }
        }
    }

    #[test]
    fn a_secret_inside_a_json_string_leaves_valid_json() {
        let redactor = redactor("nabcdef\"x");
        for (body, expected) in [
            (r#"{"detail":"got nabcdef\"x"}"#, r#"{"detail":"got [redacted]"}"#),
            (r#"{"detail":"line\nabcdef\"x"}"#, r#"{"detail":"line[redacted]"}"#),
            (r#"{"nabcdef\"x":1}"#, r#"{"[redacted]":1}"#),
        ] {
            let redacted = redactor.body(body);
            assert_eq!(redacted, expected);
            assert!(serde_json::from_str::<serde_json::Value>(&redacted).is_ok(), "{redacted}");
        }
        let number = Redactor::new(vec!["123456".into()], None);
        assert_eq!(number.body(r#"{"a": 91234567, "b": 12345}"#), r#"{"a": "[redacted]", "b": 12345}"#);
    }

    #[test]
    fn overlapping_secrets_leave_no_rest_of_either() {
        let redactor = Redactor::new(vec!["token-abc".into(), "abc-tail".into(), "token-abc-longer".into()], None);
        assert_eq!(redactor.text("x token-abc-longer y"), "x [redacted] y");
        assert_eq!(redactor.text("x token-abc-tail y"), "x [redacted] y");
    }

    #[test]
    fn a_secret_too_short_to_tell_from_words_is_left_to_the_keys() {
        let redactor = Redactor::new(vec!["abc".into(), String::new()], None);
        assert_eq!(redactor.text("abcde"), "abcde");
        assert_eq!(redactor.body(r#"{"token":"abc"}"#), r#"{"token":"[redacted]"}"#);
    }

    #[test]
    fn values_of_secret_keys_are_replaced_and_the_rest_stays_byte_for_byte() {
        for (body, expected) in [
            (r#"{ "userName" : "ada" , "password":"pw" }"#, r#"{ "userName" : "ada" , "password":"[redacted]" }"#),
            (r#"{"Password":12345678901234567890}"#, r#"{"Password":"[redacted]"}"#),
            (r#"{"pass\u0077ord":"pw\"x","a":"\u0041"}"#, r#"{"pass\u0077ord":"[redacted]","a":"\u0041"}"#),
            (
                r#"{"token":["a",{"b":"c","d":true}],"x":"y"}"#,
                r#"{"token":["[redacted]",{"b":"[redacted]","d":true}],"x":"y"}"#,
            ),
            (
                r#"{"password":null,"password":"","changePassword":{"supported":true}}"#,
                r#"{"password":null,"password":"","changePassword":{"supported":true}}"#,
            ),
            (
                "\u{feff}\n[1.0e5,{\"secret\":\"a\",\"secret\":\"b\"}]",
                "\u{feff}\n[1.0e5,{\"secret\":\"[redacted]\",\"secret\":\"[redacted]\"}]",
            ),
        ] {
            assert_eq!(plain().request_body(body), expected);
        }
    }

    #[test]
    fn the_value_of_a_patch_of_the_password_is_replaced_wherever_it_stands() {
        for (body, expected) in [
            (
                r#"{"Operations":[{"op":"replace","path":"password","value":"pw"},{"op":"replace","path":"title","value":"T"}]}"#,
                r#"{"Operations":[{"op":"replace","path":"password","value":"[redacted]"},{"op":"replace","path":"title","value":"T"}]}"#,
            ),
            (
                r#"{"value":"pw","Path":"urn:ietf:params:scim:schemas:core:2.0:User:password"}"#,
                r#"{"value":"[redacted]","Path":"urn:ietf:params:scim:schemas:core:2.0:User:password"}"#,
            ),
            (r#"{"value":{"a":["pw"]},"path":"password"}"#, r#"{"value":"[redacted]","path":"password"}"#),
            (r#"{"path":"active","value":false}"#, r#"{"path":"active","value":false}"#),
        ] {
            assert_eq!(plain().request_body(body), expected);
        }
    }

    #[test]
    fn broken_json_is_scrubbed_by_key_as_well() {
        for (body, expected) in [
            (r#"{"password":"cut o"#, r#"{"password":"[redacted]"#),
            (r#"{"password":"a"}}]{"token":"b"#, r#"{"password":"[redacted]"}}]{"token":"[redacted]"#),
            (r#"{password: hunter2, "a": 1}"#, r#"{password: "[redacted]", "a": 1}"#),
            (r#"{"a":"b\"#, r#"{"a":"b\"#),
            (r#"{"password"  "x" : , ]"#, r#"{"password"  "[redacted]" : , ]"#),
            ("{", "{"),
            ("", ""),
        ] {
            assert_eq!(plain().request_body(body), expected, "{body}");
        }
    }

    #[test]
    fn bottomless_json_is_cut_where_no_resource_reaches() {
        let body = format!("{{\"a\":{}\"password\":\"pw\"{}}}", "[{\"b\":".repeat(100_000), "}]".repeat(100_000));
        let redacted = plain().body(&body);
        assert!(redacted.len() < 3000 && !redacted.contains("pw"), "{} bytes", redacted.len());
        let open = "[".repeat(1_000_000);
        assert!(plain().body(&open).len() < 1000);
    }

    #[test]
    fn what_is_not_json_is_kept_but_for_secrets() {
        let redactor = redactor("hunter2hunter2");
        for (text, expected) in [
            ("<html>password: x</html>", "<html>password: x</html>"),
            ("bad token hunter2hunter2\0\u{1b}[0m", "bad token [redacted]\0\u{1b}[0m"),
            ("grant_type=x&client_secret=y&z=1", "grant_type=x&client_secret=[redacted]&z=1"),
            ("\"hunter2hunter2\"", "\"[redacted]\""),
        ] {
            assert_eq!(redactor.body(text), expected);
        }
    }

    #[test]
    fn headers_are_scrubbed_by_name_and_keep_their_scheme() {
        for (name, value, expected) in [
            ("Authorization", "Bearer abc", "Bearer [redacted]"),
            ("authorization", "abc def", "[redacted]"),
            ("Authorization", "", ""),
            ("Set-Cookie", "sid=1; HttpOnly", "[redacted]"),
            ("X-Api-Key", "k", "[redacted]"),
            (
                "WWW-Authenticate",
                "Bearer realm=\"scim\", error=\"invalid_token\"",
                "Bearer realm=\"scim\", error=\"invalid_token\"",
            ),
            ("X-Echo", "a hunter2hunter2 b", "a [redacted] b"),
            ("Location", "https://h/Users/1?access_token=abc&x=1", "https://h/Users/1?access_token=[redacted]&x=1"),
        ] {
            let header = redactor("hunter2hunter2").header(name, value);
            assert_eq!((&*header.name, &*header.value), (name, expected));
        }
    }

    #[test]
    fn a_strangers_resource_keeps_its_shape_only() {
        let body = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"], "id":"42", "userName":"jane@corp.example",
 "name":{"givenName":"Jane"}, "active":true, "nickName":null, "age": 41, "emails":[{"value":"j@x","primary":true}],
 "meta":{"resourceType":"User","location":"https://h/Users/42"}}"#;
        let expected = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"], "id":"…", "userName":"…",
 "name":{"givenName":"…"}, "active":true, "nickName":null, "age": 0, "emails":[{"value":"…","primary":true}],
 "meta":{"resourceType":"User","location":"…"}}"#;
        assert_eq!(plain().body(body), expected);
        assert_eq!(plain().request_body(body), body);
        assert_eq!(Redactor::new(vec![], None).body(body), body);
    }

    #[test]
    fn our_own_resource_is_shown_even_if_the_server_changed_the_case_of_its_name() {
        let body = r#"{"id":"42","userName":"REHEARSAL-7F3A-1.ada@example.test","title":"Countess"}"#;
        assert_eq!(plain().body(body), body);
    }

    #[test]
    fn in_a_list_each_element_is_judged_by_itself_and_the_envelope_stays() {
        let body = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":2,"note":"n","Resources":[
 {"id":"1","userName":"rehearsal-7f3a.ada"}, {"id":"2","x":"jane"}, "3", {}],"startIndex":1,"itemsPerPage":2}"#;
        let expected = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":2,"note":"n","Resources":[
 {"id":"1","userName":"rehearsal-7f3a.ada"}, {"id":"…","x":"…"}, "…", {}],"startIndex":1,"itemsPerPage":2}"#;
        assert_eq!(plain().body(body), expected);
        let bare = r#"[{"id":"2","x":"jane"},{"userName":"rehearsal-7f3a.ada"}]"#;
        assert_eq!(plain().body(bare), r#"[{"id":"…","x":"…"},{"userName":"rehearsal-7f3a.ada"}]"#);
    }

    #[test]
    fn errors_and_discovery_documents_belong_to_nobody() {
        for body in [
            r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"409","detail":"jane exists","id":"x"}"#,
            r#"{"error":"not found","message":"no such user","id":"request-1"}"#,
            r#"{"timestamp":1,"status":500,"path":"/Users"}"#,
            r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],"documentationUri":"https://d","id":"x"}"#,
            r#"{"Resources":[{"id":"urn:ietf:params:scim:schemas:core:2.0:User","name":"User","attributes":[{"name":"userName"}]}]}"#,
            r#"{"Resources":[{"id":"User","name":"User","endpoint":"/Users","meta":{"resourceType":"ResourceType","location":"https://h"}}]}"#,
        ] {
            assert_eq!(plain().body(body), body);
        }
    }

    #[test]
    fn a_stranger_cannot_hide_behind_a_discovery_document() {
        let body = r#"{"userName":"jane","attributes":{"mail":"j@x"},"endpoint":"/x"}"#;
        assert_eq!(plain().body(body), r#"{"userName":"…","attributes":{"mail":"…"},"endpoint":"…"}"#);
    }

    #[test]
    fn a_secret_that_is_learnt_later_is_scrubbed_by_every_clone() {
        let learnt = Learnt::default();
        let redactor = redactor("hunter2hunter2").watching(learnt.clone());
        let clone = redactor.clone();
        assert_eq!(clone.text("token-of-today"), "token-of-today");
        learnt.learn("token-of-today");
        learnt.keep("client-secret");
        for form in forms("token-of-today") {
            assert_eq!(clone.text(&format!("a {form} b")), "a [redacted] b", "{form}");
        }
        let body = r#"{"detail":"client-secret","a":["hunter2hunter2","token-of-today"]}"#;
        assert_eq!(redactor.body(body), r#"{"detail":"[redacted]","a":["[redacted]","[redacted]"]}"#);
    }

    #[test]
    fn tokens_without_end_push_out_the_oldest_and_nothing_that_lasts() {
        let learnt = Learnt::default();
        learnt.keep("client-secret");
        let name = |number: usize| format!("token-number-{number:04}");
        (0..=Learnt::MOST_PASSING).for_each(|number| learnt.learn(&name(number)));
        learnt.learn(&name(1));
        let redactor = Redactor::default().watching(learnt);
        assert_eq!(redactor.text("client-secret"), "[redacted]");
        assert_eq!(redactor.text(&name(0)), name(0));
        for number in 1..=Learnt::MOST_PASSING {
            assert_eq!(redactor.text(&name(number)), "[redacted]");
        }
    }

    #[test]
    fn debug_shows_no_secret() {
        let learnt = Learnt::default();
        learnt.keep("hunter2hunter2");
        assert_eq!(format!("{learnt:?}"), "Learnt(…)");
        let shown = format!("{:?}", redactor("hunter2hunter2").watching(learnt));
        assert!(!shown.contains("hunter2"), "{shown}");
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            cases: 64,
            rng_seed: RngSeed::Fixed(0x5c1a),
            failure_persistence: None,
            ..ProptestConfig::default()
        })]

        #[test]
        fn no_form_of_a_secret_survives(
            secret in "[A-Za-z0-9+/=_.~ \"\\\\%é-]{8,40}",
            noise in "[ -~é]{0,20}",
            pick in any::<prop::sample::Index>(),
        ) {
            let forms = forms(&secret);
            let form = pick.get(&forms);
            let redactor = Redactor::new(vec![secret.clone()], None);
            for text in [
                format!("{noise} {form} {noise}"),
                format!("{{\"detail\":\"{form}\",\"{form}\":[\"{form}\"]}}"),
                format!("{{\"detail\":\"{form}"),
            ] {
                for redacted in [redactor.text(&text), redactor.body(&text), redactor.header("X-Echo", &text).value] {
                    prop_assert!(!redacted.contains(form.as_str()), "{redacted}");
                }
            }
        }

        #[test]
        fn any_text_without_secrets_stays_byte_for_byte(text in "\\PC{0,200}") {
            let redactor = Redactor::new(vec!["\u{1}canary\u{1}".into()], None);
            prop_assume!(keys::find_in_queries(&text).is_empty());
            prop_assert_eq!(redactor.text(&text), text);
        }

        #[test]
        fn any_json_like_text_is_read_to_its_end(text in "[{\\[][{}\\[\\],:\"\\\\a é0-9]{0,200}") {
            let redactor = Redactor::new(vec!["\u{1}canary\u{1}".into()], None);
            prop_assert_eq!(redactor.body(&text), text.clone());
            redactor_with_marker().body(&text);
        }
    }

    fn redactor_with_marker() -> Redactor {
        Redactor::new(vec!["a é0".into()], Some("7f3a".into()))
    }
}
