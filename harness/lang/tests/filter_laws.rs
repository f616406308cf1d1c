//! Laws the decision obeys whatever the filter and whoever the user.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use scim_lang::filter::{CompareOp, Filter, matches, parse};
use scim_lang::schema;
use serde_json::{Value, json};

fn holds(filter: &Filter, user: &Value) -> bool {
    matches(filter, user, schema::user_type()).unwrap_or_else(|e| panic!("{filter}: {e}"))
}

proptest! {
    #![proptest_config(config(3_000))]

    #[test]
    fn two_negations_are_none(a in filters(), user in users()) {
        prop_assert_eq!(holds(&a, &user), holds(&a.clone().negated().negated(), &user));
        prop_assert_ne!(holds(&a, &user), holds(&a.negated(), &user));
    }

    #[test]
    fn de_morgan(a in filters(), b in filters(), user in users()) {
        let (not_a, not_b) = (a.clone().negated(), b.clone().negated());
        let neither = a.clone().or(b.clone()).negated();
        prop_assert_eq!(holds(&neither, &user), holds(&not_a.clone().and(not_b.clone()), &user));
        let not_both = a.and(b).negated();
        prop_assert_eq!(holds(&not_both, &user), holds(&not_a.or(not_b), &user));
    }

    #[test]
    fn and_is_intersection_and_or_is_union(a in filters(), b in filters(), user in users()) {
        let (left, right) = (holds(&a, &user), holds(&b, &user));
        prop_assert_eq!(holds(&a.clone().and(b.clone()), &user), left && right);
        prop_assert_eq!(holds(&a.or(b), &user), left || right);
    }

    #[test]
    fn the_printed_filter_decides_the_same(a in filters(), user in users()) {
        let again = parse(&a.to_string()).expect("printed filters parse");
        prop_assert_eq!(holds(&a, &user), holds(&again, &user));
    }

    #[test]
    fn brackets_distribute_over_or(p in element_filters(), q in element_filters(), user in users()) {
        let both = emails(p.clone().or(q.clone()));
        let each = emails(p.clone()).or(emails(q.clone()));
        prop_assert_eq!(holds(&both, &user), holds(&each, &user));
        if holds(&emails(p.clone().and(q.clone())), &user) {
            prop_assert!(holds(&emails(p).and(emails(q)), &user));
        }
    }

    #[test]
    fn equal_starts_and_contains_and_is_present(name in names(), text in words(), user in users()) {
        let compare = |op| holds(&Filter::compare(name.parse().unwrap(), op, text.as_str()), &user);
        if compare(CompareOp::Eq) {
            prop_assert!(compare(CompareOp::Sw) && compare(CompareOp::Ew));
            prop_assert!(compare(CompareOp::Ge) && compare(CompareOp::Le));
        }
        if compare(CompareOp::Sw) || compare(CompareOp::Ew) {
            prop_assert!(compare(CompareOp::Co));
        }
        if compare(CompareOp::Co) {
            let assigned = Filter::compare(name.parse().unwrap(), CompareOp::Ne, ());
            prop_assert!(holds(&assigned, &user));
        }
        prop_assert_eq!(
            compare(CompareOp::Ge),
            compare(CompareOp::Gt) || compare(CompareOp::Eq)
        );
    }

    #[test]
    fn names_have_no_case(a in filters(), user in users()) {
        let shouted = parse(&upper_outside_strings(&a.to_string())).expect("case changes no meaning");
        prop_assert_eq!(holds(&a, &user), holds(&shouted, &user));
    }
}

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { rng_seed: RngSeed::Fixed(0x5c1a), failure_persistence: None, ..ProptestConfig::with_cases(cases) }
}

fn filters() -> impl Strategy<Value = Filter> {
    let leaf = prop_oneof![
        4 => (names(), ops(), words()).prop_map(|(n, op, w)| compare(n, op, &w)),
        1 => any::<bool>().prop_map(|b| Filter::compare("active".parse().unwrap(), CompareOp::Eq, b)),
        2 => prop::sample::select(&["title pr", "name pr", "emails pr", "title eq null",
            "meta.created gt \"2026-01-01T00:00:00Z\"", "emails.primary eq false"][..])
            .prop_map(|text| parse(text).unwrap()),
        2 => element_filters().prop_map(emails),
    ];
    trees(leaf.boxed())
}

fn element_filters() -> impl Strategy<Value = Filter> {
    let name = prop::sample::select(&["value", "type", "display"][..]);
    let leaf = prop_oneof![
        4 => (name, ops(), words()).prop_map(|(n, op, w)| compare(n, op, &w)),
        1 => Just("primary eq true".parse::<Filter>().unwrap()),
    ];
    trees(leaf.boxed())
}

fn trees(leaf: BoxedStrategy<Filter>) -> impl Strategy<Value = Filter> {
    leaf.prop_recursive(3, 8, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| a.and(b)),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| a.or(b)),
            inner.prop_map(Filter::negated),
        ]
    })
}

fn compare(name: &str, op: CompareOp, text: &str) -> Filter {
    Filter::compare(name.parse().unwrap(), op, text)
}

fn emails(filter: Filter) -> Filter {
    Filter::ValuePath { path: "emails".parse().unwrap(), filter: Box::new(filter) }
}

fn names() -> impl Strategy<Value = &'static str> {
    prop::sample::select(
        &[
            "userName",
            "title",
            "id",
            "externalId",
            "name.familyName",
            "emails.value",
            "emails",
            "emails.type",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
        ][..],
    )
}

fn ops() -> impl Strategy<Value = CompareOp> {
    prop::sample::select(&CompareOp::ALL[..])
}

/// Few words, so that filters hit.
fn words() -> impl Strategy<Value = String> {
    static WORDS: &[&str] = &["", "a", "A", "ab", "b", "ba", "é", "É", "ΑΣ", "ας", "work", "o'\"\\"];
    prop::sample::select(WORDS).prop_map(str::to_owned)
}

fn users() -> impl Strategy<Value = Value> {
    let maybe = || prop::option::of(words());
    let email = (maybe(), maybe(), prop::option::of(any::<bool>()))
        .prop_map(|(value, ty, primary)| json!({ "value": value, "type": ty, "primary": primary }));
    let emails = prop::option::of(prop::collection::vec(email, 0..3));
    (words(), maybe(), maybe(), maybe(), any::<bool>(), emails, maybe()).prop_map(
        |(user_name, title, external_id, family, active, emails, department)| {
            json!({
                "id": "Ab", "userName": user_name, "title": title, "externalId": external_id,
                "name": { "familyName": family }, "active": active, "emails": emails,
                "meta": { "created": "2026-06-01T00:00:00Z" },
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": { "department": department }
            })
        },
    )
}

/// Upper-cases names and words of the language; JSON literals stay.
fn upper_outside_strings(text: &str) -> String {
    let mut in_string = false;
    let mut escaped = false;
    let mut shouted = String::new();
    for c in text.chars() {
        let quote = c == '"' && !escaped;
        escaped = in_string && c == '\\' && !escaped;
        in_string ^= quote;
        shouted.push(if in_string { c } else { c.to_ascii_uppercase() });
    }
    for literal in ["true", "false", "null"] {
        shouted = shouted.replace(&format!(" EQ {}", literal.to_uppercase()), &format!(" EQ {literal}"));
    }
    shouted
}
