//! Texts with holes: `{{name}}` for variables, `{{function(arguments)}}` for what Runscope computes.

use super::builtin::{Builtin, NAMES};
use super::source::{FormatError, Node, Span};
use super::variables::Variables;

/// A text with holes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template {
    parts: Vec<Part>,
    span: Span,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    /// A variable, or a built-in function without arguments where there is no variable of its name.
    Name(String),
    Call(Builtin),
}

/// A variable that has no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unset(pub(crate) String);

impl Template {
    /// Parses the text of a value in the file. What stands in braces and is neither name nor function stays as it is.
    pub(crate) fn parse(text: &str, node: Node<'_>) -> Result<Template, FormatError> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, hole, behind)) = next_hole(rest) {
            let part = match hole.split_once('(') {
                None => is_name(hole).then(|| Part::Name(hole.to_owned())),
                Some((name, arguments)) => call(name, arguments, node)?,
            };
            let kept = || Part::Text(format!("{{{{{hole}}}}}"));
            parts.push(Part::Text(before.to_owned()));
            parts.push(part.unwrap_or_else(kept));
            rest = behind;
        }
        parts.push(Part::Text(rest.to_owned()));
        parts.retain(|part| !matches!(part, Part::Text(text) if text.is_empty()));
        Ok(Template { parts, span: node.span() })
    }

    /// Returns where it stands.
    pub(crate) fn span(&self) -> Span {
        self.span
    }

    /// Returns the variables it needs.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Name(name) if Builtin::bare(name).is_none() => Some(name.as_str()),
            _ => None,
        })
    }

    /// Returns the variable that is all there is to it.
    pub(crate) fn sole_name(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [Part::Name(name)] => Some(name),
            _ => None,
        }
    }

    /// Returns the text if it has no hole.
    pub(crate) fn literal(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// Fills the holes.
    pub(crate) fn fill(&self, variables: &mut Variables) -> Result<String, Unset> {
        let mut out = String::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Call(builtin) => out.push_str(&builtin.value(variables.dice())),
                Part::Name(name) => match (variables.get(name), Builtin::bare(name)) {
                    (Some(value), _) => out.push_str(value),
                    (None, Some(builtin)) => out.push_str(&builtin.value(variables.dice())),
                    (None, None) => return Err(Unset(name.clone())),
                },
            }
        }
        Ok(out)
    }
}

fn call(name: &str, arguments: &str, node: Node<'_>) -> Result<Option<Part>, FormatError> {
    let Some(arguments) = arguments.strip_suffix(')').filter(|_| is_name(name.trim())) else { return Ok(None) };
    let bare = |argument: &str| argument.trim().trim_matches(['"', '\'']).to_owned();
    let arguments: Vec<String> = arguments.split(',').map(bare).filter(|argument| !argument.is_empty()).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match Builtin::call(name.trim(), &arguments) {
        Some(builtin) => Ok(Some(Part::Call(builtin))),
        None => Err(node.error(
            format!("`{{{{{name}({})}}}}` is no function this program knows", arguments.join(", ")),
            format!("these are known: {NAMES}; for another value use a variable and give it by --var"),
        )),
    }
}

/// Returns what is before the next hole, the hole, and what is behind it.
fn next_hole(text: &str) -> Option<(&str, &str, &str)> {
    let (before, opened) = text.split_once("{{")?;
    let (hole, behind) = opened.split_once("}}")?;
    Some((before, hole.trim(), behind))
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.'))
}

#[cfg(test)]
mod tests {
    use super::super::source::SourceFile;
    use super::*;
    use crate::names::Seed;

    fn fill(text: &str) -> Result<String, String> {
        let file = SourceFile::new("x.json", "0");
        let mut variables = Variables::new(Seed(7), "x");
        variables.set("id", "42");
        variables.set("uuid", "mine");
        let template = Template::parse(text, file.root().unwrap()).map_err(|error| error.to_string())?;
        template.fill(&mut variables).map_err(|Unset(name)| name)
    }

    #[test]
    fn holes_are_filled_and_everything_else_stays() {
        for (text, expected) in [
            ("", ""),
            ("/Users/{{id}}", "/Users/42"),
            ("{{ id }}{{id}}", "4242"),
            (r#"{"a":{"b":"{{id}}"}}"#, r#"{"a":{"b":"42"}}"#),
            ("{{not closed", "{{not closed"),
            ("{{\"a b\"}}", "{{\"a b\"}}"),
            ("{{encode_base64('a:b')}}", "YTpi"),
            ("{{uuid}}", "mine"),
        ] {
            assert_eq!(fill(text).as_deref(), Ok(expected), "{text}");
        }
        assert_eq!(fill("{{nobody}}"), Err("nobody".to_owned()));
        assert_eq!(fill("{{random_string(5)}}").unwrap().len(), 5);
        assert!(fill("{{md5(id)}}").unwrap_err().starts_with("./x.json:1:1: `{{md5(id)}}` is no function"));
    }
}
