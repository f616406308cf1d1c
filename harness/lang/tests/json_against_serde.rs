//! Our JSON reader and `serde_json` read the same values and refuse the same
//! texts.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use scim_lang::json::{parse, same};
use serde_json::{Map, Value};

proptest! {
    #![proptest_config(config())]

    #[test]
    fn generated_values_are_read_back(value in values(), pretty in any::<bool>()) {
        let text = if pretty { format!("{value:#}") } else { value.to_string() };
        let document = parse(text.as_bytes()).unwrap();
        prop_assert_eq!(&document.value, &value);
        prop_assert!(document.duplicates.is_empty());
        prop_assert_eq!(document.raw(), text);
    }

    #[test]
    fn verdicts_agree_on_damaged_texts(
        value in values(),
        at in any::<prop::sample::Index>(),
        damage in prop::sample::select(&["", "\"", "{", "]", ",", ":", "\\", "0", ".", "e", "-", " ", "\n",
            "\u{0}", "\\ud800", "\\u00e9", "x", "é", "\u{feff}"][..]),
    ) {
        let mut text: Vec<char> = value.to_string().chars().collect();
        let at = at.index(text.len());
        text.splice(at..=at, damage.chars());
        agree(&text.into_iter().collect::<String>())?;
    }

    #[test]
    fn verdicts_agree_on_json_like_text(text in "[\\[\\]{}:,\"\\\\ux0-9a-f.eE+ -]{0,24}|(true|false|null|[0-9.eE+-]{1,6}|[\\[\\],{}:\" ]){0,8}") {
        agree(&text)?;
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let ours = parse(&bytes).map(|document| document.value);
        prop_assert_eq!(ours.is_ok(), serde_json::from_slice::<Value>(&bytes).is_ok());
    }
}

fn config() -> ProptestConfig {
    ProptestConfig { rng_seed: RngSeed::Fixed(0x5c1a), failure_persistence: None, ..ProptestConfig::with_cases(3_000) }
}

fn agree(text: &str) -> Result<(), TestCaseError> {
    let theirs = serde_json::from_str::<Value>(text);
    match (parse(text.as_bytes()), theirs) {
        (Ok(ours), Ok(theirs)) => prop_assert!(same(&ours.value, &theirs), "{text:?}"),
        (Err(_), Err(_)) => {}
        (ours, theirs) => prop_assert!(false, "{text:?}: {ours:?}, {theirs:?}"),
    }
    Ok(())
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,20})?".prop_map(|n| Value::Number(n.parse().unwrap())),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((any::<String>(), inner), 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}
