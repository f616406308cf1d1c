//! Filters out of thin air: everything the grammar derives, over a given set
//! of names.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use scim_lang::filter::{CompareOp, Filter};
use scim_lang::json;
use scim_lang::path::AttrPath;
use serde_json::Value;

/// The names a generated filter is made of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Names {
    /// Schema URNs.
    pub(crate) schemas: &'static [&'static str],
    /// Attributes.
    pub(crate) attributes: &'static [&'static str],
    /// Sub-attributes.
    pub(crate) subs: &'static [&'static str],
}

/// Every run draws the same cases; proptest prints the failing one.
pub(crate) fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { rng_seed: RngSeed::Fixed(0x5c1a), failure_persistence: None, ..ProptestConfig::with_cases(cases) }
}

/// Draws a filter, value paths included.
pub(crate) fn filters(names: Names) -> impl Strategy<Value = Filter> {
    let value_path = (paths(names), trees(simple_leaves(names))).prop_map(|(path, filter)| Filter::ValuePath {
        path: AttrPath { sub: None, ..path },
        filter: Box::new(filter),
    });
    let leaf = prop_oneof![4 => leaves(paths(names)), 1 => value_path];
    trees(leaf.boxed())
}

fn simple_leaves(names: Names) -> BoxedStrategy<Filter> {
    let sub = prop::sample::select(names.subs).prop_map(AttrPath::new);
    leaves(sub).boxed()
}

fn trees(leaf: BoxedStrategy<Filter>) -> impl Strategy<Value = Filter> {
    leaf.prop_recursive(4, 24, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| a.and(b)),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| a.or(b)),
            inner.prop_map(Filter::negated),
        ]
    })
}

fn leaves(path: impl Strategy<Value = AttrPath> + Clone) -> impl Strategy<Value = Filter> {
    let op = prop::sample::select(&CompareOp::ALL[..]);
    let compare = (path.clone(), op, literals());
    prop_oneof![
        5 => compare.prop_map(|(path, op, value)| Filter::Compare { path, op, value }),
        1 => path.prop_map(Filter::Present),
    ]
}

fn paths(names: Names) -> impl Strategy<Value = AttrPath> + Clone {
    let subs = prop::sample::select(names.subs).prop_map(str::to_owned);
    (
        prop::option::weighted(0.2, prop::sample::select(names.schemas)),
        prop::sample::select(names.attributes),
        prop::option::weighted(0.4, subs),
    )
        .prop_map(|(schema, name, sub)| AttrPath { schema: schema.map(str::to_owned), name: name.to_owned(), sub })
}

fn literals() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => strings().prop_map(Value::from),
        2 => numbers(),
        1 => any::<bool>().prop_map(Value::from),
        1 => Just(Value::Null),
    ]
}

/// Text with what needs escaping, and what looks like the language.
fn strings() -> impl Strategy<Value = String> {
    static ODD: &[&str] = &[
        "\"", "\\", "\\\"", "\n", "\u{0}", "\u{7f}", "\u{2028}", " and ", ")", "]", "(", "é", "ß", "𝔘", "\u{301}",
        "\\u0041", "'", "/", "%", "urn:x",
    ];
    let piece = prop_oneof![
        2 => "[a-zA-Z0-9@. -]{1,6}",
        1 => prop::sample::select(ODD).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..5).prop_map(|pieces| pieces.concat())
}

fn numbers() -> impl Strategy<Value = Value> {
    let text = "-?(0|[1-9][0-9]{0,24})(\\.[0-9]{1,6})?([eE][+-]?[0-9]{1,3})?";
    text.prop_map(|text| json::parse(text.as_bytes()).expect("the pattern is JSON's").value)
}
