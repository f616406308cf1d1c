use super::*;
use crate::Inputs;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn attribute(name: &str, ty: Type) -> Attribute {
    Attribute {
        name: name.to_owned(),
        ty,
        multi_valued: false,
        writable: true,
        case_exact: false,
        free: true,
        sub_attributes: Vec::new(),
    }
}

fn user() -> Shape {
    let emails = Attribute {
        multi_valued: true,
        sub_attributes: vec![attribute("value", Type::Text), attribute("primary", Type::Boolean)],
        ..attribute("emails", Type::Complex)
    };
    let name =
        Attribute { sub_attributes: vec![attribute("givenName", Type::Text)], ..attribute("name", Type::Complex) };
    Shape {
        kind: Kind::User,
        schema: "urn:ietf:params:scim:schemas:core:2.0:User".to_owned(),
        attributes: vec![
            attribute("userName", Type::Text),
            attribute("title", Type::Text),
            attribute("active", Type::Boolean),
            name,
            emails,
        ],
        extensions: vec![("urn:x".to_owned(), vec![attribute("department", Type::Text)])],
    }
}

fn bodies() -> Bodies {
    Bodies::new(vec![user()], vec![Verb::Post, Verb::Put])
}

fn some(number: usize) -> Vec<Draft> {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let strategy = bodies().strategy();
    (0..number).map(|_| strategy.new_tree(&mut runner).expect("no body is rejected").current()).collect()
}

fn kept() -> BTreeSet<String> {
    ["userName", "title", "active", "name", "emails", "urn:x:department"].map(str::to_owned).into()
}

#[test]
fn bodies_hold_everything_that_can_go_wrong() {
    let drafts = some(3000);
    let count = |is: &dyn Fn(&Draft) -> bool| drafts.iter().filter(|draft| is(draft)).count();
    let text = |draft: &Draft| draft.body.to_json("m");
    assert!(count(&|draft| draft.media != 0) > 100);
    assert!(count(&|draft| is_malformed(draft)) > 100);
    assert!(
        count(&|draft| draft.mangling.is_none() && draft.body.value("m").is_none()) > 100,
        "duplicates and their like"
    );
    assert!(count(&|draft| text(draft).contains("[[[[[[")) > 50);
    for needle in ["\\u0000", "\\ud800\"", "😀", "1e400", "\u{202e}", "\"id\"", "favouriteColour", "urn:x"] {
        assert!(count(&|draft| text(draft).contains(needle)) > 3, "{needle}");
    }
    assert!(count(&|draft| !worth_comparing(draft, &user(), "m", &kept()).is_empty()) > 1500);
    assert!(drafts.iter().all(Draft::can_be_found_again));
    assert!(drafts.iter().all(|draft| text(draft).len() < 1_000_000));
}

#[test]
fn bodies_are_read_back_as_they_are_printed() {
    let bodies = bodies();
    for draft in some(2000) {
        let text = bodies.print(&draft);
        let read = bodies.parse(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(bodies.print(&read), text);
        assert_eq!(read.bytes("mark"), draft.bytes("mark"), "{text}");
    }
}

#[test]
fn simpler_bodies_are_smaller_and_lead_to_a_plain_one() {
    let bodies = bodies();
    for mut draft in some(150) {
        let mut rounds = 0;
        while let Some(next) = bodies.simpler(&draft).into_iter().next() {
            assert!(bodies.size(&next) < bodies.size(&draft), "{}", bodies.print(&draft));
            draft = next;
            rounds += 1;
            assert!(rounds < 2000, "{}", bodies.print(&draft));
        }
        assert!(bodies.size(&draft) < 150, "{}", bodies.print(&draft));
    }
}

#[test]
fn what_is_no_body_is_refused_with_a_reason() {
    for text in [
        "",
        "POST",
        "GET /Users {}",
        "POST /Roles {}",
        "POST /Users [x] {}",
        "POST /Users mangled-x {}",
        "POST /Users {",
    ] {
        assert!(bodies().parse(text).is_err(), "{text}");
    }
}

#[test]
fn a_difference_is_what_the_rfc_gives_no_right_to() {
    let title = attribute("title", Type::Text);
    let unlike = |sent: &str, stored: &str| {
        altered(&json!(sent), Some(&json!(stored)), &title).map(|difference| (difference.how, difference.trait_))
    };
    for (sent, stored) in [("Zoe\u{308}", "Zoë"), ("  two ", "two"), ("ADA", "ada"), ("ﬃ", "ffi"), ("\u{feff}a", "a")]
    {
        assert_eq!(unlike(sent, stored), None, "{sent}");
    }
    assert_eq!(unlike("a\0b", "a"), Some(("cut", "nul")));
    assert_eq!(unlike("a\0b", "ab"), Some(("stripped", "nul")));
    assert_eq!(unlike("😀", "?"), Some(("altered", "astral")));
    assert_eq!(unlike(&"a".repeat(300), &"a".repeat(255)), Some(("cut", "long")));
    assert_eq!(altered(&json!("x"), None, &title).map(|it| it.how), Some("lost"));
    let emails = &user().attributes[4];
    let two = json!([{ "value": "a" }, { "value": "b" }]);
    assert_eq!(altered(&two, Some(&json!([{ "value": "B", "type": "work" }, { "value": "a" }])), emails), None);
    assert_eq!(altered(&two, Some(&json!([{ "value": "a" }])), emails).map(|it| it.how), Some("altered"));
}

#[test]
fn only_what_leaves_no_choice_is_compared() {
    let compared = |body: &str| -> Vec<String> {
        let draft = bodies().parse(&format!("POST /Users {body}")).unwrap();
        worth_comparing(&draft, &user(), "m", &kept()).into_iter().map(|(name, ..)| name).collect()
    };
    assert_eq!(
        compared(r#"{"userName":"$mark","title":"x","urn:x":{"department":"d"}}"#),
        ["userName", "title", "urn:x:department"]
    );
    assert_eq!(compared(r#"{"title":"x","TITLE":"y","active":"true","shoe":1,"name":"x","emails":{}}"#), [""; 0]);
    assert_eq!(compared(r#"{"title":"\ud800","name":{},"emails":[{"value":"a"},{"value":"A"}]}"#), [""; 0]);
}

#[test]
fn errors_are_well_formed_or_not() {
    const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";
    let flaw = |body: Value| flawed_error(400, Some(&body));
    assert_eq!(flaw(json!({ "schemas": [ERROR], "status": "400", "detail": "x" })), None);
    assert_eq!(flaw(json!({ "schemas": [ERROR], "status": 400 })), None);
    assert!(flaw(json!({ "schemas": [ERROR], "status": "404" })).is_some());
    assert!(flaw(json!({ "schemas": [ERROR] })).is_some());
    assert!(flaw(json!({ "detail": "x" })).is_some());
    assert!(flawed_error(400, None).is_some());
}
