//! The generator makes what it claims, shrinking ends, and oracle and relations agree with the reference algorithm in
//! memory.

use super::compare::key_of;
use super::generate;
use super::*;
use proptest::test_runner::{RngAlgorithm, TestRng};
use serde_json::{Value, json};

fn patches(aims: &[Aim]) -> Patches {
    Patches { aims: aims.to_vec(), vocabulary: Vocabulary::default() }
}

fn trials(aims: &[Aim], count: usize) -> Vec<Trial> {
    let patches = patches(aims);
    let mut dice = Dice(TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    (0..count).map(|_| generate::trial(&patches, &mut dice)).collect()
}

fn names() -> Names {
    Names {
        name: "rh-test.u1".to_owned(),
        id: "id \"1\"".to_owned(),
        members: (0..RACERS).map(|number| format!("member \"{number}\"")).collect(),
    }
}

/// The trial as it is sent, with the resource as a server stores it.
fn filled(trial: &Trial) -> Trial {
    let mut filled = trial.filled(&names());
    filled.start["id"] = names().id.into();
    filled.start["meta"] = json!({ "created": "2026-01-01T00:00:00Z" });
    filled
}

/// Carries requests out as the reference algorithm does.
fn run(resource: Resource, start: &Value, requests: &[Request]) -> (Value, bool) {
    let mut state = start.clone();
    let mut last = true;
    for request in requests {
        let (Request::Patch(operations) | Request::PatchForOne(operations) | Request::PutOf(operations)) = request;
        last = match after(resource, &state, operations) {
            Some(next) => {
                state = next;
                true
            }
            None => false,
        };
    }
    (state, last)
}

#[test]
fn the_same_seed_makes_the_same_trials() {
    assert_eq!(trials(&[], 50), trials(&[], 50));
}

#[test]
fn what_is_printed_reads_as_what_it_was() {
    let patches = patches(&[]);
    for trial in trials(&[], 500).into_iter().chain(trials(&[Aim::Race], 3)) {
        let text = patches.print(&trial);
        assert_eq!(patches.parse(&text).as_ref(), Ok(&trial), "{text}");
    }
}

#[test]
fn a_mistake_in_a_trial_is_named() {
    let patches = patches(&[]);
    for (text, named) in [
        ("{", "not JSON"),
        ("[]", "not a JSON object"),
        (r#"{"resource":"User"}"#, "`Operations`"),
        (r#"{"resource":"Printer","Operations":[]}"#, "`resource`"),
        (r#"{"resource":"User","Operations":[],"law":"none"}"#, "no law `none`"),
        (r#"{"resource":"User","Operations":[],"end":{}}"#, "no `end`"),
        (r#"{"resource":"User","Operations":[],"start":1}"#, "`start`"),
    ] {
        let error = patches.parse(text).expect_err(text);
        assert!(error.contains(named), "{text}: {error}");
    }
}

#[test]
fn a_person_may_leave_out_the_law_and_the_start() {
    let text = r#"{"resource":"User","Operations":[{"op":"remove","path":"title"}]}"#;
    let trial = patches(&[]).parse(text).expect("it is whole");
    assert_eq!((trial.law, trial.start["schemas"][0].as_str()), (Law::Reference, Some(scim_lang::urn::USER)));
}

#[test]
fn simpler_trials_are_smaller_and_come_to_an_end() {
    let patches = patches(&[]);
    for trial in trials(&[], 30) {
        let mut smallest = trial.clone();
        let mut steps = 0;
        while let Some(simpler) = patches.simpler(&smallest).into_iter().next() {
            assert!(patches.size(&simpler) < patches.size(&smallest));
            smallest = simpler;
            steps += 1;
            assert!(steps < 500, "{}", patches.print(&trial));
        }
        let most = if matches!(trial.law, Law::OneByOne | Law::Commute | Law::RemovesCommute) { 2 } else { 1 };
        assert!(smallest.operations.len() <= most, "{}", patches.print(&smallest));
    }
}

#[test]
fn every_simpler_trial_of_a_relation_still_has_arms() {
    let patches = patches(&[Aim::Relations]);
    for trial in trials(&[Aim::Relations], 40) {
        for simpler in patches.simpler(&trial) {
            let arms = simpler.law.arms(simpler.resource, &simpler.start, &simpler.operations);
            assert!(arms.is_some() || !Law::RELATIONS.contains(&simpler.law), "{}", patches.print(&simpler));
        }
    }
}

/// The reading of `scim_lang` is lawful, and a server that follows it is never blamed.
#[test]
fn the_reference_algorithm_is_always_right() {
    for trial in trials(&[Aim::Users, Aim::Groups, Aim::Okta], 1000).iter().map(filled) {
        let Trial { resource, start, operations, .. } = &trial;
        let prediction = predict(*resource, start, operations, trial.law == Law::Okta);
        match after(*resource, start, operations) {
            Some(state) => {
                let context = Context::of(*resource, start, start, operations);
                let lawful = prediction.states().any(|(expected, standing)| {
                    standing == Standing::Lawful && differences(*resource, expected, &state, &context).is_empty()
                });
                assert!(lawful, "{}", trial.print());
                assert_eq!(broken(*resource, start, &state), None, "{}", trial.print());
            }
            None => assert_eq!(prediction.refusal(), Some(Standing::Lawful), "{}", trial.print()),
        }
    }
}

#[test]
fn the_arms_of_every_relation_end_in_one_state() {
    let mut seen = std::collections::HashMap::<Law, usize>::new();
    for trial in trials(&[Aim::Relations], 1000).iter().map(filled) {
        let Some(arms) = trial.law.arms(trial.resource, &trial.start, &trial.operations) else { continue };
        *seen.entry(trial.law).or_default() += 1;
        let (left, _) = run(trial.resource, &trial.start, &arms.left);
        let (right, last) = run(trial.resource, &trial.start, &arms.right);
        assert!(last || arms.last_may_fail || arms.right.is_empty(), "{}", trial.print());
        let context = Context::default();
        let found = differences(trial.resource, &left, &right, &context);
        assert_eq!(found, [], "{}", trial.print());
    }
    for law in Law::RELATIONS {
        assert!(seen.get(&law).copied().unwrap_or_default() >= 10, "{}: {seen:?}", law.name());
    }
}

#[test]
fn most_requests_leave_the_server_no_choice_and_change_something() {
    let trials: Vec<Trial> = trials(&[Aim::Users], 600).iter().map(filled).collect();
    let share = |count: usize| count * 100 / trials.len();
    let of = |says: &dyn Fn(&Trial) -> bool| share(trials.iter().filter(|trial| says(trial)).count());
    let after = |trial: &Trial| after(trial.resource, &trial.start, &trial.operations);
    let fails = of(&|trial| after(trial).is_none());
    assert!((15..=25).contains(&fails), "{fails} % fail");
    let changes = of(&|trial| after(trial).is_some_and(|state| state != trial.start));
    assert!(changes >= 60, "{changes} % change something");
    let open = of(&|trial| predict(trial.resource, &trial.start, &trial.operations, false).is_open);
    assert!(open <= 35, "{open} % leave a choice");
    let keeps = of(&|trial| predict(trial.resource, &trial.start, &trial.operations, false).keeps_time);
    assert!(keeps >= 1, "{keeps} % add what is there");
}

#[test]
fn two_filters_of_three_match() {
    let (mut hits, mut all) = (0, 0);
    for trial in trials(&[Aim::Users], 800).iter().map(filled) {
        let mut state = trial.start.clone();
        for operation in &trial.operations {
            let Some(next) = after(trial.resource, &state, std::slice::from_ref(operation)) else { break };
            if super::form::target(trial.resource, operation) == "list[filter]" && operation["op"] == "remove" {
                all += 1;
                hits += usize::from(next != state);
            }
            state = next;
        }
    }
    assert!(all > 20, "{all}");
    assert!(hits * 100 / all >= 65, "{hits} of {all}");
}

#[test]
fn every_form_of_the_plan_is_made() {
    let mut seen = std::collections::HashSet::new();
    for trial in trials(&[Aim::Users, Aim::Groups], 1500) {
        seen.extend(forms(trial.resource, &trial.operations).into_iter().map(|form| form.to_string()));
    }
    for target in ["simple", "complex", "complex.part", "list", "list[filter]", "list[filter].part", "urn:simple"] {
        for op in ["add", "replace", "remove"] {
            assert!(seen.contains(&format!("{op} {target}")), "{op} {target} of {seen:?}");
        }
    }
    for form in ["add resource", "replace resource", "replace urn:resource", "add urn:resource", "merge simple"] {
        assert!(seen.contains(form), "{form} of {seen:?}");
    }
}

#[test]
fn okta_pushes_up_to_a_hundred_changes_of_members_that_repeat() {
    let trials = trials(&[Aim::Okta], 500);
    let changes = |trial: &Trial| {
        let of = |operation: &Value| operation["value"].as_array().map_or(1, Vec::len);
        trial.operations.iter().map(of).sum::<usize>()
    };
    let most = trials.iter().map(changes).max().unwrap_or_default();
    assert!((60..=100).contains(&most), "{most}");
    let renames = trials.iter().filter(|trial| trial.operations[0].pointer("/value/id").is_some()).count();
    assert!(renames > 25, "{renames}");
}

#[test]
fn what_a_server_lacks_no_trial_is_about() {
    let mut vocabulary = Vocabulary::default();
    for path in Vocabulary::paths(Resource::User) {
        if !["userName", "emails", "emails.value", "title"].contains(&path.as_str()) {
            vocabulary.leave_out(Resource::User, &path);
        }
    }
    let patches = Patches { vocabulary, ..patches(&[Aim::Users, Aim::Relations]) };
    let mut dice = Dice(TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    for _ in 0..300 {
        let trial = generate::trial(&patches, &mut dice);
        if trial.resource == Resource::User {
            let text = trial.print();
            for absent in ["nickName", "phoneNumbers", "enterprise", "\"type\"", "primary"] {
                assert!(!text.contains(absent), "{absent} in {text}");
            }
        }
    }
}

#[test]
fn a_resource_that_comes_back_whole_lacks_nothing() {
    for resource in [Resource::User, Resource::Group] {
        let specimen = Vocabulary::default().specimen(resource);
        assert_eq!(Vocabulary::missing(resource, &specimen, &specimen), Vec::<String>::new());
        let mut read = specimen.clone();
        let list = if resource == Resource::User { "emails" } else { "members" };
        read[list].as_array_mut().expect("a list").pop();
        assert_eq!(Vocabulary::missing(resource, &specimen, &read), [list]);
    }
}

// The comparison.

fn compared(expected: Value, actual: Value, before: Value, operations: &[Value]) -> Vec<DifferenceKind> {
    let context = Context::of(Resource::User, &before, &before, operations);
    differences(Resource::User, &expected, &actual, &context).into_iter().map(|it| it.kind).collect()
}

#[test]
fn what_a_server_adds_of_its_own_is_no_difference() {
    let before = json!({ "emails": [{ "value": "a@example.test" }] });
    let expected = json!({ "emails": [{ "value": "a@example.test" }, { "value": "b@example.test" }], "name": { "givenName": "A" } });
    let actual = json!({
        "id": "1", "meta": {}, "groups": [], "displayName": "A", "active": true,
        "emails": [{ "value": "A@EXAMPLE.test", "primary": false }, { "value": "b@example.test", "type": "work" }],
        "name": { "givenName": "A", "formatted": "A" },
        "photos": null, "ims": [],
    });
    assert_eq!(compared(expected, actual, before, &[]), []);
}

#[test]
fn what_a_server_keeps_or_loses_is_a_difference() {
    use DifferenceKind::{Extra, Missing, Other};
    let before = json!({ "title": "x", "emails": [{ "value": "a@x", "type": "work" }, { "value": "b@x" }] });
    for (expected, actual, kind) in [
        (json!({}), json!({ "title": "x" }), Extra),
        (json!({ "title": "y" }), json!({ "title": "x" }), Other),
        (json!({ "title": "y" }), json!({}), Missing),
        (json!({ "emails": [{ "value": "b@x" }] }), json!({ "emails": before["emails"] }), Extra),
        (json!({ "emails": before["emails"] }), json!({ "emails": [{ "value": "b@x" }] }), Missing),
        // A part that was to go is there.
        (json!({ "emails": [{ "value": "a@x" }] }), json!({ "emails": [{ "value": "a@x", "type": "work" }] }), Other),
        (
            json!({ "emails": [{ "value": "b@x" }] }),
            json!({ "emails": [{ "value": "b@x" }, { "value": "b@x" }] }),
            Extra,
        ),
    ] {
        assert_eq!(compared(expected.clone(), actual.clone(), before.clone(), &[]), [kind], "{expected} {actual}");
    }
}

#[test]
fn telephone_numbers_are_compared_by_their_digits() {
    let phones = |number: &str| json!({ "phoneNumbers": [{ "value": number }] });
    assert_eq!(compared(phones("+1-555-0100"), phones("tel:+1-555-0100"), json!({}), &[]), []);
    assert_eq!(compared(phones("+1-555-0100"), phones("+15550100"), json!({}), &[]), []);
    assert_eq!(compared(phones("+1-555-0100"), phones("+1-555-0101"), json!({}), &[]), [DifferenceKind::Other]);
}

#[test]
fn an_element_is_known_by_what_tells_it_from_others() {
    assert_eq!((key_of("emails"), key_of("addresses"), key_of("members")), ("value", "type", "value"));
}

#[test]
fn two_primaries_an_unlisted_schema_and_another_id_are_never_right() {
    use scim_lang::urn::{ENTERPRISE_USER, USER};
    let before = json!({ "id": "1", "schemas": [USER], "meta": { "created": "then" } });
    let law = |after: Value| broken(Resource::User, &before, &after).map(|it| it.law);
    let with = |name: &str, value: Value| {
        let mut after = before.clone();
        after[name] = value;
        after
    };
    assert_eq!(law(before.clone()), None);
    assert_eq!(law(with("emails", json!([{ "primary": true }, { "primary": true }]))), Some("one-value-is-primary"));
    assert_eq!(law(with(ENTERPRISE_USER, json!({ "department": "x" }))), Some("schemas-follow"));
    assert_eq!(law(with(ENTERPRISE_USER, json!({}))), None);
    assert_eq!(law(with("schemas", json!([]))), Some("schemas-follow"));
    assert_eq!(law(with("id", json!("2"))), Some("origin-stays"));
    assert_eq!(law(with("meta", json!({ "created": "now" }))), Some("origin-stays"));
}

/// States that a server may hold, however strange, are compared and predicted without a panic.
#[test]
fn a_hostile_resource_is_no_danger() {
    let strange = [json!("x"), json!(1), json!([1, null, [], {}]), json!({ "value": [] }), json!([[{}]]), Value::Null];
    let operations: Vec<Value> = trials(&[], 30).iter().flat_map(|trial| filled(trial).operations).collect();
    for value in strange {
        let state = json!({
            "schemas": value, "id": value, "userName": value, "name": value, "emails": value, "addresses": value,
            "members": value, "active": value, "meta": value, "title": value, "phoneNumbers": value, "roles": value,
            scim_lang::urn::ENTERPRISE_USER: value,
        });
        for resource in [Resource::User, Resource::Group] {
            for operation in &operations {
                let prediction = predict(resource, &state, std::slice::from_ref(operation), false);
                for (expected, _) in prediction.states() {
                    let context = Context::of(resource, &state, &state, &operations);
                    _ = differences(resource, expected, &state, &context);
                    _ = broken(resource, &state, expected);
                }
            }
            _ = Vocabulary::missing(resource, &Vocabulary::default().specimen(resource), &state);
        }
    }
}
