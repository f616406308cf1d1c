//! SCIM 1.1 over a real connection: what arrives is byte for byte what Okta sends.
//!
//! The persons, ids and names are those of the samples with all headers on the older
//! developer.okta.com/reference/scim page, so that their `Content-Length` can be compared.

use mock_okta::import::{Import, ImportSettings, Known, Scope};
use mock_okta::{
    App, AppKind, AppUser, Event, Flow, Group, GroupEvent, GroupFlow, Mapping, Member, Outcome, Profile, Request,
    Response, ScimVersion, Step,
};
use wiremock::matchers::{method, path, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

const LOOKUP: &str = "/scim/v1/Users?filter=userName%20eq%20%22jane.doe%40example.com%22&startIndex=1&count=100";
const USER: &str = "/scim/v1/Users/8ff680f1c7064d518b3a05545f8155cb";
const GROUP: &str = "/scim/v1/Groups/8599fdac3d3142d6beebfc363d2e01a9";

const HELD_USER: &str = r#"{"id":"8ff680f1c7064d518b3a05545f8155cb","externalId":"00uv931EiyRsnwOGa0g3","meta":{"created":"05-17-2018 00:00:00","lastModified":"05-17-2018 00:00:00","version":"v1.0"},"schemas":["urn:scim:schemas:core:1.0"],"userName":"jane.doe@example.com","displayName":"Jane Doe","locale":"en_US","active":true,"password":"TkdFNVdIVkxhM2c9","emails":[{"value":"jane.doe@example.com","type":"work","primary":true}],"name":{"familyName":"Roe","givenName":"Jane"},"groups":[]}"#;
const PUT_BACK: &str = r#"{"id":"8ff680f1c7064d518b3a05545f8155cb","externalId":"00uv931EiyRsnwOGa0g3","meta":{"created":"05-17-2018 00:00:00","lastModified":"05-17-2018 00:00:00","version":"v1.0"},"schemas":["urn:scim:schemas:core:1.0"],"userName":"jane.doe@example.com","displayName":"Jane Doe","locale":"en_US","active":true,"password":"TkdFNVdIVkxhM2c9","emails":[{"value":"jane.doe@example.com","type":"work","primary":true}],"name":{"familyName":"Doe","givenName":"Jane"},"groups":[]}"#;
const PUT_INACTIVE: &str = r#"{"id":"8ff680f1c7064d518b3a05545f8155cb","externalId":"00uv931EiyRsnwOGa0g3","meta":{"created":"05-17-2018 00:00:00","lastModified":"05-17-2018 00:00:00","version":"v1.0"},"schemas":["urn:scim:schemas:core:1.0"],"userName":"jane.doe@example.com","displayName":"Jane Doe","locale":"en_US","active":false,"password":"TkdFNVdIVkxhM2c9","emails":[{"value":"jane.doe@example.com","type":"work","primary":true}],"name":{"familyName":"Roe","givenName":"Jane"},"groups":[]}"#;
const CREATE: &str = r#"{"schemas":["urn:scim:schemas:core:1.0"],"userName":"jane.doe@example.com","name":{"givenName":"Jane","familyName":"Doe"},"emails":[{"primary":true,"value":"jane.doe@example.com","type":"work"}],"displayName":"Jane Doe","locale":"en_US","externalId":"00uv931EiyRsnwOGa0g3","groups":[],"password":"4a9XuKkx","active":true}"#;
const PUT_FOUND: &str = r#"{"schemas":["urn:scim:schemas:core:1.0"],"id":"8ff680f1c7064d518b3a05545f8155cb","userName":"jane.doe@example.com","externalId":"00uv931EiyRsnwOGa0g3","name":{"givenName":"Jane","familyName":"Doe"},"displayName":"Jane Doe","locale":"en_US","active":true,"emails":[{"primary":true,"value":"jane.doe@example.com","type":"work"}],"groups":[]}"#;
const PATCH_INACTIVE: &str =
    r#"{"schemas":["urn:scim:schemas:core:1.0"],"id":"8ff680f1c7064d518b3a05545f8155cb","active":false}"#;

const HELD_GROUP: &str = r#"{"schemas":["urn:scim:schemas:core:1.0"],"id":"8599fdac3d3142d6beebfc363d2e01a9","displayName":"Crew","members":[]}"#;
const CREATE_GROUP: &str = r#"{"schemas":["urn:scim:schemas:core:1.0"],"displayName":"New Group Name"}"#;
const NAME: &str = r#"{"schemas":["urn:scim:schemas:core:1.0"],"id":"8599fdac3d3142d6beebfc363d2e01a9","displayName":"New Group Name"}"#;
const FULL_PUSH: &str = r#"{"schemas":["urn:scim:schemas:core:1.0"],"meta":{"attributes":["members"]},"members":[{"value":"bcfa9b1f143741929df70a571c6b4b47","display":"inca@clouditude.net"},{"value":"85467bb36e1c4f8991750501bf491962","display":"steve@ad.oktatest.com"}]}"#;
const CHANGE: &str = r#"{"schemas":["urn:scim:schemas:core:1.0"],"members":[{"value":"6629838e056045b7a23fb55816c644eb","display":"dave@ad.oktatest.com"},{"value":"85467bb36e1c4f8991750501bf491962","display":"steve@ad.oktatest.com","operation":"delete"}]}"#;
const PUT_GROUP: &str = r#"{"schemas":["urn:scim:schemas:core:1.0"],"displayName":"New Group Name","id":"8599fdac3d3142d6beebfc363d2e01a9","members":[{"value":"bcfa9b1f143741929df70a571c6b4b47","display":"inca@clouditude.net"},{"value":"85467bb36e1c4f8991750501bf491962","display":"steve@ad.oktatest.com"}]}"#;

/// What one request has to look like on arrival.
type Expected = (&'static str, &'static str, Option<&'static str>);

/// The kinds there are for SCIM 1.1.
const KINDS: [AppKind; 2] = [AppKind::Catalog, AppKind::Aiw];

fn app(kind: AppKind) -> App {
    App { version: ScimVersion::V1_1, ..App::new(kind) }
}

/// A service provider that holds Jane, or does not, and a group, and takes everything.
async fn provider(holds_jane: bool) -> MockServer {
    let server = MockServer::start().await;
    let json = |status, body: &str| ResponseTemplate::new(status).set_body_raw(body, "text/json;charset=UTF-8");
    let (total, held) = if holds_jane { (1, HELD_USER) } else { (0, "") };
    let list = format!(
        r#"{{"schemas":["urn:scim:schemas:core:1.0"],"totalResults":{total},"startIndex":1,"itemsPerPage":{total},"Resources":[{held}]}}"#
    );
    let users = "/scim/v1/Users";
    for mock in [
        Mock::given(method("GET")).and(path(users)).and(query_param("startIndex", "1")).respond_with(json(200, &list)),
        Mock::given(method("GET")).and(path("/scim/v1/Groups")).respond_with(json(501, "{}")),
        Mock::given(method("GET")).and(path(USER)).respond_with(json(200, HELD_USER)),
        Mock::given(method("POST")).and(path(users)).respond_with(json(201, HELD_USER)),
        Mock::given(method("PUT")).respond_with(json(200, HELD_USER)),
        Mock::given(method("PATCH")).respond_with(ResponseTemplate::new(204)),
        Mock::given(method("POST")).and(path("/scim/v1/Groups")).respond_with(json(201, HELD_GROUP)),
        Mock::given(method("GET")).and(path(GROUP)).respond_with(json(200, HELD_GROUP)),
        Mock::given(method("DELETE")).and(path(GROUP)).respond_with(ResponseTemplate::new(204)),
    ] {
        mock.mount(&server).await;
    }
    server
}

async fn drive(server: &MockServer, mut step: Step, mut next: impl FnMut(Response) -> Step) -> Outcome {
    // A failure means that another test of this process was first.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().build().expect("a client without options");
    loop {
        step = match step {
            Step::Send(request) => next(send(&client, server, request).await),
            Step::Wait(time) => panic!("nothing is put off, but {time:?} should pass"),
            Step::Done(outcome) => return outcome,
        };
    }
}

async fn send(client: &reqwest::Client, server: &MockServer, request: Request) -> Response {
    let method = request.method.parse().expect("a method");
    let mut call = client.request(method, format!("{}/scim/v1{}", server.uri(), request.target));
    for (name, value) in request.headers {
        call = call.header(name, value);
    }
    if let Some(body) = request.body {
        call = call.body(body);
    }
    let answer = call.send().await.expect("the mock answers");
    let status = answer.status();
    let body = answer.bytes().await.expect("a body");
    Response::new(status.as_u16(), status.canonical_reason().unwrap_or_default(), body)
}

fn jane() -> AppUser {
    let mut profile = Profile::new("jane.doe@example.com", "Jane", "Doe");
    profile.locale = "en_US".to_owned();
    AppUser::new("00uv931EiyRsnwOGa0g3", profile, "4a9XuKkx")
}

fn linked() -> AppUser {
    AppUser { remote_id: Some("8ff680f1c7064d518b3a05545f8155cb".to_owned()), ..jane() }
}

fn inca() -> Member {
    Member::new("bcfa9b1f143741929df70a571c6b4b47", "inca@clouditude.net")
}

fn steve() -> Member {
    Member::new("85467bb36e1c4f8991750501bf491962", "steve@ad.oktatest.com")
}

fn dave() -> Member {
    Member::new("6629838e056045b7a23fb55816c644eb", "dave@ad.oktatest.com")
}

fn pushed() -> Mapping {
    let mapping = Mapping::new(Group::new("00g1emaKYZTWRYYRRTSK", "New Group Name"));
    Mapping { remote_id: Some("8599fdac3d3142d6beebfc363d2e01a9".to_owned()), pushed: vec![steve()], ..mapping }
}

async fn assert_user(kind: AppKind, event: Event, holds_jane: bool, user: AppUser, expected: &[Expected]) {
    let server = provider(holds_jane).await;
    let (mut flow, step) = Flow::start(&app(kind), &user, &event);
    let outcome = drive(&server, step, |response| flow.next(response)).await;
    assert!(matches!(outcome, Outcome::Done { .. }), "{kind} {event:?}: {outcome:?}");
    assert_arrived(&server, expected).await;
}

async fn assert_group(kind: AppKind, event: GroupEvent, mapping: Mapping, expected: &[Expected]) {
    let server = provider(true).await;
    let (mut flow, step) = GroupFlow::start(&app(kind), &mapping, &event);
    let outcome = drive(&server, step, |response| flow.next(response)).await;
    assert!(matches!(outcome, Outcome::Done { .. }), "{kind} {event:?}: {outcome:?}");
    assert_arrived(&server, expected).await;
}

async fn assert_arrived(server: &MockServer, expected: &[Expected]) {
    let received = server.received_requests().await.expect("recording is on");
    let seen: Vec<(String, String, Option<String>)> = received.iter().map(arrived).collect();
    let expected: Vec<(String, String, Option<String>)> = expected
        .iter()
        .map(|(method, target, body)| ((*method).to_owned(), (*target).to_owned(), body.map(str::to_owned)))
        .collect();
    assert_eq!(seen, expected);
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
    let mut expected =
        vec![("accept", "application/json"), ("accept-charset", "utf-8"), ("user-agent", "Okta SCIM Client 1.0.0")];
    if !request.body.is_empty() || request.method.as_str() == "DELETE" {
        expected.insert(2, ("content-type", "application/json; charset=utf-8"));
    }
    assert_eq!(seen, expected, "{} {}", request.method, request.url);
}

#[test]
fn the_bodies_have_the_lengths_of_the_samples() {
    assert_eq!([CREATE.len(), PUT_BACK.len(), FULL_PUSH.len()], [321, 464, 243]);
}

#[tokio::test]
async fn connect_asks_for_two_users_and_a_hundred_groups() {
    for kind in KINDS {
        let expected = [
            ("GET", "/scim/v1/Users?startIndex=1&count=2", None),
            ("GET", "/scim/v1/Groups?startIndex=1&count=100", None),
        ];
        assert_user(kind, Event::Connect, false, jane(), &expected).await;
    }
}

#[tokio::test]
async fn assigning_an_unknown_user_looks_before_it_creates() {
    for kind in KINDS {
        let expected = [("GET", LOOKUP, None), ("POST", "/scim/v1/Users", Some(CREATE))];
        assert_user(kind, Event::Assign, false, jane(), &expected).await;
    }
}

#[tokio::test]
async fn assigning_an_existing_user_puts_the_profile_without_reading() {
    for kind in KINDS {
        let expected = [("GET", LOOKUP, None), ("PUT", USER, Some(PUT_FOUND))];
        assert_user(kind, Event::Assign, true, jane(), &expected).await;
    }
}

#[tokio::test]
async fn an_update_returns_the_servers_own_object_with_the_change() {
    for kind in KINDS {
        let event = Event::Update(vec![("lastName".to_owned(), "Doe".to_owned())]);
        assert_user(kind, event, true, linked(), &[("GET", USER, None), ("PUT", USER, Some(PUT_BACK))]).await;
    }
}

#[tokio::test]
async fn deactivation_is_one_patch_with_a_partial_user_or_a_get_and_a_put() {
    for event in [Event::Deactivate, Event::Unassign] {
        let expected = [("PATCH", USER, Some(PATCH_INACTIVE))];
        assert_user(AppKind::Catalog, event.clone(), true, linked(), &expected).await;
        let expected = [("GET", USER, None), ("PUT", USER, Some(PUT_INACTIVE))];
        assert_user(AppKind::Aiw, event, true, linked(), &expected).await;
    }
}

#[tokio::test]
async fn a_push_creates_names_and_fills_the_group() {
    let unpushed = || Mapping { remote_id: None, pushed: vec![], ..pushed() };
    let event = || GroupEvent::Push(vec![inca(), steve()]);
    let create = ("POST", "/scim/v1/Groups", Some(CREATE_GROUP));
    let expected = [create, ("PATCH", GROUP, Some(NAME)), ("PATCH", GROUP, Some(FULL_PUSH))];
    assert_group(AppKind::Catalog, event(), unpushed(), &expected).await;
    let expected = [create, ("GET", GROUP, None), ("PUT", GROUP, Some(PUT_GROUP))];
    assert_group(AppKind::Aiw, event(), unpushed(), &expected).await;
}

#[tokio::test]
async fn members_come_and_go_in_one_array() {
    let event = GroupEvent::ChangeMembers { add: vec![dave()], remove: vec![steve()] };
    let expected = [("PATCH", GROUP, Some(NAME)), ("PATCH", GROUP, Some(CHANGE))];
    assert_group(AppKind::Catalog, event, pushed(), &expected).await;
}

#[tokio::test]
async fn a_deleted_group_is_deleted_with_a_content_type_and_no_body() {
    for kind in KINDS {
        let event = GroupEvent::Unlink { delete: true };
        assert_group(kind, event, pushed(), &[("DELETE", GROUP, None)]).await;
    }
}

#[tokio::test]
async fn an_import_goes_through_the_pages_by_hundreds() {
    let server = MockServer::start().await;
    for (start, size) in [(1, 100), (101, 1)] {
        let user = |at| {
            format!(
                r#"{{"schemas":["urn:scim:schemas:core:1.0"],"id":"{at}","userName":"user{at}@example.com","name":{{"givenName":"U","familyName":"{at}"}},"emails":[{{"value":"user{at}@example.com"}}],"active":true}}"#
            )
        };
        let users: Vec<String> = (start..start + size).map(user).collect();
        let page = format!(
            r#"{{"schemas":["urn:scim:schemas:core:1.0"],"totalResults":101,"startIndex":{start},"itemsPerPage":{size},"Resources":[{}]}}"#,
            users.join(",")
        );
        let answer = ResponseTemplate::new(200).set_body_raw(page, "application/json");
        Mock::given(query_param("startIndex", start.to_string())).respond_with(answer).mount(&server).await;
    }
    let app = app(AppKind::Catalog);
    let (mut import, step) = Import::start(&app, Scope::Users, ImportSettings::default(), Known::default());
    let outcome = drive(&server, step, |response| import.next(response)).await;
    assert!(matches!(outcome, Outcome::Done { .. }), "{outcome:?}");
    assert_eq!(import.report().users.counters.new, 101);
    let expected = [
        ("GET", "/scim/v1/Users?startIndex=1&count=100", None),
        ("GET", "/scim/v1/Users?startIndex=101&count=100", None),
    ];
    assert_arrived(&server, &expected).await;
}
