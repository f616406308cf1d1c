//! Headers of a call. A secret is named, `env:NAME` or `file:PATH`, and fetched by whoever sends the request.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::path::Path;
use super::template::Template;

/// The headers a flow or a call names, in alphabetical order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "BTreeMap<String, String>")]
pub struct Headers(Vec<(String, Source)>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Source {
    Text(Template),
    Secret { before: String, source: String },
}

/// The value of a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeaderText {
    /// Itself.
    Plain(String),
    /// A secret, and what stands before it.
    Secret {
        /// `Bearer ` in `Bearer env:VENDOR_TOKEN`.
        before: String,
        /// `env:VENDOR_TOKEN`.
        source: String,
    },
}

impl TryFrom<BTreeMap<String, String>> for Headers {
    type Error = String;

    fn try_from(headers: BTreeMap<String, String>) -> Result<Headers, String> {
        if headers.len() > MOST {
            return Err(format!("there are {} headers, at most {MOST} are sent", headers.len()));
        }
        let read = |(name, text): (String, String)| {
            check_name(&name)?;
            let source = read(&name, text)?;
            Ok((name, source))
        };
        headers.into_iter().map(read).collect::<Result<_, String>>().map(Headers)
    }
}

fn check_name(name: &str) -> Result<(), String> {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.is_empty() || !name.bytes().all(is_token) {
        return Err(format!("{name:?} is no name of a header"));
    }
    match TRANSPORT.contains(&name.to_ascii_lowercase().as_str()) {
        true => Err(format!("{name} is set by whoever sends the request; leave it out")),
        false => Ok(()),
    }
}

fn read(name: &str, text: String) -> Result<Source, String> {
    let is_named = |text: &str| text.starts_with("env:") || text.starts_with("file:");
    if is_named(&text) {
        return Ok(Source::Secret { before: String::new(), source: text });
    }
    if let Some((scheme, source)) = text.split_once(' ').filter(|(_, source)| is_named(source)) {
        return Ok(Source::Secret { before: format!("{scheme} "), source: source.to_owned() });
    }
    let template = Template::try_from(text)?;
    let lower = name.to_ascii_lowercase();
    if SECRET.iter().any(|word| lower.contains(word)) && template.paths().next().is_none() {
        // The value is not repeated: it may be the secret.
        return Err(format!(
            "{name} holds a secret, which is named and not written out: \"env:VARIABLE\", \"file:PATH\", or with a \
             scheme before it, \"Bearer env:VARIABLE\""
        ));
    }
    Ok(Source::Text(template))
}

impl Headers {
    /// Returns the sources of the secrets: `env:VENDOR_TOKEN`.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|(_, source)| match source {
            Source::Secret { source, .. } => Some(source.as_str()),
            Source::Text(_) => None,
        })
    }

    pub(super) fn paths(&self) -> Vec<&Path> {
        let templates = self.0.iter().filter_map(|(_, source)| match source {
            Source::Text(template) => Some(template),
            Source::Secret { .. } => None,
        });
        templates.flat_map(Template::paths).collect()
    }

    /// Returns these headers and those of another list that these do not name.
    pub(super) fn over(&self, others: &Headers) -> Headers {
        let is_new = |name: &str| !self.0.iter().any(|(known, _)| known.eq_ignore_ascii_case(name));
        let others = others.0.iter().filter(|(name, _)| is_new(name));
        Headers(self.0.iter().chain(others).cloned().collect())
    }

    pub(super) fn fill(&self, scope: &Value) -> Result<Vec<(String, HeaderText)>, String> {
        let fill = |(name, source): &(String, Source)| {
            let text = match source {
                Source::Secret { before, source } => {
                    HeaderText::Secret { before: before.clone(), source: source.clone() }
                }
                Source::Text(template) => HeaderText::Plain(line(name, template.text(scope)?)?),
            };
            Ok((name.clone(), text))
        };
        self.0.iter().map(fill).collect()
    }
}

/// Checks that a text is one line, lest a value bring a header of its own.
fn line(name: &str, text: String) -> Result<String, String> {
    match text.len() <= LONGEST && !text.chars().any(char::is_control) {
        true => Ok(text),
        false => Err(format!("the header {name} would be no line of at most {LONGEST} bytes")),
    }
}

const TRANSPORT: [&str; 4] = ["host", "content-length", "transfer-encoding", "connection"];
const SECRET: [&str; 8] = ["authorization", "cookie", "token", "secret", "password", "api-key", "apikey", "api_key"];
const MOST: usize = 32;
const LONGEST: usize = 4096;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn headers(name: &str, text: &str) -> Result<Headers, String> {
        Headers::try_from(BTreeMap::from([(name.to_owned(), text.to_owned())]))
    }

    #[test]
    fn secrets_are_named_and_never_written_out() {
        for (text, before, source) in
            [("env:TOKEN", "", "env:TOKEN"), ("Bearer file:/run/a b", "Bearer ", "file:/run/a b")]
        {
            let headers = headers("Authorization", text).unwrap();
            assert_eq!(headers.secrets().collect::<Vec<_>>(), [source]);
            let filled = headers.fill(&Value::Null).unwrap();
            let expected = HeaderText::Secret { before: before.to_owned(), source: source.to_owned() };
            assert_eq!(filled, [("Authorization".to_owned(), expected)]);
        }
        for name in ["Authorization", "X-Api-Key", "cookie", "X-Vendor-Token"] {
            let error = headers(name, "hunter2").unwrap_err();
            assert!(error.contains("env:VARIABLE") && !error.contains("hunter2"), "{error}");
        }
        assert!(headers("Authorization", "Bearer ${save.token}").is_ok());
    }

    #[test]
    fn a_value_brings_no_header_of_its_own() {
        let headers = headers("X-Who", "${save.x}").unwrap();
        let error = headers.fill(&json!({ "save": { "x": "a\r\nX-Admin: 1" } })).unwrap_err();
        assert!(error.contains("X-Who"), "{error}");
    }

    #[test]
    fn a_header_of_the_transport_or_without_a_name_is_refused() {
        for name in ["Host", "content-length", "", "a b", "a:b"] {
            assert!(headers(name, "x").is_err(), "{name}");
        }
    }
}
