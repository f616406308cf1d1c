//! Whatever a service provider answers, a flow ends, soon, and without a panic.

use mock_okta::{App, AppKind, AppUser, Attribute, Empties, Event, Flow, Profile, Response, ScimVersion, Step};
use proptest::prelude::*;

/// The longest flow: a lookup, then GET and PUT for the activation and for the profile, each put off nine
/// times.
const MOST_ANSWERS: usize = 5 * 10;

/// Bodies from noise to almost right, so that flows get beyond their first answer.
fn body() -> impl Strategy<Value = Vec<u8>> {
    let id = prop_oneof![Just(r#""7""#), Just("7"), Just(r#""..""#), Just(r#""a/b?c""#), Just("null"), Just("[]")];
    let counter = prop_oneof![Just("0"), Just("1"), Just("-1"), Just(r#""1""#), Just("1e400"), Just("null")];
    let name = prop_oneof![Just("ada@example.test"), Just("ADA@EXAMPLE.TEST"), Just("bob")];
    let odd =
        prop_oneof![Just("{}"), Just("[]"), Just("[null]"), Just(r#"[{"primary":true}]"#), Just("1"), Just(r#""x""#)];
    let user = (id, name, odd).prop_map(|(id, name, odd)| {
        format!(r#"{{"schemas":["s"],"id":{id},"userName":"{name}","name":{odd},"emails":{odd},"active":{odd}}}"#)
    });
    let list = (counter, proptest::collection::vec(user.clone(), 0..3))
        .prop_map(|(total, users)| format!(r#"{{"totalResults":{total},"Resources":[{}]}}"#, users.join(",")));
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..64),
        "\\PC{0,40}".prop_map(String::into_bytes),
        user.prop_map(String::into_bytes),
        list.prop_map(String::into_bytes),
        Just("[".repeat(100_000).into_bytes()),
        Just(Vec::new()),
    ]
}

fn response() -> impl Strategy<Value = Response> {
    let status = prop_oneof![4 => Just(200), 2 => Just(201), 2 => Just(429), 1 => Just(404), 1 => any::<u16>()];
    (status, ".{0,20}", body()).prop_map(|(status, reason, body)| Response::new(status, reason, body))
}

fn event() -> impl Strategy<Value = Event> {
    let change = ("(login|firstName|email|shoeSize)", ".{0,10}");
    let changes = proptest::collection::vec(change, 0..3);
    let named = (proptest::sample::select(Event::NAMES.to_vec()), changes)
        .prop_map(|(name, changes)| Event::named(name, changes).expect("a listed name"));
    prop_oneof![
        9 => named,
        1 => Just(Event::ForceSync),
        1 => ".{0,10}".prop_map(Event::SyncPassword),
    ]
}

fn app() -> impl Strategy<Value = App> {
    let version = proptest::sample::select(vec![ScimVersion::V2, ScimVersion::V1_1]);
    let empties = proptest::sample::select(Empties::ALL.to_vec());
    let kind = proptest::sample::select(AppKind::ALL.to_vec());
    (kind, version, empties, any::<[bool; 11]>()).prop_map(|(kind, version, empties, flags)| {
        let mut app = App { version, empties, ..App::new(kind) };
        let [granular, ..] = flags;
        app.granular_deprovisioning = granular.then(|| std::time::Duration::from_secs(u64::from(flags[1])));
        for key in ["title", "mobilePhone", "department", "managerId"] {
            app.map(Attribute::standard(key).expect("standard"));
        }
        [
            _,
            app.push.password,
            app.exclude_username_updates,
            app.entitlements,
            app.loses_create_answer,
            app.push.create,
            app.push.update,
            app.push.deactivate,
            app.probe_groups,
            app.read_before_patch,
            app.patch_profile,
        ] = flags;
        app
    })
}

proptest! {
    #[test]
    fn a_flow_ends_whatever_the_answers(
        app in app(),
        event in event(),
        linked in any::<bool>(),
        answers in proptest::collection::vec(response(), MOST_ANSWERS),
    ) {
        let mut user = AppUser::new("00u", Profile::new("ada@example.test", "Ada", "Byron"), "1mz050nq");
        for (key, value) in [("title", "Countess"), ("mobilePhone", ""), ("department", "Engines"), ("managerId", "")] {
            user.profile.set(key, value).expect("a key of the Okta profile");
        }
        user.remote_id = linked.then(|| "7".to_owned());
        let (mut flow, mut step) = Flow::start(&app, &user, &event);
        for answer in answers {
            if matches!(step, Step::Done(_)) {
                break;
            }
            if let Step::Send(request) = &step {
                prop_assert!(request.target.starts_with('/') && request.target.is_ascii());
                prop_assert!(!request.target.contains([' ', '"', '#']));
            }
            step = flow.next(answer);
            if matches!(step, Step::Wait(_)) {
                step = flow.resume();
            }
        }
        prop_assert!(matches!(step, Step::Done(_)), "{step:?}");
    }

    #[test]
    fn only_the_user_of_that_name_is_ever_changed(answer in response(), kind in proptest::sample::select(AppKind::ALL.to_vec())) {
        let user = AppUser::new("00u", Profile::new("carol@example.test", "Carol", "C"), "1mz050nq");
        let (mut flow, _) = Flow::start(&App::new(kind), &user, &Event::Assign);
        let mut step = flow.next(answer);
        if matches!(step, Step::Wait(_)) {
            flow.resume();
            step = flow.next(Response::new(404, "Not Found", ""));
        }
        if let Step::Send(request) = step {
            prop_assert_eq!(request.method, "POST");
        }
    }
}
