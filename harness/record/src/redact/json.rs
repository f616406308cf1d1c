//! Reads JSON, or what a server thinks is JSON, far enough to know which of its parts to replace.
//!
//! It never fails: unclosed, doubled, misplaced or bottomless structure is read as far as it makes sense.

use super::keys::is_secret_key;
use super::{Edit, REDACTED};
use std::borrow::Cow;
use std::ops::Range;

/// Tells whether a text begins as a JSON object or array.
pub(super) fn looks_like_json(text: &str) -> bool {
    text.trim_start_matches('\u{feff}').trim_start().starts_with(['{', '['])
}

/// Finds what a JSON text must not show: values of secret keys and, if there is a marker, objects without it.
///
/// `is_secret` knows secrets by value; a number that holds one is replaced as a whole.
pub(super) fn find(text: &str, own_marker: Option<&str>, is_secret: &dyn Fn(&str) -> bool) -> Vec<Edit> {
    let mut reader = Reader {
        text,
        own_marker,
        is_secret,
        edits: Vec::new(),
        stack: Vec::new(),
        too_deep: None,
        root: None,
        element: None,
    };
    reader.read();
    reader.edits
}

struct Reader<'a> {
    text: &'a str,
    own_marker: Option<&'a str>,
    is_secret: &'a dyn Fn(&str) -> bool,
    edits: Vec<Edit>,
    stack: Vec<Frame<'a>>,
    too_deep: Option<TooDeep>,
    /// The outermost value.
    root: Option<Candidate>,
    /// The element of `Resources`, or of a root array, that is being read.
    element: Option<Candidate>,
}

/// An open object or array.
struct Frame<'a> {
    kind: Kind,
    start: usize,
    place: Place,
    /// Whether every scalar in here belongs to a secret key.
    is_secret: bool,
    /// In an object, the key whose value comes next or was read last.
    key: Option<Cow<'a, str>>,
    expects_key: bool,
    /// In a PATCH operation, whether `path` names a secret, and where `value` stands.
    path_is_secret: bool,
    value: Option<Range<usize>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Object,
    Array,
}

/// What an object or array is to the candidate around it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// The candidate itself.
    Top,
    Schemas,
    Meta,
    /// The root array, or the array under the root's `Resources`.
    Elements,
    Elsewhere,
}

/// Something nested so deep that only its end matters.
struct TooDeep {
    start: usize,
    levels: usize,
}

/// A value that may be somebody else's resource.
struct Candidate {
    start: usize,
    depth: usize,
    is_listed: bool,
    /// What to replace if it is.
    shape: Vec<Edit>,
    is_envelope: bool,
    is_discovery: bool,
    has_person: bool,
    has_id: bool,
    has_error: bool,
}

impl<'a> Reader<'a> {
    fn read(&mut self) {
        let bytes = self.text.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            at = match bytes[at] {
                b'"' => self.string(at),
                b'{' => self.open(at, Kind::Object),
                b'[' => self.open(at, Kind::Array),
                b'}' | b']' => self.close(at + 1),
                b',' => self.comma(at),
                b':' | b' ' | b'\t' | b'\n' | b'\r' => at + 1,
                _ => self.bare(at),
            };
        }
        if let Some(too_deep) = self.too_deep.take() {
            self.edits.push(Edit::new(too_deep.start..bytes.len(), DEEP));
        }
        while !self.stack.is_empty() {
            self.close(bytes.len());
        }
    }

    fn string(&mut self, at: usize) -> usize {
        let inner = at + 1..end_of_string(self.text, at + 1);
        let next = (inner.end + 1).min(self.text.len());
        if self.too_deep.is_none() {
            if self.is_at_key() {
                self.key(unescape(&self.text[inner]));
            } else {
                self.value_starts(at);
                self.string_value(inner);
                self.value_ends(at..next);
            }
        }
        next
    }

    /// Reads a number, a literal or garbage.
    fn bare(&mut self, at: usize) -> usize {
        let ends = |c: char| c.is_ascii_whitespace() || ",:{}[]\"".contains(c);
        let end = self.text[at..].find(ends).map_or(self.text.len(), |length| at + length);
        if self.too_deep.is_none() {
            let token = &self.text[at..end];
            if self.is_at_key() {
                self.key(Cow::Borrowed(token));
            } else {
                self.value_starts(at);
                self.bare_value(at..end, token);
                self.value_ends(at..end);
            }
        }
        end
    }

    fn open(&mut self, at: usize, kind: Kind) -> usize {
        if let Some(too_deep) = &mut self.too_deep {
            too_deep.levels += 1;
        } else if self.stack.len() >= DEEPEST {
            self.too_deep = Some(TooDeep { start: at, levels: 1 });
        } else {
            self.value_starts(at);
            let frame = Frame {
                kind,
                start: at,
                place: self.place(kind),
                is_secret: self.is_under_secret(),
                key: None,
                expects_key: true,
                path_is_secret: false,
                value: None,
            };
            self.stack.push(frame);
        }
        at + 1
    }

    fn close(&mut self, end: usize) -> usize {
        if let Some(too_deep) = &mut self.too_deep {
            too_deep.levels -= 1;
            if too_deep.levels == 0 {
                self.edits.push(Edit::new(too_deep.start..end, DEEP));
                self.too_deep = None;
            }
        } else if let Some(frame) = self.stack.pop() {
            if frame.path_is_secret
                && let Some(value) = frame.value
            {
                self.redact_value(value);
            }
            self.value_ends(frame.start..end);
        }
        end
    }

    fn comma(&mut self, at: usize) -> usize {
        if self.too_deep.is_none()
            && let Some(frame) = self.stack.last_mut()
        {
            frame.expects_key = true;
            frame.key = None;
        }
        at + 1
    }

    fn key(&mut self, key: Cow<'a, str>) {
        let depth = self.stack.len();
        if let Some(candidate) = self.element.as_mut().or(self.root.as_mut()) {
            candidate.note_key(&key, depth == candidate.depth + 1);
        }
        if let Some(frame) = self.stack.last_mut() {
            frame.key = Some(key);
            frame.expects_key = false;
        }
    }

    fn string_value(&mut self, inner: Range<usize>) {
        if inner.is_empty() {
            return;
        }
        let text = unescape(&self.text[inner.clone()]);
        if self.is_under_secret() {
            self.edits.push(Edit::new(inner.clone(), REDACTED));
        }
        if self.is_at("path")
            && is_secret_key(&text)
            && let Some(frame) = self.stack.last_mut()
        {
            frame.path_is_secret = true;
        }
        let stays = self.tells_type(&text);
        if let Some(candidate) = self.element.as_mut().or(self.root.as_mut())
            && !stays
        {
            candidate.shape.push(Edit::new(inner, STRANGER));
        }
    }

    fn bare_value(&mut self, range: Range<usize>, token: &str) {
        if matches!(token, "true" | "false" | "null") {
            return;
        }
        if self.is_under_secret() || (self.is_secret)(token) {
            self.edits.push(Edit::new(range.clone(), QUOTED));
        }
        if let Some(candidate) = self.element.as_mut().or(self.root.as_mut()) {
            candidate.shape.push(Edit::new(range, "0"));
        }
    }

    /// Replaces the value of a PATCH operation whose path names a secret.
    fn redact_value(&mut self, range: Range<usize>) {
        match &self.text[range.clone()] {
            "true" | "false" | "null" | "\"\"" => {}
            _ => self.edits.push(Edit::new(range, QUOTED)),
        }
    }

    /// Notes a string that tells a resource's type; strangers may keep it.
    fn tells_type(&mut self, text: &str) -> bool {
        let Some(frame) = self.stack.last() else { return false };
        let names_schema = frame.place == Place::Schemas || (frame.place == Place::Top && self.is_at("schemas"));
        let names_type = frame.place == Place::Meta && self.is_at("resourceType");
        let Some(candidate) = self.element.as_mut().or(self.root.as_mut()) else { return false };
        if names_schema && starts_with_ignoring_case(text, "urn:") {
            candidate.note_schema(text);
            true
        } else if names_type {
            candidate.is_discovery |= DISCOVERY.contains(&text);
            true
        } else {
            false
        }
    }

    fn value_starts(&mut self, at: usize) {
        let depth = self.stack.len();
        if depth == 0 {
            self.root = Some(Candidate::new(at, depth, false));
        } else if self.element.is_none() && self.stack.last().is_some_and(|f| f.place == Place::Elements) {
            self.element = Some(Candidate::new(at, depth, depth > 1));
        }
    }

    fn value_ends(&mut self, range: Range<usize>) {
        let depth = self.stack.len();
        if let Some(candidate) = self.element.take_if(|element| element.depth == depth) {
            self.judge(candidate, range.end);
        }
        if depth == 0
            && let Some(candidate) = self.root.take()
        {
            self.judge(candidate, range.end);
        }
        if self.is_at("value")
            && let Some(frame) = self.stack.last_mut()
        {
            frame.value = Some(range);
        }
    }

    fn judge(&mut self, candidate: Candidate, end: usize) {
        let Some(marker) = self.own_marker else { return };
        let text = &self.text[candidate.start..end];
        if candidate.may_be_strange() && !contains_ignoring_case(text, marker) {
            self.edits.extend(candidate.shape);
        }
    }

    fn place(&mut self, kind: Kind) -> Place {
        let depth = self.stack.len();
        let Some(parent) = self.stack.last() else {
            return match kind {
                Kind::Object => Place::Top,
                Kind::Array => Place::Elements,
            };
        };
        match (parent.place, parent.key.as_deref(), kind) {
            (Place::Elements, ..) => Place::Top,
            (Place::Top, Some(key), Kind::Array) if depth == 1 && key.eq_ignore_ascii_case("Resources") => {
                if let Some(root) = &mut self.root {
                    root.is_envelope = true;
                }
                Place::Elements
            }
            (Place::Top, Some(key), Kind::Array) if key.eq_ignore_ascii_case("schemas") => Place::Schemas,
            (Place::Top, Some(key), Kind::Object) if key.eq_ignore_ascii_case("meta") => Place::Meta,
            _ => Place::Elsewhere,
        }
    }

    fn is_at_key(&self) -> bool {
        self.stack.last().is_some_and(|frame| frame.kind == Kind::Object && frame.expects_key)
    }

    fn is_at(&self, key: &str) -> bool {
        let current = self.stack.last().and_then(|frame| frame.key.as_deref());
        current.is_some_and(|current| current.eq_ignore_ascii_case(key))
    }

    fn is_under_secret(&self) -> bool {
        self.stack.last().is_some_and(|frame| frame.is_secret || frame.key.as_deref().is_some_and(is_secret_key))
    }
}

impl Candidate {
    fn new(start: usize, depth: usize, is_listed: bool) -> Self {
        Candidate {
            start,
            depth,
            is_listed,
            shape: Vec::new(),
            is_envelope: false,
            is_discovery: false,
            has_person: false,
            has_id: false,
            has_error: false,
        }
    }

    fn note_key(&mut self, key: &str, is_own: bool) {
        let is_one_of = |words: &[&str]| words.iter().any(|word| key.eq_ignore_ascii_case(word));
        self.has_person |= is_one_of(&PERSON);
        self.has_id |= is_own && is_one_of(&["id"]);
        self.has_error |= is_own && is_one_of(&ERROR);
        self.is_discovery |= is_own && is_one_of(&["attributes", "authenticationSchemes", "endpoint"]);
    }

    fn note_schema(&mut self, urn: &str) {
        let core = "urn:ietf:params:scim:schemas:core:2.0:";
        self.is_envelope |= starts_with_ignoring_case(urn, "urn:ietf:params:scim:api:messages:2.0:");
        self.is_discovery |= starts_with_ignoring_case(urn, core)
            && DISCOVERY.iter().any(|name| urn[core.len()..].eq_ignore_ascii_case(name));
    }

    /// Tells whether this is the kind of thing that somebody owns.
    ///
    /// Discovery documents and errors are recognised by their keys too, because servers that leave `schemas` out are
    /// among those under test; a key that only a person or a group has overrules that.
    fn may_be_strange(&self) -> bool {
        if self.is_envelope {
            return false;
        }
        if self.is_discovery {
            return self.has_person;
        }
        self.has_person || self.is_listed || (self.has_id && !self.has_error)
    }
}

/// Returns where a string ends: at its closing quote, or at the end of the text.
fn end_of_string(text: &str, from: usize) -> usize {
    let bytes = text.as_bytes();
    let mut at = from;
    while at < bytes.len() && bytes[at] != b'"' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    text.ceil_char_boundary(at.min(bytes.len()))
}

fn unescape(inner: &str) -> Cow<'_, str> {
    if !inner.contains('\\') {
        return Cow::Borrowed(inner);
    }
    match serde_json::from_str(&format!("\"{inner}\"")) {
        Ok(text) => Cow::Owned(text),
        Err(_) => Cow::Borrowed(inner),
    }
}

fn starts_with_ignoring_case(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

fn contains_ignoring_case(text: &str, part: &str) -> bool {
    text.as_bytes().windows(part.len()).any(|window| window.eq_ignore_ascii_case(part.as_bytes()))
}

/// Deeper than any resource, and shallow enough for a short stack.
const DEEPEST: usize = 256;
const DEEP: &str = "\"…\"";
const QUOTED: &str = "\"[redacted]\"";
const STRANGER: &str = "…";

const DISCOVERY: [&str; 3] = ["ServiceProviderConfig", "ResourceType", "Schema"];

/// Keys of people and groups in RFC 7643 section 4 and in common dialects beside it.
const PERSON: [&str; 20] = [
    "userName",
    "externalId",
    "displayName",
    "nickName",
    "givenName",
    "familyName",
    "emails",
    "email",
    "mail",
    "phoneNumbers",
    "phone",
    "addresses",
    "ims",
    "photos",
    "members",
    "groups",
    "firstName",
    "lastName",
    "login",
    "profile",
];

const ERROR: [&str; 6] = ["error", "errors", "message", "detail", "status", "scimType"];
