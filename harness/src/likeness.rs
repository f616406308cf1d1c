//! Which name somebody probably meant who typed another. It suggests nothing where nothing is near.

/// Returns the name that is most like the text, by the whole of it or by its part behind the last `/`.
pub(crate) fn nearest(text: &str, names: impl IntoIterator<Item = String>) -> Option<String> {
    let last_part = |name: &str| name.rsplit('/').next().unwrap_or(name).to_owned();
    let likeness = |name: &str| {
        let whole = strsim::normalized_damerau_levenshtein(text, name);
        // People also type the last part of an id alone.
        whole.max(strsim::normalized_damerau_levenshtein(&last_part(text), &last_part(name)) * 0.95)
    };
    let near = names.into_iter().map(|name| (likeness(&name), name)).filter(|(likeness, _)| *likeness >= ENOUGH);
    near.max_by(|(a, _), (b, _)| a.total_cmp(b)).map(|(_, name)| name)
}

/// A third of the letters may be wrong; what is less alike is more often another word than a slip.
const ENOUGH: f64 = 0.65;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_seen_and_anything_else_is_not() {
        let names = ["filter-ignored", "okta/spec/duplicate-is-409", "C9290", "S010", "RFC9967 3", "no-me"];
        let nearest = |text: &str| nearest(text, names.map(str::to_owned));
        for (text, expected) in [
            ("filter-ignord", Some("filter-ignored")),
            ("okta/spec/duplicate-is-490", Some("okta/spec/duplicate-is-409")),
            ("duplicate-is-40", Some("okta/spec/duplicate-is-409")),
            ("C9920", Some("C9290")),
            ("nope", None),
            ("S9999", None),
            ("99", None),
            ("", None),
        ] {
            assert_eq!(nearest(text).as_deref(), expected, "{text}");
        }
    }
}
