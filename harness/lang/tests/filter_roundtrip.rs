//! What is printed parses to what was printed, however it is spelled.

mod generate;

use generate::{Names, config, filters};
use proptest::prelude::*;
use scim_lang::filter::{Filter, parse};
use scim_lang::path::AttrPath;
use scim_lang::urn;

const NAMES: Names = Names {
    schemas: &[
        urn::USER,
        urn::ENTERPRISE_USER,
        "URN:IETF:PARAMS:SCIM:SCHEMAS:CORE:2.0:USER",
        "urn:example:acme:1.0:Badge",
    ],
    // Words of the language are names, too.
    attributes: &[
        "userName", "NAME", "emails", "x-y_9", "not", "and", "or", "pr", "eq", "true", "null", "$ref", "nothing",
        "order",
    ],
    subs: &["value", "type", "$ref", "not", "or", "primary"],
};

proptest! {
    #![proptest_config(config(2_000))]

    #[test]
    fn parse_is_the_inverse_of_print(filter in filters(NAMES)) {
        let text = filter.to_string();
        prop_assert_eq!(parse(&text).map_err(|e| (e, text.clone())), Ok(filter));
    }

    #[test]
    fn spelling_does_not_matter(filter in filters(NAMES), seed in any::<u64>()) {
        let text = respell(&filter, &mut Coin(seed | 1));
        prop_assert_eq!(parse(&text).map_err(|e| (e, text.clone())), Ok(filter));
    }

    #[test]
    fn arbitrary_text_never_panics_and_spans_lie_inside(text in ".{0,60}") {
        check_span(&text)?;
    }

    #[test]
    fn damaged_filters_never_panic(
        filter in filters(NAMES),
        at in any::<prop::sample::Index>(),
        damage in prop::sample::select(&["", "(", ")", "[", "]", " ", "\"", "not", "\\", "é", "\t"][..]),
    ) {
        let mut text: Vec<char> = filter.to_string().chars().collect();
        let at = at.index(text.len());
        text.splice(at..=at, damage.chars());
        check_span(&text.into_iter().collect::<String>())?;
    }

    #[test]
    fn paths_are_the_inverse_of_display(text in "[a-z:.$0-9-]{0,24}|(urn:)?[a-zA-Z0-9:]{1,12}:[a-z.$]{1,8}") {
        if let Ok(path) = AttrPath::parse(&text) {
            prop_assert_eq!(path.to_string(), text);
        }
    }
}

fn check_span(text: &str) -> Result<(), TestCaseError> {
    match parse(text) {
        Ok(filter) => prop_assert_eq!(parse(&filter.to_string()), Ok(filter)),
        Err(error) => prop_assert!(text.get(error.span.clone()).is_some(), "{error:?} {text:?}"),
    }
    Ok(())
}

/// Random bits without a dependency (xorshift).
struct Coin(u64);

impl Coin {
    fn toss(&mut self) -> bool {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 & 16 == 0
    }
}

/// Prints a filter with random case, redundant parentheses and escapes.
fn respell(filter: &Filter, coin: &mut Coin) -> String {
    let text = match filter {
        Filter::And(a, b) => format!("{} {} ({})", grouped(a, coin), cased("and", coin), respell(b, coin)),
        Filter::Or(a, b) => format!("{} {} ({})", respell(a, coin), cased("or", coin), respell(b, coin)),
        Filter::Not(inner) => {
            let space = if coin.toss() { " " } else { "" };
            format!("{}{space}({})", cased("not", coin), respell(inner, coin))
        }
        Filter::Compare { path, op, value } => {
            let literal = match value.as_str() {
                Some(text) => quoted(text, coin),
                None => value.to_string(),
            };
            format!("{path} {} {literal}", cased(op.name(), coin))
        }
        Filter::Present(path) => format!("{path} {}", cased("pr", coin)),
        Filter::ValuePath { path, filter } => format!("{path}[{}]", respell(filter, coin)),
    };
    if coin.toss() && coin.toss() { format!("({text})") } else { text }
}

fn grouped(filter: &Filter, coin: &mut Coin) -> String {
    match filter {
        Filter::Or(..) => format!("({})", respell(filter, coin)),
        _ => respell(filter, coin),
    }
}

fn cased(word: &str, coin: &mut Coin) -> String {
    let letter = |c: char| if coin.toss() { c.to_ascii_uppercase() } else { c };
    word.chars().map(letter).collect()
}

fn quoted(text: &str, coin: &mut Coin) -> String {
    let mut quoted = String::from("\"");
    for unit in text.chars() {
        let must = unit < ' ' || unit == '"' || unit == '\\';
        if must || coin.toss() {
            let mut units = [0; 2];
            for unit in unit.encode_utf16(&mut units) {
                quoted.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            quoted.push(unit);
        }
    }
    quoted + "\""
}
