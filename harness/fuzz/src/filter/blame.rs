//! What of a filter a wrong answer comes from, so that one defect of a server is one finding.

use super::catalog::Attribute;
use super::directory::{Directory, Status};
use super::law::outside;
use super::oracle::Oracle;
use super::population::Resource;
use super::truth::Truth;
use scim_lang::filter::{CompareOp, Filter};
use scim_lang::path::AttrPath;
use scim_lang::schema::Type;
use serde_json::Value;
use std::collections::BTreeSet;

/// Returns the filters that a filter is put together from. If all of them are answered rightly, what is wrong is how they
/// are put together.
pub fn parts(filter: &Filter) -> Vec<Filter> {
    match filter {
        Filter::And(left, right) | Filter::Or(left, right) => vec![(**left).clone(), (**right).clone()],
        Filter::Not(inner) => vec![(**inner).clone()],
        Filter::ValuePath { path, filter } => match &**filter {
            leaf @ (Filter::Compare { .. } | Filter::Present(_)) => vec![outside(path, leaf)],
            composed => parts(composed).into_iter().map(|inside| around(path, inside)).collect(),
        },
        Filter::Compare { .. } | Filter::Present(_) => Vec::new(),
    }
}

/// What a wrong answer comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blame {
    /// What is wrong, in words; the same for the same defect.
    pub defect: String,
    /// Whether a server must do it right; what RFC 7644 leaves half open is a recommendation.
    pub is_binding: bool,
    /// Whether it is about how text is written or compared, and not about an operator that may be missing.
    pub is_textual: bool,
}

impl Directory {
    /// Returns what is to blame for the answer to a filter of which all parts are answered rightly; `found` is missing
    /// where the server did not answer with a list.
    pub fn blame(&self, filter: &Filter, found: Option<&BTreeSet<String>>) -> Blame {
        match filter {
            Filter::And(..) => construct("and"),
            Filter::Or(..) => construct("or"),
            Filter::Not(_) => construct("not"),
            Filter::ValuePath { .. } => construct("brackets"),
            Filter::Present(path) => self.blame_presence(path),
            Filter::Compare { path, op, value } => self.blame_comparison(filter, path, *op, value, found),
        }
    }

    fn blame_presence(&self, path: &AttrPath) -> Blame {
        let is_complex = self.catalog.find(path).is_some_and(Attribute::is_complex);
        let defect = match (self.support.status("pr"), self.support.attribute(path)) {
            (Status::Wrong, _) => "pr".to_owned(),
            (_, Status::Wrong) if self.support.wrong_attributes() >= MANY => "filters by most attributes".to_owned(),
            (_, Status::Wrong) => format!("filters by {path}"),
            _ if is_complex => "pr of a complex attribute".to_owned(),
            _ => "pr".to_owned(),
        };
        Blame { defect, is_binding: true, is_textual: false }
    }

    fn blame_comparison(
        &self,
        filter: &Filter,
        path: &AttrPath,
        op: CompareOp,
        value: &Value,
        found: Option<&BTreeSet<String>>,
    ) -> Blame {
        let Some(attribute) = self.catalog.find(path) else {
            return Blame { defect: format!("filters by {path}"), is_binding: true, is_textual: false };
        };
        let is_text_in_order = attribute.ty == Type::String && op.is_ordering();
        let is_sound = self.support.operator(op, attribute.ty) == Status::Sound;
        if is_sound {
            if let Some((defect, is_binding)) = found.and_then(|found| self.explanation(filter, attribute, found)) {
                return Blame { defect, is_binding, is_textual: true };
            }
            if let Some(special) = value.as_str().filter(|_| !is_text_in_order).and_then(special) {
                return Blame { defect: special.to_owned(), is_binding: true, is_textual: true };
            }
        }
        let defect = match self.support.attribute(path) {
            Status::Wrong if self.support.wrong_attributes() >= MANY => "filters by most attributes".to_owned(),
            Status::Wrong if is_sound => format!("filters by {path}"),
            _ if attribute.ty == Type::DateTime => "the order of times".to_owned(),
            _ if self.support.wrong_types(op) > 1 => op.to_string(),
            _ => format!("{op} of type {}", attribute.ty.name()),
        };
        Blame { defect, is_binding: !is_text_in_order, is_textual: false }
    }

    /// Returns a misreading under which the answer would be right, and whether it is one by the letter.
    fn explanation(&self, filter: &Filter, attribute: &Attribute, found: &BTreeSet<String>) -> Option<(String, bool)> {
        let name = attribute.path();
        let mut other_case = self.catalog.clone();
        for known in &mut other_case.attributes {
            if known.path() == name {
                known.case_exact = !known.case_exact;
            }
        }
        let oracle = Oracle { catalog: &other_case, dialect: &self.dialect };
        let is_in_order = matches!(filter, Filter::Compare { op, .. } if op.is_ordering());
        if attribute.ty == Type::String && !is_in_order && self.fits(&oracle, filter, found, Clone::clone) {
            let is_id = name.is("id");
            let defect = match attribute.case_exact {
                // A database that has ids as numbers of its own kind cannot tell their cases apart.
                true => format!("the case of operands where caseExact is true ({name})"),
                false => "the case of operands where caseExact is false".to_owned(),
            };
            return Some((defect, !is_id));
        }
        if attribute.is_many && self.fits(&self.oracle(), filter, found, first_alone) {
            return Some(("values behind the first".to_owned(), true));
        }
        let holds_like = |resource: &Resource| holds_with_wildcards(filter, attribute, &resource.shown);
        let is_wild = self.resources.iter().all(|it| holds_like(it) == Some(found.contains(&it.id)));
        is_wild.then(|| ("wildcards".to_owned(), true))
    }

    fn fits(
        &self,
        oracle: &Oracle<'_>,
        filter: &Filter,
        found: &BTreeSet<String>,
        view: impl Fn(&Value) -> Value,
    ) -> bool {
        self.resources.iter().all(|resource| match oracle.judge(filter, &view(&resource.shown)) {
            Truth::True => found.contains(&resource.id),
            Truth::False => !found.contains(&resource.id),
            Truth::Either => true,
        })
    }
}

/// One defect shows in every way of nesting, and the smallest filter tells which it is.
fn construct(word: &str) -> Blame {
    Blame { defect: word.to_owned(), is_binding: true, is_textual: false }
}

fn around(path: &AttrPath, filter: Filter) -> Filter {
    Filter::ValuePath { path: path.clone(), filter: Box::new(filter) }
}

/// Returns what is special about an operand.
fn special(text: &str) -> Option<&'static str> {
    match text {
        _ if text.contains(['"', '\\']) => Some("quotes and backslashes"),
        _ if text.contains('\'') => Some("apostrophes"),
        _ if text.contains(['%', '_', '*', '?']) => Some("wildcards"),
        _ if !text.is_ascii() => Some("letters beyond ASCII"),
        _ => None,
    }
}

/// Returns the resource with nothing but the first element of each list.
fn first_alone(resource: &Value) -> Value {
    let mut resource = resource.clone();
    for value in resource.as_object_mut().into_iter().flat_map(|members| members.values_mut()) {
        if let Value::Array(elements) = value {
            elements.truncate(1);
        }
    }
    resource
}

/// Returns whether a comparison with text holds where `%`, `_`, `*` and `?` stand for others; nothing if it has none of
/// them.
fn holds_with_wildcards(filter: &Filter, attribute: &Attribute, resource: &Value) -> Option<bool> {
    let Filter::Compare { op, value: Value::String(operand), .. } = filter else { return None };
    if !operand.contains(['%', '_', '*', '?']) {
        return None;
    }
    let operand = operand.to_lowercase();
    let pattern: Vec<char> = match op {
        CompareOp::Eq | CompareOp::Ne => operand,
        CompareOp::Co => format!("%{operand}%"),
        CompareOp::Sw => format!("{operand}%"),
        CompareOp::Ew => format!("%{operand}"),
        _ => return None,
    }
    .chars()
    .collect();
    let mut texts = attribute.values(resource).into_iter().filter_map(Value::as_str);
    let matches = |text: &str| is_like(&text.to_lowercase().chars().collect::<Vec<_>>(), &pattern);
    Some(texts.any(matches) != (*op == CompareOp::Ne))
}

/// Matches a text with the wildcards of SQL and of file names.
fn is_like(text: &[char], pattern: &[char]) -> bool {
    // One row for each letter of the pattern: which beginnings of the text it can have matched.
    let mut reached = vec![false; text.len() + 1];
    reached[0] = true;
    for letter in pattern {
        let mut next = vec![false; text.len() + 1];
        for at in 0..=text.len() {
            next[at] = match letter {
                '%' | '*' => reached[..=at].iter().any(|before| *before),
                '_' | '?' => at > 0 && reached[at - 1],
                letter => at > 0 && reached[at - 1] && text[at - 1] == *letter,
            };
        }
        reached = next;
    }
    reached[text.len()]
}

/// From how many attributes on it is not the attribute.
const MANY: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_are_those_of_sql_and_of_files() {
        for (text, pattern, expected) in
            [("abc", "a%", true), ("abc", "a_c", true), ("abc", "a_", false), ("abc", "*c", true), ("abc", "ab", false)]
        {
            let chars = |text: &str| text.chars().collect::<Vec<_>>();
            assert_eq!(is_like(&chars(text), &chars(pattern)), expected, "{text} like {pattern}");
        }
    }
}
