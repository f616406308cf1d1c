//! Dotted paths into what a flow knows: `user.profile.email`, `save.job`.

use std::fmt;

use serde_json::Value;

use super::trigger::{did_you_mean, near};

/// A path whose beginning is known to exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Path(Vec<String>);

impl Path {
    /// Reads a path. What people can misspell without anybody noticing is checked here; keys of profiles are open.
    pub(super) fn parse(text: &str) -> Result<Path, String> {
        let is_word = |word: &str| {
            !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
        };
        let words: Vec<String> = text.split('.').map(str::to_owned).collect();
        if !words.iter().all(|word| is_word(word)) {
            return Err(format!("{text:?} is no path; write words with dots between them, such as user.profile.email"));
        }
        check(text, &words, ROOTS)?;
        Ok(Path(words))
    }

    /// Returns the first word.
    pub(super) fn root(&self) -> &str {
        &self.0[0]
    }

    /// Returns the second word.
    pub(super) fn name(&self) -> Option<&str> {
        self.0.get(1).map(String::as_str)
    }

    /// Returns what the path leads to.
    pub(super) fn find<'a>(&self, scope: &'a Value) -> Option<&'a Value> {
        self.0.iter().try_fold(scope, |value, word| match value {
            Value::Array(items) => items.get(word.parse::<usize>().ok()?),
            _ => value.get(word),
        })
    }
}

impl fmt::Display for Path {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0.join("."))
    }
}

/// What may stand below a word.
enum Below {
    Nothing,
    Anything,
    These(Words),
}

type Words = &'static [(&'static str, Below)];

fn check(text: &str, words: &[String], known: Words) -> Result<(), String> {
    let Some((first, rest)) = words.split_first() else { return Ok(()) };
    let names = || known.iter().map(|(name, _)| *name);
    let Some((_, below)) = known.iter().find(|(name, _)| name == first) else {
        let expected = names().collect::<Vec<_>>().join(", ");
        let near = near(first, names());
        return Err(format!("{text}: {first:?} is none of {expected}{}", did_you_mean(&near)));
    };
    match below {
        Below::Anything => Ok(()),
        Below::Nothing if rest.is_empty() => Ok(()),
        Below::Nothing => Err(format!("{text}: nothing stands below {first}")),
        Below::These(words) => check(text, rest, words),
    }
}

const MANAGER: Words = &[
    ("id", Below::Nothing),
    ("status", Below::Nothing),
    ("login", Below::Nothing),
    ("email", Below::Nothing),
    ("displayName", Below::Nothing),
    ("profile", Below::Anything),
];

const USER: Words = &[
    ("id", Below::Nothing),
    ("status", Below::Nothing),
    ("login", Below::Nothing),
    ("email", Below::Nothing),
    ("displayName", Below::Nothing),
    ("profile", Below::Anything),
    ("manager", Below::These(MANAGER)),
];

const GROUP: Words = &[("id", Below::Nothing), ("name", Below::Nothing), ("description", Below::Nothing)];

const APP: Words = &[("id", Below::Nothing), ("label", Below::Nothing)];

const RUN: Words = &[("id", Below::Nothing), ("started", Below::Nothing)];

const ROOTS: Words = &[
    ("user", Below::These(USER)),
    ("group", Below::These(GROUP)),
    ("app", Below::These(APP)),
    ("event", Below::Anything),
    ("changed", Below::Anything),
    ("vendor", Below::Anything),
    ("save", Below::Anything),
    ("run", Below::These(RUN)),
];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_path_leads_through_objects_and_arrays() {
        let scope = json!({ "event": { "target": [{ "id": "00u1" }] }, "user": { "profile": { "title": "T" } } });
        for (path, expected) in [
            ("event.target.0.id", Some(json!("00u1"))),
            ("event.target.1.id", None),
            ("event.target.x", None),
            ("user.profile.title", Some(json!("T"))),
            ("user.profile.title.x", None),
            ("group.name", None),
        ] {
            assert_eq!(Path::parse(path).unwrap().find(&scope), expected.as_ref(), "{path}");
        }
    }

    #[test]
    fn a_misspelt_path_is_refused_with_the_words_there_are() {
        for (path, part) in [
            ("usr.profile.email", "did you mean user?"),
            ("user.manger.email", "did you mean manager?"),
            ("user.manager.manager.email", "none of id, status"),
            ("group.name.x", "nothing stands below name"),
            ("user..x", "is no path"),
            ("", "is no path"),
            ("user.profile.a b", "is no path"),
        ] {
            let error = Path::parse(path).unwrap_err();
            assert!(error.contains(part), "{path}: {error}");
        }
    }
}
