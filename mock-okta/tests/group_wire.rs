//! Group push over a real connection: what arrives is byte for byte what Okta sends.

use mock_okta::{App, AppKind, Group, GroupEvent, GroupFlow, Mapping, Member, MembersForm, Outcome, Response, Step};
use wiremock::matchers::{method, path, path_regex};
use wiremock::{Mock, MockServer, ResponseTemplate};

const ID: &str = "abf4dd94-a4c0-4f67-89c9-76b03340cb9b";
const GROUPS: &str = "/scim/v2/Groups";
const ONE: &str = "/scim/v2/Groups/abf4dd94-a4c0-4f67-89c9-76b03340cb9b";
const LOOKUP: &str = "/scim/v2/Groups?filter=displayName%20eq%20%22Test%20SCIMv2%22&startIndex=1&count=100";
const GROUP: &str = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"id":"abf4dd94-a4c0-4f67-89c9-76b03340cb9b","displayName":"Test SCIMv2","members":[{"value":"89bb1940","$ref":"../Users/89bb1940"}],"meta":{"resourceType":"Group"}}"#;
const CREATE: &str =
    r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"Test SCIMv2","members":[]}"#;
const NAME: &str = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","value":{"id":"abf4dd94-a4c0-4f67-89c9-76b03340cb9b","displayName":"Test SCIMv2"}}]}"#;
const REPLACE: &str = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","path":"members","value":[{"value":"23a35c27","display":"test.user@okta.local"}]}]}"#;
const REPLACE_BY_NOBODY: &str = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","path":"members","value":[]}]}"#;
const REPLACE_PATHLESS: &str = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","value":{"members":[{"value":"23a35c27"}]}}]}"#;
const EMPTY_PATHLESS: &str = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","value":{"members":[],"id":"abf4dd94-a4c0-4f67-89c9-76b03340cb9b","displayName":"Test SCIMv2"}}]}"#;
const CHANGE: &str = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"remove","path":"members[value eq \"89bb1940\"]"},{"op":"add","path":"members","value":[{"value":"23a35c27","display":"test.user@okta.local"}]}]}"#;
const ADD: &str = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"add","path":"members","value":[{"value":"23a35c27","display":"test.user@okta.local"}]}]}"#;
const PUT: &str = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"id":"abf4dd94-a4c0-4f67-89c9-76b03340cb9b","displayName":"Test SCIMv2","members":[{"value":"23a35c27","display":"test.user@okta.local"}]}"#;
const PUT_NOBODY: &str = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"id":"abf4dd94-a4c0-4f67-89c9-76b03340cb9b","displayName":"Test SCIMv2","members":[]}"#;
const PUT_LINKED: &str = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"id":"abf4dd94-a4c0-4f67-89c9-76b03340cb9b","displayName":"Test SCIMv2","members":[{"value":"89bb1940","display":null},{"value":"23a35c27","display":"test.user@okta.local"}]}"#;

/// What one request has to look like on arrival.
type Expected = (&'static str, &'static str, Option<&'static str>);

/// The kinds that change groups by PATCH.
const PATCHING: [AppKind; 2] = [AppKind::Catalog, AppKind::Wizard];

/// A service provider which holds the group and takes everything.
async fn provider() -> MockServer {
    let server = MockServer::start().await;
    let json = |status, body: String| ResponseTemplate::new(status).set_body_raw(body, "application/scim+json");
    let list = format!(r#"{{"totalResults":1,"startIndex":1,"itemsPerPage":1,"Resources":[{GROUP}]}}"#);
    for mock in [
        Mock::given(method("GET")).and(path(GROUPS)).respond_with(json(200, list)),
        Mock::given(method("GET")).and(path(ONE)).respond_with(json(200, GROUP.to_owned())),
        Mock::given(method("POST")).and(path(GROUPS)).respond_with(json(201, GROUP.to_owned())),
        Mock::given(method("PUT")).and(path(ONE)).respond_with(json(200, GROUP.to_owned())),
        Mock::given(path_regex("^/scim/v2/Groups/.+")).respond_with(ResponseTemplate::new(204)),
    ] {
        mock.mount(&server).await;
    }
    server
}

async fn drive(base: &str, app: &App, mapping: &Mapping, event: &GroupEvent) -> (Outcome, Mapping) {
    // A failure means that another test of this process was first.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().build().expect("a client without options");
    let (mut flow, mut step) = GroupFlow::start(app, mapping, event);
    loop {
        let request = match step {
            Step::Send(request) => request,
            Step::Wait(time) => panic!("nothing is limited, but {time:?} should pass"),
            Step::Done(outcome) => return (outcome, flow.mapping().clone()),
        };
        let method = request.method.parse().expect("a method");
        let mut call = client.request(method, format!("{base}{}", request.target));
        for (name, value) in request.headers {
            call = call.header(name, value);
        }
        if let Some(body) = request.body {
            call = call.body(body);
        }
        let answer = call.send().await.expect("the mock answers");
        let status = answer.status();
        let body = answer.bytes().await.expect("a body").to_vec();
        step = flow.next(Response::new(status.as_u16(), status.canonical_reason().unwrap_or_default(), body));
    }
}

fn unpushed() -> Mapping {
    Mapping::new(Group::new("00g1emaKYZTWRYYRRTSK", "Test SCIMv2"))
}

fn linked() -> Mapping {
    Mapping { remote_id: Some(ID.to_owned()), pushed: vec![went()], ..unpushed() }
}

fn came() -> Member {
    Member::new("23a35c27", "test.user@okta.local")
}

fn went() -> Member {
    Member::new("89bb1940", "gone@okta.local")
}

async fn assert_wire(app: App, mapping: Mapping, event: GroupEvent, expected: &[Expected]) {
    let server = provider().await;
    let (outcome, mapping) = drive(&format!("{}/scim/v2", server.uri()), &app, &mapping, &event).await;
    assert!(matches!(outcome, Outcome::Done { .. }), "{} {event:?}: {outcome:?}", app.kind);
    if !matches!(event, GroupEvent::Unlink { .. }) {
        assert_eq!(mapping.remote_id.as_deref(), Some(ID), "{}", app.kind);
    }

    let received = server.received_requests().await.expect("recording is on");
    let seen: Vec<(String, String, Option<String>)> = received.iter().map(arrived).collect();
    let expected: Vec<(String, String, Option<String>)> = expected
        .iter()
        .map(|(method, target, body)| ((*method).to_owned(), (*target).to_owned(), body.map(str::to_owned)))
        .collect();
    assert_eq!(seen, expected, "{} {event:?}", app.kind);
    for request in &received {
        assert_headers(request);
    }
}

fn arrived(request: &wiremock::Request) -> (String, String, Option<String>) {
    let target = match request.url.query() {
        Some(query) => format!("{}?{query}", request.url.path()),
        None => request.url.path().to_owned(),
    };
    let body = (!request.body.is_empty()).then(|| String::from_utf8(request.body.clone()).expect("UTF-8"));
    (request.method.to_string(), target, body)
}

/// Compares the headers but those which belong to the connection.
fn assert_headers(request: &wiremock::Request) {
    let mut seen: Vec<(&str, &str)> = request
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.to_str().expect("a textual value")))
        .filter(|(name, _)| !["host", "content-length", "connection", "accept-encoding"].contains(name))
        .collect();
    seen.sort_unstable();
    let mut expected = vec![
        ("accept", "application/scim+json"),
        ("accept-charset", "utf-8"),
        ("user-agent", "Okta SCIM Client 1.0.0"),
    ];
    if !request.body.is_empty() || request.method.as_str() == "DELETE" {
        expected.insert(2, ("content-type", "application/scim+json; charset=utf-8"));
    }
    assert_eq!(seen, expected, "{} {}", request.method, request.url);
}

#[tokio::test]
async fn a_first_push_creates_then_tells_the_name_then_the_members() {
    for kind in PATCHING {
        let event = GroupEvent::Push(vec![came()]);
        let expected = [("POST", GROUPS, Some(CREATE)), ("PATCH", ONE, Some(NAME)), ("PATCH", ONE, Some(REPLACE))];
        assert_wire(App::new(kind), unpushed(), event, &expected).await;
    }
    let expected = [("POST", GROUPS, Some(CREATE)), ("GET", ONE, None), ("PUT", ONE, Some(PUT))];
    assert_wire(App::new(AppKind::Aiw), unpushed(), GroupEvent::Push(vec![came()]), &expected).await;
}

#[tokio::test]
async fn a_link_finds_the_group_and_adds() {
    for kind in PATCHING {
        let expected = [("GET", LOOKUP, None), ("PATCH", ONE, Some(NAME)), ("PATCH", ONE, Some(ADD))];
        assert_wire(App::new(kind), unpushed(), GroupEvent::Link(vec![came()]), &expected).await;
    }
    let expected = [("GET", LOOKUP, None), ("GET", ONE, None), ("PUT", ONE, Some(PUT_LINKED))];
    assert_wire(App::new(AppKind::Aiw), unpushed(), GroupEvent::Link(vec![came()]), &expected).await;
}

#[tokio::test]
async fn a_change_removes_before_it_adds() {
    let event = GroupEvent::ChangeMembers { add: vec![came()], remove: vec![went()] };
    for kind in PATCHING {
        let expected = [("PATCH", ONE, Some(NAME)), ("PATCH", ONE, Some(CHANGE))];
        assert_wire(App::new(kind), linked(), event.clone(), &expected).await;
        let app = App { rename_groups: false, ..App::new(kind) };
        assert_wire(app, linked(), event.clone(), &[("PATCH", ONE, Some(CHANGE))]).await;
        let app = App { rename_groups: false, members_form: MembersForm::Pathless, ..App::new(kind) };
        assert_wire(app, linked(), event.clone(), &[("PATCH", ONE, Some(REPLACE_PATHLESS))]).await;
    }
    let expected = [("GET", ONE, None), ("PUT", ONE, Some(PUT))];
    assert_wire(App::new(AppKind::Aiw), linked(), event, &expected).await;
}

#[tokio::test]
async fn push_now_on_an_empty_group_replaces_by_nobody() {
    let event = GroupEvent::PushNow(vec![]);
    for kind in PATCHING {
        let expected = [("PATCH", ONE, Some(NAME)), ("PATCH", ONE, Some(REPLACE_BY_NOBODY))];
        assert_wire(App::new(kind), linked(), event.clone(), &expected).await;
        let app = App { members_form: MembersForm::PathlessWithName, ..App::new(kind) };
        assert_wire(app, linked(), event.clone(), &[("PATCH", ONE, Some(EMPTY_PATHLESS))]).await;
    }
    let expected = [("GET", ONE, None), ("PUT", ONE, Some(PUT_NOBODY))];
    assert_wire(App::new(AppKind::Aiw), linked(), event, &expected).await;
}

#[tokio::test]
async fn unlinking_deletes_or_sends_nothing() {
    for kind in AppKind::ALL {
        assert_wire(App::new(kind), linked(), GroupEvent::Unlink { delete: true }, &[("DELETE", ONE, None)]).await;
        assert_wire(App::new(kind), linked(), GroupEvent::Unlink { delete: false }, &[]).await;
        assert_wire(App::new(kind), linked(), GroupEvent::DeactivatePush, &[]).await;
    }
}
