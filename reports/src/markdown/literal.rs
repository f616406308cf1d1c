//! Texts that are shown and never interpreted: as code, fenced, or linked.

use crate::text::{clip, inert, visible};
use scim_record::Reference;

/// Returns a code span that shows the text in one line, whatever it holds.
///
/// Inside a span nothing is markup (CommonMark 6.1): it ends at a run of backticks of its own length alone, so it gets a
/// run that the text does not hold.
pub(crate) fn code(text: &str) -> String {
    let shown = inert(&visible(&clip(text.trim(), SPAN))).into_owned();
    if shown.is_empty() {
        return "(empty)".to_owned();
    }
    let ticks = "`".repeat(longest_run(&shown) + 1);
    // A backtick at the edge would join the run; one space on either side is taken off again.
    let space = if shown.starts_with('`') || shown.ends_with('`') { " " } else { "" };
    format!("{ticks}{space}{shown}{space}{ticks}")
}

/// Returns a fenced block of the text, whose lines are visible and inert already.
pub(crate) fn fence(text: &str) -> String {
    let ticks = "`".repeat((longest_run(text) + 1).max(3));
    let end = if text.ends_with('\n') || text.is_empty() { "" } else { "\n" };
    format!("{ticks}text\n{text}{end}{ticks}\n")
}

/// Returns the short form of a reference, linked to where it can be read if that is a plain address.
pub(crate) fn link(reference: &Reference) -> String {
    let label = code(&reference.id);
    match reference.url.as_deref().filter(|url| is_plain_address(url)) {
        // A bracket in the label would end it, if it were not in a code span.
        Some(url) => format!("[{label}]({url})"),
        None => label,
    }
}

/// Only what needs no escape anywhere becomes the target of a link.
fn is_plain_address(url: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/.-_~#?=&%:+,".contains(c);
    url.len() <= ADDRESS
        && url.strip_prefix("https://").is_some_and(|rest| !rest.is_empty() && rest.chars().all(is_plain))
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or_default()
}

const SPAN: usize = 300;
const ADDRESS: usize = 500;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_span_is_longer_than_any_run_inside() {
        let table = [
            ("a", "`a`"),
            ("a`b", "``a`b``"),
            ("``", "``` `` ```"),
            ("", "(empty)"),
            ("@everyone <b>\n![x](y)", "`@everyone <b>␊![x](y)`"),
            ("##vso[x]", "`# #vso[x]`"),
        ];
        for (text, expected) in table {
            assert_eq!(code(text), expected);
        }
    }

    #[test]
    fn a_fence_is_longer_than_any_run_inside() {
        assert_eq!(fence("a\n"), "```text\na\n```\n");
        assert_eq!(fence("a ````` b"), "``````text\na ````` b\n``````\n");
    }

    #[test]
    fn only_a_plain_address_is_linked() {
        let of = |url: &str| link(&Reference { id: "X 1".to_owned(), title: String::new(), url: Some(url.to_owned()) });
        assert_eq!(of("https://h.test/a#b-1"), "[`X 1`](https://h.test/a#b-1)");
        for url in ["javascript:alert(1)", "http://h.test", "https://", "https://h.test/a) @x", "https://h.test/<b>"] {
            assert_eq!(of(url), "`X 1`");
        }
    }

    proptest! {
        /// Reads a span as CommonMark does: up to the first run of the same length.
        #[test]
        fn a_span_holds_the_whole_text(text in "[`a \\\\<|@]{0,12}") {
            prop_assume!(!text.trim().is_empty());
            let span = code(&text);
            let ticks = span.len() - span.trim_start_matches('`').len();
            let inner = &span[ticks..span.len() - ticks];
            prop_assert!(inner.split(|c| c != '`').all(|run| run.len() != ticks), "{span}");
            let inner = inner.strip_prefix(' ').and_then(|rest| rest.strip_suffix(' ')).unwrap_or(inner);
            prop_assert_eq!(inner, text.trim());
        }
    }
}
