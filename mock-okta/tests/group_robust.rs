//! Whatever a service provider answers, the flow of a pushed group ends, soon, and without a panic; and
//! where it succeeds, the service provider holds what Okta wants it to hold.

use std::collections::BTreeSet;

use mock_okta::{
    App, AppKind, Group, GroupEvent, GroupFlow, Mapping, MappingStatus, Member, MembersForm, Outcome, Request,
    Response, Step,
};
use proptest::prelude::*;
use scim_lang::{patch, schema};
use serde_json::{Value, json};

/// The longest flow without its batches: a lookup, a create, then the name, or GET and PUT.
const MOST_REQUESTS: usize = 4;

/// Bodies from noise to almost right, so that flows get beyond their first answer.
fn body() -> impl Strategy<Value = Vec<u8>> {
    let id = prop_oneof![Just(r#""7""#), Just("7"), Just(r#""..""#), Just(r#""a/b?c""#), Just("null"), Just("[]")];
    let counter = prop_oneof![Just("0"), Just("1"), Just("-1"), Just(r#""1""#), Just("1e400"), Just("null")];
    let name = prop_oneof![Just(r#""Crew""#), Just(r#""CREW""#), Just(r#""Cast""#), Just("null"), Just("{}")];
    let members = prop_oneof![
        Just("null"),
        Just("[]"),
        Just("[null]"),
        Just(r#"[{"value":"1"}]"#),
        Just(r#"[{"value":9,"display":7}]"#),
        Just("{}")
    ];
    let group = (id, name, members)
        .prop_map(|(id, name, members)| format!(r#"{{"id":{id},"displayName":{name},"members":{members}}}"#));
    let list = (counter, proptest::collection::vec(group.clone(), 0..3))
        .prop_map(|(total, groups)| format!(r#"{{"totalResults":{total},"Resources":[{}]}}"#, groups.join(",")));
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..64),
        "\\PC{0,40}".prop_map(String::into_bytes),
        group.prop_map(String::into_bytes),
        list.prop_map(String::into_bytes),
        Just("[".repeat(100_000).into_bytes()),
        Just(Vec::new()),
    ]
}

/// Everything but 429, which is not an answer to the flow.
fn response() -> impl Strategy<Value = Response> {
    let status = prop_oneof![4 => Just(200), 2 => Just(201), 1 => Just(404), 1 => any::<u16>()];
    (status.prop_filter("not 429", |status| *status != 429), ".{0,20}", body())
        .prop_map(|(status, reason, body)| Response::new(status, reason, body))
}

/// People of a small world, so that who comes, goes and is there overlap.
fn members() -> impl Strategy<Value = Vec<Member>> {
    proptest::collection::btree_set(0..12_u8, 0..12)
        .prop_map(|ids| ids.into_iter().map(|id| member(id.to_string())).collect())
}

fn member(id: String) -> Member {
    Member { user_name: format!("{id}@example.test"), remote_id: id }
}

fn event() -> impl Strategy<Value = GroupEvent> {
    prop_oneof![
        members().prop_map(GroupEvent::Push),
        members().prop_map(GroupEvent::Link),
        members().prop_map(GroupEvent::Relink),
        members().prop_map(GroupEvent::PushNow),
        members().prop_map(GroupEvent::ActivatePush),
        ".{0,10}".prop_map(GroupEvent::Rename),
        (members(), members()).prop_map(|(add, remove)| GroupEvent::ChangeMembers { add, remove }),
        Just(GroupEvent::DeactivatePush),
        any::<bool>().prop_map(|delete| GroupEvent::Unlink { delete }),
    ]
}

fn app() -> impl Strategy<Value = App> {
    let form = prop_oneof![Just(MembersForm::Path), Just(MembersForm::Pathless), Just(MembersForm::PathlessWithName)];
    (proptest::sample::select(AppKind::ALL.to_vec()), any::<bool>(), 0..5_usize, form).prop_map(
        |(kind, rename_groups, group_batch, members_form)| App {
            rename_groups,
            group_batch,
            members_form,
            ..App::new(kind)
        },
    )
}

fn mapping() -> impl Strategy<Value = Mapping> {
    let status = prop_oneof![
        3 => Just(MappingStatus::Active),
        1 => Just(MappingStatus::Inactive),
        1 => Just(MappingStatus::Error)
    ];
    (any::<bool>(), status, members()).prop_map(|(linked, status, pushed)| Mapping {
        remote_id: linked.then(|| "7".to_owned()),
        status,
        pushed,
        ..Mapping::new(Group::new("00g", "Crew"))
    })
}

fn people(event: &GroupEvent) -> usize {
    match event {
        GroupEvent::ChangeMembers { add, remove } => add.len() + remove.len(),
        GroupEvent::Push(members)
        | GroupEvent::Link(members)
        | GroupEvent::Relink(members)
        | GroupEvent::PushNow(members)
        | GroupEvent::ActivatePush(members) => members.len(),
        _ => 0,
    }
}

/// A service provider with one group, which speaks PATCH by the crate that reads it.
struct Provider {
    group: Value,
    returns_members: bool,
    patches: usize,
}

impl Provider {
    fn new(members: &[Member], returns_members: bool) -> Provider {
        let members: Vec<Value> = members.iter().map(|member| json!({ "value": member.remote_id })).collect();
        let group = json!({ "schemas": [scim_lang::urn::GROUP], "id": "7", "displayName": "Crew", "members": members });
        Provider { group, returns_members, patches: 0 }
    }

    fn answer(&mut self, request: &Request) -> Response {
        let body: Value = serde_json::from_str(request.body.as_deref().unwrap_or("null")).expect("a body is JSON");
        match request.method {
            "PATCH" => {
                self.patches += 1;
                let patch = patch::parse(&body).expect("a PATCH can be read");
                self.group = patch.apply(&self.group, schema::group_type()).expect("a PATCH can be carried out");
            }
            "PUT" => self.group = body,
            _ => (),
        }
        let mut shown = self.group.clone();
        if !self.returns_members {
            shown["members"] = Value::Null;
        }
        Response::new(200, "OK", shown.to_string())
    }

    fn members(&self) -> BTreeSet<String> {
        let members = self.group["members"].as_array().into_iter().flatten();
        members.map(|member| member["value"].as_str().expect("a value").to_owned()).collect()
    }
}

fn ids(members: &[Member]) -> BTreeSet<String> {
    members.iter().map(|member| member.remote_id.clone()).collect()
}

/// Performs an event against a provider that accepts everything, and returns the flow.
fn perform(app: &App, mapping: &Mapping, event: &GroupEvent, provider: &mut Provider) -> GroupFlow {
    let (mut flow, mut step) = GroupFlow::start(app, mapping, event);
    while let Step::Send(request) = step {
        step = flow.next(provider.answer(&request));
    }
    assert!(matches!(step, Step::Done(Outcome::Done { .. })), "{step:?}");
    flow
}

fn linked(pushed: Vec<Member>) -> Mapping {
    Mapping { remote_id: Some("7".to_owned()), pushed, ..Mapping::new(Group::new("00g", "Crew")) }
}

proptest! {
    #[test]
    fn a_group_flow_ends_whatever_the_answers(
        app in app(),
        mapping in mapping(),
        event in event(),
        answers in proptest::collection::vec(response(), 40),
    ) {
        let most = MOST_REQUESTS + people(&event).div_ceil(app.group_batch.max(1));
        let (mut flow, mut step) = GroupFlow::start(&app, &mapping, &event);
        for answer in answers.into_iter().take(most) {
            if let Step::Send(request) = &step {
                prop_assert!(request.target.starts_with("/Groups") && request.target.is_ascii());
                prop_assert!(!request.target.contains([' ', '"', '#']));
            }
            step = flow.next(answer);
        }
        let Step::Done(outcome) = step else { return Err(TestCaseError::fail(format!("{step:?}"))) };
        let failed = matches!(outcome, Outcome::Task { .. });
        prop_assert!(!failed || flow.mapping().status == MappingStatus::Error);
        prop_assert!(!failed || flow.mapping().error_summary.is_some());
    }

    #[test]
    fn only_the_group_of_that_name_is_ever_changed(answer in response(), app in app()) {
        let mapping = Mapping::new(Group::new("00g", "Nobody's"));
        let (mut flow, _) = GroupFlow::start(&app, &mapping, &GroupEvent::Link(vec![]));
        if let Step::Send(request) = flow.next(answer) {
            prop_assert_eq!(request.method, "POST");
        }
    }

    #[test]
    fn after_a_change_the_provider_holds_the_wanted_members(
        app in app(),
        before in members(),
        add in members(),
        remove in members(),
        returns_members in any::<bool>(),
    ) {
        let mut wanted = ids(&before);
        wanted.retain(|id| !ids(&remove).contains(id));
        wanted.extend(ids(&add));

        let mut provider = Provider::new(&before, returns_members);
        let changes = add.len() + remove.len();
        let event = GroupEvent::ChangeMembers { add, remove };
        let flow = perform(&app, &linked(before), &event, &mut provider);
        prop_assert_eq!(provider.members(), wanted.clone());
        prop_assert_eq!(ids(&flow.mapping().pushed), wanted);
        prop_assert_eq!(provider.group["displayName"].as_str(), Some("Crew"));

        if app.kind != AppKind::Aiw && app.members_form == MembersForm::Path {
            let name = usize::from(app.rename_groups && changes > 0);
            prop_assert_eq!(provider.patches, name + changes.div_ceil(app.group_batch.max(1)));
        }
    }

    #[test]
    fn a_full_push_overwrites_what_drifted(app in app(), held in members(), pushed in members(), wanted in members()) {
        let mut provider = Provider::new(&held, true);
        perform(&app, &linked(pushed), &GroupEvent::PushNow(wanted.clone()), &mut provider);
        prop_assert_eq!(provider.members(), ids(&wanted));
    }

    #[test]
    fn a_documented_change_leaves_strangers_alone(
        app in app().prop_filter("with paths", |app| app.members_form == MembersForm::Path),
        before in members(),
        add in members(),
        remove in members(),
    ) {
        let held: Vec<Member> = before.iter().cloned().chain([member("stranger".to_owned())]).collect();
        let mut provider = Provider::new(&held, true);
        perform(&app, &linked(before), &GroupEvent::ChangeMembers { add, remove }, &mut provider);
        prop_assert!(provider.members().contains("stranger"));
    }
}

#[test]
fn a_mapping_in_error_sends_nothing_until_it_is_pushed_again() {
    for kind in AppKind::ALL {
        let app = App::new(kind);
        let change = GroupEvent::ChangeMembers { add: vec![member("1".to_owned())], remove: vec![] };
        let (mut flow, step) = GroupFlow::start(&app, &linked(vec![]), &change);
        assert!(matches!(step, Step::Send(_)), "{kind}");
        let failure = flow.next(Response::new(500, "Internal Server Error", ""));
        assert!(matches!(failure, Step::Done(Outcome::Task { .. })), "{kind}");
        assert_eq!(flow.mapping().status, MappingStatus::Error, "{kind}");

        let failed = flow.mapping().clone();
        let held_back = GroupFlow::start(&app, &failed, &change).1;
        assert!(matches!(held_back, Step::Done(Outcome::Done { .. })), "{kind}: {held_back:?}");

        let mut provider = Provider::new(&[], true);
        let retried = perform(&app, &failed, &GroupEvent::PushNow(vec![member("1".to_owned())]), &mut provider);
        assert_eq!(retried.mapping().status, MappingStatus::Active, "{kind}");
        assert_eq!(retried.mapping().error_summary, None, "{kind}");
    }
}

#[test]
fn a_rate_limit_puts_a_push_off() {
    let event = GroupEvent::PushNow(vec![]);
    let (mut flow, step) = GroupFlow::start(&App::new(AppKind::Catalog), &linked(vec![]), &event);
    let limited = Response { retry_after: Some("2".to_owned()), ..Response::new(429, "Too Many Requests", "") };
    let wait = flow.next(limited.clone());
    assert!(matches!(wait, Step::Wait(time) if time.as_secs() == 2), "{wait:?}");
    assert_eq!(flow.resume(), step);

    for _ in 0..2 {
        flow.next(Response::new(204, "No Content", ""));
    }
    let over = flow.next(limited);
    assert!(matches!(over, Step::Done(Outcome::Done { .. })), "{over:?}");
}
