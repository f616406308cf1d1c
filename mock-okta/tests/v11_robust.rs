//! Whatever a SCIM 1.1 service provider answers, a flow ends, soon, and without a panic.

use mock_okta::{
    App, AppKind, AppUser, Event, Flow, Group, GroupEvent, GroupFlow, Mapping, Member, Profile, Response, ScimVersion,
    Step,
};
use proptest::prelude::*;

/// The longest flows: a lookup, a PATCH and a PUT; a lookup, the name and the members.
const MOST_REQUESTS: usize = 5;

/// Bodies from noise to almost right, so that flows get beyond their first answer.
fn body() -> impl Strategy<Value = String> {
    let odd = prop_oneof![Just("{}"), Just("[]"), Just("[null]"), Just("null"), Just("1"), Just(r#""7""#)];
    let resource = (odd.clone(), odd.clone()).prop_map(|(id, odd)| {
        format!(
            r#"{{"schemas":["urn:scim:schemas:core:1.0"],"id":{id},"userName":"ada@example.test","displayName":"Crew","active":{odd},"members":{odd},"meta":{odd}}}"#
        )
    });
    let list = (odd.clone(), proptest::collection::vec(resource.clone(), 0..3))
        .prop_map(|(total, resources)| format!(r#"{{"totalResults":{total},"Resources":[{}]}}"#, resources.join(",")));
    let error = odd.prop_map(|odd| format!(r#"{{"Errors":{odd},"detail":{odd}}}"#));
    prop_oneof!["\\PC{0,40}", resource, list, error, Just(String::new())]
}

fn response() -> impl Strategy<Value = Response> {
    let status = prop_oneof![4 => Just(200), 2 => Just(201), 1 => Just(404), 1 => Just(204), 1 => 400..600u16];
    let throttled = |status: &u16| *status != 429;
    (status.prop_filter("nothing is put off here", throttled), body())
        .prop_map(|(status, body)| Response::new(status, "", body))
}

fn app() -> impl Strategy<Value = App> {
    (proptest::sample::select(vec![AppKind::Catalog, AppKind::Aiw]), any::<[bool; 6]>()).prop_map(|(kind, flags)| {
        let mut app = App { version: ScimVersion::V1_1, ..App::new(kind) };
        [
            app.push.update,
            app.push.deactivate,
            app.read_before_patch,
            app.patch_profile,
            app.exclude_username_updates,
            app.rename_groups,
        ] = flags;
        app
    })
}

fn ends(mut step: Step, answers: Vec<Response>, mut next: impl FnMut(Response) -> Step) -> bool {
    for answer in answers {
        if matches!(step, Step::Done(_)) {
            return true;
        }
        step = next(answer);
    }
    matches!(step, Step::Done(_))
}

proptest! {
    #[test]
    fn a_flow_of_a_user_ends_whatever_the_answers(
        app in app(),
        name in proptest::sample::select(Event::NAMES.to_vec()),
        linked in any::<bool>(),
        answers in proptest::collection::vec(response(), MOST_REQUESTS),
    ) {
        let mut user = AppUser::new("00u", Profile::new("ada@example.test", "Ada", "Byron"), "1mz050nq");
        user.remote_id = linked.then(|| "7".to_owned());
        let event = Event::named(name, vec![("firstName".to_owned(), "Augusta".to_owned())]).expect("a listed name");
        let (mut flow, step) = Flow::start(&app, &user, &event);
        prop_assert!(ends(step, answers, |answer| flow.next(answer)));
    }

    #[test]
    fn a_flow_of_a_group_ends_whatever_the_answers(
        app in app(),
        delete in any::<bool>(),
        linked in any::<bool>(),
        answers in proptest::collection::vec(response(), MOST_REQUESTS),
    ) {
        let ada = || vec![Member::new("7", "ada@example.test")];
        for event in [
            GroupEvent::Push(ada()),
            GroupEvent::Link(ada()),
            GroupEvent::Rename("Bridge".to_owned()),
            GroupEvent::ChangeMembers { add: ada(), remove: vec![] },
            GroupEvent::PushNow(vec![]),
            GroupEvent::Unlink { delete },
        ] {
            let mut mapping = Mapping::new(Group::new("00g", "Crew"));
            mapping.remote_id = linked.then(|| "9".to_owned());
            let (mut flow, step) = GroupFlow::start(&app, &mapping, &event);
            prop_assert!(ends(step, answers.clone(), |answer| flow.next(answer)), "{event:?}");
        }
    }
}
