//! The flows over a real connection: what arrives is byte for byte what Okta sends.

use mock_okta::{App, AppKind, AppUser, Applies, Attribute, Event, Flow, Outcome, Profile, Response, Step};
use wiremock::matchers::{method, path, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

const ID: &str = "2819c223";
const LOOKUP: &str = "/scim/v2/Users?filter=userName%20eq%20%22ada%40example.test%22&startIndex=1&count=100";
const ONE: &str = "/scim/v2/Users/2819c223";
const USER: &str = r#"{"id":"2819c223","schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ada@example.test","emails":[{"value":"ada@example.test","type":"work","primary":true}],"name":{"familyName":"Byron","givenName":"Ada"},"active":true,"displayName":"Ada Byron","locale":"en-US","x":1.50}"#;
const DEACTIVATED: &str = r#"{"id":"2819c223","schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ada@example.test","emails":[{"value":"ada@example.test","type":"work","primary":true}],"name":{"familyName":"Byron","givenName":"Ada"},"active":false,"displayName":"Ada Byron","locale":"en-US","x":1.50}"#;
const RENAMED: &str = r#"{"id":"2819c223","schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ada@example.test","emails":[{"value":"ada@example.test","type":"work","primary":true}],"name":{"familyName":"Byron","givenName":"Augusta"},"active":true,"displayName":"Ada Byron","locale":"en-US","x":1.50}"#;
const CREATE: &str = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ada@example.test","name":{"givenName":"Ada","familyName":"Byron"},"emails":[{"primary":true,"value":"ada@example.test","type":"work"}],"displayName":"Ada Byron","locale":"en-US","externalId":"00ujl29u0le5T6Aj10h7","groups":[],"password":"1mz050nq","active":true}"#;
const PATCH_INACTIVE: &str = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","value":{"active":false}}]}"#;
const PATCH_ACTIVE: &str = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","value":{"active":true}}]}"#;

/// What one request has to look like on arrival.
type Expected = (&'static str, &'static str, Option<&'static str>);

/// A service provider which holds the user, or does not, and takes everything.
async fn provider(holds_the_user: bool) -> MockServer {
    let server = MockServer::start().await;
    let list = match holds_the_user {
        true => format!(r#"{{"totalResults":1,"startIndex":1,"itemsPerPage":1,"Resources":[{USER}]}}"#),
        false => r#"{"totalResults":0,"startIndex":1,"itemsPerPage":0,"Resources":[]}"#.to_owned(),
    };
    let json = |status, body: String| ResponseTemplate::new(status).set_body_raw(body, "application/scim+json");
    for mock in [
        Mock::given(method("GET"))
            .and(path("/scim/v2/Users"))
            .and(query_param("startIndex", "1"))
            .respond_with(json(200, list.clone())),
        Mock::given(method("GET")).and(path("/scim/v2/Groups")).respond_with(json(200, list)),
        Mock::given(method("GET")).and(path(ONE)).respond_with(json(200, USER.to_owned())),
        Mock::given(method("POST")).and(path("/scim/v2/Users")).respond_with(json(201, USER.to_owned())),
        Mock::given(method("PUT")).and(path(ONE)).respond_with(json(200, USER.to_owned())),
        Mock::given(method("PATCH")).and(path(ONE)).respond_with(ResponseTemplate::new(204)),
    ] {
        mock.mount(&server).await;
    }
    server
}

async fn drive(base: &str, app: &App, user: &AppUser, event: &Event) -> (Outcome, AppUser) {
    // A failure means that another test of this process was first.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().build().expect("a client without options");
    let (mut flow, mut step) = Flow::start(app, user, event);
    loop {
        let request = match step {
            Step::Send(request) => request,
            Step::Wait(_) => {
                step = flow.resume();
                continue;
            }
            Step::Done(outcome) => return (outcome, flow.user().clone()),
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
        let retry_after = answer.headers().get("retry-after").and_then(|value| value.to_str().ok()).map(str::to_owned);
        let body = answer.bytes().await.expect("a body");
        let response = Response::new(status.as_u16(), status.canonical_reason().unwrap_or_default(), body);
        step = flow.next(Response { retry_after, ..response });
    }
}

fn ada() -> AppUser {
    AppUser::new("00ujl29u0le5T6Aj10h7", Profile::new("ada@example.test", "Ada", "Byron"), "1mz050nq")
}

fn linked() -> AppUser {
    AppUser { remote_id: Some(ID.to_owned()), ..ada() }
}

async fn assert_wire(kind: AppKind, event: Event, holds_the_user: bool, user: AppUser, expected: &[Expected]) {
    let server = provider(holds_the_user).await;
    let base = format!("{}/scim/v2", server.uri());
    let (outcome, user) = drive(&base, &App::new(kind), &user, &event).await;
    assert!(matches!(outcome, Outcome::Done { .. }), "{kind} {event:?}: {outcome:?}");
    if event == Event::Assign {
        assert_eq!(user.remote_id.as_deref(), Some(ID), "{kind}");
    }

    let received = server.received_requests().await.expect("recording is on");
    let seen: Vec<(String, String, Option<String>)> = received.iter().map(arrived).collect();
    let expected: Vec<(String, String, Option<String>)> = expected
        .iter()
        .map(|(method, target, body)| ((*method).to_owned(), (*target).to_owned(), body.map(str::to_owned)))
        .collect();
    assert_eq!(seen, expected, "{kind} {event:?}");
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
    if !request.body.is_empty() {
        expected.insert(2, ("content-type", "application/scim+json; charset=utf-8"));
    }
    assert_eq!(seen, expected, "{} {}", request.method, request.url);
}

/// The kinds that change `active` by PATCH.
const PATCHING: [AppKind; 2] = [AppKind::Catalog, AppKind::Wizard];

#[tokio::test]
async fn connect_asks_for_two_users_and_a_hundred_groups() {
    for kind in AppKind::ALL {
        let expected = [
            ("GET", "/scim/v2/Users?startIndex=1&count=2", None),
            ("GET", "/scim/v2/Groups?startIndex=1&count=100", None),
        ];
        assert_wire(kind, Event::Connect, false, ada(), &expected).await;
    }
}

#[tokio::test]
async fn assigning_an_unknown_user_looks_before_it_creates() {
    for kind in AppKind::ALL {
        let expected = [("GET", LOOKUP, None), ("POST", "/scim/v2/Users", Some(CREATE))];
        assert_wire(kind, Event::Assign, false, ada(), &expected).await;
    }
}

#[tokio::test]
async fn assigning_an_existing_user_activates_and_then_pushes_the_profile() {
    for event in [Event::Assign, Event::Reactivate] {
        for kind in PATCHING {
            let expected = [
                ("GET", LOOKUP, None),
                ("PATCH", ONE, Some(PATCH_ACTIVE)),
                ("GET", ONE, None),
                ("PUT", ONE, Some(USER)),
            ];
            assert_wire(kind, event.clone(), true, ada(), &expected).await;
        }
        let expected = [
            ("GET", LOOKUP, None),
            ("GET", ONE, None),
            ("PUT", ONE, Some(USER)),
            ("GET", ONE, None),
            ("PUT", ONE, Some(USER)),
        ];
        assert_wire(AppKind::Aiw, event, true, ada(), &expected).await;
    }
}

#[tokio::test]
async fn an_update_returns_the_servers_own_object_with_the_change() {
    for kind in AppKind::ALL {
        let event = Event::Update(vec![("firstName".to_owned(), "Augusta".to_owned())]);
        let expected = [("GET", ONE, None), ("PUT", ONE, Some(RENAMED))];
        assert_wire(kind, event, true, linked(), &expected).await;
    }
}

#[tokio::test]
async fn deactivation_is_one_patch_or_a_get_and_a_put() {
    for event in [Event::Deactivate, Event::Unassign] {
        for kind in PATCHING {
            assert_wire(kind, event.clone(), true, linked(), &[("PATCH", ONE, Some(PATCH_INACTIVE))]).await;
        }
        let expected = [("GET", ONE, None), ("PUT", ONE, Some(DEACTIVATED))];
        assert_wire(AppKind::Aiw, event, true, linked(), &expected).await;
    }
}

#[tokio::test]
async fn suspension_its_end_and_deletion_send_nothing() {
    for kind in AppKind::ALL {
        for event in [Event::Suspend, Event::Unsuspend, Event::Delete] {
            assert_wire(kind, event, true, linked(), &[]).await;
        }
    }
}

#[tokio::test]
async fn a_hostile_user_name_arrives_encoded() {
    let server = provider(false).await;
    let base = format!("{}/scim/v2", server.uri());
    let mut user = ada();
    user.profile.login = r#"a"b\c&d=e+f#g/ü%20"#.to_owned();
    drive(&base, &App::new(AppKind::Catalog), &user, &Event::Assign).await;
    let received = server.received_requests().await.expect("recording is on");
    assert_eq!(
        received[0].url.query(),
        Some("filter=userName%20eq%20%22a%5C%22b%5C%5Cc%26d%3De%2Bf%23g%2F%C3%BC%2520%22&startIndex=1&count=100")
    );
}

#[tokio::test]
async fn a_busy_service_provider_is_asked_again() {
    let server = MockServer::start().await;
    let busy = ResponseTemplate::new(429).insert_header("Retry-After", "1");
    Mock::given(method("PATCH")).respond_with(busy).up_to_n_times(2).mount(&server).await;
    Mock::given(method("PATCH")).respond_with(ResponseTemplate::new(204)).mount(&server).await;
    let (outcome, _) = drive(&server.uri(), &App::new(AppKind::Catalog), &linked(), &Event::Deactivate).await;
    assert!(matches!(outcome, Outcome::Done { .. }), "{outcome:?}");
    let received = server.received_requests().await.expect("recording is on");
    assert_eq!(received.len(), 3);
    assert!(received.iter().all(|request| request.body == PATCH_INACTIVE.as_bytes()));
}

#[tokio::test]
async fn a_password_goes_the_way_of_active() {
    let mut app = App::new(AppKind::Catalog);
    app.push.password = true;
    let server = provider(true).await;
    let base = format!("{}/scim/v2", server.uri());
    let event = Event::SyncPassword("c0rrect horse".to_owned());
    let (outcome, _) = drive(&base, &app, &linked(), &event).await;
    assert!(matches!(outcome, Outcome::Done { .. }), "{outcome:?}");
    let received = server.received_requests().await.expect("recording is on");
    let body = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","value":{"password":"c0rrect horse"}}]}"#;
    let expected = ("PATCH".to_owned(), ONE.to_owned(), Some(body.to_owned()));
    assert_eq!(received.iter().map(arrived).collect::<Vec<_>>(), [expected]);
}

#[tokio::test]
async fn a_deletion_follows_the_deactivation_with_a_content_type_and_no_body() {
    let mut app = App::new(AppKind::Catalog);
    app.granular_deprovisioning = Some(std::time::Duration::from_secs(3600));
    let server = provider(true).await;
    Mock::given(method("DELETE")).and(path(ONE)).respond_with(ResponseTemplate::new(204)).mount(&server).await;
    let base = format!("{}/scim/v2", server.uri());
    let (outcome, user) = drive(&base, &app, &linked(), &Event::Unassign).await;
    assert!(matches!(outcome, Outcome::Done { .. }), "{outcome:?}");
    assert_eq!(user.remote_id, None);
    let received = server.received_requests().await.expect("recording is on");
    assert_eq!(received.iter().map(|request| request.method.as_str()).collect::<Vec<_>>(), ["PATCH", "DELETE"]);
    assert!(received[1].body.is_empty() && received[1].headers.contains_key("content-type"));
}

#[tokio::test]
async fn a_value_set_when_created_only_outlives_updates() {
    let mut app = App::new(AppKind::Catalog);
    let title = Attribute::standard("title").expect("standard");
    for (applies, sent) in [(Applies::Always, "Lady"), (Applies::CreateOnly, "Countess"), (Applies::Never, "Countess")]
    {
        app.map(title.clone().applied(applies));
        let mut user = linked();
        user.profile.set("title", "Countess").expect("a key of the Okta profile");
        let server = provider(true).await;
        let base = format!("{}/scim/v2", server.uri());
        drive(&base, &app, &user, &Event::Update(vec![("title".to_owned(), "Lady".to_owned())])).await;
        let received = server.received_requests().await.expect("recording is on");
        let body = String::from_utf8_lossy(&received[1].body).into_owned();
        assert!(body.contains(&format!(r#""title":"{sent}""#)), "{applies:?}: {body}");
    }
}
