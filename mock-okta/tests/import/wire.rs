//! An import over a real connection: what arrives is byte for byte what Okta sends.

use mock_okta::import::{Import, ImportSettings, Known, Scope};
use mock_okta::{App, AppKind, Outcome, Request, Response, Step};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, Respond, ResponseTemplate};

use crate::support::{group, list, user};

const USERS: usize = 250;

/// A list of this many users or groups, paged as asked.
struct Paged {
    total: usize,
    nth: fn(usize) -> String,
}

impl Respond for Paged {
    fn respond(&self, request: &wiremock::Request) -> ResponseTemplate {
        let number = |name: &str| -> usize {
            let pair = request.url.query_pairs().find(|(key, _)| key == name).expect("the parameter");
            pair.1.parse().expect("a number")
        };
        let (start, count) = (number("startIndex"), number("count"));
        let resources: Vec<String> = (start - 1..(start - 1 + count).min(self.total)).map(self.nth).collect();
        ResponseTemplate::new(200).set_body_raw(list(self.total, start, &resources), "application/scim+json")
    }
}

async fn provider() -> MockServer {
    let server = MockServer::start().await;
    let users = Paged { total: USERS, nth: |n| user(&format!("u{n}"), "Ada", !n.is_multiple_of(10)) };
    let groups = Paged { total: 1, nth: |_| group("g", &["u1", "u2", "stranger"]) };
    for (list, pages) in [("/scim/v2/Users", users), ("/scim/v2/Groups", groups)] {
        Mock::given(method("GET")).and(path(list)).respond_with(pages).mount(&server).await;
    }
    server
}

async fn send(client: &reqwest::Client, base: &str, request: Request) -> Response {
    let mut call = client.get(format!("{base}{}", request.target));
    for (name, value) in request.headers {
        call = call.header(name, value);
    }
    let answer = call.send().await.expect("the mock answers");
    let status = answer.status();
    let body = answer.bytes().await.expect("a body").to_vec();
    Response::new(status.as_u16(), status.canonical_reason().unwrap_or_default(), body)
}

#[tokio::test]
async fn two_hundred_and_fifty_users_are_three_requests() {
    // A failure means that another test of this process was first.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().build().expect("a client without options");
    let server = provider().await;
    let base = format!("{}/scim/v2", server.uri());

    let app = App::new(AppKind::Catalog);
    let (mut import, mut step) = Import::start(&app, Scope::Everything, ImportSettings::default(), Known::default());
    let mut on_pages = Vec::new();
    let outcome = loop {
        step = match step {
            Step::Send(request) => import.next(send(&client, &base, request).await),
            Step::Wait(_) => import.resume(),
            Step::Done(outcome) => break outcome,
        };
        on_pages.push(import.take_seen().len());
    };

    assert!(matches!(outcome, Outcome::Done { .. }), "{outcome:?}");
    assert_eq!(on_pages, [100, 100, 50, 1]);
    let report = import.report();
    assert_eq!((report.users.counters.scanned, report.users.counters.new), (250, 225));
    assert_eq!((report.users.inactive.count(), report.members.matched, report.members.unknown.count()), (25, 2, 1));
    assert!(report.users.paging.is_sound() && report.groups.paging.is_sound());
    assert_wire(&server.received_requests().await.expect("recording is on"));
}

fn assert_wire(received: &[wiremock::Request]) {
    let seen: Vec<String> = received
        .iter()
        .map(|request| format!("{} {}?{}", request.method, request.url.path(), request.url.query().unwrap_or_default()))
        .collect();
    assert_eq!(
        seen,
        [
            "GET /scim/v2/Users?startIndex=1&count=100",
            "GET /scim/v2/Users?startIndex=101&count=100",
            "GET /scim/v2/Users?startIndex=201&count=100",
            "GET /scim/v2/Groups?startIndex=1&count=100",
        ]
    );
    for request in received {
        assert!(request.body.is_empty());
        let mut headers: Vec<(&str, &str)> = request
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.to_str().expect("a textual value")))
            .filter(|(name, _)| !["host", "connection", "accept-encoding"].contains(name))
            .collect();
        headers.sort_unstable();
        assert_eq!(
            headers,
            [
                ("accept", "application/scim+json"),
                ("accept-charset", "utf-8"),
                ("user-agent", "Okta SCIM Client 1.0.0"),
            ]
        );
    }
}

#[test]
fn a_scim_1_1_app_asks_for_plain_json() {
    let mut app = App::new(AppKind::Aiw);
    app.version = mock_okta::ScimVersion::V1_1;
    let (_, step) = Import::start(&app, Scope::Users, ImportSettings::default(), Known::default());
    let Step::Send(request) = step else { panic!("an import starts with a request") };
    assert_eq!(request.headers[0], ("Accept", "application/json".to_owned()));
}
