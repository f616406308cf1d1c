//! Inputs made to hurt: the parser refuses them quickly and with a small
//! stack, and what it accepts can be walked with one.

use std::time::{Duration, Instant};

use scim_lang::filter::{FilterErrorKind as Kind, Limits, Matcher, parse, parse_with};
use scim_lang::schema;

const WIDE_OPEN: Limits = Limits { max_length: usize::MAX, max_depth: usize::MAX };

#[test]
fn five_thousand_parentheses_are_refused_at_once() {
    for nested in [
        format!("{}title pr{}", "(".repeat(5_000), ")".repeat(5_000)),
        "(".repeat(8_000),
        format!("{}title pr{}", "not (".repeat(1_500), ")".repeat(500)),
        "not(".repeat(2_000),
    ] {
        let started = Instant::now();
        let error = parse(&nested).unwrap_err();
        let deep = Kind::TooDeep { limit: 64 };
        let long = Kind::TooLong { limit: 8192 };
        assert!(error.kind == deep || error.kind == long, "{error}");
        assert!(started.elapsed() < Duration::from_secs(1));
    }
}

#[test]
fn sixty_four_parentheses_are_the_limit() {
    let nested = |n: usize| format!("{}title pr{}", "(".repeat(n), ")".repeat(n));
    assert!(parse(&nested(64)).is_ok());
    let error = parse(&nested(65)).unwrap_err();
    assert_eq!((error.kind, error.span), (Kind::TooDeep { limit: 64 }, 64..65));
}

#[test]
fn long_input_is_refused_before_it_is_read() {
    let error = parse(&"a".repeat(8_193)).unwrap_err();
    assert_eq!((error.kind, error.span), (Kind::TooLong { limit: 8192 }, 8192..8193));
    let error = parse_with(&"(".repeat(40_000), &WIDE_OPEN).unwrap_err();
    assert_eq!(error.kind, Kind::TooLong { limit: Limits::LENGTH_CEILING });
}

#[test]
fn the_time_is_linear() {
    let started = Instant::now();
    let chain = vec!["a pr"; 2_000].join(" or ");
    assert!(parse_with(&chain, &WIDE_OPEN).is_ok());
    for damaged in [
        format!("{chain} or"),
        format!("{}a", "not ".repeat(4_000)),
        format!("a eq \"{}", "\\\\".repeat(8_000)),
        format!("{}x", "a pr and ".repeat(1_800)),
        "urn:".repeat(4_000),
    ] {
        assert!(parse_with(&damaged, &WIDE_OPEN).is_err());
    }
    assert!(started.elapsed() < Duration::from_secs(3));
}

#[test]
fn what_the_default_limits_accept_can_be_walked_with_a_small_stack() {
    walk(1 << 20, Limits::default(), 900, 64);
}

#[test]
fn what_any_limits_accept_can_be_walked_with_the_usual_stack() {
    walk(2 << 20, WIDE_OPEN, 1_800, Limits::DEPTH_CEILING);
}

/// Does everything that recurses, in an unoptimised build.
fn walk(stack: usize, limits: Limits, terms: usize, depth: usize) {
    let chain = vec!["id pr"; terms].join(" or ");
    let deep = format!("{}id pr{}", "not(".repeat(depth), ")".repeat(depth));
    let mixed = format!("{}id pr{}", "id pr or id pr and (".repeat(depth), ")".repeat(depth));
    for text in [chain, deep, mixed] {
        let walk = move || {
            let filter = parse_with(&text, &limits).expect("the limits allow it");
            let printed = filter.to_string();
            assert_eq!(parse_with(&printed, &limits), Ok(filter.clone()));
            assert!(!format!("{filter:?}").is_empty());
            let matcher = Matcher::new(&filter, schema::user_type()).expect("id is known");
            matcher.matches(&serde_json::json!({}));
        };
        let thread = std::thread::Builder::new().stack_size(stack).spawn(walk);
        thread.expect("a thread starts").join().expect("no overflow");
    }
}
