//! A second opinion on what is a filter: the parser of the `scim_v2` crate.
//!
//! Two parsers written apart from each other rarely share a mistake. Where
//! they differ, the difference stands below with its reason; one that is not
//! listed fails, and so does a listed one that is gone.

mod generate;

use generate::{Names, config, filters};
use proptest::prelude::*;
use scim_lang::filter::{Filter, FilterErrorKind as Kind, parse};
use scim_lang::urn;
use serde_json::Value;

/// Both accept.
const VALID: &[&str] = &[
    r#"userName eq "bjensen""#,
    r#"name.familyName co "O'Malley""#,
    r#"urn:ietf:params:scim:schemas:core:2.0:User:userName sw "J""#,
    r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value eq "1""#,
    "title pr",
    r#"meta.lastModified gt "2011-05-13T04:42:34Z""#,
    r#"title pr and userType eq "Employee""#,
    r#"title pr or userType eq "Intern""#,
    r#"userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")"#,
    r#"userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org")"#,
    r#"emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp" and value co "@foo.com"]"#,
    r#"emails[not (type eq "work") and (value pr or primary eq true)]"#,
    r#"USERNAME EQ "x" AND TITLE PR OR Not (a Sw "b")"#,
    r#"a eq "\"\\\/\b\f\n\r\t\u00e9\ud835\udd18é""#,
    "a eq -0.5E+3",
    "a eq 1e400",
    "a eq null",
    "a eq true",
    "a gt false",
    "((a pr))",
];

/// Both refuse.
const INVALID: &[&str] = &[
    "",
    r#"userName eq "x"#,
    r#"(userName eq "x""#,
    r#"userName eq "x")"#,
    r#"emails[type eq "x""#,
    "title pr]",
    "userName eq",
    "userName",
    r#"userName "x""#,
    r#"userName regex "a.*""#,
    "a pr and",
    "and title pr",
    "or b pr",
    "a pr b pr",
    "(a pr)(b pr)",
    "()",
    "not ()",
    "emails[]",
    r#""x" eq userName"#,
    r#"title pr "x""#,
    r#"a eq "\x""#,
    r#"a eq "\u12""#,
    r#"a eq "\ud800""#,
    "a eq \"x\ny\"",
    "a eq 01",
    "a eq +1",
    "a eq .5",
    "a eq 1.",
    "9lives pr",
    "a.b.c pr",
    "a. pr",
    "not title pr",
    "emails[x[y pr]]",
    "userType eq Employee",
    "a sw 'Group'",
    r#"userName eq"x""#,
    "a pr and(b pr)",
    "active eq True",
    "emails[type pr].value pr",
    "a\u{3000}pr b",
    "(((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((a pr)))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))",
];

/// What we accept and the other refuses.
const ONLY_OURS: &[(&str, &str)] = &[
    ("not(a pr)", NOT_WITHOUT_SPACE),
    ("a pr and NOT(b pr)", NOT_WITHOUT_SPACE),
    ("members.$ref pr", DOLLAR_REF),
    ("members[$ref pr]", DOLLAR_REF),
    ("true pr", KEYWORD_AS_NAME),
    ("null eq 1", KEYWORD_AS_NAME),
];

/// What the other accepts and we refuse.
const ONLY_THEIRS: &[(&str, &str)] = &[
    ("a  pr", ANY_SPACE),
    ("a eq  1", ANY_SPACE),
    ("a\tpr", ANY_SPACE),
    ("a pr  and b pr", ANY_SPACE),
    ("not  (a pr)", ANY_SPACE),
    ("( a pr )", ANY_SPACE),
    ("emails[ type pr ]", ANY_SPACE),
    (" a pr ", ANY_SPACE),
    ("emails.type[value pr]", DERIVED_WITHOUT_MEANING),
    ("emails[type.x pr]", DERIVED_WITHOUT_MEANING),
    ("emails[urn:ietf:params:scim:schemas:core:2.0:User:type pr]", DERIVED_WITHOUT_MEANING),
];

const NOT_WITHOUT_SPACE: &str = "RFC 7644 §3.4.2.2: the grammar writes `not(`, the examples `not (`";
const DOLLAR_REF: &str = "RFC 7643 §2.4 names a sub-attribute `$ref`; the grammar of names forgot the `$`";
const KEYWORD_AS_NAME: &str = "the grammar reserves no names";
const ANY_SPACE: &str = "the grammar has one space between words and none elsewhere";
const DERIVED_WITHOUT_MEANING: &str = "RFC 7643 §2.3.8: a sub-attribute has no sub-attributes and no schema of its own";

fn ours(text: &str) -> bool {
    parse(text).is_ok()
}

fn theirs(text: &str) -> bool {
    text.parse::<scim_v2::filter::Filter>().is_ok()
}

#[test]
fn both_give_the_listed_verdicts() {
    let agreed = VALID.iter().map(|t| (*t, true, true, "both accept"));
    let refused = INVALID.iter().map(|t| (*t, false, false, "both refuse"));
    let only_ours = ONLY_OURS.iter().map(|(t, why)| (*t, true, false, *why));
    let only_theirs = ONLY_THEIRS.iter().map(|(t, why)| (*t, false, true, *why));
    let rows = agreed.chain(refused).chain(only_ours).chain(only_theirs);
    let wrong: Vec<_> = rows
        .filter(|(text, a, b, _)| (ours(text), theirs(text)) != (*a, *b))
        .map(|(text, _, _, why)| format!("{text:?} ({why}): ours {}, theirs {}", ours(text), theirs(text)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

const NAMES: Names = Names {
    schemas: &[urn::USER, urn::ENTERPRISE_USER, "urn:example:acme:1.0:Badge"],
    attributes: &["userName", "NAME", "emails", "x-y_9", "nothing", "order", "android"],
    subs: &["value", "type", "primary"],
};

proptest! {
    #![proptest_config(config(1_000))]

    #[test]
    fn the_other_parser_reads_what_we_print_as_we_mean_it(filter in filters(NAMES)) {
        let text = filter.to_string();
        let read = text.parse::<scim_v2::filter::Filter>();
        prop_assert!(read.is_ok(), "{}: {:?}", text, read);
        let printed = read.expect("checked").to_string();
        let again = parse(&printed);
        prop_assert!(again.is_ok(), "{}: {:?}", printed, again);
        prop_assert_eq!(meaning(&again.expect("checked")), meaning(&filter));
    }

    #[test]
    fn damaged_filters_get_one_verdict_or_a_listed_reason(
        filter in filters(NAMES),
        at in any::<prop::sample::Index>(),
        damage in prop::sample::select(&["", "(", ")", "[", "]", "\"", " ", ".", ":", "e", "1"][..]),
    ) {
        let mut text: Vec<char> = filter.to_string().chars().collect();
        let at = at.index(text.len());
        text.splice(at..=at, damage.chars());
        let text: String = text.into_iter().collect();
        if ours(&text) != theirs(&text) {
            prop_assert!(is_listed(&text), "{text:?}: ours {:?}, theirs {}", parse(&text), theirs(&text));
        }
    }
}

/// Tells whether a difference is of a kind that the lists name.
fn is_listed(text: &str) -> bool {
    match parse(text) {
        Ok(_) => text.contains("not("),
        Err(error) => matches!(
            error.kind,
            Kind::StraySpace | Kind::SubAttributeBeforeBrackets | Kind::SubAttributeInBrackets | Kind::SchemaInBrackets
        ),
    }
}

/// The filter with its chains flat and its numbers as `serde_json` respells
/// them: the other parser keeps neither, and neither has a meaning.
fn meaning(filter: &Filter) -> String {
    match filter {
        Filter::And(..) | Filter::Or(..) => {
            let word = if matches!(filter, Filter::And(..)) { "and" } else { "or" };
            format!("({word} {})", operands(filter, word).join(" "))
        }
        Filter::Not(inner) => format!("(not {})", meaning(inner)),
        Filter::Compare { path, op, value } => {
            let respelled: Value = value.to_string().parse().expect("literals are JSON");
            format!("({path} {op} {respelled})")
        }
        Filter::Present(path) => format!("({path} pr)"),
        Filter::ValuePath { path, filter } => format!("({path} [{}])", meaning(filter)),
    }
}

fn operands(filter: &Filter, word: &str) -> Vec<String> {
    match (filter, word) {
        (Filter::And(a, b), "and") | (Filter::Or(a, b), "or") => {
            let mut all = operands(a, word);
            all.extend(operands(b, word));
            all
        }
        _ => vec![meaning(filter)],
    }
}
